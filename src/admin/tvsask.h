/*
 * tvsask: a TVS server looked at and asked as a phone does: `tvs probe`, and whoever must know what
 * a phone will be told.
 *
 * Blocking. A phone tells a TVS server nothing before its certificate matches a TVS record
 * (doc/protocols/phone.md 2.2); here the caller judges what the server showed, with
 * trust_eval_tvs_server.
 */
#ifndef ADMIN_TVSASK_H
#define ADMIN_TVSASK_H

#include "base/err.h"
#include "pki/cert.h"
#include "wire/tvsmsg.h"

#define TVSASK_PORT 2445 /* doc/protocols/tvs.md, section 6 */

/* A name as phones present it, of no phone that exists, so that no server notes a phone here. */
#define TVSASK_DEVICE "CP-8861-SEP000000000000"

struct tvsask_server {
	const char *host; /* address or name */
	uint16_t port;
	bool old_tls; /* as a 7900 does: TLS 1.0 at most, else 1.2 at most (doc/protocols/tls.md) */
};

/* What a phone asks, by where it met the certificate. */
enum tvsask_kind {
	TVSASK_SIGNER, /* a list or file is signed with it: QUERY by subject, issuer and serial */
	TVSASK_HTTPS,  /* a secure URL showed it: VERIFY with the whole certificate */
};

struct tvsask_answer {
	/* TVS vouches for the certificate; of a QUERY also: it sent that very certificate. */
	bool trusted;
	bool other; /* a QUERY was answered with another certificate */
	uint8_t roles[TVSMSG_ROLES_MAX];
	size_t role_count;
	uint32_t ttl; /* seconds that a phone remembers it for */
};

/* "192.0.2.1", "tvs.example.net:2445", "[2001:db8::1]:2445" or "2001:db8::1" into host, which has
 * max bytes, and port, which stays as it is without one. */
must_use bool tvsask_parse(const char *text, char *host, size_t max, uint16_t *port, struct err *e);

/* The certificate that the server shows; the caller's: cert_free. Nothing is asked. Errors: ERR_IO
 * (no connection, no handshake), ERR_AGAIN (a deadline has passed), ERR_MALFORMED. */
must_use bool tvsask_look(const struct tvsask_server *s, struct cert **shown, struct err *e);

/*
 * Asks about a certificate. device: the name that is presented, NULL: TVSASK_DEVICE. *shown (may be
 * NULL): the certificate of the server that answered, the caller's; NULL when it did not come so
 * far. A "no" is no error. Errors: as above; ERR_IO too when the server closes without an answer.
 */
must_use bool tvsask_ask(const struct tvsask_server *s, enum tvsask_kind kind,
    const struct cert *about, const char *device, struct tvsask_answer *answer, struct cert **shown,
    struct err *e);

#endif
