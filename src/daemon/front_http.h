/*
 * front_http: the provisioning files over HTTP (6970) and HTTPS (6971): the names and answers of
 * TFTP (doc/protocols/files.md, section 8); over HTTP also OCSP. One of them is one of the two
 * services.
 */
#ifndef DAEMON_FRONT_HTTP_H
#define DAEMON_FRONT_HTTP_H

#include "daemon/front_files.h"
#include "daemon/front_ocsp.h"
#include "net/http_server.h"

struct front_http;

struct front_http_config {
	struct front_files *files; /* stays the caller's, and lives as long */
	struct front_ocsp *ocsp;   /* the same; NULL: there are files alone */
	bool tls;
	unsigned connections, connections_per_address;
	unsigned idle_s;    /* of a connection, and of a peer that takes nothing of an answer */
	unsigned request_s; /* a request is whole by then, the TLS handshake included */
	/* ASK_REPORT of a handshake that failed. */
	bool (*report)(void *arg, const struct ask *ask);
	void *arg;
};

struct front_http *front_http_new(struct event_base *base, const struct front_http_config *config);

/* The server, for its listening sockets, identity, draining and counters. */
struct http_server *front_http_server(struct front_http *h);

/* Before front_files_free and front_ocsp_free. Safe with NULL. */
void front_http_free(struct front_http *h);

#endif
