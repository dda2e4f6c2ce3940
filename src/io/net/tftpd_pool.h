/*
 * tftpd_pool: a listening socket of a TFTP engine and the ports beside it that transfers run on.
 */
#ifndef NET_TFTPD_POOL_H
#define NET_TFTPD_POOL_H

#include "base/err.h"

#include <event2/event.h>
#include <stdint.h>

struct tftpd;

/* A socket that is watched; the argument of the event's callback. */
struct tftpd_port {
	struct tftpd *engine;
	struct tftpd_pool *pool;
	int fd; /* -1: closed */
	struct event *readable;
};

struct tftpd_pool {
	struct tftpd_pool *next;  /* the engine's list */
	struct tftpd_port listen; /* requests */
	struct tftpd_port *ports; /* transfers */
	unsigned count;
};

/* What all pools of an engine have in common. */
struct tftpd_pool_plan {
	struct event_base *base;
	struct tftpd *engine;
	event_callback_fn on_request, on_packet;
	unsigned ports;
	uint16_t first, last; /* range; first 0: any free port */
};

/* Watches fd and opens the ports on the same address. Takes the fd over, also on failure; NULL with
 * *e filled: ERR_CONFLICT (no port of the range is free), ERR_IO. */
struct tftpd_pool *tftpd_pool_open(const struct tftpd_pool_plan *plan, int fd, struct err *e);

/* Closes the listening socket; transfers go on. */
void tftpd_pool_deafen(struct tftpd_pool *p);

/* A port for new transfers. */
struct tftpd_port *tftpd_pool_pick(const struct tftpd_pool *p);

void tftpd_pool_free(struct tftpd_pool *p);

#endif
