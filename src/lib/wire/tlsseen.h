/*
 * tlsseen: what an onlooker sees of one direction of a TLS connection: the version, the
 * certificate, the alerts.
 *
 * Only what goes over the wire in the clear: records and handshake messages of TLS 1.0 to 1.2
 * until both sides encrypt (RFC 5246 6.2, 7.2, 7.4). With TLS 1.3 the certificate is encrypted
 * (RFC 8446 2). Nothing is verified or decrypted. Facts: doc/protocols/capture.md, section 2.
 */
#ifndef WIRE_TLSSEEN_H
#define WIRE_TLSSEEN_H

#include "base/bytes.h"
#include "base/wr.h"

#define TLSSEEN_HANDSHAKE_MAX 65536 /* bytes of the handshake that are kept of one direction */
#define TLSSEEN_ALERTS_MAX    4

enum tlsseen_version {
	TLSSEEN_1_0 = 0x0301,
	TLSSEEN_1_1 = 0x0302,
	TLSSEEN_1_2 = 0x0303,
	TLSSEEN_1_3 = 0x0304,
};

struct tlsseen_alert {
	uint8_t level; /* 1 warning, 2 fatal; 0: it was encrypted */
	uint8_t description;
};

enum tlsseen_end {
	TLSSEEN_READS,
	TLSSEEN_NOT_TLS, /* what came is no TLS */
	TLSSEEN_TOO_MUCH /* a handshake over TLSSEEN_HANDSHAKE_MAX */
};

/* Starts zeroed; tlsseen_init before use. All facts are plain values. */
struct tlsseen {
	struct wr raw;       /* a record that is not whole yet */
	struct wr handshake; /* messages that are not whole yet */
	enum tlsseen_end end;
	uint16_t version;         /* a server's choice, from its hello; 0: none seen */
	bool hello;               /* a ClientHello or ServerHello came */
	bool encrypts;            /* ChangeCipherSpec came: what follows is not read */
	bool has_certificate;     /* a Certificate message came, maybe an empty one */
	struct bytes certificate; /* DER of the first one in it; p NULL: none */
	struct tlsseen_alert alert[TLSSEEN_ALERTS_MAX];
	size_t alerts; /* further ones are dropped */
};

void tlsseen_init(struct tlsseen *t);
void tlsseen_free(struct tlsseen *t);

/* The next bytes of the direction. */
void tlsseen_feed(struct tlsseen *t, struct span bytes);

/* "unknown CA", "handshake failure" ... as phones' logs name them (RFC 5246 7.2, RFC 8446 6); NULL
 * for a number without a name. */
const char *tlsseen_alert_name(uint8_t description);

/* "TLS 1.2"; NULL: none seen, or another. */
const char *tlsseen_version_name(uint16_t version);

#endif
