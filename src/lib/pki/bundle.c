#include "pki/bundle.h"

#include "base/mem.h"
#include "pki/ossl.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdlib.h>

#define DER_SEQUENCE 0x30

static void
put(struct bundle_certs *b, struct cert *c)
{
	b->cert = mem_grow(b->cert, b->count + 1, sizeof(struct cert *));
	b->cert[b->count++] = c;
}

static bool
take(struct bundle_certs *b, size_t max, X509 *x509, struct err *e)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x509, &der);
	struct cert *c;

	if (n <= 0)
		return ossl_fail(e, ERR_MALFORMED, "the certificate cannot be read");
	c = cert_parse(span_of(der, (size_t)n), e);
	OPENSSL_free(der);
	if (c == NULL)
		return false;
	for (size_t i = 0; i < b->count; i++)
		if (span_eq(cert_der(b->cert[i]), cert_der(c))) {
			cert_free(c);
			return err_set(e, ERR_MALFORMED, "stands there twice");
		}
	if (b->count == max) {
		cert_free(c);
		return err_set(e, ERR_LIMIT, "more than %zu certificates", max);
	}
	put(b, c);
	return true;
}

/* The end of a PEM text is an error of its own kind: no further line begins something. */
static bool
is_end(void)
{
	unsigned long last = ERR_peek_last_error();

	return ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
}

static bool
read_all(BIO *bio, size_t max, struct bundle_certs *out, struct err *e)
{
	X509 *x509;

	while ((x509 = PEM_read_bio_X509(bio, NULL, ossl_no_password, NULL)) != NULL) {
		bool ok = take(out, max, x509, e);

		X509_free(x509);
		if (!ok)
			return err_in(e, "certificate %zu", out->count + 1);
	}
	if (!is_end())
		return ossl_fail(e, ERR_MALFORMED, "certificate %zu is broken", out->count + 1);
	ERR_clear_error();
	return out->count > 0 || err_set(e, ERR_MALFORMED, "no PEM certificate");
}

bool
bundle_from_pem(struct span pem, size_t max, struct bundle_certs *out, struct err *e)
{
	BIO *bio = ossl_bio(pem, e);
	bool ok;

	*out = (struct bundle_certs){ 0 };
	if (bio == NULL)
		return false;
	ok = read_all(bio, max, out, e);
	BIO_free(bio);
	if (!ok)
		bundle_free(out);
	return ok;
}

bool
bundle_from_file(struct span file, struct bundle_certs *out, struct err *e)
{
	struct cert *c;

	if (file.n == 0 || file.p[0] != DER_SEQUENCE)
		return bundle_from_pem(file, BUNDLE_MAX, out, e);
	*out = (struct bundle_certs){ 0 };
	c = cert_parse(file, e);
	if (c == NULL)
		return false;
	put(out, c);
	return true;
}

void
bundle_free(struct bundle_certs *b)
{
	for (size_t i = 0; i < b->count; i++)
		cert_free(b->cert[i]);
	free(b->cert);
	*b = (struct bundle_certs){ 0 };
}
