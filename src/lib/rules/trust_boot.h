/*
 * trust_boot: what one boot of a phone comes to, from what it holds and what servers would show it.
 *
 * The order is that of doc/protocols/phone.md 2.2; each step is judged by trust_eval, as the
 * simulated phone judges it. What a plan forecasts, and what keeps a list from being published that
 * a phone would refuse, is this. Nothing is cached: a boot begins with an empty cache.
 */
#ifndef RULES_TRUST_BOOT_H
#define RULES_TRUST_BOOT_H

#include "rules/trust_eval.h"
#include "rules/trustview.h"

#define TRUST_BOOT_TVS_MAX 3 /* in a configuration (phone.md 2.1) */

/* A TVS server as it will be. */
struct trust_boot_tvs {
	bool reachable;
	const struct cert *cert;       /* that it shows */
	const struct trustview *vouch; /* what it answers from */
};

/* All are loans. */
struct trust_boot_world {
	struct span ctl, itl; /* the lists that are served; empty: not found */
	/* The same, read, for who boots many phones; NULL: each boot reads its own. */
	const struct trust_eval_offer *ctl_read, *itl_read;
	struct span config;              /* its configuration, signed; empty: not found */
	const struct cert *https, *capf; /* of a secure URL, of CAPF; NULL: not called */
	/* The TVS servers of the configuration that it holds, in their order, and those of the one
	 * that is served, which it asks when it has taken that. */
	struct trust_boot_tvs tvs[TRUST_BOOT_TVS_MAX], next_tvs[TRUST_BOOT_TVS_MAX];
	size_t tvs_count, next_tvs_count;
	time_t now;
};

enum trust_boot_how {
	TRUST_BOOT_NOTHING, /* there was nothing to be judged */
	TRUST_BOOT_REJECTED,
	TRUST_BOOT_BLIND,     /* nothing was held that could judge it */
	TRUST_BOOT_BY_RECORD, /* of a list that is held */
	TRUST_BOOT_BY_TVS,
};

struct trust_boot_step {
	enum trust_boot_how how;
	bool by_ctl;               /* BY_RECORD: of the CTL, not of the ITL */
	size_t tvs;                /* BY_TVS: which server said so, 0 for the first */
	char reason[ERR_TEXT_MAX]; /* one line */
};

struct trust_boot {
	struct trust_boot_step ctl, itl, config, https, capf;
	/* Lists and configurations of this cluster reach it no more: neither was taken, though
	 * there were some. */
	bool lost;
};

/* "none", "rejected", "blind", "record", "tvs". */
const char *trust_boot_how_name(enum trust_boot_how how);

bool trust_boot_is_taken(const struct trust_boot_step *s);

/* held: the lists before the boot, which may be NULL. */
void trust_boot(const struct trustlist *ctl, const struct trustlist *itl,
    const struct trust_boot_world *w, struct trust_boot *out);

#endif
