#include "pki/vault.h"

#include "base/mem.h"
#include "base/rd.h"
#include "base/wr.h"
#include "pki/ossl.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <stdlib.h>

#define FORM       1
#define SALT       32
#define KEY        32
#define CHECK      16 /* tells a wrong passphrase from damage */
#define NONCE      12
#define BLOCK      8 /* scrypt's r */
#define MEMORY_MAX ((uint64_t)(128 * BLOCK) * ((1U << VAULT_COST_MAX) + 16))

static const char magic[] = "SEALTONE"; /* without its NUL */
#define MAGIC (sizeof magic - 1)

struct vault {
	uint8_t header[VAULT_HEADER];
	uint8_t key[KEY];
	uint64_t size, done; /* bytes inside, and those in the chunks before the next */
	uint64_t chunk;      /* number of the next one */
	bool ended;
};

static bool
derive(struct span passphrase, struct span salt, unsigned cost, uint8_t out[KEY + CHECK],
    struct err *e)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "SCRYPT", NULL);
	EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
	uint64_t n = (uint64_t)1 << cost, memory = MEMORY_MAX;
	uint32_t r = BLOCK, p = 1;
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(
		    OSSL_KDF_PARAM_PASSWORD, (void *)(uintptr_t)passphrase.p, passphrase.n),
		OSSL_PARAM_construct_octet_string(
		    OSSL_KDF_PARAM_SALT, (void *)(uintptr_t)salt.p, salt.n),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
		OSSL_PARAM_construct_end(),
	};
	bool ok = ctx != NULL && EVP_KDF_derive(ctx, out, KEY + CHECK, params) > 0;

	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return ok || ossl_fail(e, ERR_CRYPTO, "key from the passphrase");
}

static void
put_u64(struct wr *w, uint64_t v)
{
	wr_u32(w, (uint32_t)(v >> 32));
	wr_u32(w, (uint32_t)v);
}

static void
header_make(
    uint8_t header[VAULT_HEADER], uint64_t size, unsigned cost, struct span salt, struct span check)
{
	struct wr w = wr_new(VAULT_HEADER);

	wr_text(&w, magic);
	wr_u16(&w, FORM);
	wr_u16(&w, (uint16_t)cost);
	put_u64(&w, size);
	wr_span(&w, salt);
	wr_span(&w, check);
	memcpy(header, wr_view(&w).p, VAULT_HEADER);
	wr_free(&w);
}

bool
vault_new(struct span passphrase, uint64_t size, unsigned cost, uint8_t header[VAULT_HEADER],
    struct vault **out, struct err *e)
{
	uint8_t salt[SALT], secret[KEY + CHECK];
	struct vault *v;

	if (size > VAULT_SIZE_MAX || passphrase.n == 0 || cost < VAULT_COST_MIN ||
	    cost > VAULT_COST_MAX)
		return err_set(e, ERR_LIMIT, "vault of %llu bytes", (unsigned long long)size);
	if (RAND_bytes(salt, SALT) != 1)
		return ossl_fail(e, ERR_CRYPTO, "random bytes");
	if (!derive(passphrase, span_of(salt, SALT), cost, secret, e))
		return false;
	v = mem_new(1, sizeof *v);
	v->size = size;
	memcpy(v->key, secret, KEY);
	header_make(v->header, size, cost, span_of(salt, SALT), span_of(secret + KEY, CHECK));
	memcpy(header, v->header, VAULT_HEADER);
	mem_wipe(secret, sizeof secret);
	*out = v;
	return true;
}

bool
vault_is(struct span begin)
{
	return begin.n >= MAGIC && memcmp(begin.p, magic, MAGIC) == 0;
}

static uint64_t
file_size_of(uint64_t size)
{
	uint64_t chunks = size == 0 ? 1 : (size + VAULT_CHUNK - 1) / VAULT_CHUNK;

	return VAULT_HEADER + size + chunks * VAULT_TAG;
}

static bool
sizes_check(uint64_t size, uint64_t file_size, struct err *e)
{
	uint64_t whole = file_size_of(size);

	if (size > VAULT_SIZE_MAX)
		return err_set(e, ERR_MALFORMED, "damaged: its header tells no possible size");
	if (file_size < whole)
		return err_set(e, ERR_IO, "not whole: %llu of %llu bytes are there",
		    (unsigned long long)file_size, (unsigned long long)whole);
	return file_size == whole ||
	       err_set(e, ERR_MALFORMED, "damaged: has %llu bytes behind its end",
		   (unsigned long long)(file_size - whole));
}

bool
vault_open(struct span header, uint64_t file_size, struct span passphrase, struct vault **out,
    struct err *e)
{
	struct rd r = rd_open(header);
	struct span begin, salt, check;
	uint16_t form = 0, cost = 0;
	uint32_t high = 0, low = 0;
	uint8_t secret[KEY + CHECK];
	struct vault *v;
	bool fits;

	if (!vault_is(header))
		return err_set(e, ERR_MALFORMED, "not a backup of Sealtone");
	if (!rd_span(&r, MAGIC, &begin) || !rd_u16(&r, &form) || !rd_u16(&r, &cost) ||
	    !rd_u32(&r, &high) || !rd_u32(&r, &low) || !rd_span(&r, SALT, &salt) ||
	    !rd_span(&r, CHECK, &check) || !rd_end(&r))
		return err_set(e, ERR_IO, "not whole: %zu bytes are there", header.n);
	if (form != FORM)
		return err_set(e, ERR_LIMIT,
		    "form %u of a backup, this version knows form %d: a newer sealtone reads it",
		    form, FORM);
	if (cost < VAULT_COST_MIN || cost > VAULT_COST_MAX)
		return err_set(e, ERR_MALFORMED, "damaged: its header tells no possible cost");
	if (!sizes_check((uint64_t)high << 32 | low, file_size, e) ||
	    !derive(passphrase, salt, cost, secret, e))
		return false;
	fits = CRYPTO_memcmp(secret + KEY, check.p, CHECK) == 0;
	if (fits) {
		v = mem_new(1, sizeof *v);
		v->size = (uint64_t)high << 32 | low;
		memcpy(v->key, secret, KEY);
		memcpy(v->header, header.p, VAULT_HEADER);
		*out = v;
	}
	mem_wipe(secret, sizeof secret);
	return fits || err_set(e, ERR_REFUSED, "the passphrase does not open it");
}

uint64_t
vault_size(const struct vault *v)
{
	return v->size;
}

size_t
vault_next(const struct vault *v, bool *more)
{
	uint64_t left = v->size - v->done;

	*more = !v->ended;
	return left > VAULT_CHUNK ? VAULT_CHUNK : (size_t)left;
}

/* Nonce and what is authenticated besides the text. */
static bool
cipher_begin(EVP_CIPHER_CTX *ctx, const struct vault *v, bool last, bool encrypt)
{
	struct wr nonce = wr_new(NONCE), about = wr_new(VAULT_HEADER + 9);
	int n;
	bool ok;

	wr_fill(&nonce, 0, NONCE - 8);
	put_u64(&nonce, v->chunk);
	wr_span(&about, span_of(v->header, VAULT_HEADER));
	put_u64(&about, v->chunk);
	wr_u8(&about, last);
	ok = EVP_CipherInit_ex(ctx, EVP_aes_256_gcm(), NULL, v->key, wr_view(&nonce).p, encrypt) ==
		 1 &&
	     EVP_CipherUpdate(ctx, NULL, &n, wr_view(&about).p, (int)wr_view(&about).n) == 1;
	wr_free(&nonce);
	wr_free(&about);
	return ok;
}

static void
chunk_done(struct vault *v, size_t n)
{
	v->done += n;
	v->chunk++;
	v->ended = v->done == v->size;
}

bool
vault_seal(struct vault *v, struct span plain, uint8_t *out, struct err *e)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	bool more, last = v->done + plain.n == v->size;
	int n = 0, tail = 0;
	bool ok = plain.n == vault_next(v, &more) && more && ctx != NULL &&
		  cipher_begin(ctx, v, last, true) &&
		  EVP_CipherUpdate(ctx, out, &n, plain.p, (int)plain.n) == 1 &&
		  EVP_CipherFinal_ex(ctx, out + n, &tail) == 1 &&
		  EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, VAULT_TAG, out + plain.n) == 1;

	EVP_CIPHER_CTX_free(ctx);
	if (!ok)
		return ossl_fail(e, ERR_CRYPTO, "part %llu", (unsigned long long)v->chunk);
	chunk_done(v, plain.n);
	return true;
}

bool
vault_unseal(struct vault *v, struct span chunk, uint8_t *out, struct err *e)
{
	EVP_CIPHER_CTX *ctx;
	bool more, ok;
	size_t size = vault_next(v, &more);
	bool last = v->done + size == v->size;
	int n = 0, tail = 0;

	if (!more || chunk.n != size + VAULT_TAG)
		return err_set(e, ERR_CRYPTO, "damaged: a part is too long or too short");
	ctx = EVP_CIPHER_CTX_new();
	ok = ctx != NULL && cipher_begin(ctx, v, last, false) &&
	     EVP_CIPHER_CTX_ctrl(
		 ctx, EVP_CTRL_AEAD_SET_TAG, VAULT_TAG, (void *)(uintptr_t)(chunk.p + size)) == 1 &&
	     EVP_CipherUpdate(ctx, out, &n, chunk.p, (int)size) == 1 &&
	     EVP_CipherFinal_ex(ctx, out + n, &tail) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (ok) {
		chunk_done(v, size);
		return true;
	}
	mem_wipe(out, size);
	ossl_fail(NULL, ERR_CRYPTO, "part");
	return err_set(e, ERR_CRYPTO, "damaged between bytes %llu and %llu",
	    (unsigned long long)(VAULT_HEADER + v->chunk * (VAULT_CHUNK + VAULT_TAG)),
	    (unsigned long long)(VAULT_HEADER + v->chunk * (VAULT_CHUNK + VAULT_TAG) + chunk.n));
}

void
vault_free(struct vault *v)
{
	mem_wipe_free(v, sizeof *v);
}
