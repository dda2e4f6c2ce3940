#include "admin/answer.h"
#include "admin/readfile.h"

#include "base/wr.h"

#include <stdint.h>
#include <string.h>

/* For --json: the texts are there too, whatever the file holds. */
static void
print_written(const json_t *pems, const char *out)
{
	json_t *written = json_pack("{s:s?, s:O}", "file", out, "pem", pems);

	output_json(written);
	json_decref(written);
}

/* Certificates in PEM, an array of texts, as --der and --out say: all or nothing. */
static bool
write_certs(struct invocation *in, const json_t *pems, struct err *e)
{
	const char *option = invocation_option(in, "out");
	const char *out = option != NULL && strcmp(option, "-") != 0 ? option : NULL;
	const bool der = invocation_option(in, "der") != NULL;
	struct cert *one = NULL;
	struct wr text;
	size_t i;
	json_t *pem;
	bool ok;

	if (der && json_array_size(pems) != 1)
		return err_set(e, ERR_REFUSED,
		    "a DER file holds one certificate, these are %zu: leave --der out",
		    json_array_size(pems));
	if (der) {
		one = cert_from_pem(span_str(json_string_value(json_array_get(pems, 0))), e);
		if (one == NULL)
			return false;
	}
	text = wr_new(READFILE_MAX);
	json_array_foreach((json_t *)(uintptr_t)pems, i, pem)
	    wr_text(&text, json_string_value(pem));
	ok = (in->json && out == NULL) ||
	     writefile(out != NULL ? out : "-", one != NULL ? cert_der(one) : wr_view(&text),
		 WRITEFILE_PUBLIC, false, e);
	if (ok && in->json)
		print_written(pems, out);
	wr_free(&text);
	cert_free(one);
	return ok;
}

/* The active certificate of that node, or of the only one. */
static const json_t *
active_on(const json_t *certs, const char *node, struct err *e)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)certs, i, one)
	{
		const char *its = json_string_value(json_object_get(one, "node"));

		if (json_is_true(json_object_get(one, "active")) &&
		    (node == NULL || (its != NULL && strcmp(its, node) == 0)))
			return one;
	}
	err_set(e, ERR_UNKNOWN, "%s%s: there is no such certificate", node != NULL ? "on " : "",
	    node != NULL ? node : "this server");
	return NULL;
}

bool
run_cert_export(struct invocation *in, struct err *e)
{
	const json_t *cert;
	json_t *certs, *pems;
	bool ok;

	if (!client_call(in, "cert/show", json_pack("{s:s}", "purpose", in->word[0]), &certs, e))
		return false;
	cert = active_on(certs, invocation_option(in, "node"), e);
	if (cert == NULL)
		pems = NULL;
	else if (invocation_option(in, "chain") != NULL)
		pems = json_incref(json_object_get(cert, "chain"));
	else
		pems = json_pack("[O]", json_object_get(cert, "pem"));
	ok = cert != NULL && write_certs(in, pems, e);
	json_decref(pems);
	json_decref(certs);
	return ok || err_in(e, "%s", in->word[0]);
}

/* Of the certificates of a store those that are wanted: one, or all. */
static json_t *
wanted(const json_t *certs, const char *sha256)
{
	json_t *pems = json_array(), *one;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)certs, i, one)
	{
		const char *its = json_string_value(json_object_get(one, "sha256"));

		if (sha256 == NULL || strcasecmp(its, sha256) == 0)
			json_array_append(pems, json_object_get(one, "pem"));
	}
	return pems;
}

bool
run_trust_export(struct invocation *in, struct err *e)
{
	const char *sha256 = in->words == 2 ? in->word[1] : NULL;
	json_t *certs, *pems;
	bool ok;

	if ((sha256 == NULL) == (invocation_option(in, "all") == NULL))
		return invocation_usage(in, e, "a SHA-256 or --all is needed");
	if (invocation_option(in, "out") == NULL)
		return invocation_usage(in, e, "--out FILE is needed");
	if (!client_call(in, "trust/list", json_pack("{s:s}", "store", in->word[0]), &certs, e))
		return false;
	pems = wanted(certs, sha256);
	if (json_array_size(pems) == 0)
		ok = err_set(e, ERR_UNKNOWN, "no certificate%s",
		    sha256 != NULL ? " with that SHA-256" : " is in it");
	else
		ok = write_certs(in, pems, e);
	json_decref(pems);
	json_decref(certs);
	return ok || err_in(e, "%s", in->word[0]);
}
