#include "capf_fake.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says what core answers; the rest is what a phone sends. */
static struct capf_fake
core_of(uint8_t choice)
{
	struct capf_fake f = capf_fake_new(choice & 3);

	if (choice & 4)
		f.certificate.n = 0;
	f.is_finish_lost = choice & 8;
	f.start.key_type = choice & 16 ? CAPFMSG_KEY_EC : CAPFMSG_KEY_RSA;
	f.start.ok = !(choice & 32);
	return f;
}

/* Core hears once, and only once, how the session of a phone that was let in ended. */
static void
check_asks(const struct pair_end *end)
{
	size_t finishes = 0;

	for (size_t i = 0; i < end->ask_count; i++)
		finishes += pair_end_asked(end, i).kind == ASK_CAPF_FINISH;
	assert(finishes <= 1);
	assert(end->ask_count <= 3);
}

static enum turn
session_run(const uint8_t *data, size_t size, size_t piece, struct bytes *sent)
{
	struct capf_fake f = core_of(data[0]);
	struct pair_end end;
	enum turn turn;

	pair_end_open(&end, &capf_server, NULL, 1, capf_fake_answer, &f);
	for (size_t at = 1; at < size; at += piece)
		pair_end_feed(&end, span_of(data + at, piece < size - at ? piece : size - at));
	turn = end.turn;
	pair_end_break(&end, "end of input");
	check_asks(&end);
	*sent = bytes_copy(wr_view(&end.sent));
	pair_end_close(&end);
	return turn;
}

/* It does not matter in which pieces the bytes come. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes whole, pieces;
	enum turn turn;

	if (size < 2 || size > 200000)
		return 0;
	turn = session_run(data, size, size, &whole);
	assert(session_run(data, size, 1 + size / 7, &pieces) == turn);
	assert(span_eq(bytes_span(&whole), bytes_span(&pieces)));
	bytes_free(&whole);
	bytes_free(&pieces);
	return 0;
}
