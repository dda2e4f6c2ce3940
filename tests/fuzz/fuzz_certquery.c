#include "wire/certquery.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each message has one form: what can be read is written as the same bytes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = span_of(data, size);
	struct certid_query query;
	struct wr w = wr_new(size + 1);
	struct err e;
	bool ok;

	if (certquery_parse(in, &query, &e)) {
		ok = certquery_encode(&query, &w, &e);
		assert(ok && span_eq(wr_view(&w), in));
	}
	wr_free(&w);
	return 0;
}
