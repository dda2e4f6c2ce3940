#include "pki/ossl.h"

#include <openssl/asn1t.h>

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

static SPKI *
spki_of(struct span s)
/* clang-format on */
{
	const unsigned char *p = s.p;

	return (SPKI *)ASN1_item_d2i(NULL, &p, (long)s.n, ASN1_ITEM_rptr(SPKI));
}

/* Whether it was made of this and nothing else, in the one form that DER has for it. */
static bool
is_whole(const void *read, const ASN1_ITEM *item, struct span s)
{
	unsigned char *again = NULL;
	int n = read != NULL ? ASN1_item_i2d(read, &again, item) : 0;
	bool same = n > 0 && span_eq(span_of(again, (size_t)n), s);

	OPENSSL_free(again);
	return same;
}

static struct span
bits_of(const ASN1_BIT_STRING *s)
{
	return span_of(ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

static bool
take_rsa(struct span key, int type, struct ossl_spki_parts *out)
{
	const unsigned char *p = key.p;
	RSA_NUMBERS *r =
	    (RSA_NUMBERS *)ASN1_item_d2i(NULL, &p, (long)key.n, ASN1_ITEM_rptr(RSA_NUMBERS));
	bool ok = type == V_ASN1_NULL && is_whole(r, ASN1_ITEM_rptr(RSA_NUMBERS), key);

	out->is_rsa = true;
	if (ok) {
		out->n = ASN1_INTEGER_to_BN(r->n, NULL);
		out->e = ASN1_INTEGER_to_BN(r->e, NULL);
		ok = out->n != NULL && out->e != NULL;
	}
	ASN1_item_free((ASN1_VALUE *)r, ASN1_ITEM_rptr(RSA_NUMBERS));
	return ok;
}

static bool
take_ec(struct span key, int type, const void *parameter, struct ossl_spki_parts *out)
{
	out->is_ec = true;
	if (type != V_ASN1_OBJECT || key.n == 0 || key.p[0] != POINT_UNCOMPRESSED)
		return false;
	out->curve = OBJ_obj2nid(parameter);
	out->point = bytes_copy(key);
	return true;
}

static bool
take_key(const SPKI *spki, struct ossl_spki_parts *out)
{
	const ASN1_OBJECT *oid;
	const void *parameter;
	int type;

	X509_ALGOR_get0(&oid, &type, &parameter, spki->algorithm);
	switch (OBJ_obj2nid(oid)) {
	case NID_rsaEncryption:
		return take_rsa(bits_of(spki->key), type, out);
	case NID_X9_62_id_ecPublicKey:
		return take_ec(bits_of(spki->key), type, parameter, out);
	default:
		return true;
	}
}

bool
ossl_spki_take(struct span spki, struct ossl_spki_parts *out, struct err *e)
{
	SPKI *read = spki_of(spki);
	bool whole;

	*out = (struct ossl_spki_parts){ 0 };
	if (read == NULL)
		return ossl_fail(e, ERR_REFUSED, "public key: not a SubjectPublicKeyInfo");
	whole = is_whole(read, ASN1_ITEM_rptr(SPKI), spki) && take_key(read, out);
	ASN1_item_free((ASN1_VALUE *)read, ASN1_ITEM_rptr(SPKI));
	if (whole)
		return true;
	ossl_spki_drop(out);
	return ossl_fail(e, ERR_REFUSED, "public key: not one whole SubjectPublicKeyInfo in DER");
}

void
ossl_spki_drop(struct ossl_spki_parts *parts)
{
	BN_free(parts->n);
	BN_free(parts->e);
	bytes_free(&parts->point);
	*parts = (struct ossl_spki_parts){ 0 };
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
	SPKI *read = spki_of(spki);
	bool ok = read != NULL && put(X509_get_X509_PUBKEY(x509), read);

	ASN1_item_free((ASN1_VALUE *)read, ASN1_ITEM_rptr(SPKI));
	return ok || ossl_fail(e, ERR_CRYPTO, "cannot write the public key");
}
