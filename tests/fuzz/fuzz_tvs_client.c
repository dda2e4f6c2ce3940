#include "pair.h"
#include "talk/tvs.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says what the phone asked; the rest is what a server sends. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t der[] = { 0x30, 3, 2, 1, 5 };
	struct tvs_client_result result;
	struct tvs_client_plan plan = {
		.request = { .session_id = 1001,
		    .device = span_str("SEP001122334455"),
		    .certificate = span_of(der, sizeof der) },
		.result = &result,
	};
	struct pair_end end;

	if (size < 2)
		return 0;
	plan.request.command = data[0] & 1 ? TVSMSG_QUERY_REQUEST : TVSMSG_VERIFY_REQUEST;
	pair_end_open(&end, &tvs_client, &plan, 0, NULL, NULL);
	pair_end_feed(&end, span_of(data + 1, size / 2));
	pair_end_feed(&end, span_of(data + 1 + size / 2, size - 1 - size / 2));
	assert(result.answered == (end.turn == TURN_DONE));
	assert(!result.valid || result.role_count > 0);
	bytes_free(&result.certificate);
	pair_end_close(&end);
	return 0;
}
