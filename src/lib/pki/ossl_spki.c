#include "pki/ossl.h"

#include <openssl/asn1t.h>
#include <openssl/decoder.h>

#define POINT_UNCOMPRESSED 0x04 /* SEC 1, section 2.3.3 */

/* RFC 5280, section 4.1.2.7, without a look at the key itself. */
struct spki {
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *key;
};

/* RFC 8017, appendix A.1.1. */
struct rsa_numbers {
	ASN1_INTEGER *n, *e;
};

typedef struct spki SPKI;
typedef struct rsa_numbers RSA_NUMBERS;

/* OpenSSL's templates end without a semicolon. */
/* clang-format off */
ASN1_SEQUENCE(SPKI) = {
	ASN1_SIMPLE(SPKI, algorithm, X509_ALGOR),
	ASN1_SIMPLE(SPKI, key, ASN1_BIT_STRING)
} static_ASN1_SEQUENCE_END(SPKI)

ASN1_SEQUENCE(RSA_NUMBERS) = {
	ASN1_SIMPLE(RSA_NUMBERS, n, ASN1_INTEGER),
	ASN1_SIMPLE(RSA_NUMBERS, e, ASN1_INTEGER)
} static_ASN1_SEQUENCE_END(RSA_NUMBERS)

/* d2i_PUBKEY looks for a way to decode each time anew, which takes four times as long as to decode:
 * one that was found is kept. */
EVP_PKEY *
ossl_spki_read(struct span spki)
/* clang-format on */
{
	static OSSL_DECODER_CTX *decoder;
	static EVP_PKEY *slot;
	const unsigned char *p = spki.p;
	size_t left = spki.n;
	EVP_PKEY *read;
	bool ok;

	if (decoder == NULL)
		decoder = OSSL_DECODER_CTX_new_for_pkey(
		    &slot, "DER", "SubjectPublicKeyInfo", NULL, EVP_PKEY_PUBLIC_KEY, NULL, NULL);
	if (decoder == NULL)
		return NULL;
	ok = OSSL_DECODER_from_data(decoder, &p, &left) == 1;
	read = slot;
	slot = NULL;
	if (ok)
		return read;
	EVP_PKEY_free(read);
	return NULL;
}

/* One whole value, in the one form that DER has for it; else NULL. ASN1_item_free. */
static void *
read_exact(struct span s, const ASN1_ITEM *item)
{
	const unsigned char *p = s.p;
	ASN1_VALUE *read = ASN1_item_d2i(NULL, &p, (long)s.n, item);
	unsigned char *again = NULL;
	int n = read != NULL ? ASN1_item_i2d(read, &again, item) : 0;
	bool same = n > 0 && span_eq(span_of(again, (size_t)n), s);

	OPENSSL_free(again);
	if (same)
		return read;
	ASN1_item_free(read, item);
	return NULL;
}

static bool
is_exact_rsa(struct span key)
{
	void *numbers = read_exact(key, ASN1_ITEM_rptr(RSA_NUMBERS));

	ASN1_item_free(numbers, ASN1_ITEM_rptr(RSA_NUMBERS));
	return numbers != NULL;
}

static bool
is_exact_key(const SPKI *spki)
{
	const ASN1_OBJECT *oid;
	struct span key =
	    span_of(ASN1_STRING_get0_data(spki->key), (size_t)ASN1_STRING_length(spki->key));
	int type;

	X509_ALGOR_get0(&oid, &type, NULL, spki->algorithm);
	switch (OBJ_obj2nid(oid)) {
	case NID_rsaEncryption:
		return type == V_ASN1_NULL && is_exact_rsa(key);
	case NID_X9_62_id_ecPublicKey:
		return type == V_ASN1_OBJECT && key.n > 0 && key.p[0] == POINT_UNCOMPRESSED;
	default:
		return false;
	}
}

bool
ossl_spki_is_exact(struct span spki)
{
	SPKI *read = read_exact(spki, ASN1_ITEM_rptr(SPKI));
	bool ok = read != NULL && is_exact_key(read);

	ASN1_item_free((ASN1_VALUE *)read, ASN1_ITEM_rptr(SPKI));
	return ok;
}

/* The parameter of the algorithm, copied; false: a kind that no key of ours has. */
static bool
parameter_copy(int type, const void *value, void **out)
{
	*out = NULL;
	if (type == V_ASN1_OBJECT)
		*out = OBJ_dup(value);
	return type == V_ASN1_NULL || (type == V_ASN1_OBJECT && *out != NULL);
}

static bool
put(X509_PUBKEY *to, const SPKI *from)
{
	const ASN1_OBJECT *oid;
	const void *value;
	void *parameter;
	ASN1_OBJECT *own;
	unsigned char *key;
	int type, n = ASN1_STRING_length(from->key);

	X509_ALGOR_get0(&oid, &type, &value, from->algorithm);
	if (!parameter_copy(type, value, &parameter))
		return false;
	own = OBJ_dup(oid);
	key = OPENSSL_memdup(ASN1_STRING_get0_data(from->key), (size_t)n);
	if (own != NULL && key != NULL &&
	    X509_PUBKEY_set0_param(to, own, type, parameter, key, n) == 1)
		return true;
	ASN1_OBJECT_free(own);
	ASN1_OBJECT_free(parameter);
	OPENSSL_free(key);
	return false;
}

bool
ossl_spki_put(X509 *x509, struct span spki, struct err *e)
{
	const unsigned char *p = spki.p;
	SPKI *read = (SPKI *)ASN1_item_d2i(NULL, &p, (long)spki.n, ASN1_ITEM_rptr(SPKI));
	bool ok = read != NULL && put(X509_get_X509_PUBKEY(x509), read);

	ASN1_item_free((ASN1_VALUE *)read, ASN1_ITEM_rptr(SPKI));
	return ok || ossl_fail(e, ERR_CRYPTO, "cannot write the public key");
}
