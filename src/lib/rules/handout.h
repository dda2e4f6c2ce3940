/*
 * handout: which list a phone is handed, and whose signature its files carry, so that whatever it
 * may hold accepts them; and what that says of a change (doc/architecture.md, "What a phone
 * believes").
 *
 * A phone is a set of members: the lists of which it may hold any. Each is booted (trust_boot.h)
 * against the lists that are served. Where one would refuse them, or where afterwards no key would
 * be left that all know, the phone is handed a bridge: a list signed by a key that all of them
 * know, with the current keys in it. Where no key is known to all, it is handed bridges in turn, a
 * boot each, until one of them is for what it holds. Members that are doubted do not stand in the
 * way of that: one that really holds such a list refuses the bridge, and goes on with what it has.
 */
#ifndef RULES_HANDOUT_H
#define RULES_HANDOUT_H

#include "rules/trust_boot.h"

/* A key that this cluster still has. */
struct handout_key {
	const struct cert *cert;
	bool signs_files; /* else lists only */
	bool taken_over;  /* another cluster's */
};

struct handout_world {
	struct trust_boot_world served; /* to everybody */
	const struct cert *tftp;        /* whose key signed its config: the current one */
	/* Current ones first, then from the newest to the oldest. */
	const struct handout_key *key;
	size_t key_count;
	bool bridges; /* phones are helped by keys that only they know */
};

/* From the best to the worst but for the last. */
enum handout_outcome {
	HANDOUT_KEEPS,
	HANDOUT_CTL, /* only its CTL knows the signer */
	HANDOUT_TVS, /* it has to ask */
	HANDOUT_RETIRED_KEY,
	HANDOUT_LOST,
	HANDOUT_UNKNOWN,
	HANDOUT_OUTCOMES
};

/* How a boot goes with the lists that are served. */
struct handout_fate {
	enum handout_outcome outcome;
	size_t tvs;                /* HANDOUT_TVS: which server of its configuration, from 0 */
	bool refuses;              /* the ITL; of several: none of them takes it */
	bool no_config;            /* it takes the lists, and no configuration by the current key */
	bool takes_ctl;            /* the one that is served */
	char reason[ERR_TEXT_MAX]; /* one line */
};

/* What a phone may hold; either list may be NULL. Loans. */
struct handout_member {
	const struct trustlist *ctl, *itl;
	const struct handout_fate *fate; /* from handout_boot, in this world; NULL: not known yet */
	/* Everything else that it may hold refused this one when it was handed out, so that it
	 * holds it only if its lists were erased. */
	bool doubted;
};

/* What it is handed at one of several boots. */
struct handout_turn {
	const struct cert *signer; /* of a bridge; NULL: it is handed what everybody is */
	const struct cert *tftp;   /* signs its files */
};

#define HANDOUT_TURNS_MAX 64

struct handout {
	enum handout_outcome outcome;
	size_t tvs;                /* HANDOUT_TVS: which server of its configuration, from 0 */
	const struct cert *signer; /* of a bridge; NULL: it is handed what everybody is */
	bool has_ctl;              /* it may hold a CTL, which needs a bridge of its own */
	bool empty; /* its bridge is an empty list: it is let go, or rollback is prepared */
	const struct cert *tftp; /* signs its files; NULL: the current key. A loan of the world */
	/* There are several, or none: it is handed these in turn, since nothing is for all of its
	 * members. Loans of the world. */
	struct handout_turn turn[HANDOUT_TURNS_MAX];
	size_t turns;
	bool turns_for_all; /* each of its members takes one of them */
	bool no_config;     /* a member takes the lists, and no configuration that can be signed */
	/* Members that there is a key for, whatever the setting of bridges: a doubted one too,
	 * which a phone holds whose lists were erased. */
	size_t reachable;
	bool hopeless; /* none of them is sure: what it may hold without doubt has no key left */
	/* It is handed an ITL that nothing which it may hold takes. */
	bool refuses;
	char reason[ERR_TEXT_MAX]; /* one line */
};

/* A phone that was as before says (NULL: well off) is cut off by what comes after: it would be lost
 * and was not, or something that it may hold has no key left. */
bool handout_cuts_off(const struct handout *before, const struct handout *after);

/* "keeps", "ctl", "tvs", "retired-key", "lost", "unknown". */
const char *handout_outcome_name(enum handout_outcome o);

/* Boots one member. Most of what a decision costs is here, and many phones share a member. */
void handout_boot(
    const struct handout_member *m, const struct handout_world *w, struct handout_fate *out);

/* Members without a fate are booted. */
void handout_decide(const struct handout_member *member, size_t count,
    const struct handout_world *w, struct handout *out);

/* Every member knows the certificate by a record in one of these functions (TRUST_RECORD_ROLE): no
 * question is asked for it. */
bool handout_all_know(
    const struct handout_member *member, size_t count, const struct cert *c, uint32_t roles);

#endif
