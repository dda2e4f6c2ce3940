#include "pki/csr.h"

#include "pki/ossl.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

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

static bool
fill(X509_REQ *req, const struct privkey *k, const struct cert *like, struct err *e)
{
	STACK_OF(X509_EXTENSION) *wished = sk_X509_EXTENSION_new_null();
	const X509 *x509 = cert_x509(like);
	bool ok;

	if (wished == NULL || X509_REQ_set_subject_name(req, X509_get_subject_name(x509)) != 1 ||
	    X509_REQ_set_pubkey(req, key_pkey(k)) != 1)
		ok = ossl_fail(e, ERR_CRYPTO, "cannot make a request");
	else
		ok = add_extensions(req, x509, wished, e);
	sk_X509_EXTENSION_free(wished);
	if (!ok)
		return false;
	return X509_REQ_sign(req, key_pkey(k), EVP_sha256()) > 0 ||
	       ossl_fail(e, ERR_CRYPTO, "cannot sign the request");
}

static bool
to_pem(const X509_REQ *req, struct bytes *pem, struct err *e)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = ossl_bio_text(bio, bio != NULL && PEM_write_bio_X509_REQ(bio, req) == 1);

	if (text == NULL)
		return ossl_fail(e, ERR_CRYPTO, "cannot write the request");
	*pem = bytes_copy(span_str(text));
	free(text);
	return true;
}

bool
csr_make(const struct privkey *k, const struct cert *like, struct bytes *pem, struct err *e)
{
	X509_REQ *req = X509_REQ_new();
	bool ok;

	if (req == NULL)
		return ossl_fail(e, ERR_CRYPTO, "cannot make a request");
	ok = fill(req, k, like, e) && to_pem(req, pem, e);
	X509_REQ_free(req);
	return ok;
}
