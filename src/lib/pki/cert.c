#include "pki/cert.h"

#include "base/mem.h"
#include "pki/certname.h"
#include "pki/ossl.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdlib.h>

struct cert {
	struct cert *self; /* so that an owner can be added through a const pointer */
	unsigned owners;
	X509 *x509;
	EVP_PKEY *pkey; /* loan from x509 */
	struct bytes der, spki, serial;
	struct span public_key, signature; /* loans from x509 */
	struct digest sha1, sha256, key_id;
	char *subject_cucm, *issuer_cucm, *subject_peer, *issuer_peer, *common_name;
	time_t not_before, not_after;
	char key_text[80];
};

/* Names, as text. */
static bool
fill_names(struct cert *c, struct err *e)
{
	const X509_NAME *subject = X509_get_subject_name(c->x509);
	const X509_NAME *issuer = X509_get_issuer_name(c->x509);

	return (c->subject_cucm = certname_cucm(subject, e)) != NULL &&
	       (c->issuer_cucm = certname_cucm(issuer, e)) != NULL &&
	       (c->subject_peer = certname_peer(subject, e)) != NULL &&
	       (c->issuer_peer = certname_peer(issuer, e)) != NULL &&
	       (c->common_name = certname_common(subject, e)) != NULL;
}

/* As it stands in the certificate: encoding the decoded key anew costs as much as a signature. */
static bool
fill_spki(struct cert *c, struct err *e)
{
	unsigned char *der = NULL;
	int n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(c->x509), &der);

	if (n <= 0)
		return ossl_fail(e, ERR_MALFORMED, "the public key cannot be read");
	c->spki = bytes_copy(span_of(der, (size_t)n));
	OPENSSL_free(der);
	return true;
}

static bool
fill_key(struct cert *c, struct err *e)
{
	const unsigned char *bits;
	int n;

	c->pkey = X509_get0_pubkey(c->x509);
	if (c->pkey == NULL)
		return ossl_fail(e, ERR_MALFORMED, "the public key cannot be read");
	if (!ossl_key_text(c->pkey, c->key_text, sizeof c->key_text, e) || !fill_spki(c, e))
		return false;
	if (X509_PUBKEY_get0_param(NULL, &bits, &n, NULL, X509_get_X509_PUBKEY(c->x509)) != 1)
		return ossl_fail(e, ERR_MALFORMED, "the public key cannot be read");
	c->public_key = span_of(bits, (size_t)n);
	if (!cert_is_rsa(c) && (n == 0 || bits[0] != 0x04))
		return err_set(e, ERR_MALFORMED, "the EC point is not in uncompressed form");
	return true;
}

static void
fill_serial(struct cert *c)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(c->x509);
	struct span s = span_of(ASN1_STRING_get0_data(serial), (size_t)ASN1_STRING_length(serial));

	while (s.n > 1 && s.p[0] == 0)
		s = span_of(s.p + 1, s.n - 1);
	c->serial = bytes_copy(s.n > 0 ? s : span_of("", 1));
}

static bool
read_time(const ASN1_TIME *t, time_t *out, struct err *e)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return ossl_fail(e, ERR_MALFORMED, "the validity is not a date");
	*out = timegm(&tm);
	return true;
}

static void
fill_signature(struct cert *c)
{
	const ASN1_BIT_STRING *sig;

	X509_get0_signature(&sig, NULL, c->x509);
	c->signature = span_of(ASN1_STRING_get0_data(sig), (size_t)ASN1_STRING_length(sig));
}

static bool
fill(struct cert *c, struct err *e)
{
	struct span der = bytes_span(&c->der);

	if (!fill_key(c, e) || !fill_names(c, e) ||
	    !read_time(X509_get0_notBefore(c->x509), &c->not_before, e) ||
	    !read_time(X509_get0_notAfter(c->x509), &c->not_after, e) ||
	    !digest_of(DIGEST_SHA1, der, &c->sha1, e) ||
	    !digest_of(DIGEST_SHA256, der, &c->sha256, e) ||
	    !digest_of(DIGEST_SHA256, bytes_span(&c->spki), &c->key_id, e))
		return false;
	fill_serial(c);
	fill_signature(c);
	return true;
}

/* d2i takes lengths in longer forms than DER allows; a certificate that would be written
 * differently is not one whole DER (files.md rule T14). */
static bool
encodes_as(X509 *x509, struct span der)
{
	unsigned char *out = NULL;
	int n = i2d_X509(x509, &out);
	bool same = n >= 0 && span_eq(span_of(out, (size_t)n), der);

	OPENSSL_free(out);
	return same;
}

static X509 *
decode(struct span der, struct err *e)
{
	const unsigned char *p = der.p;
	X509 *x509;

	if (der.n == 0 || der.n > CERT_DER_MAX) {
		err_set(e, ERR_LIMIT, "certificate of %zu bytes; 1 to %d are taken", der.n,
		    CERT_DER_MAX);
		return NULL;
	}
	x509 = d2i_X509(NULL, &p, (long)der.n);
	if (x509 == NULL) {
		ossl_fail(e, ERR_MALFORMED, "not a DER certificate");
		return NULL;
	}
	if (p == der.p + der.n && encodes_as(x509, der))
		return x509;
	err_set(e, ERR_MALFORMED, "not one whole DER certificate: %zu of %zu bytes belong to it",
	    (size_t)(p - der.p), der.n);
	X509_free(x509);
	return NULL;
}

struct cert *
cert_parse(struct span der, struct err *e)
{
	X509 *x509 = decode(der, e);
	struct cert *c;

	if (x509 == NULL)
		return NULL;
	c = mem_new(1, sizeof *c);
	c->self = c;
	c->owners = 1;
	c->x509 = x509;
	c->der = bytes_copy(der);
	if (!fill(c, e)) {
		err_in(e, "certificate");
		cert_free(c);
		return NULL;
	}
	return c;
}

struct cert *
cert_from_pem(struct span pem, struct err *e)
{
	BIO *bio = ossl_bio(pem, e);
	struct cert *c = NULL;
	unsigned char *der = NULL;
	X509 *x509;
	int n;

	if (bio == NULL)
		return NULL;
	x509 = PEM_read_bio_X509(bio, NULL, ossl_no_password, NULL);
	BIO_free(bio);
	n = x509 != NULL ? i2d_X509(x509, &der) : -1;
	X509_free(x509);
	if (n > 0)
		c = cert_parse(span_of(der, (size_t)n), e);
	else
		ossl_fail(e, ERR_MALFORMED, "no PEM certificate");
	OPENSSL_free(der);
	return c;
}

struct cert *
cert_ref(const struct cert *c)
{
	c->self->owners++;
	return c->self;
}

void
cert_free(struct cert *c)
{
	if (c == NULL || --c->owners > 0)
		return;
	X509_free(c->x509);
	bytes_free(&c->der);
	bytes_free(&c->spki);
	bytes_free(&c->serial);
	free(c->subject_cucm);
	free(c->issuer_cucm);
	free(c->subject_peer);
	free(c->issuer_peer);
	free(c->common_name);
	free(c);
}

X509 *
cert_x509(const struct cert *c)
{
	return c->x509;
}

struct span
cert_der(const struct cert *c)
{
	return bytes_span(&c->der);
}

struct span
cert_serial(const struct cert *c)
{
	return bytes_span(&c->serial);
}

struct span
cert_public_key(const struct cert *c)
{
	return c->public_key;
}

struct span
cert_signature(const struct cert *c)
{
	return c->signature;
}

struct span
cert_sha1(const struct cert *c)
{
	return digest_span(&c->sha1);
}

struct span
cert_sha256(const struct cert *c)
{
	return digest_span(&c->sha256);
}

struct span
cert_key_id(const struct cert *c)
{
	return digest_span(&c->key_id);
}

struct span
cert_spki(const struct cert *c)
{
	return bytes_span(&c->spki);
}

const char *
cert_subject_cucm(const struct cert *c)
{
	return c->subject_cucm;
}

const char *
cert_issuer_cucm(const struct cert *c)
{
	return c->issuer_cucm;
}

const char *
cert_subject_peer(const struct cert *c)
{
	return c->subject_peer;
}

const char *
cert_issuer_peer(const struct cert *c)
{
	return c->issuer_peer;
}

const char *
cert_common_name(const struct cert *c)
{
	return c->common_name;
}

time_t
cert_not_before(const struct cert *c)
{
	return c->not_before;
}

time_t
cert_not_after(const struct cert *c)
{
	return c->not_after;
}

bool
cert_is_rsa(const struct cert *c)
{
	return EVP_PKEY_is_a(c->pkey, "RSA");
}

unsigned
cert_key_bits(const struct cert *c)
{
	return (unsigned)EVP_PKEY_get_bits(c->pkey);
}

const char *
cert_key_text(const struct cert *c)
{
	return c->key_text;
}

bool
cert_is_ca(const struct cert *c)
{
	return (X509_get_extension_flags(c->x509) & EXFLAG_CA) != 0;
}

bool
cert_names_host(const struct cert *c, const char *host)
{
	return X509_check_host(c->x509, host, 0, X509_CHECK_FLAG_NO_WILDCARDS, NULL) == 1;
}

bool
cert_names_address(const struct cert *c, const char *address)
{
	return X509_check_ip_asc(c->x509, address, 0) == 1;
}

/* X509_verify knows no security level: certificates of old phones have SHA-1 and RSA-1024. */
bool
cert_is_issued_by(const struct cert *c, const struct cert *issuer, struct err *e)
{
	if (X509_NAME_cmp(X509_get_issuer_name(c->x509), X509_get_subject_name(issuer->x509)) != 0)
		return err_set(e, ERR_CRYPTO, "issuer %s is not subject %s", c->issuer_cucm,
		    issuer->subject_cucm);
	if (X509_verify(c->x509, issuer->pkey) != 1)
		return ossl_fail(e, ERR_CRYPTO, "the certificate's signature does not fit %s",
		    issuer->subject_cucm);
	return true;
}

char *
cert_to_pem(const struct cert *c)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return ossl_bio_text(bio, bio != NULL && PEM_write_bio_X509(bio, c->x509) == 1);
}

char *
cert_der_to_pem(struct span der)
{
	BIO *bio = BIO_new(BIO_s_mem());

	return ossl_bio_text(
	    bio, bio != NULL && PEM_write_bio(bio, PEM_STRING_X509, "", der.p, (long)der.n) > 0);
}
