#include "admin/answer.h"
#include "admin/certtext.h"
#include "admin/readfile.h"

#include <stdint.h>
#include <stdlib.h>

static const char *const cert_fields[] = { "subject", "issuer", "serial", "not_before", "not_after",
	"key", "sha1", "sha256", NULL };

bool
run_cert_list(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "CERTIFICATE", "purpose" },
		{ "COMMON NAME", "common_name" },
		{ "TYPE", "type" },
		{ "KEY TYPE", "key" },
		{ "DISTRIBUTION", "node" },
		{ "ISSUED BY", "issued_by" },
		{ "EXPIRATION", "not_after" },
		{ "DESCRIPTION", "description" },
		{ 0 },
	};

	return answer_table(in, "cert/list",
	    json_pack("{s:b}", "all", invocation_option(in, "all") != NULL), columns, e);
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

static void
print_one(const struct invocation *in, const json_t *cert)
{
	if (in->json)
		output_json(cert);
	else if (invocation_option(in, "pem") != NULL)
		fputs(json_string_value(json_object_get(cert, "pem")), stdout);
	else
		certtext_print(cert);
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
	else
		print_one(in, active);
	json_decref(certs);
	return active != NULL;
}

bool
run_trust_list(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "STORE", "store" },
		{ "COMMON NAME", "common_name" },
		{ "TYPE", "type" },
		{ "KEY TYPE", "key" },
		{ "ISSUED BY", "issued_by" },
		{ "EXPIRATION", "not_after" },
		{ "DESCRIPTION", "description" },
		{ "SHA256", "sha256" },
		{ 0 },
	};

	return answer_table(in, "trust/list", answer_word(in, "store"), columns, e);
}

bool
run_trust_show(struct invocation *in, struct err *e)
{
	json_t *cert;

	if (!client_call(in, "trust/show",
		json_pack("{s:s, s:s}", "store", in->word[0], "sha256", in->word[1]), &cert, e))
		return false;
	print_one(in, cert);
	json_decref(cert);
	return true;
}

bool
run_trust_add(struct invocation *in, struct err *e)
{
	struct cert *cert = readfile_cert(in->word[1], e);
	json_t *args;
	char *pem;

	if (cert == NULL)
		return false;
	pem = cert_to_pem(cert);
	args = json_pack("{s:s, s:s}", "store", in->word[0], "pem", pem);
	free(pem);
	cert_free(cert);
	return answer_fields(in, "trust/add", args, cert_fields, e);
}

bool
run_trust_remove(struct invocation *in, struct err *e)
{
	return answer_quiet(in, "trust/remove",
	    json_pack("{s:s, s:s}", "store", in->word[0], "sha256", in->word[1]), e);
}
