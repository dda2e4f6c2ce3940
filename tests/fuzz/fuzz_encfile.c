/* What parses is written again as the same bytes. */
#include <assert.h>

#include "wire/encfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_of(data, size);
	struct encfile f;
	struct bytes out;
	struct err e = { 0 };
	bool written;

	if (!encfile_parse(file, &f, &e)) {
		assert(e.code == ERR_MALFORMED || e.code == ERR_LIMIT);
		assert(strncmp(e.text, "offset ", 7) == 0);
		return 0;
	}
	written = encfile_encode(&f, &out, &e);
	assert(written);
	assert(span_eq(bytes_span(&out), file));
	bytes_free(&out);
	return 0;
}
