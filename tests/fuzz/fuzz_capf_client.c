#include "capf_fake.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says what the phone can do; the rest is what a server sends. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_END);
	struct capf_client_result result;
	struct capf_client_plan plan = capf_fake_plan(&f, "1234", &result);
	struct pair_end end;

	if (size < 2)
		return 0;
	if (data[0] & 1)
		f.public_key.n = 0;
	if (data[0] & 2)
		f.lsc.n = 0;
	f.is_store_refused = data[0] & 4;
	pair_end_open(&end, &capf_client, &plan, 0, NULL, NULL);
	pair_end_feed(&end, span_of(data + 1, size / 2));
	pair_end_feed(&end, span_of(data + 1 + size / 2, size - 1 - size / 2));
	assert(end.ask_count == 0);
	assert(result.ended == (end.turn == TURN_DONE));
	assert(result.installed == (f.stored.n > 0));
	pair_end_close(&end);
	capf_fake_free(&f);
	return 0;
}
