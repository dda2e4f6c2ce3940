#include "keys/keyfile.h"

#include "base/rd.h"
#include "base/wr.h"
#include "pki/verify.h"

#include <stdlib.h>
#include <stdio.h>

#define PURPOSE_LINE_MAX 64

static const char purpose_label[] = "purpose: ";

bool
keyfile_encode(const struct keyfile *f, struct span passphrase, struct bytes *out, struct err *e)
{
	struct bytes locked = { 0 };
	struct wr w = wr_new(KEYFILE_MAX);
	char *cert = cert_to_pem(f->cert);
	bool ok = key_to_locked_pem(f->key, passphrase, &locked, e);

	if (ok) {
		wr_text(&w, purpose_label);
		wr_text(&w, purpose_name(f->purpose));
		wr_u8(&w, '\n');
		wr_text(&w, cert);
		wr_span(&w, bytes_span(&locked));
		ok = wr_done(&w, out, e);
	} else {
		wr_free(&w);
	}
	bytes_wipe(&locked);
	free(cert);
	return ok;
}

static bool
purpose_parse(struct span text, enum purpose *out, struct err *e)
{
	const size_t label = strlen(purpose_label);
	struct rd r = rd_open(text);
	struct span line;
	char name[PURPOSE_LINE_MAX];

	if (!rd_until(&r, '\n', &line) || line.n < label || line.n - label >= sizeof name ||
	    memcmp(line.p, purpose_label, label) != 0)
		return err_set(e, ERR_MALFORMED, "the first line is not \"purpose: ...\"");
	snprintf(name, sizeof name, "%.*s", (int)(line.n - label), (const char *)line.p + label);
	if (!purpose_from_name(name, out))
		return err_set(e, ERR_MALFORMED, "the first line names no purpose that we know");
	return true;
}

/* A key's public half comes from beside the private one: only a signature shows that they fit.
 * Nobody looks at the signatures on single files any more. */
static bool
signs_right(const struct keyfile *f, struct err *e)
{
	const struct span text = span_str(purpose_name(f->purpose));
	struct bytes signature;
	bool ok;

	if (!key_is_rsa(f->key))
		return true;
	if (!key_sign_rsa(f->key, DIGEST_SHA1, &text, 1, &signature, e))
		return false;
	ok = verify_rsa(f->cert, DIGEST_SHA1, &text, 1, bytes_span(&signature), e);
	bytes_free(&signature);
	return ok || err_in(e, "its private half does not fit its public one");
}

bool
keyfile_parse(struct span text, struct span passphrase, struct keyfile *out, struct err *e)
{
	struct keyfile f = { 0 };

	if (!purpose_parse(text, &f.purpose, e))
		return false;
	f.cert = cert_from_pem(text, e);
	if (f.cert != NULL)
		f.key = key_from_locked_pem(text, passphrase, e);
	if (f.key != NULL && !key_fits(f.key, f.cert))
		err_set(e, ERR_CRYPTO, "the certificate in it is for another key");
	else if (f.key != NULL && signs_right(&f, e)) {
		*out = f;
		return true;
	}
	keyfile_free(&f);
	return false;
}

void
keyfile_free(struct keyfile *f)
{
	key_free(f->key);
	cert_free(f->cert);
	*f = (struct keyfile){ 0 };
}
