#include "admin/answer.h"
#include "admin/readfile.h"

#include "base/mem.h"
#include "base/text.h"
#include "keys/signer_p11.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const struct output_column columns[] = {
	{ "NAME", "common_name" },
	{ "KEY", "key" },
	{ "EXPIRES", "not_after" },
	{ "SIGNED THE CTL", "signed" },
	{ "SHA256", "sha256" },
	{ 0 },
};

bool
run_token_list(struct invocation *in, struct err *e)
{
	return answer_table(in, "ctl/token-list", json_object(), columns, e);
}

/* --- the PIN --- */

/* Without its newline; the rest is wiped. */
static void
pin_trim(char pin[SIGNER_P11_PIN_MAX + 1])
{
	size_t n = strcspn(pin, "\r\n");

	memset(pin + n, 0, SIGNER_P11_PIN_MAX + 1 - n);
}

static bool
pin_from_file(const char *path, char pin[SIGNER_P11_PIN_MAX + 1], struct err *e)
{
	struct bytes text;
	bool ok;

	if (!readfile(path, &text, e))
		return false;
	ok = text.n <= SIGNER_P11_PIN_MAX;
	if (ok)
		memcpy(pin, text.p, text.n);
	bytes_wipe(&text);
	pin_trim(pin);
	return (ok && pin[0] != '\0') ||
	       err_set(e, ERR_MALFORMED, "%s: its first line is no PIN", path);
}

/* What is typed is not shown. */
static bool
pin_from_terminal(const char *token, char pin[SIGNER_P11_PIN_MAX + 1], struct err *e)
{
	struct termios was, quiet;
	bool ok;

	if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &was) != 0)
		return err_set(e, ERR_IO, "no terminal to ask for the PIN: --pin-file FILE");
	quiet = was;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	fprintf(stderr, "PIN of token %s: ", token != NULL ? token : "");
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
	ok = fgets(pin, SIGNER_P11_PIN_MAX + 1, stdin) != NULL;
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &was);
	fputc('\n', stderr);
	pin_trim(pin);
	return (ok && pin[0] != '\0') || err_set(e, ERR_IO, "no PIN was typed");
}

static bool
log_in(const struct invocation *in, struct signer_p11 *s, struct err *e)
{
	const char *path = invocation_option(in, "pin-file");
	char pin[SIGNER_P11_PIN_MAX + 1] = "";
	bool ok = (path != NULL ? pin_from_file(path, pin, e)
				: pin_from_terminal(invocation_option(in, "token"), pin, e)) &&
		  signer_p11_login(s, pin, e);

	mem_wipe(pin, sizeof pin);
	return ok;
}

/* --- the token --- */

static bool
token_open(struct invocation *in, struct signer_p11 **s, struct cert **cert, struct err *e)
{
	const char *module = invocation_option(in, "module");
	const char *id = invocation_option(in, "key-id");
	struct bytes key_id = { 0 };
	bool ok;

	if (module == NULL)
		return invocation_usage(
		    in, e, "--module FILE is missing: the PKCS#11 library of the token");
	if (id != NULL && !text_unhex(span_str(id), &key_id, e))
		return err_in(e, "--key-id");
	ok = signer_p11_open(module, invocation_option(in, "token"), s, e);
	if (ok && !signer_p11_cert(*s, bytes_span(&key_id), cert, e)) {
		signer_p11_close(*s);
		ok = false;
	}
	bytes_free(&key_id);
	return ok;
}

static struct cert *
cert_from_token(struct invocation *in, struct err *e)
{
	struct signer_p11 *s;
	struct cert *cert;

	if (!token_open(in, &s, &cert, e))
		return NULL;
	signer_p11_close(s);
	return cert;
}

bool
run_token_add(struct invocation *in, struct err *e)
{
	struct cert *cert = in->words == 1 ? readfile_cert(in->word[0], e) : cert_from_token(in, e);
	json_t *args;
	char *pem;

	if (cert == NULL)
		return false;
	pem = cert_to_pem(cert);
	args = json_pack("{s:s}", "certificate", pem);
	free(pem);
	cert_free(cert);
	return answer_table(in, "ctl/token-add", args, columns, e);
}

bool
run_token_delete(struct invocation *in, struct err *e)
{
	return answer_table(
	    in, "ctl/token-delete", json_pack("{s:s}", "sha256", in->word[0]), columns, e);
}

bool
run_token_end(struct invocation *in, struct err *e)
{
	return answer_table(in, "ctl/token-end", json_object(), columns, e);
}

/* --- signing --- */

/* Also of a plan: a draft changes nothing. */
static bool
drafts_get(struct invocation *in, const char *sha256, json_t **drafts, struct err *e)
{
	struct invocation as_it_is = *in;

	as_it_is.plan = false;
	as_it_is.force = NULL;
	return client_call(
	    &as_it_is, "ctl/token-draft", json_pack("{s:s}", "sha256", sha256), drafts, e);
}

static bool
sign_one(
    struct signer_p11 *s, const struct cert *cert, const char *hex, json_t *files, struct err *e)
{
	struct bytes draft, file;
	char *text;
	bool ok;

	if (hex == NULL || !text_unhex(span_str(hex), &draft, e))
		return err_set(e, ERR_MALFORMED, "sealtoned's draft is not hex");
	ok = signer_p11_sign_list(s, cert, bytes_span(&draft), &file, e);
	bytes_free(&draft);
	if (!ok)
		return false;
	text = text_hex(bytes_span(&file));
	json_array_append_new(files, json_string(text));
	free(text);
	bytes_free(&file);
	return true;
}

static json_t *
sign_all(struct signer_p11 *s, const struct cert *cert, const json_t *drafts, struct err *e)
{
	json_t *files = json_array();
	const json_t *one;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)drafts, i, one)
	{
		if (sign_one(s, cert, json_string_value(one), files, e))
			continue;
		json_decref(files);
		return NULL;
	}
	return files;
}

static bool
publish(struct invocation *in, const char *sha256, json_t *files, struct err *e)
{
	json_t *result;

	if (!client_call(in, "ctl/token-publish",
		json_pack("{s:s, s:o}", "sha256", sha256, "files", files), &result, e))
		return false;
	if (in->json)
		output_json(result);
	else {
		puts("The CTL that the token signed is served: reset the phones.\n");
		output_table(result, columns);
	}
	json_decref(result);
	return true;
}

/* The draft is asked for before the PIN: a token counts wrong ones. */
bool
run_token_sign(struct invocation *in, struct err *e)
{
	struct signer_p11 *s;
	struct cert *cert;
	json_t *drafts, *files = NULL;
	char *sha256;
	bool ok;

	if (!token_open(in, &s, &cert, e))
		return false;
	sha256 = text_hex(cert_sha256(cert));
	if (drafts_get(in, sha256, &drafts, e)) {
		if (log_in(in, s, e))
			files = sign_all(s, cert, drafts, e);
		json_decref(drafts);
	}
	signer_p11_close(s);
	ok = files != NULL && publish(in, sha256, files, e);
	free(sha256);
	cert_free(cert);
	return ok;
}
