#include "wire/backupmsg.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A message has one form. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = size > 0 ? span_of(data, size) : (struct span){ 0 };
	struct wr w = wr_new(BACKUPMSG_MAX);
	struct backup_ran ran;
	struct err e;

	if (backup_ran_parse(in, &ran, &e)) {
		bool ok = backup_ran_encode(&ran, &w, &e);

		assert(ok && span_eq(wr_view(&w), in));
	}
	wr_free(&w);
	return 0;
}
