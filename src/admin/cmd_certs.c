#include "admin/answer.h"
#include "admin/certtext.h"
#include "admin/readfile.h"

#include "base/mem.h"
#include "base/wr.h"
#include "pki/bundle.h"

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

/* The certificates of a file as PEM; private keys beside them stay here. */
static char *
pem_of_file(const char *path, struct err *e)
{
	struct bundle_certs certs;
	struct bytes file;
	struct wr pem;
	char *text;
	bool ok;

	if (!readfile(path, &file, e))
		return NULL;
	ok = bundle_from_file(bytes_span(&file), &certs, e) || err_in(e, "%s", path);
	bytes_wipe(&file);
	if (!ok)
		return NULL;
	pem = wr_new(READFILE_MAX);
	for (size_t i = 0; i < certs.count; i++) {
		text = cert_to_pem(certs.cert[i]);
		wr_text(&pem, text);
		free(text);
	}
	bundle_free(&certs);
	text = mem_text(wr_view(&pem).p, wr_view(&pem).n);
	wr_free(&pem);
	return text;
}

bool
run_trust_add(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = { { "ADDED", "subject" },
		{ "EXPIRATION", "not_after" }, { "SHA256", "sha256" }, { 0 } };
	char *pem = pem_of_file(in->word[1], e);
	const json_t *added;
	json_t *result, *args;

	if (pem == NULL)
		return false;
	args = json_pack("{s:s, s:s}", "store", in->word[0], "pem", pem);
	free(pem);
	if (!client_call(in, "trust/add", args, &result, e))
		return false;
	added = json_object_get(result, "added");
	if (in->json)
		output_json(result);
	else if (json_array_size(added) == 1)
		output_fields(result, cert_fields);
	else
		output_table(added, columns);
	json_decref(result);
	return true;
}

bool
run_trust_remove(struct invocation *in, struct err *e)
{
	return answer_quiet(in, "trust/remove",
	    json_pack("{s:s, s:s}", "store", in->word[0], "sha256", in->word[1]), e);
}
