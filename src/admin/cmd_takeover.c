#include "admin/answer.h"
#include "admin/passphrase.h"
#include "admin/readfile.h"

#include "pki/bundle.h"
#include "pki/key.h"
#include "pki/p12.h"

#include <stdlib.h>
#include <string.h>

#define CERTS_MAX 100

/* A key and the certificate for it. */
struct pair {
	struct privkey *key;
	struct cert *cert;
};

static bool
is_pem(struct span file)
{
	static const char mark[] = "-----BEGIN ";

	return memmem(file.p, file.n, mark, sizeof mark - 1) != NULL;
}

static bool
none_fits(struct err *e)
{
	return err_set(e, ERR_REFUSED, "none of its certificates is for its key");
}

static bool
pair_from_pem(struct span file, struct span passphrase, struct pair *out, struct err *e)
{
	struct bundle_certs b;

	if (!bundle_from_pem(file, CERTS_MAX, &b, e))
		return false;
	out->key =
	    passphrase.n > 0 ? key_from_locked_pem(file, passphrase, e) : key_from_pem(file, e);
	for (size_t i = 0; out->key != NULL && out->cert == NULL && i < b.count; i++)
		if (key_fits(out->key, b.cert[i]))
			out->cert = cert_ref(b.cert[i]);
	bundle_free(&b);
	return out->cert != NULL || (out->key != NULL && none_fits(e));
}

static bool
pair_from_p12(struct span file, struct span passphrase, struct pair *out, struct err *e)
{
	struct p12_certs c;

	if (!p12_read_key(file, passphrase, CERTS_MAX, &c, e))
		return false;
	out->key = key_from_pem(bytes_span(&c.key), e);
	for (size_t i = 0; out->key != NULL && out->cert == NULL && i < c.count; i++)
		if (key_fits(out->key, c.item[i].cert))
			out->cert = cert_ref(c.item[i].cert);
	p12_certs_free(&c);
	return out->cert != NULL || (out->key != NULL && none_fits(e));
}

static bool
pair_read(const struct invocation *in, const char *path, struct pair *out, struct err *e)
{
	struct bytes file, passphrase;
	bool ok;

	if (!passphrase_get(in, &passphrase, e))
		return false;
	ok = readfile(path, &file, e);
	if (ok) {
		ok = (is_pem(bytes_span(&file)) ? pair_from_pem : pair_from_p12)(
			 bytes_span(&file), bytes_span(&passphrase), out, e) ||
		     err_in(e, "%s", path);
		bytes_wipe(&file);
	}
	bytes_wipe(&passphrase);
	return ok;
}

static json_t *
pair_args(const char *purpose, const struct pair *p, struct err *e)
{
	struct bytes key;
	char *cert;
	json_t *args;

	if (!key_to_pem(p->key, &key, e))
		return NULL;
	cert = cert_to_pem(p->cert);
	args = json_pack("{s:s, s:s%, s:s}", "purpose", purpose, "key", (const char *)key.p, key.n,
	    "certificate", cert);
	if (args == NULL)
		err_set(e, ERR_MALFORMED, "the purpose is not UTF-8");
	free(cert);
	bytes_wipe(&key);
	return args;
}

static bool
take_over(struct invocation *in, const char *purpose, const char *path, struct err *e)
{
	static const char *const fields[] = { "purpose", "subject", "not_after", "sha256", NULL };
	struct pair p = { 0 };
	json_t *args = NULL;

	if (pair_read(in, path, &p, e))
		args = pair_args(purpose, &p, e);
	key_free(p.key);
	cert_free(p.cert);
	if (args == NULL || !answer_fields(in, "cert/take-over", args, fields, e))
		return false;
	if (!in->json && !in->planned)
		puts("Phones that were handed a list here before, and refused it, need: sealtone "
		     "phone holds NAME FILE");
	return true;
}

bool
run_cert_take_over(struct invocation *in, struct err *e)
{
	return take_over(in, in->word[0], in->word[1], e);
}

bool
run_itl_reset_remotekey(struct invocation *in, struct err *e)
{
	return take_over(in, purpose_name(PURPOSE_ITLRECOVERY), in->word[0], e);
}
