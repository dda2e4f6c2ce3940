/*
 * capf: both ends of a CAPF conversation; the order of messages is a table in each file
 * (doc/protocols/capf.md, section 5.4).
 *
 * The server asks ASK_CAPF_START, ASK_CAPF_ISSUE and, before END_SESSION leaves, ASK_CAPF_FINISH.
 */
#ifndef TALK_CAPF_H
#define TALK_CAPF_H

#include "base/bytes.h"
#include "talk/session.h"
#include "wire/capfmsg.h"

extern const struct session_kind capf_server; /* plan: NULL */

/* What a phone shows of itself; spans are loans until the next call. Empty ones are left out. */
struct capf_client_proof {
	struct span certificate, signed_data, sha2_signed, sudi;
};

/* The phone's side. Its key and certificate are reached through calls, so that the session holds
 * none. */
struct capf_client_plan {
	const char *device;
	const char *password; /* "" when none */
	/* By existing certificate: shows it and signs for this session; NULL: nothing is shown. */
	bool (*prove)(void *arg, uint32_t session, struct capf_client_proof *out, struct err *e);
	/* Makes a key and gives its SubjectPublicKeyInfo; false: key generation failed. */
	bool (*make_key)(void *arg, uint8_t key_type, uint16_t key_size, uint8_t curve,
	    struct bytes *spki, struct err *e);
	/* Checks and keeps the certificate; false: refused. */
	bool (*store)(void *arg, struct span certificate, struct err *e);
	/* A certificate of this type (enum capfmsg_cert_type), for fetch; false when there is none.
	 */
	bool (*fetch)(void *arg, uint8_t cert_type, struct bytes *certificate);
	/* Erases LSC and key; false when there is none. */
	bool (*erase)(void *arg);
	void *arg;
	struct capf_client_result *result;
};

struct capf_client_result {
	bool ended;     /* END_SESSION came */
	uint8_t reason; /* its reason */
	bool installed, deleted, fetched;
	bool retry; /* the server says that it has to come again later */
	char last[32]; /* the last message that came, by name */
};

extern const struct session_kind capf_client; /* plan: struct capf_client_plan */

#endif
