#include "keys/signer_p11.h"

#include "base/mem.h"
#include "wire/trustlist.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

/* Holds what it gives to be one of OpenSSL's. */
#include <libp11.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct signer_p11 {
	PKCS11_CTX *ctx;
	PKCS11_SLOT *slots, *slot; /* slot: the one of the token */
	unsigned slot_count;
	bool loaded;
};

/* What the module or OpenSSL gave as the reason last. Always false. */
static bool
fail(struct err *e, enum err_code code, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return err_set(e, code, "%s: %s", what, reason != NULL ? reason : "no reason given");
}

/* --- the token --- */

static bool
is_usable(const PKCS11_TOKEN *t)
{
	return t != NULL && t->initialized;
}

static bool
is_named(const PKCS11_TOKEN *t, const char *name)
{
	return name == NULL || strcmp(t->label, name) == 0 || strcmp(t->serialnr, name) == 0;
}

static void
names_of(const struct signer_p11 *s, char *out, size_t n)
{
	size_t at = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < s->slot_count && at < n; i++)
		if (is_usable(s->slots[i].token))
			at += (size_t)snprintf(out + at, n - at, "%s\"%.40s\" (%.20s)",
			    at > 0 ? ", " : "", s->slots[i].token->label,
			    s->slots[i].token->serialnr);
}

static bool
find_slot(struct signer_p11 *s, const char *token, struct err *e)
{
	char there[ERR_TEXT_MAX / 2];
	unsigned found = 0;

	for (unsigned i = 0; i < s->slot_count; i++)
		if (is_usable(s->slots[i].token) && is_named(s->slots[i].token, token)) {
			s->slot = &s->slots[i];
			found++;
		}
	if (found == 1)
		return true;
	names_of(s, there, sizeof there);
	if (found > 1)
		return err_set(e, ERR_CONFLICT, "several tokens fit: name one of %s", there);
	return err_set(e, ERR_UNKNOWN, "no token %s%.60s is there; the module has %s",
	    token != NULL ? "" : "at all", token != NULL ? token : "",
	    there[0] != '\0' ? there : "none");
}

bool
signer_p11_open(const char *module, const char *token, struct signer_p11 **out, struct err *e)
{
	struct signer_p11 *s;
	bool ok;

	/* The loader would print its complaint. */
	if (strchr(module, '/') != NULL && access(module, R_OK) != 0)
		return err_sys(e, "PKCS#11 module %s", module);
	s = mem_new(1, sizeof *s);

	s->ctx = PKCS11_CTX_new();
	s->loaded = s->ctx != NULL && PKCS11_CTX_load(s->ctx, module) == 0;
	ok = s->loaded && PKCS11_enumerate_slots(s->ctx, &s->slots, &s->slot_count) == 0;
	if (!ok)
		fail(e, ERR_IO, "PKCS#11 module");
	ok = ok && find_slot(s, token, e);
	if (ok) {
		*out = s;
		return true;
	}
	signer_p11_close(s);
	return err_in(e, "%s", module);
}

void
signer_p11_close(struct signer_p11 *s)
{
	if (s == NULL)
		return;
	if (s->slots != NULL)
		PKCS11_release_all_slots(s->ctx, s->slots, s->slot_count);
	if (s->loaded)
		PKCS11_CTX_unload(s->ctx);
	if (s->ctx != NULL)
		PKCS11_CTX_free(s->ctx);
	free(s);
}

/* --- certificates --- */

static struct cert *
cert_of(X509 *x, struct err *e)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	struct cert *c = NULL;

	if (n > 0)
		c = cert_parse(span_of(der, (size_t)n), e);
	else
		fail(e, ERR_CRYPTO, "certificate");
	OPENSSL_free(der);
	return c;
}

bool
signer_p11_cert(struct signer_p11 *s, struct span id, struct cert **out, struct err *e)
{
	PKCS11_CERT *certs = NULL;
	unsigned count = 0, found = 0, at = 0;

	if (PKCS11_enumerate_certs(s->slot->token, &certs, &count) != 0)
		return fail(e, ERR_IO, "certificates of the token");
	for (unsigned i = 0; i < count; i++)
		if (id.n == 0 || span_eq(id, span_of(certs[i].id, certs[i].id_len))) {
			at = i;
			found++;
		}
	if (found == 0)
		return err_set(e, ERR_UNKNOWN, "token \"%.40s\" has no such certificate",
		    s->slot->token->label);
	if (found > 1)
		return err_set(e, ERR_CONFLICT,
		    "token \"%.40s\" has %u certificates: say which, by --key-id",
		    s->slot->token->label, found);
	*out = cert_of(certs[at].x509, e);
	return *out != NULL || err_in(e, "token \"%.40s\"", s->slot->token->label);
}

/* --- signing --- */

bool
signer_p11_login(struct signer_p11 *s, const char *pin, struct err *e)
{
	const PKCS11_TOKEN *t = s->slot->token;
	const char *left = t->userPinLocked     ? "; its PIN is locked"
			   : t->userPinFinalTry ? "; one try was left before it locks itself"
						: "";

	if (PKCS11_login(s->slot, 0, pin) == 0)
		return true;
	fail(e, ERR_REFUSED, "PIN");
	return err_set(e, ERR_REFUSED, "token \"%.40s\" does not take the PIN%s", t->label, left);
}

/* The private key of the public one that the certificate has. */
static EVP_PKEY *
key_for(struct signer_p11 *s, const struct cert *c, struct err *e)
{
	struct span der = cert_der(c);
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	PKCS11_KEY *keys = NULL;
	unsigned count = 0;
	EVP_PKEY *found = NULL;

	if (x == NULL || PKCS11_enumerate_keys(s->slot->token, &keys, &count) != 0)
		fail(e, ERR_IO, "keys of the token");
	for (unsigned i = 0; i < count && found == NULL; i++) {
		EVP_PKEY *key = PKCS11_get_private_key(&keys[i]);

		if (key != NULL && X509_check_private_key(x, key) == 1)
			found = key;
		else
			EVP_PKEY_free(key);
	}
	ERR_clear_error();
	X509_free(x);
	if (found == NULL)
		err_set(e, ERR_UNKNOWN, "token \"%.40s\" has no key for the certificate of %.80s",
		    s->slot->token->label, cert_common_name(c));
	return found;
}

static bool
sign(EVP_PKEY *key, const struct envelope *env, uint8_t *to, struct err *e)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = env->signature.n;
	bool ok = ctx != NULL && (size_t)EVP_PKEY_get_size(key) == n &&
		  EVP_DigestSignInit(ctx, NULL,
		      env->digest == ENVELOPE_SHA512 ? EVP_sha512() : EVP_sha1(), NULL, key) == 1 &&
		  EVP_DigestSignUpdate(ctx, env->signed_head.p, env->signed_head.n) == 1 &&
		  EVP_DigestSignUpdate(ctx, env->signed_tail.p, env->signed_tail.n) == 1 &&
		  EVP_DigestSignFinal(ctx, to, &n) == 1 && n == env->signature.n;

	EVP_MD_CTX_free(ctx);
	return ok || fail(e, ERR_CRYPTO, "the token did not sign");
}

bool
signer_p11_sign_list(
    struct signer_p11 *s, const struct cert *c, struct span file, struct bytes *out, struct err *e)
{
	struct trustlist list;
	EVP_PKEY *key = NULL;
	bool ok;

	if (!trustlist_parse(file, &list, e))
		return err_in(e, "to be signed as a trust list");
	ok = span_eq(list.env.serial, cert_serial(c)) ||
	     err_set(e, ERR_REFUSED, "the header of the list names another signer");
	if (ok)
		key = key_for(s, c, e);
	if (key != NULL) {
		*out = bytes_copy(file);
		ok = sign(key, &list.env, out->p + (list.env.signature.p - file.p), e);
		if (!ok)
			bytes_free(out);
	}
	ok = ok && key != NULL;
	EVP_PKEY_free(key);
	trustlist_free(&list);
	return ok;
}
