/*
 * replaced: certificates that took the place of others, as cert regenerate, cert import and node
 * set tell of them, and what follows from it.
 */
#ifndef ADMIN_REPLACED_H
#define ADMIN_REPLACED_H

#include <jansson.h>

/* Puts "impact" (impactjson.h) into each of an array from the daemon. */
void replaced_add_impact(json_t *all);

/* Each with its notes and its impact, for people. */
void replaced_print(const json_t *all);

#endif
