/*
 * moveplan: what phones come to that are sent from one cluster to another, as far as lists and
 * trust stores say it; what servers answer in truth is asked by `migrate verify` (rules/moving.h).
 */
#ifndef RULES_MOVEPLAN_H
#define RULES_MOVEPLAN_H

#include "rules/handout.h"
#include "rules/moving.h"

/* Phones that leave: for which of those who sign at the new cluster our TVS speaks, or would with
 * the certificates given imported. */
struct moveplan_vouch {
	bool vouched[MOVING_SIGNERS_MAX]; /* by number of the signer */
	size_t missing;                   /* signers that are not */
	struct trustview *view;           /* of those that are */
};

/* given: certificates of signers, as migrate import takes them. Freed with moveplan_vouch_free. */
void moveplan_vouch_make(const struct moving *m, const struct trustview *ours,
    struct cert *const *given, size_t count, struct moveplan_vouch *out);
void moveplan_vouch_free(struct moveplan_vouch *v);

/* Phones that come: what one that holds these lists (either may be NULL) does with what is served
 * here. */
struct moveplan_arrival {
	enum handout_outcome outcome;
	bool if_vouched; /* TVS: of the cluster that it leaves, once that speaks for our signers */
	char reason[ERR_TEXT_MAX];
};
void moveplan_arrive(const struct trustlist *ctl, const struct trustlist *itl,
    const struct handout_world *here, struct moveplan_arrival *out);

#endif
