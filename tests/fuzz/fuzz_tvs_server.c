#include "pair.h"
#include "talk/tvs.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
core_answer(void *arg, const struct ask *ask, struct answer *out)
{
	static const uint8_t der[] = { 0x30, 3, 2, 1, 5 };
	const uint8_t *choice = arg;

	assert(ask->kind == ASK_TVS_VERIFY ? ask->certificate.n > 0 : ask->serial.n > 0);
	out->ok = *choice & 1;
	out->roles = span_of(der, *choice >> 1 & 3);
	out->ttl = 86400;
	out->certificate = span_of(der, *choice & 8 ? 0 : sizeof der);
	return true;
}

/* The first byte says what core answers; the rest is what a phone sends. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t choice = size > 0 ? data[0] : 0;
	struct pair_end end;

	if (size < 2)
		return 0;
	pair_end_open(&end, &tvs_server, NULL, 0, core_answer, &choice);
	pair_end_feed(&end, span_of(data + 1, size / 2));
	pair_end_feed(&end, span_of(data + 1 + size / 2, size - 1 - size / 2));
	assert(end.turn == TURN_GO_ON || end.turn == TURN_FAIL);
	assert(end.ask_count == end.write_count);
	pair_end_close(&end);
	return 0;
}
