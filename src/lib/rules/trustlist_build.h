/*
 * trustlist_build: which certificates enter an ITL, in which style.
 *
 * As a real cluster's (doc/protocols/files.md 1.4 and 1.6, phone.md generations): SAST for
 * ITLRecovery (not in G8, which has no such key) and CallManager, TFTP, EC TFTP (not in G8), a TVS
 * record per node (hash style), CAPF (hash style). A list with an EC TFTP record says signer
 * version 1.1 (files.md 1.2).
 */
#ifndef RULES_TRUSTLIST_BUILD_H
#define RULES_TRUSTLIST_BUILD_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/purpose.h"
#include "pki/cert.h"
#include "wire/envelope.h"
#include "wire/trustlist.h"

#define TRUSTLIST_BUILD_NODES_MAX 32
#define TRUSTLIST_WARN_BYTES      52428 /* 80% of 64 KB */

/* Which key signs lists, as the releases of Unified CM: CallManager's in 8.0 to 9.x (G8), which is
 * the only SAST there, and in 10.0 to 11.5 (G10); ITLRecovery's in 12.0 and later (G12). */
enum generation { GENERATION_G8, GENERATION_G10, GENERATION_G12 };

const char *generation_name(enum generation g); /* "G8", "G10", "G12" */
bool generation_from_name(const char *name, enum generation *out);

/* Lists name a second SAST, which can sign in place of the first (a reset). */
bool generation_has_other_signer(enum generation g);

/* Whose key signs lists; other: the other SAST's, which the generation must have. */
enum purpose generation_signer(enum generation g, bool other);

struct trustlist_plan {
	enum generation generation;
	bool other_signer; /* the other SAST key signs (generation_has_other_signer) */
	const struct cert *itlrecovery, *callmanager;
	const struct cert *callmanager_ec;                 /* NULL: no EC TFTP record */
	const struct cert *capf;                           /* NULL: CAPF is not enabled */
	const struct cert *tvs[TRUSTLIST_BUILD_NODES_MAX]; /* one per node */
	size_t tvs_count;
	/* Announced: what they are for in the next list, in addition; NULL: none. */
	const struct cert *next_itlrecovery, *next_callmanager, *next_tvs, *next_capf;
	const char *ec_host; /* DNSNAME of the EC TFTP record, which Unified CM fills */
	bool tftp;           /* the node runs TFTP */
	bool empty;          /* the signed empty list: SAST and CAPF records only */
	enum envelope_digest digest;
	uint32_t timestamp;
};

/* The certificate whose key signs. */
const struct cert *trustlist_plan_signer(const struct trustlist_plan *p);

/* The whole list with room for the signature (signer_sign_list fills it in). Errors: ERR_LIMIT when
 * it would be over 64 KB, with its size and how many records there are; ERR_REFUSED when the
 * signer's key is not RSA. */
must_use bool trustlist_build(const struct trustlist_plan *p, struct bytes *out, struct err *e);

/* An ITL for phones that know old keys only (rules/handout.h): SAST records of the key that they
 * know and of the current signer, and as far as there is room for more of the other current SAST
 * and of announced ones; TFTP records of the key that they know and of the current one,
 * and the current TVS and CAPF. No EC record: phones that fetch over HTTPS do so with the next
 * list. */
struct trustlist_bridge {
	const struct cert *signer; /* whose key signs */
	const struct cert *tftp;   /* NULL: none but the current one */
	unsigned signers;          /* SAST records at most; at least TRUSTLIST_BRIDGE_SIGNERS are */
};

#define TRUSTLIST_BRIDGE_SIGNERS     2
#define TRUSTLIST_BRIDGE_SIGNERS_MAX 5 /* there are no more to be named */

/* As trustlist_build. */
must_use bool trustlist_build_bridge(const struct trustlist_plan *p,
    const struct trustlist_bridge *b, struct bytes *out, struct err *e);

/* How an ITL names a certificate in one function: whole; TVS and CAPF by its hash (files.md 1.4).
 * host: DNSNAME, NULL for the blank that stands there as a rule. Loans from both. */
void trustlist_build_record(
    enum function function, const struct cert *c, const char *host, struct trustlist_record *out);

/* The header of a list: its version is that of every list of Unified CM seen (files.md 1.2).
 * Errors: those of signedfile_envelope. */
struct signedfile_head;
must_use bool trustlist_build_header(
    const struct signedfile_head *head, struct envelope *out, struct err *e);

/* What the header of a list with an EC TFTP record says: signer version 1.1 (files.md 1.2). */
void trustlist_build_mark_ec(struct envelope *env);

/* Any list that phones load. Errors: ERR_LIMIT, as trustlist_build's without its name. */
must_use bool trustlist_build_encode(
    const struct trustlist *list, struct bytes *out, struct err *e);

/* Two lists say the same: equal but for time stamp and signature. */
bool trustlist_same(struct span a, struct span b);

#endif
