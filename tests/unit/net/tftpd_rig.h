/*
 * tftpd_rig: an engine on a loopback socket with an answerer of its own, and clients beside it in
 * the same process, for the tests of tftpd.
 */
#ifndef TESTS_TFTPD_RIG_H
#define TESTS_TFTPD_RIG_H

#include "../check.h"

#include "base/mem.h"
#include "net/tftpd.h"
#include "net/udp.h"
#include "talk/tftp.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define RIG_HELD_MAX 16
#define rig_call     static __attribute__((unused))

/* The answerer serves "<n>" with n bytes, "missing" with an error. */
struct rig {
	struct event_base *base;
	struct tftpd *engine;
	union udp_address at; /* of the listening socket */
	bool hold;            /* keep questions instead of answering them */
	uint32_t held[RIG_HELD_MAX];
	size_t asked, sent, failed, bad;
	char name[TFTP_NAME_MAX + 1]; /* of the last question */
	char text[ERR_TEXT_MAX];      /* of the last report */
};

rig_call struct bytes
rig_file(size_t size)
{
	struct bytes b = { mem_new(size + 1, 1), size };

	for (size_t i = 0; i < size; i++)
		b.p[i] = (uint8_t)(i * 31 + i / 251);
	return b;
}

rig_call void
rig_answer(struct rig *r, uint32_t id, const char *name)
{
	struct bytes file = rig_file(strtoul(name, NULL, 10));
	struct body *body = body_copy(bytes_span(&file));

	if (strcmp(name, "missing") == 0)
		tftpd_answer(r->engine, id, NULL, TFTP_ERR_NOT_FOUND, span_str("no such file"));
	else
		tftpd_answer(r->engine, id, body, 0, (struct span){ 0 });
	body_unref(body);
	bytes_free(&file);
}

rig_call void
rig_ask(void *arg, const struct ask *ask)
{
	struct rig *r = arg;
	char name[TFTP_NAME_MAX + 1] = { 0 };

	memcpy(name, ask->name.p, ask->name.n);
	if (ask->kind == ASK_REPORT) {
		r->sent += ask->report == REPORT_FILE_SENT;
		r->failed += ask->report == REPORT_FILE_FAILED;
		r->bad += ask->report == REPORT_BAD_MESSAGE;
		snprintf(r->text, sizeof r->text, "%.*s %s: %.*s", (int)ask->peer.n, ask->peer.p,
		    name, (int)ask->text.n, ask->text.p);
		return;
	}
	memcpy(r->name, name, sizeof name);
	if (r->hold) {
		assert_true(r->asked < RIG_HELD_MAX);
		r->held[r->asked++] = ask->id;
	} else {
		r->asked++;
		rig_answer(r, ask->id, name);
	}
}

/* An address of loopback with a port. */
rig_call union udp_address
rig_address(const char *text, uint16_t port)
{
	union udp_address a = { 0 };

	if (strchr(text, ':') != NULL) {
		a.v6.sin6_family = AF_INET6;
		a.v6.sin6_port = htons(port);
		assert_int_equal(inet_pton(AF_INET6, text, &a.v6.sin6_addr), 1);
	} else {
		a.v4.sin_family = AF_INET;
		a.v4.sin_port = htons(port);
		assert_int_equal(inet_pton(AF_INET, text, &a.v4.sin_addr), 1);
	}
	return a;
}

rig_call socklen_t
rig_length(const union udp_address *a)
{
	return a->any.sa_family == AF_INET ? sizeof a->v4 : sizeof a->v6;
}

rig_call uint16_t
rig_port(const union udp_address *a)
{
	return ntohs(a->any.sa_family == AF_INET ? a->v4.sin_port : a->v6.sin6_port);
}

rig_call int
rig_socket(const char *address)
{
	union udp_address a = rig_address(address, 0);
	int fd = socket(a.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, &a.any, rig_length(&a)), 0);
	return fd;
}

/* An engine listening on address; of config the limits and times count. */
rig_call struct rig *
rig_new(const char *address, struct tftpd_config config)
{
	struct rig *r = mem_new(1, sizeof *r);
	int fd = rig_socket(address);
	socklen_t n = sizeof r->at;
	struct err e = { 0 };

	config.ask = rig_ask;
	config.arg = r;
	r->base = event_base_new();
	r->engine = tftpd_new(r->base, &config);
	assert_int_equal(getsockname(fd, &r->at.any, &n), 0);
	assert_ok(tftpd_listen(r->engine, fd, &e), e);
	return r;
}

rig_call void
rig_free(struct rig *r)
{
	tftpd_free(r->engine);
	event_base_free(r->base);
	free(r);
}

/* Lets the engine do what it can now, for a few milliseconds. */
rig_call void
rig_run(struct rig *r, unsigned ms)
{
	for (unsigned i = 0; i <= ms; i++) {
		event_base_loop(r->base, EVLOOP_NONBLOCK);
		if (i < ms)
			poll(NULL, 0, 1);
	}
}

rig_call void
rig_send(int fd, const union udp_address *to, struct span packet)
{
	assert_int_equal(
	    sendto(fd, packet.p, packet.n, 0, &to->any, rig_length(to)), (ssize_t)packet.n);
}

rig_call void
rig_send_packet(int fd, const union udp_address *to, const struct tftp_packet *p)
{
	struct wr w = wr_new(TFTP_PACKET_MAX);
	struct err e = { 0 };

	assert_ok(tftp_encode(p, &w, &e), e);
	rig_send(fd, to, wr_view(&w));
	wr_free(&w);
}

rig_call void
rig_request(int fd, const union udp_address *to, const char *name)
{
	rig_send_packet(
	    fd, to, &(struct tftp_packet){ .opcode = TFTP_RRQ, .name = span_str(name) });
}

rig_call void
rig_ack(int fd, const union udp_address *to, uint16_t block)
{
	rig_send_packet(fd, to, &(struct tftp_packet){ .opcode = TFTP_ACK, .block = block });
}

/* A packet for this client, from *from; false: none comes. Its spans live in memory. */
rig_call bool
rig_receive(struct rig *r, int fd, union udp_address *from, struct tftp_packet *p)
{
	static uint8_t memory[TFTP_PACKET_MAX];
	socklen_t length = sizeof *from;
	struct err e = { 0 };
	ssize_t n = -1;

	for (int i = 0; i < 20 && n < 0; i++) {
		rig_run(r, i > 0);
		n = recvfrom(fd, memory, sizeof memory, 0, &from->any, &length);
	}
	if (n >= 0)
		assert_ok(tftp_parse(span_of(memory, (size_t)n), p, &e), e);
	return n >= 0;
}

#endif
