/*
 * serverjson: servers as administrators write them and as the control API shows them: "HOST",
 * "HOST:PORT", an IPv6 address, or "[ADDRESS]:PORT".
 */
#ifndef DAEMON_SERVERJSON_H
#define DAEMON_SERVERJSON_H

#include "base/err.h"
#include "rules/phonecfg.h"

#include <jansson.h>

/* Reads an array of texts; port 0 where none is named. Errors: ERR_MALFORMED (which one, and what
 * is expected), ERR_LIMIT (none, or more than max), ERR_CONFLICT (one twice). */
must_use bool serverjson_read(
    const json_t *texts, struct phonecfg_server *server, size_t max, size_t *count, struct err *e);

/* The host is an IP address, not a name. */
bool serverjson_is_address(const char *host);

/* The array of texts. A new reference. */
json_t *serverjson_of(const struct phonecfg_server *server, size_t count);

#endif
