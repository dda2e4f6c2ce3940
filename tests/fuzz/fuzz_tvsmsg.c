#include "wire/tvsmsg.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What can be read can be written, and comes back the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wr first = wr_new(TVSMSG_MAX), second = wr_new(TVSMSG_MAX);
	struct tvsmsg m;
	struct err e;
	size_t whole;
	bool ok;

	if (tvsmsg_parse(span_of(data, size), &m, &e)) {
		ok = tvsmsg_frame(span_of(data, size), &whole, &e);
		assert(ok && whole == size);
		ok = tvsmsg_encode(&m, &first, &e);
		assert(ok && first.n <= size);
		ok = tvsmsg_parse(wr_view(&first), &m, &e) && tvsmsg_encode(&m, &second, &e);
		assert(ok && span_eq(wr_view(&first), wr_view(&second)));
	}
	wr_free(&first);
	wr_free(&second);
	return 0;
}
