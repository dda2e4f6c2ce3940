/*
 * ramsg: what core asks of a registration authority (RA) process, and what it answers: this
 * request, certified by that CA. Typed, length-checked, leftovers refused. Spans of a parsed
 * message are loans.
 */
#ifndef WIRE_RAMSG_H
#define WIRE_RAMSG_H

#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

#define RAMSG_TRUSTED_MAX 64
#define RAMSG_TEXT_MAX    256 /* URL, reference, secret */
#define RAMSG_MAX         (192 * 1024)

/* CHAN_CERTIFY */
struct ra_ask {
	uint32_t id;        /* echoed in the answer */
	uint16_t timeout_s; /* for all of it */
	struct span url;    /* of the CA */
	struct span reference, secret;
	struct span csr;                        /* PKCS#10, PEM */
	struct span trusted[RAMSG_TRUSTED_MAX]; /* DER; who may sign the CA's messages */
	size_t trusted_count;
};

enum ra_outcome { RA_CERTIFIED, RA_NO_ANSWER, RA_REJECTED, RA_BAD_CREDENTIALS, RA_OUTCOMES };

/* CHAN_CERTIFIED */
struct ra_answer {
	uint32_t id;
	enum ra_outcome outcome;
	struct span certificate; /* DER, when certified */
	struct span text;        /* else why, one line */
};

/* Errors: ERR_MALFORMED, ERR_LIMIT. */
must_use bool ra_ask_encode(const struct ra_ask *a, struct wr *out, struct err *e);
must_use bool ra_ask_parse(struct span in, struct ra_ask *out, struct err *e);
must_use bool ra_answer_encode(const struct ra_answer *a, struct wr *out, struct err *e);
must_use bool ra_answer_parse(struct span in, struct ra_answer *out, struct err *e);

#endif
