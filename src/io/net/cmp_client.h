/*
 * cmp_client: has a CA certify a phone's key over CMP (RFC 4210, 4211), with OpenSSL's own client.
 *
 * Blocks until the CA has answered or the time is over: for a process of its own.
 */
#ifndef NET_CMP_CLIENT_H
#define NET_CMP_CLIENT_H

#include "base/bytes.h"
#include "base/err.h"

#define CMP_TRUSTED_MAX 64

struct cmp_request {
	const char *url;       /* "http://ca.example:80/pkix/"; CMP protects its messages itself */
	const char *reference; /* the name that the CA knows us by */
	struct span secret;    /* shared with it, for the protection of both sides' messages */
	struct span csr; /* PKCS#10 PEM: subject, key and extensions; its signature is not used */
	struct span trusted[CMP_TRUSTED_MAX]; /* DER: who may sign the CA's messages, if it does */
	size_t trusted_count;
	unsigned timeout_s; /* for all of it */
};

enum cmp_outcome {
	CMP_CERTIFIED,
	CMP_NO_ANSWER,       /* not reached, too late, or no CMP */
	CMP_REJECTED,        /* the CA will not certify this */
	CMP_BAD_CREDENTIALS, /* one side does not believe the other's protection */
};

/* Says "this RA has verified the proof of possession" (raVerified): the phone gives only its public
 * key, so nobody else can. Certified: *cert_der is freed with bytes_free; else *e says why, in the
 * CA's words where it has some. */
enum cmp_outcome cmp_certify(const struct cmp_request *r, struct bytes *cert_der, struct err *e);

/* "http://HOST[:PORT]/[PATH]". Errors: ERR_MALFORMED. */
must_use bool cmp_url_check(const char *url, struct err *e);

#endif
