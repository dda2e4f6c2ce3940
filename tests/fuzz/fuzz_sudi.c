#include "wire/sudi.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What can be read is written as the same bytes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sudi s;
	struct err e;

	if (sudi_parse(span_of(data, size), &s, &e)) {
		struct wr w = wr_new(size);
		bool ok = sudi_encode(&s, &w, &e);

		assert(ok && span_eq(wr_view(&w), span_of(data, size)));
		wr_free(&w);
	}
	return 0;
}
