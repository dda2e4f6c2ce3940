/* The first byte chooses the plan, the rest are packets of a server: each two bytes of length and
 * that many bytes; one of no length lets time pass. */
#include "talk/tftp.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SIZE_MAX_TAKEN 2000

static struct tftp_client_plan
plan_of(uint8_t choice)
{
	return (struct tftp_client_plan){
		.name = "file",
		.mode = choice & 1 ? TFTP_NETASCII : TFTP_OCTET,
		.options = { .has_blksize = choice & 2,
		    .blksize = 16,
		    .has_tsize = choice & 4,
		    .has_windowsize = choice & 8,
		    .windowsize = 4 },
		.size_max = SIZE_MAX_TAKEN,
		.retry_ms = 1000,
		.retry_max_ms = 8000,
		.tries = 3,
	};
}

static enum turn
step(struct tftp_client *c, struct span in, struct wr *out, struct err *e)
{
	uint64_t now = c->timer.deadline_ms;
	struct tftp_packet p;

	if (in.n == 0)
		return tftp_client_tick(c, now, out, e);
	wr_reset(out);
	if (!tftp_parse(in, &p, e))
		return TURN_GO_ON;
	return tftp_client_receive(c, &p, now, out, e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_open(span_of(data, size));
	struct wr out = wr_new(TFTP_PACKET_MAX);
	struct tftp_client_plan plan;
	enum turn turn = TURN_GO_ON;
	struct tftp_client c;
	struct tftp_packet p;
	struct span in;
	uint8_t choice;
	uint16_t n;
	struct err e;

	if (rd_u8(&r, &choice)) {
		plan = plan_of(choice);
		bool started = tftp_client_start(&c, &plan, 0, &out, &e);
		assert(started);
		while (turn != TURN_FAIL && rd_u16(&r, &n) && rd_span(&r, n, &in)) {
			turn = step(&c, in, &out, &e);
			bool fits = out.n == 0 || tftp_parse(wr_view(&out), &p, &e);
			assert(fits && c.body.n <= SIZE_MAX_TAKEN && c.acked <= c.got);
		}
		tftp_client_free(&c);
	}
	wr_free(&out);
	return 0;
}
