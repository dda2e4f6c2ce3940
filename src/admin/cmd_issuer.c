#include "admin/answer.h"
#include "admin/readfile.h"
#include "admin/replaced.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Prints the PEM of an answer, or writes it to --out. */
static bool
answer_pem(struct invocation *in, const char *command, json_t *args, struct err *e)
{
	const char *out = invocation_option(in, "out");
	json_t *result;
	bool ok = true;

	if (!client_call(in, command, args, &result, e))
		return false;
	if (in->json)
		output_json(result);
	else
		ok = writefile(out != NULL ? out : "-",
		    span_str(json_string_value(json_object_get(result, "pem"))), WRITEFILE_PUBLIC,
		    out == NULL, e);
	json_decref(result);
	return ok;
}

bool
run_cert_csr(struct invocation *in, struct err *e)
{
	const char *to = invocation_option(in, "distribution");
	json_t *args, *san;

	if (to != NULL && strcmp(to, "node") != 0 && strcmp(to, "multi-san") != 0)
		return invocation_usage(in, e, "--distribution takes node or multi-san");
	args = json_pack("{s:s}", "purpose", in->word[0]);
	san = answer_all(in, "san", e);
	if (san == NULL || !answer_pass(args, "distribution", to, e)) {
		json_decref(san);
		json_decref(args);
		return false;
	}
	json_object_set_new(args, "san", san);
	return answer_pem(in, "cert/csr", args, e);
}

/* NULL: *e says why. */
static json_t *
purposes_named(const struct invocation *in, struct err *e)
{
	json_t *names = json_array();

	for (size_t i = 0; i < in->words; i++)
		if (json_array_append_new(names, json_string(in->word[i])) != 0) {
			json_decref(names);
			err_set(e, ERR_UNKNOWN, "a purpose is not UTF-8");
			return NULL;
		}
	return names;
}

/* NULL: *e says why. */
static json_t *
regenerate_args(struct invocation *in, struct err *e)
{
	const char *size = invocation_option(in, "rsa-size");
	unsigned long bits = 0;
	json_t *names = purposes_named(in, e);

	if (names == NULL)
		return NULL;
	if (size != NULL && !text_number(size, 1, UINT16_MAX, &bits)) {
		json_decref(names);
		(void)invocation_usage(in, e, "--rsa-size %.40s: must be 2048, 3072 or 4096", size);
		return NULL;
	}
	return json_pack("{s:o, s:I, s:b, s:s*}", "purposes", names, "rsa_size", (json_int_t)bits,
	    "force_size", invocation_option(in, "force-size") != NULL, "node",
	    invocation_option(in, "node"));
}

bool
run_cert_regenerate(struct invocation *in, struct err *e)
{
	bool staged = invocation_option(in, "staged") != NULL,
	     compromised = invocation_option(in, "compromised") != NULL;
	json_t *args, *result;

	if (staged && compromised)
		return invocation_usage(in, e, "a compromised key goes at once: not --staged");
	args = regenerate_args(in, e);
	if (args == NULL)
		return false;
	if (compromised)
		json_object_set_new(args, "compromised", json_true());
	if (!client_call(in, staged ? "cert/stage" : "cert/regenerate", args, &result, e))
		return false;
	replaced_add_impact(result);
	if (in->json)
		output_json(result);
	else
		replaced_print(result);
	json_decref(result);
	return true;
}

static bool
call_with_purposes(
    struct invocation *in, const char *command, const char *const *fields, struct err *e)
{
	json_t *names = purposes_named(in, e);

	return names != NULL &&
	       answer_fields(in, command, json_pack("{s:o}", "purposes", names), fields, e);
}

bool
run_cert_activate(struct invocation *in, struct err *e)
{
	static const char *const fields[] = { "purposes", NULL };

	return call_with_purposes(in, "cert/activate", fields, e);
}

bool
run_cert_withdraw(struct invocation *in, struct err *e)
{
	static const char *const fields[] = { "purposes", NULL };

	return call_with_purposes(in, "cert/withdraw", fields, e);
}

bool
run_cert_purge(struct invocation *in, struct err *e)
{
	json_t *names = purposes_named(in, e), *args, *result;
	json_int_t left;

	if (names == NULL)
		return false;
	args = json_pack("{s:o, s:b}", "purposes", names, "taken_over",
	    invocation_option(in, "taken-over") != NULL);
	if (!client_call(in, "cert/purge", args, &result, e))
		return false;
	if (in->json)
		output_json(result);
	else {
		left = json_integer_value(json_object_get(result, "left"));
		printf("given_up: %s\n", output_text(json_object_get(result, "given_up")));
		if (left > 0)
			printf("%lld taken over from other clusters stay: --taken-over\n",
			    (long long)left);
	}
	json_decref(result);
	return true;
}

/* The daemon reads PEM; a CA also hands out a certificate alone as DER. Freed by the caller. */
static char *
certs_as_pem(struct span file, struct err *e)
{
	static const char mark[] = "-----BEGIN ";
	struct cert *c;
	char *pem;

	if (file.p != NULL && memmem(file.p, file.n, mark, sizeof mark - 1) != NULL) {
		if (memchr(file.p, '\0', file.n) == NULL)
			return mem_text((const char *)file.p, file.n);
		err_set(e, ERR_MALFORMED, "is no text");
		return NULL;
	}
	c = cert_parse(file, NULL);
	if (c == NULL) {
		err_set(e, ERR_MALFORMED,
		    "has no PEM certificate, and is not one in DER: a chain is given in PEM");
		return NULL;
	}
	pem = cert_to_pem(c);
	cert_free(c);
	return pem;
}

static json_t *
import_args(const struct invocation *in, struct err *e)
{
	const char *path = in->word[1];
	struct bytes file;
	json_t *args = NULL;
	char *pem;

	if (!readfile(path, &file, e))
		return NULL;
	pem = certs_as_pem(bytes_span(&file), e);
	bytes_free(&file);
	if (pem != NULL) {
		args = json_pack("{s:s, s:s, s:b}", "purpose", in->word[0], "pem", pem,
		    "force_size", invocation_option(in, "force-size") != NULL);
		if (args == NULL)
			err_set(e, ERR_MALFORMED, "is not UTF-8");
		free(pem);
	}
	if (args == NULL)
		(void)err_in(e, "%s", path);
	return args;
}

bool
run_cert_import(struct invocation *in, struct err *e)
{
	json_t *args = import_args(in, e), *result, *all;

	if (args == NULL || !client_call(in, "cert/import", args, &result, e))
		return false;
	all = json_pack("[O]", result);
	replaced_add_impact(all);
	if (in->json)
		output_json(result);
	else
		replaced_print(all);
	json_decref(all);
	json_decref(result);
	return true;
}

bool
run_capf_revoke(struct invocation *in, struct err *e)
{
	static const char *const fields[] = { "revoked", NULL };
	json_t *args = json_pack("{s:s}", "who", in->word[0]);

	if (!answer_pass(args, "reason", invocation_option(in, "reason"), e)) {
		json_decref(args);
		return false;
	}
	return answer_fields(in, "capf/revoke", args, fields, e);
}

bool
run_capf_crl(struct invocation *in, struct err *e)
{
	return answer_pem(in, "capf/crl", json_object(), e);
}
