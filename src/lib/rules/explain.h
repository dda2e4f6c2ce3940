/*
 * explain: the phone's decision procedure step by step, in words, for a file that it would be given
 * and lists that it may hold.
 *
 * Nothing is judged here: each step says what trust_eval made of it, and the verdict is that of
 * trust_boot. Names of steps: doc/protocols/phone.md 2.2.
 */
#ifndef RULES_EXPLAIN_H
#define RULES_EXPLAIN_H

#include "rules/trust_boot.h"

#define EXPLAIN_STEPS_MAX 12
#define EXPLAIN_TEXT_MAX  520

struct explain_step {
	const char *name; /* "VERIFY_LIST 3" */
	char text[EXPLAIN_TEXT_MAX];
};

/* What the phone holds, is given, and can ask. All are loans. */
struct explain_case {
	const struct trustlist *ctl, *itl; /* NULL: none */
	struct span file;                  /* a trust list, or a signed or encrypted file */
	/* The lists that are served, which a phone takes before it asks for files; empty: none. Not
	 * looked at for a list. */
	struct span served_ctl, served_itl;
	struct trust_boot_tvs tvs[TRUST_BOOT_TVS_MAX]; /* of its configuration */
	const char *tvs_name[TRUST_BOOT_TVS_MAX];
	size_t tvs_count;
	time_t now;
};

struct explain {
	struct explain_step step[EXPLAIN_STEPS_MAX];
	size_t count;
	struct trust_boot_step verdict; /* never NOTHING */
};

/* The file is a trust list; else it is judged as a signed file. */
bool explain_is_list(struct span file);

void explain(const struct explain_case *c, struct explain *out);

#endif
