/*
 * listen: the sockets that phones reach, bound by main and handed to the fronts.
 */
#ifndef DAEMON_LISTEN_H
#define DAEMON_LISTEN_H

#include "base/err.h"
#include "cluster/conf.h"

enum listen_service {
	LISTEN_TFTP,
	LISTEN_HTTP,
	LISTEN_HTTPS,
	LISTEN_TVS,
	LISTEN_CAPF,
	LISTEN_SERVICE_COUNT
};

#define LISTEN_FDS_MAX (LISTEN_SERVICE_COUNT * CONF_LISTEN_MAX)

/* One front's share: a socket of its own for each service and address (SO_REUSEPORT). */
struct listen_share {
	struct {
		enum listen_service service;
		int fd;
	} socket[LISTEN_FDS_MAX];
	size_t count;
};

/* The option that hands a descriptor to a front: "tftp", "http" .... */
const char *listen_service_name(enum listen_service s);

/* Binds everything for that many fronts; a service whose port is 0 is left out. Errors: one line
 * that names the port, who has it and the setting. Nothing stays open on failure. */
must_use bool listen_open(
    const struct conf *conf, struct listen_share *shares, size_t fronts, struct err *e);

void listen_close(struct listen_share *shares, size_t fronts);

#endif
