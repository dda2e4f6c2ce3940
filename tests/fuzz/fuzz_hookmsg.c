#include "wire/hookmsg.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says which message; each has one form. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = size > 0 ? span_of(data + 1, size - 1) : (struct span){ 0 };
	struct wr w = wr_new(HOOKMSG_MAX);
	struct hook_ran ran;
	struct hook_run run;
	struct err e;
	bool ok;

	if (size > 0 && data[0] % 2 == 0 && hook_run_parse(in, &run, &e)) {
		ok = hook_run_encode(&run, &w, &e);
		assert(ok && span_eq(wr_view(&w), in));
	} else if (size > 0 && data[0] % 2 == 1 && hook_ran_parse(in, &ran, &e)) {
		ok = hook_ran_encode(&ran, &w, &e);
		assert(ok && span_eq(wr_view(&w), in));
	}
	wr_free(&w);
	return 0;
}
