#include "wire/ramsg.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says which message; each has one form. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = size > 0 ? span_of(data + 1, size - 1) : (struct span){ 0 };
	struct wr w = wr_new(RAMSG_MAX);
	struct ra_answer answer;
	struct ra_ask question;
	struct err e;
	bool ok;

	if (size > 0 && data[0] % 2 == 0 && ra_ask_parse(in, &question, &e)) {
		ok = ra_ask_encode(&question, &w, &e);
		assert(ok && span_eq(wr_view(&w), in));
	} else if (size > 0 && data[0] % 2 == 1 && ra_answer_parse(in, &answer, &e)) {
		ok = ra_answer_encode(&answer, &w, &e);
		assert(ok && span_eq(wr_view(&w), in));
	}
	wr_free(&w);
	return 0;
}
