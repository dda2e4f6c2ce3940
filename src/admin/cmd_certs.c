#include "admin/client.h"
#include "admin/output.h"
#include "admin/readfile.h"

#include <stdint.h>
#include <stdlib.h>

static const char *const cert_fields[] = { "subject", "issuer", "serial", "not_before", "not_after",
	"key", "sha1", "sha256", NULL };

bool
run_cert_list(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "PURPOSE", "purpose" },
		{ "ACTIVE", "active" },
		{ "SUBJECT", "subject" },
		{ "KEY", "key" },
		{ "SERIAL", "serial" },
		{ "EXPIRES", "not_after" },
		{ 0 },
	};
	json_t *certs;

	if (!client_call(in, "cert/list", json_object(), &certs, e))
		return false;
	if (in->json)
		output_json(certs);
	else
		output_table(certs, columns);
	json_decref(certs);
	return true;
}

/* The active certificate of a purpose. */
static const json_t *
active_of(const json_t *certs)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)certs, i,
	    one) if (json_is_true(json_object_get(one, "active"))) return one;
	return NULL;
}

bool
run_cert_show(struct invocation *in, struct err *e)
{
	const json_t *active;
	json_t *certs;

	if (!client_call(in, "cert/show", json_pack("{s:s}", "purpose", in->word[0]), &certs, e))
		return false;
	active = active_of(certs);
	if (active == NULL)
		err_set(e, ERR_UNKNOWN, "no active certificate for %s", in->word[0]);
	else if (in->json)
		output_json(active);
	else if (invocation_option(in, "pem") != NULL)
		fputs(json_string_value(json_object_get(active, "pem")), stdout);
	else
		output_fields(active, cert_fields);
	json_decref(certs);
	return active != NULL;
}

bool
run_trust_list(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "STORE", "store" },
		{ "SUBJECT", "subject" },
		{ "EXPIRES", "not_after" },
		{ "SHA256", "sha256" },
		{ 0 },
	};
	json_t *certs;

	if (!client_call(in, "trust/list",
		in->words == 1 ? json_pack("{s:s}", "store", in->word[0]) : json_object(), &certs,
		e))
		return false;
	if (in->json)
		output_json(certs);
	else
		output_table(certs, columns);
	json_decref(certs);
	return true;
}

bool
run_trust_add(struct invocation *in, struct err *e)
{
	struct cert *cert = readfile_cert(in->word[1], e);
	json_t *result;
	char *pem;
	bool ok;

	if (cert == NULL)
		return false;
	pem = cert_to_pem(cert);
	cert_free(cert);
	ok = client_call(
	    in, "trust/add", json_pack("{s:s, s:s}", "store", in->word[0], "pem", pem), &result, e);
	free(pem);
	if (!ok)
		return false;
	if (in->json)
		output_json(result);
	else
		output_fields(result, cert_fields);
	json_decref(result);
	return true;
}

bool
run_trust_remove(struct invocation *in, struct err *e)
{
	json_t *result;

	if (!client_call(in, "trust/remove",
		json_pack("{s:s, s:s}", "store", in->word[0], "sha256", in->word[1]), &result, e))
		return false;
	if (in->json)
		output_json(result);
	json_decref(result);
	return true;
}
