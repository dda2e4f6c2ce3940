/*
 * phonecfg_moulds: configurations built with what was kept from building those of other phones.
 */
#ifndef RULES_PHONECFG_MOULDS_H
#define RULES_PHONECFG_MOULDS_H

#include "rules/phonecfg.h"

struct phonecfg_moulds;

/* Keeps at most so many bytes; what was not used for longest makes room. */
struct phonecfg_moulds *phonecfg_moulds_new(size_t bytes_max);

void phonecfg_moulds_free(struct phonecfg_moulds *all); /* safe with NULL */

/* What phonecfg_build gives, stamp included, with the same errors. */
must_use bool phonecfg_moulds_build(struct phonecfg_moulds *all, struct span xml,
    const struct phonecfg_wish *w, struct bytes *out, char stamp[PHONECFG_STAMP_MAX],
    struct err *e);

/* How many it holds. */
size_t phonecfg_moulds_count(const struct phonecfg_moulds *all);

#endif
