#include "wire/frontmsg.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fuzz_served(struct span in, struct wr *w)
{
	struct rd r = rd_open(in);
	struct front_served served;
	struct err e;
	bool ok;

	while (front_served_next(&r, &served, &e)) {
		ok = front_served_encode(&served, w, &e);
		assert(ok && rd_offset(&r) == w->n);
	}
	assert(rd_end(&r) || e.code != ERR_NONE);
	assert(span_eq(wr_view(w), span_of(in.p, w->n)));
}

static bool
fuzz_one(uint8_t kind, struct span in, struct wr *w)
{
	struct front_settings settings;
	struct front_identity identity;
	struct front_counters counters;
	struct front_forget forget;
	struct front_folder folder;
	struct err e;

	switch (kind) {
	case 0:
		return front_settings_parse(in, &settings, &e) &&
		       front_settings_encode(&settings, w, &e);
	case 1:
		return front_identity_parse(in, &identity, &e) &&
		       front_identity_encode(&identity, w, &e);
	case 2:
		return front_counters_parse(in, &counters, &e) &&
		       front_counters_encode(&counters, w, &e);
	case 3:
		return front_forget_parse(in, &forget, &e) && front_forget_encode(&forget, w, &e);
	default:
		return front_folder_parse(in, &folder, &e) && front_folder_encode(&folder, w, &e);
	}
}

/* The first byte says which message; each has one form. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span in = size > 0 ? span_of(data + 1, size - 1) : (struct span){ 0 };
	struct wr w = wr_new(FRONTMSG_MAX);

	if (size > 0 && data[0] % 6 == 5)
		fuzz_served(in, &w);
	else if (size > 0 && fuzz_one(data[0] % 6, in, &w))
		assert(span_eq(wr_view(&w), in));
	wr_free(&w);
	return 0;
}
