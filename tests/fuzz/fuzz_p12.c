#include "pki/p12.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX 8

/* What was read are whole certificates with printable names. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct p12_certs certs;
	struct err e = { 0 };

	if (p12_read_key(span_of(data, size), (struct span){ 0 }, MAX, &certs, &e)) {
		assert(certs.keys == 1 && certs.key.n > 0);
		p12_certs_free(&certs);
	}
	e = (struct err){ 0 };
	if (!p12_read(span_of(data, size), (struct span){ 0 }, MAX, &certs, &e)) {
		assert(e.code != ERR_NONE && e.text[0] != '\0' && certs.count == 0);
		return 0;
	}
	assert(certs.count > 0 && certs.count <= MAX);
	for (size_t i = 0; i < certs.count; i++) {
		assert(cert_der(certs.item[i].cert).n > 0);
		for (const char *c = certs.item[i].name; *c != '\0'; c++)
			assert(*c >= ' ' && *c <= '~');
	}
	p12_certs_free(&certs);
	return 0;
}
