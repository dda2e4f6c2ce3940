#include "wire/ask.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each message has one form: what can be read is written as the same bytes. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wr w = wr_new(ASK_MESSAGE_MAX);
	struct span in = span_of(data, size);
	struct answer answer;
	struct ask ask;
	struct err e;
	bool ok;

	if (ask_parse(in, &ask, &e)) {
		ok = ask_encode(&ask, &w, &e);
		assert(ok && span_eq(wr_view(&w), in));
	} else if (answer_parse(in, &answer, &e)) {
		ok = answer_encode(&answer, &w, &e);
		assert(ok && span_eq(wr_view(&w), in));
	}
	wr_free(&w);
	return 0;
}
