#include "rules/phonecfg.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct phonecfg c;
	struct err e = { 0 };

	if (!phonecfg_parse(span_of(data, size), &c, &e)) {
		assert(e.code != ERR_NONE && e.text[0] != '\0');
		return 0;
	}
	assert(c.capf_count <= PHONECFG_CAPF_MAX && c.tvs_count <= PHONECFG_TVS_MAX);
	assert(memchr(c.cert_hash, '\0', sizeof c.cert_hash) != NULL);
	for (size_t i = 0; i < c.capf_count; i++)
		assert(c.capf[i].host[0] != '\0');
	for (size_t i = 0; i < c.tvs_count; i++)
		assert(c.tvs[i].host[0] != '\0');
	return 0;
}
