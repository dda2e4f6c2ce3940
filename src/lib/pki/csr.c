#include "pki/csr.h"

#include "pki/digest.h"
#include "pki/issue_internal.h"
#include "pki/ossl.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <stdlib.h>

/* What the CA writes itself. */
static bool
is_the_cas(const X509_EXTENSION *ext)
{
	int nid = OBJ_obj2nid(X509_EXTENSION_get_object((X509_EXTENSION *)(uintptr_t)ext));

	return nid == NID_subject_key_identifier || nid == NID_authority_key_identifier ||
	       nid == NID_crl_distribution_points || nid == NID_info_access;
}

static bool
add_extensions(X509_REQ *req, const X509 *like, STACK_OF(X509_EXTENSION) * wished, struct err *e)
{
	for (int i = 0; i < X509_get_ext_count(like); i++) {
		X509_EXTENSION *ext = X509_get_ext(like, i);

		if (!is_the_cas(ext) && sk_X509_EXTENSION_push(wished, ext) <= 0)
			return ossl_fail(e, ERR_CRYPTO, "cannot write the extensions");
	}
	return sk_X509_EXTENSION_num(wished) == 0 || X509_REQ_add_extensions(req, wished) == 1 ||
	       ossl_fail(e, ERR_CRYPTO, "cannot write the extensions");
}

/* The key, and subject and extensions as a certificate has them. */
static bool
fill(X509_REQ *req, EVP_PKEY *key, const X509 *like, struct err *e)
{
	STACK_OF(X509_EXTENSION) *wished = sk_X509_EXTENSION_new_null();
	bool ok;

	if (wished == NULL || X509_REQ_set_subject_name(req, X509_get_subject_name(like)) != 1 ||
	    X509_REQ_set_pubkey(req, key) != 1)
		ok = ossl_fail(e, ERR_CRYPTO, "cannot make a request");
	else
		ok = add_extensions(req, like, wished, e);
	sk_X509_EXTENSION_free(wished);
	return ok;
}

static bool
sign(X509_REQ *req, const struct privkey *k, struct err *e)
{
	return X509_REQ_sign(req, key_pkey(k), EVP_sha256()) > 0 ||
	       ossl_fail(e, ERR_CRYPTO, "cannot sign the request");
}

/* What was written, taken out; frees bio. */
static bool
take_text(BIO *bio, bool written, struct bytes *out, struct err *e)
{
	char *text = ossl_bio_text(bio, written);

	if (text == NULL)
		return ossl_fail(e, ERR_CRYPTO, "cannot write the request");
	*out = bytes_copy(span_str(text));
	free(text);
	return true;
}

static bool
to_pem(const X509_REQ *req, struct bytes *pem, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return take_text(bio, bio != NULL && PEM_write_bio_X509_REQ(bio, req) == 1, pem, e);
}

bool
csr_make(const struct privkey *k, const struct cert *like, struct bytes *pem, struct err *e)
{
	X509_REQ *req = X509_REQ_new();
	bool ok;

	if (req == NULL)
		return ossl_fail(e, ERR_CRYPTO, "cannot make a request");
	ok = fill(req, key_pkey(k), cert_x509(like), e) && sign(req, k, e) && to_pem(req, pem, e);
	X509_REQ_free(req);
	return ok;
}

/* --- with further names --- */

static bool
is_in(const GENERAL_NAMES *names, GENERAL_NAME *name)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(names, i), name) == 0)
			return true;
	return false;
}

static bool
add_name(GENERAL_NAMES *names, const char *text, struct err *e)
{
	uint8_t binary[sizeof(struct in6_addr)];
	bool address =
	    inet_pton(AF_INET, text, binary) == 1 || inet_pton(AF_INET6, text, binary) == 1;
	GENERAL_NAME *last;

	if ((!address && !issue_dns_name_check(text, e)) ||
	    !issue_add_alt_name(names, address ? GEN_IPADD : GEN_DNS, text, e))
		return false;
	last = sk_GENERAL_NAME_pop(names);
	if (!is_in(names, last) && sk_GENERAL_NAME_push(names, last) > 0)
		return true;
	GENERAL_NAME_free(last);
	return true;
}

static bool
rename_to(X509 *x509, const char *const *more, size_t count, struct err *e)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
	int at = X509_get_ext_by_NID(x509, NID_subject_alt_name, -1);
	bool ok = true;

	if (names == NULL)
		names = sk_GENERAL_NAME_new_null();
	if (names == NULL)
		return ossl_fail(e, ERR_CRYPTO, "cannot write alternative names");
	if (at >= 0)
		X509_EXTENSION_free(X509_delete_ext(x509, at));
	for (size_t i = 0; i < count && ok; i++)
		ok = add_name(names, more[i], e);
	ok = ok && issue_write_alt_names(x509, names, e);
	GENERAL_NAMES_free(names);
	return ok;
}

bool
csr_like(const struct cert *like, const char *const *names, size_t count, struct bytes *der,
    struct err *e)
{
	X509 *x509 = X509_dup(cert_x509(like));
	unsigned char *out = NULL;
	bool ok;
	int n = 0;

	if (x509 == NULL)
		return ossl_fail(e, ERR_CRYPTO, "cannot make a request");
	ok = rename_to(x509, names, count, e);
	if (ok && (i2d_re_X509_tbs(x509, NULL) <= 0 || (n = i2d_X509(x509, &out)) <= 0))
		ok = ossl_fail(e, ERR_CRYPTO, "cannot make a request");
	if (ok)
		*der = bytes_copy(span_of(out, (size_t)n));
	OPENSSL_free(out);
	X509_free(x509);
	return ok;
}

/* --- of a phone's key --- */

/* The value of the signature: an OCTET STRING with the hash of what would be signed. */
static bool
put_hash(X509_REQ *req, struct span tbs, struct err *e)
{
	ASN1_OCTET_STRING *hash = ASN1_OCTET_STRING_new();
	ASN1_BIT_STRING *value = ASN1_BIT_STRING_new();
	unsigned char *der = NULL;
	struct digest d;
	int n = 0;

	if (digest_of(DIGEST_SHA256, tbs, &d, e) && hash != NULL &&
	    ASN1_OCTET_STRING_set(hash, d.p, (int)d.n) == 1)
		n = i2d_ASN1_OCTET_STRING(hash, &der);
	if (value != NULL && n > 0 && ASN1_BIT_STRING_set(value, der, n) == 1) {
		value->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 7);
		value->flags |= ASN1_STRING_FLAG_BITS_LEFT; /* whole bytes */
		X509_REQ_set0_signature(req, value);
		value = NULL;
	} else {
		n = 0;
	}
	OPENSSL_free(der);
	ASN1_BIT_STRING_free(value);
	ASN1_OCTET_STRING_free(hash);
	return n > 0 || ossl_fail(e, ERR_CRYPTO, "cannot write the request");
}

static bool
leave_unsigned(X509_REQ *req, struct err *e)
{
	X509_ALGOR *none = X509_ALGOR_new();
	unsigned char *tbs = NULL;
	bool ok = false;
	int n;

	if (none == NULL ||
	    X509_ALGOR_set0(none, OBJ_nid2obj(NID_id_alg_noSignature), V_ASN1_NULL, NULL) != 1 ||
	    X509_REQ_set1_signature_algo(req, none) != 1 ||
	    (n = i2d_re_X509_REQ_tbs(req, &tbs)) <= 0)
		ossl_fail(e, ERR_CRYPTO, "cannot write the request");
	else
		ok = put_hash(req, span_of(tbs, (size_t)n), e);
	OPENSSL_free(tbs);
	X509_ALGOR_free(none);
	return ok;
}

bool
csr_for_phone(const struct signer_lsc *lsc, struct bytes *pem, struct err *e)
{
	X509 *wishes = issue_lsc_wishes(lsc, e);
	const unsigned char *p = lsc->spki.p;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)lsc->spki.n);
	X509_REQ *req = X509_REQ_new();
	bool ok = wishes != NULL;

	if (ok && (key == NULL || req == NULL))
		ok = ossl_fail(e, ERR_CRYPTO, "cannot make a request");
	ok = ok && fill(req, key, wishes, e) && leave_unsigned(req, e) && to_pem(req, pem, e);
	X509_REQ_free(req);
	EVP_PKEY_free(key);
	X509_free(wishes);
	return ok || err_in(e, "request of %s", lsc->device);
}

bool
csr_public_key(struct span spki, struct bytes *pem, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return take_text(bio,
	    bio != NULL && PEM_write_bio(bio, PEM_STRING_PUBLIC, "", spki.p, (long)spki.n) > 0, pem,
	    e);
}
