#include "base/mem.h"
#include "rules/modeltable.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is read over the built-in table, it stays in order and whole. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct modeltable *t = modeltable_builtin();
	size_t before = modeltable_count(t);
	char *name = mem_text(data, size);
	struct err e = { 0 };

	modeltable_find(t, name);
	free(name);
	if (!modeltable_read(t, span_of(data, size), &e)) {
		assert(e.code == ERR_MALFORMED && e.text[0] != '\0');
		assert(modeltable_count(t) == before);
	}
	assert(modeltable_count(t) >= before);
	for (size_t i = 0; i < modeltable_count(t); i++) {
		const struct model *m = modeltable_at(t, i);

		assert(i == 0 || strcmp(modeltable_at(t, i - 1)->name, m->name) < 0);
		for (int c = 0; c < MODELTABLE_COLUMNS; c++)
			assert(m->cell[c].value[0] != '\0');
	}
	modeltable_free(t);
	return 0;
}
