#include "pki/p12.h"

#include "base/mem.h"
#include "base/text.h"
#include "pki/ossl.h"

#include <openssl/asn1t.h>
#include <openssl/buffer.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ITERATIONS_MAX 2000000 /* a second or two; programs write thousands */
#define DEPTH_MAX      4       /* safe contents within safe contents */
#define NAME_MAX_SHOWN 256

struct reader {
	OSSL_LIB_CTX *ctx;             /* NULL: OpenSSL's own */
	OSSL_PROVIDER *usual, *legacy; /* of ctx; legacy NULL: not installed */
	bool no_cipher;                /* what stopped the reading */
	bool wants_key;
	PKCS12 *file;
	const char *pass;
	int pass_n;
	size_t max;
	struct p12_certs *out;
};

/* Old ciphers are for these files alone: a library context of their own keeps them out of the rest
 * of the program. */
static bool
legacy_open(struct reader *r, struct err *e)
{
	r->ctx = OSSL_LIB_CTX_new();
	if (r->ctx == NULL)
		return ossl_fail(e, ERR_CRYPTO, "cannot read a PKCS#12 file");
	r->usual = OSSL_PROVIDER_load(r->ctx, "default");
	r->legacy = OSSL_PROVIDER_load(r->ctx, "legacy");
	return true;
}

static bool
reader_open(struct reader *r, struct span file, struct err *e)
{
	BIO *bio = file.n <= INT_MAX ? BIO_new_mem_buf(file.p, (int)file.n) : NULL;
	bool ok = false;

	if (bio == NULL)
		return ossl_fail(e, ERR_CRYPTO, "cannot read a PKCS#12 file");
	r->file = PKCS12_init_ex(NID_pkcs7_data, r->ctx, NULL);
	if (r->file != NULL && d2i_PKCS12_bio(bio, &r->file) != NULL)
		ok = BIO_pending(bio) == 0 || err_set(e, ERR_MALFORMED, "bytes behind its end");
	else
		ossl_fail(e, ERR_MALFORMED, "is not PKCS#12");
	BIO_free(bio);
	return ok;
}

static void
reader_close(struct reader *r)
{
	PKCS12_free(r->file);
	if (r->legacy != NULL)
		OSSL_PROVIDER_unload(r->legacy);
	if (r->usual != NULL)
		OSSL_PROVIDER_unload(r->usual);
	OSSL_LIB_CTX_free(r->ctx);
	ERR_clear_error();
}

/* --- integrity --- */

static bool
count_is_fair(const ASN1_INTEGER *iterations, struct err *e)
{
	int64_t n = 1;

	if (iterations != NULL && (ASN1_INTEGER_get_int64(&n, iterations) != 1 || n < 1))
		return err_set(e, ERR_MALFORMED, "its number of iterations is none");
	return n <= ITERATIONS_MAX ||
	       err_set(e, ERR_LIMIT, "asks for more than %d iterations", ITERATIONS_MAX);
}

/* Without a passphrase some programs take the empty one, some none at all. */
static bool
passphrase_fits(struct reader *r, struct err *e)
{
	const ASN1_INTEGER *iterations = NULL;

	if (PKCS12_mac_present(r->file) != 1)
		return true;
	PKCS12_get0_mac(NULL, NULL, NULL, &iterations, r->file);
	if (!count_is_fair(iterations, e))
		return false;
	if (PKCS12_verify_mac(r->file, r->pass, r->pass_n) == 1)
		return true;
	if (r->pass_n > 0)
		return ossl_fail(e, ERR_CRYPTO, "its passphrase is another one");
	r->pass = NULL;
	return PKCS12_verify_mac(r->file, NULL, 0) == 1 ||
	       ossl_fail(e, ERR_CRYPTO, "has a passphrase, which is needed (--passphrase-file)");
}

/* --- certificates --- */

static char *
name_of(const PKCS12_SAFEBAG *bag)
{
	const ASN1_TYPE *attr = PKCS12_SAFEBAG_get0_attr(bag, NID_friendlyName);
	char shown[NAME_MAX_SHOWN], *utf8;

	if (attr == NULL || attr->type != V_ASN1_BMPSTRING)
		return mem_text("", 0);
	utf8 = OPENSSL_uni2utf8(attr->value.bmpstring->data, attr->value.bmpstring->length);
	text_printable(span_str(utf8 != NULL ? utf8 : ""), shown, sizeof shown);
	OPENSSL_free(utf8);
	return mem_text(shown, strlen(shown));
}

static bool
take_cert(struct reader *r, const PKCS12_SAFEBAG *bag, struct err *e)
{
	struct p12_certs *out = r->out;
	X509 *x509 = PKCS12_SAFEBAG_get1_cert(bag);
	unsigned char *der = NULL;
	int n = x509 != NULL ? i2d_X509(x509, &der) : -1;
	struct cert *c = NULL;

	X509_free(x509);
	if (n <= 0)
		return ossl_fail(
		    e, ERR_MALFORMED, "certificate %zu cannot be read", out->count + 1);
	if (out->count == r->max)
		err_set(e, ERR_LIMIT, "more than %zu certificates", r->max);
	else
		c = cert_parse(span_of(der, (size_t)n), e);
	OPENSSL_free(der);
	if (c == NULL)
		return err_in(e, "certificate %zu", out->count + 1);
	out->item = mem_grow(out->item, out->count + 1, sizeof *out->item);
	out->item[out->count++] = (struct p12_cert){ c, name_of(bag) };
	return true;
}

static bool cipher_is_fair(const X509_ALGOR *cipher, struct err *e);

static bool
put_key(struct reader *r, const PKCS8_PRIV_KEY_INFO *key, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	BUF_MEM *text = NULL;
	bool ok = bio != NULL && PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, key) == 1 &&
		  BIO_get_mem_ptr(bio, &text) == 1;

	if (ok)
		r->out->key = bytes_copy(span_of(text->data, text->length));
	else
		ossl_fail(e, ERR_CRYPTO, "its private key cannot be written");
	BIO_free(bio);
	return ok;
}

static bool
take_locked_key(struct reader *r, const PKCS12_SAFEBAG *bag, struct err *e)
{
	const X509_ALGOR *cipher;
	PKCS8_PRIV_KEY_INFO *key;
	bool ok;

	X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &cipher, NULL);
	if (!cipher_is_fair(cipher, e))
		return false;
	key = PKCS12_decrypt_skey_ex(bag, r->pass, r->pass_n, r->ctx, NULL);
	if (key == NULL) {
		r->no_cipher = true;
		return ossl_fail(e, ERR_CRYPTO,
		    "its private key cannot be decrypted (old ciphers need OpenSSL's legacy "
		    "provider)");
	}
	ok = put_key(r, key, e);
	PKCS8_PRIV_KEY_INFO_free(key);
	return ok;
}

static bool
take_key(struct reader *r, const PKCS12_SAFEBAG *bag, bool locked, struct err *e)
{
	r->out->keys++;
	if (!r->wants_key)
		return true;
	if (r->out->keys > 1)
		return err_set(e, ERR_MALFORMED, "holds more than one private key");
	return locked ? take_locked_key(r, bag, e) : put_key(r, PKCS12_SAFEBAG_get0_p8inf(bag), e);
}

static bool
take_bags(struct reader *r, const STACK_OF(PKCS12_SAFEBAG) * bags, int depth, struct err *e)
{
	for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); i++) {
		const PKCS12_SAFEBAG *bag = sk_PKCS12_SAFEBAG_value(bags, i);
		int kind = PKCS12_SAFEBAG_get_nid(bag);

		if (kind == NID_keyBag || kind == NID_pkcs8ShroudedKeyBag) {
			if (!take_key(r, bag, kind == NID_pkcs8ShroudedKeyBag, e))
				return false;
		} else if (kind == NID_certBag &&
			   PKCS12_SAFEBAG_get_bag_nid(bag) == NID_x509Certificate) {
			if (!take_cert(r, bag, e))
				return false;
		} else if (kind == NID_safeContentsBag) {
			if (depth == DEPTH_MAX)
				return err_set(e, ERR_LIMIT, "contents within contents");
			if (!take_bags(r, PKCS12_SAFEBAG_get0_safes(bag), depth + 1, e))
				return false;
		}
	}
	return true;
}

/* How often the passphrase is to be hashed is the writer's word. */
static bool
cipher_is_fair(const X509_ALGOR *cipher, struct err *e)
{
	PBEPARAM *old = NULL;
	PBE2PARAM *new = NULL;
	PBKDF2PARAM *hashing = NULL;
	bool ok;

	if (OBJ_obj2nid(cipher->algorithm) != NID_pbes2) {
		old = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBEPARAM), cipher->parameter);
		ok = old != NULL && count_is_fair(old->iter, e);
	} else {
		new = ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), cipher->parameter);
		if (new != NULL && OBJ_obj2nid(new->keyfunc->algorithm) == NID_id_pbkdf2)
			hashing = ASN1_TYPE_unpack_sequence(
			    ASN1_ITEM_rptr(PBKDF2PARAM), new->keyfunc->parameter);
		ok = hashing != NULL && count_is_fair(hashing->iter, e);
	}
	if (old == NULL && hashing == NULL)
		ossl_fail(e, ERR_CRYPTO, "is encrypted in a way that is not known");
	PBEPARAM_free(old);
	PBE2PARAM_free(new);
	PBKDF2PARAM_free(hashing);
	return ok;
}

static bool
take_safe(struct reader *r, PKCS7 *safe, struct err *e)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	bool ok;

	if (safe->d.ptr == NULL)
		return err_set(e, ERR_MALFORMED, "has contents without content");
	if (PKCS7_type_is_data(safe))
		bags = PKCS12_unpack_p7data(safe);
	else if (!PKCS7_type_is_encrypted(safe))
		return err_set(e, ERR_REFUSED, "is encrypted with a key, not with a passphrase");
	else if (!cipher_is_fair(safe->d.encrypted->enc_data->algorithm, e))
		return false;
	else
		bags = PKCS12_unpack_p7encdata(safe, r->pass, r->pass_n);
	if (bags == NULL) {
		r->no_cipher = true;
		return ossl_fail(e, ERR_CRYPTO,
		    "cannot be decrypted (old ciphers need OpenSSL's legacy provider)");
	}
	ok = take_bags(r, bags, 0, e);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return ok;
}

static bool
take_all(struct reader *r, struct err *e)
{
	STACK_OF(PKCS7) * safes;
	bool ok = true;

	if (!passphrase_fits(r, e))
		return false;
	safes = PKCS12_unpack_authsafes(r->file);
	if (safes == NULL)
		return ossl_fail(e, ERR_MALFORMED, "has no contents");
	for (int i = 0; ok && i < sk_PKCS7_num(safes); i++)
		ok = take_safe(r, sk_PKCS7_value(safes, i), e);
	sk_PKCS7_pop_free(safes, PKCS7_free);
	if (ok && r->wants_key && r->out->keys == 0)
		return err_set(e, ERR_MALFORMED, "holds no private key");
	return ok && (r->out->count > 0 || err_set(e, ERR_MALFORMED, "holds no certificate"));
}

static bool
read_with(struct reader *r, struct span file, struct err *e)
{
	bool ok = reader_open(r, file, e) && take_all(r, e);

	if (!ok)
		p12_certs_free(r->out);
	reader_close(r);
	return ok;
}

static bool
read_file(struct span file, struct span passphrase, size_t max, bool wants_key,
    struct p12_certs *out, struct err *e)
{
	char *pass = mem_text(passphrase.p, passphrase.n);
	const struct reader fresh = { .pass = pass,
		.pass_n = (int)passphrase.n,
		.max = max,
		.wants_key = wants_key,
		.out = out };
	struct reader r = fresh;
	bool ok;

	*out = (struct p12_certs){ 0 };
	ok = read_with(&r, file, e);
	if (!ok && r.no_cipher) {
		r = fresh;
		ok = legacy_open(&r, e) && read_with(&r, file, e);
	}
	mem_wipe_free(pass, passphrase.n);
	return ok;
}

bool
p12_read(struct span file, struct span passphrase, size_t max, struct p12_certs *out, struct err *e)
{
	return read_file(file, passphrase, max, false, out, e);
}

bool
p12_read_key(
    struct span file, struct span passphrase, size_t max, struct p12_certs *out, struct err *e)
{
	return read_file(file, passphrase, max, true, out, e);
}

void
p12_certs_free(struct p12_certs *c)
{
	for (size_t i = 0; i < c->count; i++) {
		cert_free(c->item[i].cert);
		free(c->item[i].name);
	}
	free(c->item);
	bytes_wipe(&c->key);
	*c = (struct p12_certs){ 0 };
}
