#include "pki/ocsp.h"

#include "pki/ossl.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#define NO_REASON (-1)

static const EVP_MD *
md_of(enum certid_hash hash)
{
	switch (hash) {
	case CERTID_SHA1:
		return EVP_sha1();
	case CERTID_SHA256:
		return EVP_sha256();
	case CERTID_SHA384:
		return EVP_sha384();
	case CERTID_SHA512:
		return EVP_sha512();
	}
	return NULL;
}

bool
ocsp_is_issuer(const struct cert *issuer, const struct certid *id)
{
	const X509 *x509 = cert_x509(issuer);
	unsigned char name[EVP_MAX_MD_SIZE], key[EVP_MAX_MD_SIZE];
	unsigned name_size, key_size;
	const EVP_MD *md = md_of(id->hash);

	return md != NULL &&
	       X509_NAME_digest(X509_get_subject_name(x509), md, name, &name_size) == 1 &&
	       X509_pubkey_digest(x509, md, key, &key_size) == 1 &&
	       span_eq(id->issuer_name, span_of(name, name_size)) &&
	       span_eq(id->issuer_key, span_of(key, key_size));
}

static ASN1_INTEGER *
integer(struct span magnitude)
{
	BIGNUM *n = BN_bin2bn(magnitude.p, (int)magnitude.n, NULL);
	ASN1_INTEGER *out = n != NULL ? BN_to_ASN1_INTEGER(n, NULL) : NULL;

	BN_free(n);
	return out;
}

/* OpenSSL makes one from an issuer; of another's there are only the hashes. */
static bool
put_hashes(OCSP_CERTID *made, const struct certid *id)
{
	ASN1_OCTET_STRING *name, *key;

	return OCSP_id_get0_info(&name, NULL, &key, NULL, made) == 1 &&
	       ASN1_OCTET_STRING_set(name, id->issuer_name.p, (int)id->issuer_name.n) == 1 &&
	       ASN1_OCTET_STRING_set(key, id->issuer_key.p, (int)id->issuer_key.n) == 1;
}

static OCSP_CERTID *
make_id(const X509 *issuer, const struct certid *id)
{
	ASN1_INTEGER *serial = integer(id->serial);
	OCSP_CERTID *made = NULL;

	if (serial != NULL && md_of(id->hash) != NULL)
		made = OCSP_cert_id_new(md_of(id->hash), X509_get_subject_name(issuer),
		    X509_get0_pubkey_bitstr(issuer), serial);
	ASN1_INTEGER_free(serial);
	if (made != NULL && !put_hashes(made, id)) {
		OCSP_CERTID_free(made);
		return NULL;
	}
	return made;
}

static int
status_of(enum signer_cert_state state)
{
	switch (state) {
	case SIGNER_CERT_GOOD:
		return V_OCSP_CERTSTATUS_GOOD;
	case SIGNER_CERT_REVOKED:
		return V_OCSP_CERTSTATUS_REVOKED;
	case SIGNER_CERT_UNKNOWN:
		break;
	}
	return V_OCSP_CERTSTATUS_UNKNOWN;
}

/* The times of an answer. */
struct times {
	ASN1_TIME *from, *to;
};

static bool
add_status(OCSP_BASICRESP *to, const X509 *issuer, const struct signer_cert_status *s,
    const struct times *t)
{
	bool is_revoked = s->state == SIGNER_CERT_REVOKED;
	ASN1_TIME *at = is_revoked ? ASN1_TIME_set(NULL, s->at) : NULL;
	OCSP_CERTID *id = make_id(issuer, &s->id);
	/* RFC 5280: "unspecified" is said by saying nothing. */
	int reason = is_revoked && s->reason != CRL_REASON_UNSPECIFIED ? (int)s->reason : NO_REASON;
	bool ok =
	    id != NULL && (at != NULL || !is_revoked) &&
	    OCSP_basic_add1_status(to, id, status_of(s->state), reason, at, t->from, t->to) != NULL;

	OCSP_CERTID_free(id);
	ASN1_TIME_free(at);
	return ok;
}

static bool
add_statuses(OCSP_BASICRESP *to, const X509 *issuer, const struct signer_ocsp *what, struct err *e)
{
	const struct times t = { ASN1_TIME_set(NULL, what->this_update),
		ASN1_TIME_set(NULL, what->next_update) };
	bool ok = t.from != NULL && t.to != NULL;

	for (size_t i = 0; ok && i < what->count; i++)
		ok = add_status(to, issuer, &what->status[i], &t);
	ASN1_TIME_free(t.from);
	ASN1_TIME_free(t.to);
	return ok || ossl_fail(e, ERR_CRYPTO, "cannot be filled");
}

static bool
add_nonce(OCSP_BASICRESP *to, struct span nonce, struct err *e)
{
	return nonce.n == 0 ||
	       OCSP_basic_add1_nonce(to, (unsigned char *)(uintptr_t)nonce.p, (int)nonce.n) == 1 ||
	       ossl_fail(e, ERR_CRYPTO, "cannot be given its nonce");
}

/* FreeRADIUS looks for the signer in the answer alone, so its certificate goes with it. */
static bool
sign(OCSP_BASICRESP *answer, const struct privkey *k, const struct cert *issuer, struct err *e)
{
	return OCSP_basic_sign(answer, cert_x509(issuer), key_pkey(k), EVP_sha256(), NULL,
		   OCSP_RESPID_KEY) == 1 ||
	       ossl_fail(e, ERR_CRYPTO, "cannot be signed");
}

static bool
encode(OCSP_BASICRESP *answer, struct bytes *der, struct err *e)
{
	OCSP_RESPONSE *whole = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, answer);
	unsigned char *out = NULL;
	int n = whole != NULL ? i2d_OCSP_RESPONSE(whole, &out) : -1;

	OCSP_RESPONSE_free(whole);
	if (n <= 0)
		return ossl_fail(e, ERR_CRYPTO, "cannot be written");
	*der = bytes_copy(span_of(out, (size_t)n));
	OPENSSL_free(out);
	return true;
}

/* Of what another one has issued this signer may not speak (RFC 6960, section 4.2.2.2). */
static bool
check(const struct cert *issuer, const struct signer_ocsp *what, struct err *e)
{
	if (what->next_update <= what->this_update)
		return err_set(e, ERR_REFUSED, "it ends before it begins");
	if (what->count == 0)
		return err_set(e, ERR_REFUSED, "it says nothing");
	for (size_t i = 0; i < what->count; i++)
		if (what->status[i].state != SIGNER_CERT_UNKNOWN &&
		    !ocsp_is_issuer(issuer, &what->status[i].id))
			return err_set(e, ERR_REFUSED, "certificate %zu is not one of %s", i + 1,
			    cert_subject_cucm(issuer));
	return true;
}

bool
ocsp_make(const struct privkey *k, const struct cert *issuer, const struct signer_ocsp *what,
    struct bytes *der, struct err *e)
{
	OCSP_BASICRESP *answer;
	bool ok;

	if (!key_fits(k, issuer))
		return err_set(e, ERR_CRYPTO, "OCSP answer: the key is not that of %s",
		    cert_subject_cucm(issuer));
	if (!check(issuer, what, e))
		return err_in(e, "OCSP answer");
	answer = OCSP_BASICRESP_new();
	if (answer == NULL)
		return ossl_fail(e, ERR_CRYPTO, "OCSP answer: cannot be made");
	ok = add_statuses(answer, cert_x509(issuer), what, e) &&
	     add_nonce(answer, what->nonce, e) && sign(answer, k, issuer, e) &&
	     encode(answer, der, e);
	OCSP_BASICRESP_free(answer);
	return ok || err_in(e, "OCSP answer");
}

void
ocsp_fault(enum ocsp_fault fault, uint8_t out[OCSP_FAULT_SIZE])
{
	OCSP_RESPONSE *r = OCSP_response_create((int)fault, NULL);
	unsigned char *p = out;

	if (r == NULL || i2d_OCSP_RESPONSE(r, NULL) != OCSP_FAULT_SIZE)
		abort();
	(void)i2d_OCSP_RESPONSE(r, &p);
	OCSP_RESPONSE_free(r);
}
