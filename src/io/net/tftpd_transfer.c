#include "net/tftpd_transfer.h"

#include "net/clock.h"
#include "net/hostcount.h"

#define REPORTS_A_SECOND 5

static void
report(struct tftpd *t, enum ask_report what, const union udp_address *peer, struct span name,
    const char *text)
{
	char peer_text[ASK_ADDRESS_MAX];
	struct ask ask = {
		.kind = ASK_REPORT, .report = (uint8_t)what, .name = name, .text = span_str(text)
	};

	hostcount_print(&peer->any, peer_text, sizeof peer_text);
	ask.peer = span_str(peer_text);
	t->config.ask(t->config.arg, &ask);
}

void
tftpd_report_bad(struct tftpd *t, const union udp_address *peer, const char *why)
{
	uint64_t second = clock_ms() / 1000;

	t->stats.bad++;
	if (second != t->report_second)
		t->reports = 0;
	t->report_second = second;
	if (t->reports++ < REPORTS_A_SECOND)
		report(t, REPORT_BAD_MESSAGE, peer, span_str("tftp"), why);
}

struct span
tftpd_transfer_name(const struct tftpd_transfer *x)
{
	return span_of(x->name, x->name_n);
}

/* Data that waits to be sent is on loan from the body: it goes first. */
static void
transfer_release(struct tftpd *t, struct tftpd_transfer *x)
{
	if (x->body != NULL && x->sent_round == udp_out_round(t->out))
		udp_out_flush(t->out);
	body_unref(x->body);
	x->body = NULL;
}

void
tftpd_transfer_finish(struct tftpd *t, struct tftpd_transfer *x)
{
	transfer_release(t, x);
	tftpd_table_finish(t->table, x);
}

void
tftpd_transfer_fail(struct tftpd *t, struct tftpd_transfer *x, const char *why)
{
	t->stats.failed++;
	report(t, REPORT_FILE_FAILED, &x->peer, tftpd_transfer_name(x), why);
	tftpd_transfer_finish(t, x);
}

void
tftpd_transfer_send(struct tftpd *t, struct tftpd_transfer *x)
{
	struct udp_slot *s = udp_out_slot(t->out, x->port->fd);

	while (tftp_server_next(&x->talk, &s->packet, &s->data)) {
		x->sent_round = udp_out_add(t->out, &x->peer, &x->local);
		s = udp_out_slot(t->out, x->port->fd);
	}
	tftpd_table_wake(t->table, x, x->talk.timer.deadline_ms);
}

void
tftpd_transfer_turn(struct tftpd *t, struct tftpd_transfer *x, enum turn turn, const struct err *e)
{
	if (turn == TURN_FAIL) {
		tftpd_transfer_fail(t, x, e->text);
	} else if (turn == TURN_DONE) {
		t->stats.sent++;
		report(t, REPORT_FILE_SENT, &x->peer, tftpd_transfer_name(x), "");
		tftpd_transfer_finish(t, x);
	} else {
		tftpd_transfer_send(t, x);
	}
}

void
tftpd_error_send(struct tftpd *t, const struct tftpd_port *port, const union udp_address *peer,
    const struct udp_local *local, uint16_t code, const char *text)
{
	struct udp_slot *s = udp_out_slot(t->out, port->fd);
	const struct tftp_packet p = {
		.opcode = TFTP_ERROR, .error = code, .message = span_str(text)
	};

	if (tftp_encode(&p, &s->packet, NULL))
		udp_out_add(t->out, peer, local);
}

bool
tftpd_transfer_has_begun(const struct tftpd_transfer *x)
{
	return x->talk.acked > 0 || (x->talk.has_oack && !x->talk.oack_open);
}
