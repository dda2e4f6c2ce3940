/* A request, then packets to the transfer it begins: each two bytes of length and that many bytes.
 * A packet of no length lets a second pass, one of one byte repeats the request. */
#include "talk/tftp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t file[3000];

static const struct tftp_policy policy = {
	.blksize_max = TFTP_BLOCK_MAX,
	.windowsize_max = 8,
	.retry_ms = 1000,
	.retry_max_ms = 8000,
	.tries = 3,
};

static void
drain(struct tftp_server *t, struct wr *w)
{
	struct span data;
	size_t count = 0;

	while (tftp_server_next(t, w, &data)) {
		assert(wr_ok(w) && w->n >= 4 && data.n <= t->blksize);
		assert(data.n == 0 || (data.p >= file && data.p + data.n <= file + sizeof file));
		assert(++count <= policy.windowsize_max);
	}
	assert(t->acked <= t->sent && t->sent <= t->last);
}

static enum turn
step(struct tftp_server *t, struct span in, uint64_t *now, struct err *e)
{
	struct tftp_packet p;

	if (in.n == 0) {
		*now += 1000;
		return tftp_server_tick(t, *now, e);
	}
	if (in.n == 1)
		tftp_server_repeat(t);
	else if (tftp_parse(in, &p, e))
		return tftp_server_receive(t, &p, *now, e);
	return TURN_GO_ON;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_open(span_of(data, size));
	struct wr w = wr_new(TFTP_SERVER_PACKET_MAX);
	enum turn turn = TURN_GO_ON;
	struct tftp_server t;
	struct tftp_packet p;
	struct span in;
	uint64_t now = 0;
	uint16_t n;
	struct err e;

	for (size_t i = 0; i < sizeof file; i++)
		file[i] = i % 7 == 0 ? '\n' : (uint8_t)i;
	if (rd_u16(&r, &n) && rd_span(&r, n, &in) && tftp_parse(in, &p, &e) &&
	    p.opcode == TFTP_RRQ) {
		tftp_server_start(&t, p.mode, &p.options, span_of(file, sizeof file), &policy, 0);
		drain(&t, &w);
		while (turn == TURN_GO_ON && rd_u16(&r, &n) && rd_span(&r, n, &in)) {
			turn = step(&t, in, &now, &e);
			drain(&t, &w);
		}
	}
	wr_free(&w);
	return 0;
}
