#include "talk/tftp.h"

#include "base/text.h"

#include <inttypes.h>

/* Our own packets are well formed and fit: a writer that is too small is the caller's fault, and
 * the packet is then not sent, which the protocol survives. */
static void
packet_write(struct wr *out, const struct tftp_packet *p)
{
	if (!tftp_encode(p, out, NULL))
		wr_reset(out);
}

static void
ack_write(struct tftp_client *c, struct wr *out)
{
	packet_write(out, &(struct tftp_packet){ .opcode = TFTP_ACK, .block = (uint16_t)c->got });
	c->acked = c->got;
}

/* Ends the transfer and tells the server why; *e is already filled. */
static enum turn
give_up(struct wr *out, enum tftp_error code, const char *text)
{
	packet_write(
	    out, &(struct tftp_packet){
		     .opcode = TFTP_ERROR, .error = (uint16_t)code, .message = span_str(text) });
	return TURN_FAIL;
}

static bool
request_write(const struct tftp_client_plan *plan, struct wr *out, struct err *e)
{
	const struct tftp_packet p = { .opcode = TFTP_RRQ,
		.name = span_str(plan->name),
		.mode = plan->mode,
		.options = plan->options };

	return tftp_encode(&p, out, e);
}

bool
tftp_client_start(struct tftp_client *c, const struct tftp_client_plan *plan, uint64_t now_ms,
    struct wr *out, struct err *e)
{
	*c = (struct tftp_client){ .plan = plan,
		.body = wr_new(plan->size_max),
		.blksize = TFTP_BLOCK_DEFAULT,
		.windowsize = 1 };
	tftp_timer_start(&c->timer, plan->retry_ms, plan->retry_max_ms, plan->tries, now_ms);
	wr_reset(out);
	return request_write(plan, out, e);
}

/* A server may lower what was asked for, and add nothing to it (RFC 2347, 2348, 7440). */
static bool
options_fit(const struct tftp_options *asked, const struct tftp_options *got)
{
	if ((got->has_blksize && !asked->has_blksize) ||
	    (got->has_timeout && !asked->has_timeout) || (got->has_tsize && !asked->has_tsize) ||
	    (got->has_windowsize && !asked->has_windowsize))
		return false;
	return (!got->has_blksize || got->blksize <= asked->blksize) &&
	       (!got->has_timeout || got->timeout == asked->timeout) &&
	       (!got->has_windowsize || got->windowsize <= asked->windowsize);
}

static enum turn
oack_receive(struct tftp_client *c, const struct tftp_options *o, uint64_t now_ms, struct wr *out,
    struct err *e)
{
	if (c->got > 0)
		return TURN_GO_ON;
	if (!options_fit(&c->plan->options, o)) {
		err_set(e, ERR_MALFORMED, "the server grants options that were not asked for");
		return give_up(out, TFTP_ERR_OPTION, "option was not asked for");
	}
	if (o->has_tsize && o->tsize > c->plan->size_max) {
		err_set(e, ERR_LIMIT, "file of %" PRIu64 " bytes, at most %zu are taken", o->tsize,
		    c->plan->size_max);
		return give_up(out, TFTP_ERR_DISK_FULL, "file is too large");
	}
	c->answered = true;
	c->blksize = o->has_blksize ? o->blksize : TFTP_BLOCK_DEFAULT;
	c->windowsize = o->has_windowsize ? o->windowsize : 1;
	c->has_tsize = o->has_tsize;
	c->tsize = o->tsize;
	tftp_timer_progress(&c->timer, now_ms);
	ack_write(c, out);
	return TURN_GO_ON;
}

/* A block out of order: one seen before, or one behind a gap. */
static void
stray_receive(struct tftp_client *c, uint16_t ahead, struct wr *out)
{
	bool again = ahead == 0;                        /* the block that came last */
	bool gap = ahead > 1 && ahead <= c->windowsize; /* from this window, others are missing */

	if (again && c->got == c->acked)
		ack_write(c, out);
	if (gap && !c->gap_told) {
		c->gap_told = true;
		ack_write(c, out);
	}
}

static bool
block_keep(struct tftp_client *c, struct span data, struct err *e)
{
	if (c->plan->mode == TFTP_NETASCII)
		tftp_netascii_decode(data, &c->cr, &c->body);
	else
		wr_span(&c->body, data);
	if (c->over && c->cr)
		wr_u8(&c->body, '\r');
	return wr_ok(&c->body) ||
	       err_set(e, ERR_LIMIT, "file over the limit of %zu bytes", c->plan->size_max);
}

static enum turn
data_receive(struct tftp_client *c, const struct tftp_packet *p, uint64_t now_ms, struct wr *out,
    struct err *e)
{
	uint16_t ahead = (uint16_t)(p->block - (uint16_t)c->got);

	if (c->over || ahead != 1) {
		stray_receive(c, ahead, out);
		return TURN_GO_ON;
	}
	if (p->data.n > c->blksize) {
		err_set(e, ERR_MALFORMED, "block %" PRIu64 " has %zu bytes, expected at most %u",
		    c->got + 1, p->data.n, c->blksize);
		return give_up(out, TFTP_ERR_ILLEGAL, "block is too long");
	}
	c->answered = true;
	c->over = p->data.n < c->blksize;
	if (!block_keep(c, p->data, e))
		return give_up(out, TFTP_ERR_DISK_FULL, "file is too large");
	c->got++;
	c->gap_told = false;
	tftp_timer_progress(&c->timer, now_ms);
	if (c->over || c->got - c->acked == c->windowsize)
		ack_write(c, out);
	return TURN_GO_ON;
}

static enum turn
error_receive(struct tftp_client *c, const struct tftp_packet *p, struct err *e)
{
	char text[120];

	c->has_error = true;
	c->error = p->error;
	err_set(e, p->error == TFTP_ERR_NOT_FOUND ? ERR_UNKNOWN : ERR_REFUSED,
	    "the server says error %u: %s", p->error,
	    text_printable(p->message, text, sizeof text));
	return TURN_FAIL;
}

enum turn
tftp_client_receive(struct tftp_client *c, const struct tftp_packet *p, uint64_t now_ms,
    struct wr *out, struct err *e)
{
	enum turn turn = TURN_GO_ON;

	wr_reset(out);
	if (p->opcode == TFTP_DATA)
		turn = data_receive(c, p, now_ms, out, e);
	else if (p->opcode == TFTP_OACK)
		turn = oack_receive(c, &p->options, now_ms, out, e);
	else if (p->opcode == TFTP_ERROR && !c->over)
		return error_receive(c, p, e);
	return turn == TURN_GO_ON && c->over ? TURN_DONE : turn;
}

enum turn
tftp_client_tick(struct tftp_client *c, uint64_t now_ms, struct wr *out, struct err *e)
{
	wr_reset(out);
	if (c->over)
		return TURN_DONE;
	if (now_ms < c->timer.deadline_ms)
		return TURN_GO_ON;
	if (!tftp_timer_again(&c->timer, now_ms)) {
		err_set(e, ERR_AGAIN, "no answer of the server after %u repeats", c->timer.tries);
		return TURN_FAIL;
	}
	if (c->answered)
		ack_write(c, out);
	else if (!request_write(c->plan, out, e))
		return TURN_FAIL;
	return TURN_GO_ON;
}

void
tftp_client_free(struct tftp_client *c)
{
	wr_free(&c->body);
}
