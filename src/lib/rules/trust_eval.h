/*
 * trust_eval: what a phone does when it is shown a trust list, a file or a certificate.
 *
 * The phone's own decision procedure, with no phone in it: the simulated phone runs it, and whoever
 * plans a change asks it what each phone would do. Facts: doc/protocols/phone.md, section 2, with
 * their certainty there; row numbers in comments are those of its table 2.3.
 *
 * A verdict may be TRUST_EVAL_ASK: then TVS decides, the question is in the verdict, and
 * trust_eval_tvs_answer ends it. The phone believes TVS about the certificate only; the signature
 * of the file it checks itself.
 */
#ifndef RULES_TRUST_EVAL_H
#define RULES_TRUST_EVAL_H

#include "pki/cert.h"
#include "rules/trust_cache.h"
#include "wire/trustlist.h"

#include <time.h>

/* What a phone holds. All are loans. */
struct trust_eval_state {
	const struct trustlist *ctl, *itl; /* NULL: none */
	size_t tvs_servers;                /* in the last configuration it accepted, 0 to 3 */
	const struct trust_cache *cache;   /* NULL: nothing is cached */
	time_t now;
};

enum trust_eval_kind { TRUST_EVAL_CTL, TRUST_EVAL_ITL };

enum trust_eval_outcome {
	TRUST_EVAL_REJECT,
	TRUST_EVAL_BLIND, /* accepted: nothing is held that could judge it */
	TRUST_EVAL_BY_CTL,
	TRUST_EVAL_BY_ITL,
	TRUST_EVAL_BY_CACHE, /* TVS said so before, and the time it gave has not passed */
	TRUST_EVAL_BY_TVS,
	TRUST_EVAL_ASK, /* not decided: put the question to TVS */
};

/* The question for TVS. Spans are loans from the file or certificate that was judged. */
struct trust_eval_question {
	bool whole_certificate;      /* VERIFY with certificate; else QUERY with the names */
	struct span subject, issuer; /* QUERY */
	struct span serial;          /* QUERY */
	struct span certificate;     /* VERIFY: DER */
	uint16_t function;           /* what it must be good for: SAST, TFTP, APP-SERVER */
};

struct trust_eval_verdict {
	enum trust_eval_outcome outcome;
	bool damaged; /* rejected for its bytes or signature; no lookup could save it (row 27) */
	bool
	    no_record; /* a server's certificate: the lists have no record of its function at all */
	struct trust_eval_question question; /* TRUST_EVAL_ASK */
	char reason[ERR_TEXT_MAX];           /* why, one line, for every outcome */
};

/* What TVS said. */
struct trust_eval_answer {
	bool valid;
	const uint8_t *roles;
	size_t role_count;
	uint32_t ttl;            /* seconds */
	struct span certificate; /* of a QUERY: DER */
};

/* A signed list without TFTP, CCM+TFTP and TVS records, as rollback leaves it (2.1). */
bool trust_eval_list_is_empty(const struct trustlist *list);

/* The phone asks for the signed form of its configuration (2.2 step 5). */
bool trust_eval_wants_signed(const struct trust_eval_state *st);

/* TRUST_EVAL_REJECT is not among the outcomes. */
bool trust_eval_is_accepted(enum trust_eval_outcome outcome);

/* "rejected", "accepted blind", "known to the CTL" ... */
const char *trust_eval_outcome_text(enum trust_eval_outcome outcome);

/* A list as it is offered: what does not depend on who holds what, and is most of the work. */
struct trust_eval_offer {
	bool is_sound; /* it could be read, and its own signer's signature fits (T10, T13, T14) */
	struct trustlist list; /* when it could be read; loans of the file */
	struct err why;        /* not sound */
};

/* Freed with trust_eval_offer_free, sound or not. */
void trust_eval_offer_read(struct span file, struct trust_eval_offer *out);
void trust_eval_offer_free(struct trust_eval_offer *o);

/* What a phone makes of an offer, as of trust_eval_list. */
void trust_eval_offered(const struct trust_eval_state *st, enum trust_eval_kind kind,
    const struct trust_eval_offer *o, struct trust_eval_verdict *out);

/* A new list (VERIFY_LIST; rows 1, 2, 4, 5, 8 to 11, 14 to 17, 22 to 28). */
void trust_eval_list(const struct trust_eval_state *st, enum trust_eval_kind kind, struct span file,
    struct trust_eval_verdict *out);

/* A signed or encrypted file (VERIFY_FILE; rows 6, 12, 13, 18, 19, 27, 28). */
void trust_eval_file(
    const struct trust_eval_state *st, struct span file, struct trust_eval_verdict *out);

/* An unsigned configuration (rows 3 and 6). */
void trust_eval_plain(const struct trust_eval_state *st, struct trust_eval_verdict *out);

/* The certificate of an HTTPS server (VERIFY_HTTPS; rows 7, 20, 21). */
void trust_eval_https(
    const struct trust_eval_state *st, const struct cert *c, struct trust_eval_verdict *out);

/* The certificate of a server of files over HTTPS (files.md 8): of a TFTP or CCM+TFTP record, else
 * as VERIFY_HTTPS. */
void trust_eval_file_server(
    const struct trust_eval_state *st, const struct cert *c, struct trust_eval_verdict *out);

/* The certificate of a TVS server: by record only (row 29). */
void trust_eval_tvs_server(
    const struct trust_eval_state *st, const struct cert *c, struct trust_eval_verdict *out);

/* The certificate of a CAPF server: by record only (VERIFY_CAPF; row 30). */
void trust_eval_capf(
    const struct trust_eval_state *st, const struct cert *c, struct trust_eval_verdict *out);

/* The roles of TVS's answer let its certificate be used as this function: TFTP also by CCM+TFTP
 * (doc/protocols/tvs.md, section 6, documented). */
bool trust_eval_roles_allow(const uint8_t *roles, size_t count, uint16_t function);

/*
 * Ends a verdict of TRUST_EVAL_ASK with what TVS said. file: the one that was judged, empty for an
 * HTTPS certificate. A trusted certificate enters the cache (which may be NULL) for as long as TVS
 * said.
 */
void trust_eval_tvs_answer(const struct trust_eval_state *st,
    const struct trust_eval_answer *answer, struct span file, struct trust_cache *cache,
    struct trust_eval_verdict *verdict);

#endif
