/*
 * phonecfg_mould: a built configuration with holes where a template's values stand.
 *
 * Phones that differ in nothing but their values get theirs without the XML being read and written
 * again. What is cast is byte for byte what phonecfg_build gives.
 */
#ifndef RULES_PHONECFG_MOULD_H
#define RULES_PHONECFG_MOULD_H

#include "rules/phonecfg.h"

struct phonecfg_mould;

/* That of a template for a phone's wish. NULL: this one must be built each time (it has no
 * placeholders, has some in attributes, is for rollback, or cannot be built). Owned by the
 * caller. */
struct phonecfg_mould *phonecfg_mould_new(struct span xml, const struct phonecfg_wish *w);

void phonecfg_mould_free(struct phonecfg_mould *m); /* safe with NULL */

/* Whether a value stands in a finished text as it is: not empty, and without what XML writes in
 * another way. */
bool phonecfg_mould_fits(const char *value);

/* What phonecfg_build gives for another phone with the same template and wish. False: its values
 * are there for other keys, or do not fit, or the result is too large; it must be built. */
bool phonecfg_mould_cast(const struct phonecfg_mould *m, phonecfg_lookup *lookup, void *arg,
    struct bytes *out, char stamp[PHONECFG_STAMP_MAX]);

size_t phonecfg_mould_size(const struct phonecfg_mould *m); /* bytes it takes */

#endif
