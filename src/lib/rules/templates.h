/*
 * templates: the configurations that the program brings along, with placeholders for what differs
 * from phone to phone.
 *
 * Files of share/templates. Each asks for line1.name and line1.password; the other placeholders say
 * what stands otherwise (doc/protocols/config.md, section 8).
 */
#ifndef RULES_TEMPLATES_H
#define RULES_TEMPLATES_H

#include "base/span.h"

struct template_builtin {
	const char *name;     /* "cisco-sip-8800" */
	const char *families; /* of the model table, with spaces between: "8900 9900" */
	struct span xml;      /* lives as long as the program */
};

size_t templates_count(void);

/* In order of name; count is templates_count(). */
struct template_builtin templates_at(size_t i);

/* False: there is none of that name. */
bool templates_find(const char *name, struct template_builtin *out);

/* The one for a family of models. False: there is none. */
bool templates_for_family(const char *family, struct template_builtin *out);

#endif
