#include "pki/crl.h"

#include "pki/ossl.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

static const struct {
	const char *name;
	unsigned code;
} reasons[] = {
	{ "unspecified", CRL_REASON_UNSPECIFIED },
	{ "keyCompromise", CRL_REASON_KEY_COMPROMISE },
	{ "affiliationChanged", CRL_REASON_AFFILIATION_CHANGED },
	{ "superseded", CRL_REASON_SUPERSEDED },
	{ "cessationOfOperation", CRL_REASON_CESSATION_OF_OPERATION },
	{ "privilegeWithdrawn", CRL_REASON_PRIVILEGE_WITHDRAWN },
};

bool
crl_reason_from_name(const char *name, unsigned *out)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (strcmp(reasons[i].name, name) == 0) {
			*out = reasons[i].code;
			return true;
		}
	return false;
}

static bool
put_serial(X509_REVOKED *r, struct span serial)
{
	BIGNUM *n = BN_bin2bn(serial.p, (int)serial.n, NULL);
	ASN1_INTEGER *number = n != NULL ? BN_to_ASN1_INTEGER(n, NULL) : NULL;
	bool ok = number != NULL && X509_REVOKED_set_serialNumber(r, number) == 1;

	ASN1_INTEGER_free(number);
	BN_free(n);
	return ok;
}

/* RFC 5280: "unspecified" is said by saying nothing. */
static bool
put_reason(X509_REVOKED *r, unsigned reason)
{
	ASN1_ENUMERATED *code;
	bool ok;

	if (reason == CRL_REASON_UNSPECIFIED)
		return true;
	code = ASN1_ENUMERATED_new();
	ok = code != NULL && ASN1_ENUMERATED_set(code, reason) == 1 &&
	     X509_REVOKED_add1_ext_i2d(r, NID_crl_reason, code, 0, X509V3_ADD_DEFAULT) == 1;
	ASN1_ENUMERATED_free(code);
	return ok;
}

static bool
add_revoked(X509_CRL *x, const struct signer_revoked *one, struct err *e)
{
	X509_REVOKED *r = X509_REVOKED_new();
	ASN1_TIME *at = ASN1_TIME_set(NULL, one->at);
	bool ok = r != NULL && at != NULL && put_serial(r, one->serial) &&
		  X509_REVOKED_set_revocationDate(r, at) == 1 && put_reason(r, one->reason) &&
		  X509_CRL_add0_revoked(x, r) == 1;

	ASN1_TIME_free(at);
	if (ok)
		return true;
	X509_REVOKED_free(r);
	return ossl_fail(e, ERR_CRYPTO, "cannot write an entry");
}

static bool
put_times(X509_CRL *x, const struct signer_crl *crl, struct err *e)
{
	ASN1_TIME *from = ASN1_TIME_set(NULL, crl->this_update);
	ASN1_TIME *to = ASN1_TIME_set(NULL, crl->next_update);
	bool ok = from != NULL && to != NULL && X509_CRL_set1_lastUpdate(x, from) == 1 &&
		  X509_CRL_set1_nextUpdate(x, to) == 1;

	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return ok || ossl_fail(e, ERR_CRYPTO, "cannot write its dates");
}

static bool
put_extensions(X509_CRL *x, X509 *issuer, uint64_t number, struct err *e)
{
	ASN1_INTEGER *n = ASN1_INTEGER_new();
	X509V3_CTX ctx;
	X509_EXTENSION *key;
	bool ok;

	X509V3_set_ctx(&ctx, issuer, NULL, NULL, x, 0);
	key = X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid");
	ok = key != NULL && X509_CRL_add_ext(x, key, -1) == 1 && n != NULL &&
	     ASN1_INTEGER_set_uint64(n, number) == 1 &&
	     X509_CRL_add1_ext_i2d(x, NID_crl_number, n, 0, X509V3_ADD_DEFAULT) == 1;
	X509_EXTENSION_free(key);
	ASN1_INTEGER_free(n);
	return ok || ossl_fail(e, ERR_CRYPTO, "cannot write its extensions");
}

static bool
fill(X509_CRL *x, const struct cert *issuer, const struct signer_crl *crl, struct err *e)
{
	X509 *ca = cert_x509(issuer);

	if (X509_CRL_set_version(x, X509_CRL_VERSION_2) != 1 ||
	    X509_CRL_set_issuer_name(x, X509_get_subject_name(ca)) != 1)
		return ossl_fail(e, ERR_CRYPTO, "cannot be made");
	if (!put_times(x, crl, e) || !put_extensions(x, ca, crl->number, e))
		return false;
	for (size_t i = 0; i < crl->count; i++)
		if (!add_revoked(x, &crl->revoked[i], e))
			return false;
	return X509_CRL_sort(x) == 1 || ossl_fail(e, ERR_CRYPTO, "cannot be sorted");
}

static bool
sign(X509_CRL *x, const struct privkey *k, struct bytes *der, struct err *e)
{
	unsigned char *out = NULL;
	int n = X509_CRL_sign(x, key_pkey(k), EVP_sha256()) > 0 ? i2d_X509_CRL(x, &out) : -1;

	if (n <= 0)
		return ossl_fail(e, ERR_CRYPTO, "cannot be signed");
	*der = bytes_copy(span_of(out, (size_t)n));
	OPENSSL_free(out);
	return true;
}

bool
crl_make(const struct privkey *k, const struct cert *issuer, const struct signer_crl *crl,
    struct bytes *der, struct err *e)
{
	X509_CRL *x;
	bool ok;

	if (!key_fits(k, issuer))
		return err_set(e, ERR_CRYPTO, "revocation list: the key is not that of %s",
		    cert_subject_cucm(issuer));
	if ((X509_get_key_usage(cert_x509(issuer)) & KU_CRL_SIGN) == 0)
		return err_set(e, ERR_REFUSED,
		    "revocation list: the key usage of %s has no CRL signing",
		    cert_subject_cucm(issuer));
	if (crl->next_update <= crl->this_update)
		return err_set(e, ERR_REFUSED, "revocation list: it ends before it begins");
	x = X509_CRL_new();
	if (x == NULL)
		return ossl_fail(e, ERR_CRYPTO, "revocation list: cannot be made");
	ok = fill(x, issuer, crl, e) && sign(x, k, der, e);
	X509_CRL_free(x);
	return ok || err_in(e, "revocation list");
}

char *
crl_to_pem(struct span der, struct err *e)
{
	const unsigned char *p = der.p;
	X509_CRL *x = d2i_X509_CRL(NULL, &p, (long)der.n);
	BIO *bio = BIO_new(BIO_s_mem());
	char *pem =
	    ossl_bio_text(bio, x != NULL && bio != NULL && PEM_write_bio_X509_CRL(bio, x) == 1);

	if (pem == NULL)
		ossl_fail(e, ERR_MALFORMED, "revocation list: cannot be read");
	X509_CRL_free(x);
	return pem;
}
