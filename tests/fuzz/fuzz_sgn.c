/* What parses is written again as the same bytes. */
#include <assert.h>

#include "wire/sgn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_of(data, size);
	struct sgn s;
	struct bytes out;
	struct err e = { 0 };
	bool written;

	if (!sgn_parse(file, &s, &e)) {
		assert(e.code == ERR_MALFORMED || e.code == ERR_LIMIT);
		assert(strncmp(e.text, "offset ", 7) == 0);
		return 0;
	}
	written = sgn_encode(&s, &out, &e);
	assert(written);
	assert(span_eq(bytes_span(&out), file));
	bytes_free(&out);
	return 0;
}
