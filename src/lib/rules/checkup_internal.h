/*
 * checkup_internal: what the files of checkup share.
 */
#ifndef RULES_CHECKUP_INTERNAL_H
#define RULES_CHECKUP_INTERNAL_H

#include "rules/checkup.h"

struct checkup_run {
	const struct checkup *c;
	checkup_found *found;
	void *arg;
	/* What the words PURPOSE, STORE and SHA256 of a fix stand for; NULL: they are left. */
	const char *purpose, *store, *sha256;
};

/* One finding; fmt makes its what. */
void checkup_find(const struct checkup_run *r, enum checkup_kind k, const char *where,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

void checkup_certs(const struct checkup_run *r);
void checkup_trust(const struct checkup_run *r);
void checkup_lists(const struct checkup_run *r);
void checkup_beliefs(const struct checkup_run *r);

#endif
