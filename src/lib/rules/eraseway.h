/*
 * eraseway: how a phone that is cut off loses its trust lists: at its menu, or with all its
 * settings.
 *
 * Keys of each model: doc/protocols/models.md, by way of the table of models.
 */
#ifndef RULES_ERASEWAY_H
#define RULES_ERASEWAY_H

#include "rules/modeltable.h"

enum eraseway {
	ERASEWAY_MENU,    /* its menu erases the lists */
	ERASEWAY_FACTORY, /* only a factory reset does */
	ERASEWAY_UNKNOWN, /* the model is not in the table */
};

/* model NULL: unknown. */
enum eraseway eraseway_of(const struct model *model);

/* "menu", "factory-reset", "unknown". */
const char *eraseway_name(enum eraseway w);

#endif
