/*
 * keysize: which models of phones take no key of a size.
 *
 * The largest key of each model: doc/protocols/models.md, column key-max.
 */
#ifndef RULES_KEYSIZE_H
#define RULES_KEYSIZE_H

#include "rules/modeltable.h"

#define KEYSIZE_NAMED_MAX 5 /* models that the error names; the rest is counted */

struct keysize {
	unsigned bits;    /* of an RSA key */
	unsigned taken;   /* the largest that all models take that do not take this one */
	size_t too_small; /* how many of those there are */
	const struct model *named[KEYSIZE_NAMED_MAX];
};

/* Looks at one more model; the table must live as long as *k. Starts zeroed but for bits. */
void keysize_add(struct keysize *k, const struct model *m);

/* Every model that was added takes the size. Errors: ERR_REFUSED, with the models that do not. */
must_use bool keysize_check(const struct keysize *k, struct err *e);

#endif
