#include "rules/eraseway.h"

#include <string.h>

#define NONE "none" /* begins a cell without keys: "none: it keeps no lists" */

static bool
has_keys(const struct model *m, enum modeltable_column c)
{
	const char *keys = m->cell[c].value;

	return keys[0] != '\0' && strncmp(keys, NONE, strlen(NONE)) != 0;
}

enum eraseway
eraseway_of(const struct model *model)
{
	if (model == NULL)
		return ERASEWAY_UNKNOWN;
	if (has_keys(model, MODELTABLE_ERASE))
		return ERASEWAY_MENU;
	return has_keys(model, MODELTABLE_RESET) ? ERASEWAY_FACTORY : ERASEWAY_UNKNOWN;
}

const char *
eraseway_name(enum eraseway w)
{
	static const char *const names[] = { "menu", "factory-reset", "unknown" };

	return names[w];
}
