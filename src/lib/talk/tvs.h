/*
 * tvs: both ends of a TVS conversation (doc/protocols/tvs.md).
 *
 * The server answers any number of requests on one connection; each becomes ASK_TVS_VERIFY or
 * ASK_TVS_QUERY. The client sends one request and ends with what came back.
 */
#ifndef TALK_TVS_H
#define TALK_TVS_H

#include "base/bytes.h"
#include "talk/session.h"
#include "wire/tvsmsg.h"

extern const struct session_kind tvs_server; /* plan: NULL */

/* What a client asks and, when it ended with TURN_DONE, what it was told. */
struct tvs_client_plan {
	struct tvsmsg request; /* VERIFY or QUERY, with its session id */
	struct tvs_client_result *result;
};

struct tvs_client_result {
	bool answered;
	bool valid;
	uint8_t roles[TVSMSG_ROLES_MAX];
	size_t role_count;
	uint32_t ttl;             /* seconds */
	struct bytes certificate; /* QUERY: DER, owned by whoever owns the result */
};

extern const struct session_kind tvs_client; /* plan: struct tvs_client_plan */

#endif
