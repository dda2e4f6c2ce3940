#include "wire/backupindex.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken has one form, and names that stay in the folder. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct backupindex index;
	struct bytes out;
	struct err e;
	bool ok;

	if (!backupindex_parse(span_of(data, size), &index, &e))
		return 0;
	ok = backupindex_encode(&index, &out, &e);
	assert(ok && span_eq(span_of(out.p + 4, out.n - 4), span_of(data, size)));
	for (size_t i = 0; i < index.count; i++)
		assert(backupindex_name_ok(index.file[i].name));
	bytes_free(&out);
	backupindex_free(&index);
	return 0;
}
