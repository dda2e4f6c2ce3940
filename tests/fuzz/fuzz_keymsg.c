#include "wire/keymsg.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says which message; each has one form. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = size > 0 ? span_of(data + 1, size - 1) : (struct span){ 0 };
	struct wr w = wr_new(KEYMSG_MAX);
	struct key_signed answer;
	struct key_sign question;
	struct err e;
	bool ok;

	if (size > 0 && data[0] % 2 == 0 && key_sign_parse(in, &question, &e)) {
		ok = key_sign_encode(&question, &w, &e);
		assert(ok && span_eq(wr_view(&w), in));
	} else if (size > 0 && data[0] % 2 == 1 && key_signed_parse(in, &answer, &e)) {
		ok = key_signed_encode(&answer, &w, &e);
		assert(ok && span_eq(wr_view(&w), in));
	}
	wr_free(&w);
	return 0;
}
