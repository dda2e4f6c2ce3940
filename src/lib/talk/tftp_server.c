#include "talk/tftp.h"

#include "base/text.h"

#include <inttypes.h>

static uint16_t
least(uint16_t a, uint16_t b)
{
	return a < b ? a : b;
}

/* Works out what the client gets of what it asked for. */
static void
options_grant(
    struct tftp_server *t, const struct tftp_options *asked, const struct tftp_policy *policy)
{
	struct tftp_options *g = &t->granted;
	uint16_t most = policy->blksize_max;

	if (t->mode == TFTP_NETASCII)
		most = least(most, TFTP_NETASCII_BLOCK_MAX);
	*g = *asked;
	g->blksize = least(asked->blksize, most);
	g->windowsize = least(asked->windowsize, policy->windowsize_max);
	g->has_timeout = asked->has_timeout && asked->timeout * 1000u <= policy->retry_max_ms;
	g->has_tsize = asked->has_tsize && t->mode == TFTP_OCTET;
	g->tsize = t->body.n;
	t->blksize = g->has_blksize ? g->blksize : TFTP_BLOCK_DEFAULT;
	t->windowsize = g->has_windowsize ? g->windowsize : 1;
	t->has_oack = g->has_blksize || g->has_timeout || g->has_tsize || g->has_windowsize;
}

void
tftp_server_start(struct tftp_server *t, enum tftp_mode mode, const struct tftp_options *asked,
    struct span body, const struct tftp_policy *policy, uint64_t now_ms)
{
	uint32_t first = policy->retry_ms;

	*t = (struct tftp_server){ .body = body, .mode = mode, .last = UINT64_MAX };
	options_grant(t, asked, policy);
	if (t->granted.has_timeout)
		first = (uint32_t)t->granted.timeout * 1000;
	if (mode == TFTP_OCTET)
		t->last = body.n / t->blksize + 1;
	t->oack_due = t->oack_open = t->has_oack;
	tftp_timer_start(&t->timer, first, policy->retry_max_ms, policy->tries, now_ms);
}

static void
oack_write(struct tftp_server *t, struct wr *packet)
{
	const struct tftp_packet p = { .opcode = TFTP_OACK, .options = t->granted };

	/* Four numbers always fit TFTP_SERVER_PACKET_MAX. */
	if (!tftp_encode(&p, packet, NULL))
		wr_reset(packet);
	t->oack_due = false;
}

static void
data_write(struct tftp_server *t, struct wr *packet, struct span *data)
{
	uint64_t offset = t->sent * t->blksize;

	t->sent++;
	wr_u16(packet, TFTP_DATA);
	wr_u16(packet, (uint16_t)t->sent);
	if (t->mode == TFTP_NETASCII) {
		if (tftp_netascii_encode(t->body, &t->at, t->blksize, packet) < t->blksize)
			t->last = t->sent;
	} else if (offset < t->body.n) {
		size_t left = t->body.n - (size_t)offset;

		*data = span_of(t->body.p + offset, left < t->blksize ? left : t->blksize);
	}
}

bool
tftp_server_next(struct tftp_server *t, struct wr *packet, struct span *data)
{
	wr_reset(packet);
	*data = (struct span){ 0 };
	if (t->oack_due) {
		oack_write(t, packet);
		return true;
	}
	if (t->oack_open || t->sent == t->last || t->sent - t->acked == t->windowsize)
		return false;
	data_write(t, packet, data);
	return true;
}

/* Goes back to the first block that is not acknowledged. */
static void
rewind_to_acked(struct tftp_server *t)
{
	t->sent = t->acked;
	t->at = t->base;
}

/* Moves the base of the window over count blocks. */
static void
acked_advance(struct tftp_server *t, uint64_t count)
{
	t->acked += count;
	if (t->acked == t->sent)
		t->base = t->at;
	else if (t->mode == TFTP_NETASCII)
		(void)tftp_netascii_encode(t->body, &t->base, (size_t)count * t->blksize, NULL);
}

static enum turn
ack_receive(struct tftp_server *t, uint16_t block, uint64_t now_ms)
{
	uint16_t count = (uint16_t)(block - (uint16_t)t->acked);

	if (t->oack_open) {
		if (block != 0)
			return TURN_GO_ON;
		t->oack_open = t->oack_due = false;
	} else {
		if (count == 0 || count > t->sent - t->acked)
			return TURN_GO_ON;
		acked_advance(t, count);
		if (t->acked == t->last)
			return TURN_DONE;
		rewind_to_acked(t);
	}
	tftp_timer_progress(&t->timer, now_ms);
	return TURN_GO_ON;
}

enum turn
tftp_server_receive(
    struct tftp_server *t, const struct tftp_packet *p, uint64_t now_ms, struct err *e)
{
	char text[80];

	if (p->opcode == TFTP_ACK)
		return ack_receive(t, p->block, now_ms);
	if (p->opcode != TFTP_ERROR)
		return TURN_GO_ON;
	err_set(e, ERR_REFUSED, "the client ended it with error %u: %s", p->error,
	    text_printable(p->message, text, sizeof text));
	return TURN_FAIL;
}

void
tftp_server_repeat(struct tftp_server *t)
{
	if (t->oack_open)
		t->oack_due = true;
	else if (!t->has_oack && t->acked == 0)
		rewind_to_acked(t);
}

enum turn
tftp_server_tick(struct tftp_server *t, uint64_t now_ms, struct err *e)
{
	if (now_ms < t->timer.deadline_ms)
		return TURN_GO_ON;
	if (!tftp_timer_again(&t->timer, now_ms)) {
		err_set(e, ERR_AGAIN, "no acknowledgement of block %" PRIu64 " after %u repeats",
		    t->oack_open ? 0 : t->acked + 1, t->timer.tries);
		return TURN_FAIL;
	}
	t->oack_due = t->oack_open;
	rewind_to_acked(t);
	return TURN_GO_ON;
}
