#include "pki/request.h"

#include "pki/ossl.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#define EXPONENT_MIN      3
#define EXPONENT_BITS_MAX 64

static const struct curve {
	int nid;
	unsigned bits;
} curves[] = {
	{ NID_X9_62_prime256v1, 256 },
	{ NID_secp384r1, 384 },
	{ NID_secp521r1, 521 },
};

#define CURVES (sizeof curves / sizeof curves[0])

static bool
check_rsa_numbers(const BIGNUM *n, const BIGNUM *exponent, struct err *e)
{
	if (!BN_is_odd(n))
		return err_set(e, ERR_REFUSED, "public key: the RSA modulus is even");
	if (!BN_is_odd(exponent) || BN_num_bits(exponent) > EXPONENT_BITS_MAX ||
	    BN_cmp(exponent, BN_value_one()) <= 0)
		return err_set(e, ERR_REFUSED,
		    "public key: the RSA exponent must be odd, at least %d and at most %d bits",
		    EXPONENT_MIN, EXPONENT_BITS_MAX);
	return true;
}

static bool
check_rsa(const struct ossl_spki_parts *key, struct err *e)
{
	int bits = BN_num_bits(key->n);

	if (BN_is_negative(key->n) || BN_is_negative(key->e))
		return err_set(e, ERR_REFUSED, "public key: the RSA numbers are negative");
	if (bits < REQUEST_RSA_BITS_MIN || bits > REQUEST_RSA_BITS_MAX)
		return err_set(e, ERR_REFUSED, "public key: RSA of %d bits; %d to %d are allowed",
		    bits, REQUEST_RSA_BITS_MIN, REQUEST_RSA_BITS_MAX);
	return check_rsa_numbers(key->n, key->e, e);
}

/* CURVES: none of them. */
static size_t
curve_of(const struct ossl_spki_parts *key)
{
	size_t i = 0;

	while (i < CURVES && curves[i].nid != key->curve)
		i++;
	return i;
}

/* Made once and kept: to make one takes longer than to check a point. */
static const EC_GROUP *
group_of(size_t curve)
{
	static EC_GROUP *made[CURVES];

	if (made[curve] == NULL)
		made[curve] = EC_GROUP_new_by_curve_name(curves[curve].nid);
	return made[curve];
}

/* These curves have no points but those of the one large group (cofactor 1), so that a point on the
 * curve has the right order. */
static bool
is_point(size_t curve, struct span point)
{
	const EC_GROUP *group = group_of(curve);
	EC_POINT *p = group != NULL ? EC_POINT_new(group) : NULL;
	bool ok = p != NULL && EC_POINT_oct2point(group, p, point.p, point.n, NULL) == 1 &&
		  EC_POINT_is_at_infinity(group, p) == 0;

	EC_POINT_free(p);
	return ok;
}

static bool
check_ec(const struct ossl_spki_parts *key, struct err *e)
{
	size_t curve = curve_of(key);

	if (curve == CURVES)
		return err_set(e, ERR_REFUSED,
		    "public key: EC %s; P-256, P-384 and P-521 are allowed",
		    key->curve != NID_undef ? OBJ_nid2sn(key->curve) : "on an unknown curve");
	return is_point(curve, bytes_span(&key->point)) ||
	       ossl_fail(e, ERR_REFUSED, "public key: not a point of P-%u", curves[curve].bits);
}

static bool
spki_take(struct span spki, struct ossl_spki_parts *out, struct err *e)
{
	*out = (struct ossl_spki_parts){ 0 };
	if (spki.n > REQUEST_SPKI_MAX)
		return err_set(e, ERR_REFUSED, "public key: more than %d bytes", REQUEST_SPKI_MAX);
	return ossl_spki_take(spki, out, e);
}

static bool
is_neither(struct err *e)
{
	return err_set(e, ERR_REFUSED, "public key: neither RSA nor EC");
}

static unsigned
bits_of(const struct ossl_spki_parts *key)
{
	size_t curve = curve_of(key);

	if (key->is_rsa)
		return (unsigned)BN_num_bits(key->n);
	return curve < CURVES ? curves[curve].bits : 0;
}

bool
request_spki_kind(struct span spki, bool *rsa, unsigned *bits, struct err *e)
{
	struct ossl_spki_parts key;
	bool known;

	if (!spki_take(spki, &key, e))
		return false;
	*rsa = key.is_rsa;
	*bits = bits_of(&key);
	known = key.is_rsa || key.is_ec;
	ossl_spki_drop(&key);
	return known || is_neither(e);
}

bool
request_check_spki(struct span spki, struct err *e)
{
	struct ossl_spki_parts key;
	bool ok;

	if (!spki_take(spki, &key, e))
		return false;
	ok = key.is_rsa ? check_rsa(&key, e) : key.is_ec ? check_ec(&key, e) : is_neither(e);
	ossl_spki_drop(&key);
	return ok;
}
