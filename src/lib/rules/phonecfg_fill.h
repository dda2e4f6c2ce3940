/*
 * phonecfg_fill: values for the placeholders of a configuration. Internal to phonecfg.
 */
#ifndef RULES_PHONECFG_FILL_H
#define RULES_PHONECFG_FILL_H

#include "rules/phonecfg.h"

struct _xmlDoc;

/* Puts values where "{{key}}" and "{{key|otherwise}}" stand in texts, CDATA sections and
 * attributes. What stands otherwise may hold placeholders ("{{line1.user|{{line1.name}}}}"); what a
 * value says is not looked at again. Errors: ERR_UNKNOWN (no value and nothing otherwise),
 * ERR_MALFORMED (no such form of placeholder; a value that cannot stand in XML), both with the
 * line; ERR_LIMIT (over PHONECFG_MAX bytes filled in). in_attributes: how many attributes had
 * placeholders. */
must_use bool phonecfg_fill(
    struct _xmlDoc *doc, phonecfg_lookup *lookup, void *arg, size_t *in_attributes, struct err *e);

/* Whether XML 1.0 can hold it as text (production [2]): UTF-8 without control characters, U+FFFE
 * and U+FFFF. */
bool phonecfg_fill_may_hold(struct span text);

#endif
