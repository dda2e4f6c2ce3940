#include "wire/consolelog.h"

#include "base/text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Events are of known kinds, in order, printable, and the text of one is one again. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct consolelog l = consolelog_open(span_of(data, size));
	struct consolelog_event ev, again;
	unsigned long last = 0;

	while (consolelog_next(&l, &ev)) {
		assert(ev.kind > CONSOLELOG_NOTHING && ev.kind < CONSOLELOG_KINDS);
		assert(ev.line > last);
		assert(text_is_printable(span_str(ev.text)));
		assert(text_is_printable(span_str(ev.what)));
		if (consolelog_line(span_str(ev.text), &again))
			assert(strcmp(again.text, ev.text) == 0);
		last = ev.line;
	}
	return 0;
}
