#include "wire/capfmsg.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What can be read can be written, and comes back the same; what the strict reader takes the
 * lenient one takes too. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wr first = wr_new(CAPFMSG_MAX), second = wr_new(CAPFMSG_MAX);
	struct capfmsg m;
	struct err e;
	size_t whole;
	bool is_strict = capfmsg_parse(span_of(data, size), true, &m, &e);
	bool ok = capfmsg_parse(span_of(data, size), false, &m, &e);

	assert(ok || !is_strict);
	if (ok) {
		ok = capfmsg_frame(span_of(data, size), &whole, &e);
		assert(ok && whole == size);
		ok = capfmsg_encode(&m, &first, &e);
		assert(ok && (is_strict ? first.n == size : first.n <= size));
		ok =
		    capfmsg_parse(wr_view(&first), true, &m, &e) && capfmsg_encode(&m, &second, &e);
		assert(ok && span_eq(wr_view(&first), wr_view(&second)));
	}
	wr_free(&first);
	wr_free(&second);
	return 0;
}
