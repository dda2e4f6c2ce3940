/*
 * tvsmsg: messages of the Trust Verification Service (TLS, port 2445).
 *
 * Facts: doc/protocols/tvs.md. Rules V1 to V10 are named in errors.
 */
#ifndef WIRE_TVSMSG_H
#define WIRE_TVSMSG_H

#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

#define TVSMSG_HEADER    10
#define TVSMSG_MAX       (TVSMSG_HEADER + 65535)
#define TVSMSG_ROLES_MAX 32
#define TVSMSG_TTL       86400 /* seconds; the default of Unified CM, captured */

enum tvsmsg_command {
	TVSMSG_VERIFY_REQUEST = 1,
	TVSMSG_VERIFY_RESPONSE = 2,
	TVSMSG_QUERY_REQUEST = 3,
	TVSMSG_QUERY_RESPONSE = 4,
};

enum tvsmsg_status { TVSMSG_VALID = 0, TVSMSG_INVALID = 1 };

/* One message; which members are used depends on the command. Absent spans have p NULL.
 * Spans of a parsed message are loans from its bytes. */
struct tvsmsg {
	enum tvsmsg_command command;
	uint8_t reserved; /* ignored when read (V1) */
	uint32_t session_id;
	struct span device;          /* without its leading 01: "CP-8861-SEP..." */
	struct span certificate;     /* DER */
	struct span subject, issuer; /* NUL cut off */
	struct span serial;
	bool has_status;
	uint8_t status;
	bool has_roles;
	uint8_t roles[TVSMSG_ROLES_MAX];
	size_t role_count;
	bool has_ttl;
	uint32_t ttl; /* seconds */
};

/* How many bytes the message at the start of in has: 0 while its header is not there yet.
 * Errors: not protocol 0x57, version 1, command 1 to 4 (V1, V2). */
must_use bool tvsmsg_frame(struct span in, size_t *whole, struct err *e);

/* Reads exactly one message: V1 to V9. A lenient reader of device names. */
must_use bool tvsmsg_parse(struct span in, struct tvsmsg *out, struct err *e);

/* Writes a message in the element order of real devices. Errors: ERR_LIMIT. */
must_use bool tvsmsg_encode(const struct tvsmsg *m, struct wr *out, struct err *e);

/* V10: the response fits the request (command, session id, required elements by status). */
must_use bool tvsmsg_answers(
    const struct tvsmsg *request, const struct tvsmsg *response, struct err *e);

#endif
