#include <assert.h>
#include <stdlib.h>

#include "pki/cert.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
touch_names(const struct cert *c)
{
	const char *const names[] = { cert_subject_cucm(c), cert_issuer_cucm(c),
		cert_subject_peer(c), cert_issuer_peer(c), cert_common_name(c), cert_key_text(c) };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert(strlen(names[i]) < 8192);
}

static void
touch_bytes(const struct cert *c)
{
	struct span serial = cert_serial(c);

	assert(serial.n > 0 && (serial.n == 1 || serial.p[0] != 0));
	assert(cert_sha1(c).n == 20 && cert_sha256(c).n == 32 && cert_key_id(c).n == 32);
	assert(cert_public_key(c).n > 0 && cert_spki(c).n > cert_public_key(c).n);
	assert(cert_is_rsa(c) || cert_public_key(c).p[0] == 0x04);
	assert(cert_signature(c).n < CERT_DER_MAX && cert_key_bits(c) < 8 * CERT_DER_MAX);
	(void)cert_not_before(c);
	(void)cert_not_after(c);
	(void)cert_is_ca(c);
	(void)!cert_is_issued_by(c, c, NULL);
}

/* What was taken is taken again from its own DER and PEM, as the same bytes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct cert *c = cert_parse(span_of(data, size), &e), *again;
	char *pem;

	if (c == NULL) {
		assert(e.code != ERR_NONE && e.text[0] != '\0');
		cert_free(cert_from_pem(span_of(data, size), &e));
		return 0;
	}
	assert(span_eq(cert_der(c), span_of(data, size)));
	touch_names(c);
	touch_bytes(c);
	pem = cert_to_pem(c);
	again = cert_from_pem(span_str(pem), &e);
	assert(again != NULL && span_eq(cert_der(again), cert_der(c)));
	free(pem);
	cert_free(again);
	cert_free(c);
	return 0;
}
