/*
 * store_sqlite_servers: up to three servers in a row, as groups and remotes have them.
 */
#ifndef STORE_STORE_SQLITE_SERVERS_H
#define STORE_STORE_SQLITE_SERVERS_H

#include "store/store_sqlite.h"

#define SERVERS_MAX 3

/* The next six values: host1, port1 ... port3. ERR_LIMIT: count is not 1 to SERVERS_MAX. */
must_use bool servers_bind(
    struct query *q, const struct phonecfg_server *server, size_t count, struct err *e);

/* The six columns from col on; returns how many there are. */
size_t servers_read(struct query *q, int col, struct phonecfg_server server[SERVERS_MAX]);

#endif
