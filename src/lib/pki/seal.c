#include "pki/seal.h"

#include "base/mem.h"
#include "base/wr.h"
#include "pki/ossl.h"

#include <openssl/rand.h>
#include <openssl/rsa.h>

/* AES-128-CBC over whole blocks, no padding of its own. */
static bool
run_cipher(bool encrypt, const uint8_t *key, struct span iv, struct span in, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, last = 0;
	bool ok = ctx != NULL &&
		  EVP_CipherInit_ex(ctx, EVP_aes_128_cbc(), NULL, key, iv.p, encrypt) == 1 &&
		  EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
		  EVP_CipherUpdate(ctx, out, &n, in.p, (int)in.n) == 1 &&
		  EVP_CipherFinal_ex(ctx, out + n, &last) == 1 && (size_t)(n + last) == in.n;

	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static bool
wrap_key(const struct cert *phone, const uint8_t *key, uint8_t *out, size_t out_size)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(X509_get0_pubkey(cert_x509(phone)), NULL);
	size_t n = out_size;
	bool ok = ctx != NULL && EVP_PKEY_encrypt_init(ctx) == 1 &&
		  EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
		  EVP_PKEY_encrypt(ctx, out, &n, key, SEAL_KEY) == 1 && n == out_size;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static struct bytes
pad(struct span plain, unsigned padding)
{
	struct bytes padded = { NULL, plain.n + padding };

	padded.p = mem_new(padded.n, 1);
	if (plain.n > 0)
		memcpy(padded.p, plain.p, plain.n);
	memset(padded.p + plain.n, SEAL_PAD_BYTE, padding);
	return padded;
}

/* One block of memory: iv, wrapped key, hash, body. */
static void
lay_out(struct sealed *s, size_t wrapped_size, const struct digest *hash, size_t body_size)
{
	uint8_t *p;

	s->owned.n = SEAL_BLOCK + wrapped_size + hash->n + body_size;
	s->owned.p = p = mem_new(s->owned.n, 1);
	s->iv = span_of(p, SEAL_BLOCK);
	s->wrapped_key = span_of(p + SEAL_BLOCK, wrapped_size);
	s->hash = span_of(p + SEAL_BLOCK + wrapped_size, hash->n);
	s->body = span_of(p + SEAL_BLOCK + wrapped_size + hash->n, body_size);
	memcpy(p + SEAL_BLOCK + wrapped_size, hash->p, hash->n);
}

bool
seal_close(const struct cert *phone, enum digest_kind digest, struct span plain, struct sealed *out,
    struct err *e)
{
	struct sealed s = { .digest = digest };
	uint8_t key[SEAL_KEY], *at;
	struct bytes padded;
	struct digest hash;
	bool ok;

	if (!cert_is_rsa(phone))
		return err_set(e, ERR_REFUSED, "files are encrypted for RSA keys; that of %s is %s",
		    cert_subject_cucm(phone), cert_key_text(phone));
	if (plain.n > SEAL_PLAIN_MAX)
		return err_set(
		    e, ERR_LIMIT, "plaintext of %zu bytes; at most %d", plain.n, SEAL_PLAIN_MAX);
	if (!digest_of(digest, plain, &hash, e))
		return false;
	s.padding = (unsigned)(SEAL_BLOCK - plain.n % SEAL_BLOCK);
	padded = pad(plain, s.padding);
	lay_out(&s, (cert_key_bits(phone) + 7) / 8, &hash, padded.n);
	at = s.owned.p;
	ok = RAND_priv_bytes(key, sizeof key) == 1 && RAND_bytes(at, SEAL_BLOCK) == 1 &&
	     wrap_key(phone, key, at + SEAL_BLOCK, s.wrapped_key.n) &&
	     run_cipher(true, key, s.iv, bytes_span(&padded), at + s.owned.n - padded.n);
	mem_wipe(key, sizeof key);
	bytes_wipe(&padded);
	if (!ok) {
		seal_free(&s);
		return ossl_fail(e, ERR_CRYPTO, "cannot encrypt for %s", cert_subject_cucm(phone));
	}
	*out = s;
	return true;
}

static bool
unwrap_key(const struct privkey *k, struct span wrapped, struct bytes *key, struct err *e)
{
	if (!key_decrypt(k, wrapped, key, e))
		return err_in(e, "wrapped key (E7)");
	if (key->n == SEAL_KEY)
		return true;
	err_set(e, ERR_CRYPTO, "wrapped key (E7): decrypts to %zu bytes, not %d", key->n, SEAL_KEY);
	bytes_wipe(key);
	return false;
}

static bool
hash_fits(const struct sealed *s, struct span plain, struct err *e)
{
	struct digest hash;

	if (!digest_of(s->digest, plain, &hash, e))
		return false;
	return span_eq(digest_span(&hash), s->hash) ||
	       err_set(e, ERR_CRYPTO, "the hash of the plaintext does not fit (E8)");
}

bool
seal_open(const struct privkey *k, const struct sealed *s, struct bytes *plain, struct err *e)
{
	struct bytes key, text;
	bool ok;

	if (s->body.n == 0 || s->body.n % SEAL_BLOCK != 0 ||
	    s->body.n > SEAL_PLAIN_MAX + SEAL_BLOCK)
		return err_set(e, ERR_MALFORMED, "body of %zu bytes (E3)", s->body.n);
	if (s->padding < 1 || s->padding > SEAL_BLOCK || s->iv.n != SEAL_BLOCK)
		return err_set(e, ERR_MALFORMED, "padding of %u bytes (E4)", s->padding);
	if (!unwrap_key(k, s->wrapped_key, &key, e))
		return false;
	text = (struct bytes){ mem_new(s->body.n, 1), s->body.n };
	ok = run_cipher(false, key.p, s->iv, s->body, text.p);
	bytes_wipe(&key);
	if (!ok)
		ossl_fail(e, ERR_CRYPTO, "cannot decrypt");
	text.n -= s->padding;
	ok = ok && hash_fits(s, bytes_span(&text), e);
	if (!ok)
		bytes_wipe(&text);
	else
		*plain = text;
	return ok;
}

void
seal_free(struct sealed *s)
{
	bytes_free(&s->owned);
	*s = (struct sealed){ 0 };
}
