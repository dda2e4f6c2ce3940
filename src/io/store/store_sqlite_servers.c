#include "store/store_sqlite_servers.h"

_Static_assert(PHONECFG_MANAGERS_MAX == SERVERS_MAX, "the columns hold a whole group");
_Static_assert(STORE_REMOTE_ADDRESSES == SERVERS_MAX, "the columns hold all addresses");

bool
servers_bind(struct query *q, const struct phonecfg_server *server, size_t count, struct err *e)
{
	if (count == 0 || count > SERVERS_MAX)
		return err_set(e, ERR_LIMIT, "%zu servers, expected 1 to %d", count, SERVERS_MAX);
	for (size_t i = 0; i < SERVERS_MAX; i++) {
		query_text(q, i < count ? server[i].host : "");
		query_int(q, i < count ? server[i].port : 0);
	}
	return true;
}

size_t
servers_read(struct query *q, int col, struct phonecfg_server server[SERVERS_MAX])
{
	size_t count = 0;

	for (int i = 0; i < SERVERS_MAX; i++) {
		query_col_text(q, col + 2 * i, server[i].host, sizeof server[i].host);
		server[i].port = (uint16_t)query_col_int(q, col + 2 * i + 1);
		count += server[i].host[0] != '\0';
	}
	return count;
}
