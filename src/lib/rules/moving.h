/*
 * moving: whether phones of one cluster take the lists of another (doc/protocols/migration.md).
 *
 * A phone that is sent elsewhere holds the old cluster's lists and believes the old cluster's TVS
 * servers. What it will do follows from those lists, from the new ones, and from what each of these
 * servers shows and answers; who has asked them puts that in here. The boot itself is trust_boot.
 */
#ifndef RULES_MOVING_H
#define RULES_MOVING_H

#include "rules/trust_boot.h"

#define MOVING_SIGNERS_MAX 16

/* Somebody whose signature phones will meet. */
struct moving_signer {
	uint16_t function; /* FUNCTION_SAST: signs lists; FUNCTION_TFTP: signs files */
	struct cert *cert;
	bool known; /* by a record of the lists that phones hold: no TVS is asked */
};

struct moving {
	const struct trustlist *ctl, *itl; /* that phones hold; NULL: none. Loans */
	struct span new_ctl, new_itl;      /* that they will be handed; empty: none. Loans */
	struct moving_signer signer[MOVING_SIGNERS_MAX];
	size_t signers;
};

/*
 * Takes both sides, and finds who signs the new lists (each one's own SAST record) and, by the TFTP
 * and CCM+TFTP records with RSA keys, files. Freed with moving_free. Errors: ERR_MALFORMED,
 * ERR_CRYPTO (a new list is broken, or not signed by a SAST of its own), ERR_LIMIT.
 */
must_use bool moving_open(const struct trustlist *ctl, const struct trustlist *itl,
    struct span new_ctl, struct span new_itl, struct moving *out, struct err *e);
void moving_free(struct moving *m);

/* What a TVS server of the old cluster showed and said. */
struct moving_tvs {
	bool reachable;
	const struct cert *shown;        /* a loan; NULL when it was not reached */
	bool trusts[MOVING_SIGNERS_MAX]; /* by number of the signer: with the function it needs */
};

/* Phones go on with a server that shows this certificate: it is that of a TVS record they hold.
 * Errors: ERR_REFUSED with the reason. */
must_use bool moving_is_believed(const struct moving *m, const struct cert *shown, struct err *e);

/* The boot of a phone that has these servers, in their order; no more than TRUST_BOOT_TVS_MAX are
 * asked. */
void moving_forecast(const struct moving *m, const struct moving_tvs *tvs, size_t count, time_t now,
    struct trust_boot *out);

/* Every list that there is would be taken. */
bool moving_is_taken(const struct trust_boot *boot);

/* The server is reached, believed, and vouches for every signer that phones do not know. */
bool moving_is_well(const struct moving *m, const struct moving_tvs *tvs);

#endif
