#include "pki/ossl.h"

#include "base/mem.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <stdarg.h>
#include <stdio.h>

bool
ossl_fail(struct err *e, enum err_code code, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX / 2];
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	ERR_clear_error();
	return err_set(
	    e, code, "%s%s%s", text, reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

BIO *
ossl_bio(struct span pem, struct err *e)
{
	BIO *bio;

	if (pem.n > PKI_PEM_MAX) {
		err_set(e, ERR_LIMIT, "PEM text of more than %d bytes", PKI_PEM_MAX);
		return NULL;
	}
	bio = BIO_new_mem_buf(pem.n > 0 ? (const void *)pem.p : "", (int)pem.n);
	if (bio == NULL)
		ossl_fail(e, ERR_CRYPTO, "cannot read PEM");
	return bio;
}

char *
ossl_bio_text(BIO *bio, bool written)
{
	char *data, *text = NULL;

	if (written) {
		long n = BIO_get_mem_data(bio, &data);

		text = mem_text(data, (size_t)n);
	}
	BIO_free(bio);
	return text;
}

int
ossl_no_password(char *buf, int size, int rwflag, void *arg)
{
	(void)buf;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

bool
ossl_spki(EVP_PKEY *pkey, struct bytes *out, struct err *e)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(pkey, &der);

	if (n <= 0)
		return ossl_fail(e, ERR_CRYPTO, "cannot encode the public key");
	*out = bytes_copy(span_of(der, (size_t)n));
	OPENSSL_free(der);
	return true;
}

bool
ossl_key_text(EVP_PKEY *pkey, char *out, size_t out_max, struct err *e)
{
	static const struct {
		const char *group, *name;
	} curves[] = {
		{ "prime256v1", "P-256" },
		{ "secp384r1", "P-384" },
		{ "secp521r1", "P-521" },
	};
	char group[64];
	const char *name = group;

	if (EVP_PKEY_is_a(pkey, "RSA")) {
		snprintf(out, out_max, "RSA %d", EVP_PKEY_get_bits(pkey));
		return true;
	}
	if (!EVP_PKEY_is_a(pkey, "EC"))
		return err_set(e, ERR_CRYPTO, "the key is neither RSA nor EC");
	if (EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL) != 1)
		return ossl_fail(e, ERR_CRYPTO, "the EC key is not on a named curve");
	for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
		if (strcmp(group, curves[i].group) == 0)
			name = curves[i].name;
	snprintf(out, out_max, "EC %s", name);
	return true;
}
