/*
 * template_find: templates by name: the administrator's own, else those that the program brings
 * along. An own one with the same name wins.
 */
#ifndef DAEMON_TEMPLATE_FIND_H
#define DAEMON_TEMPLATE_FIND_H

#include "store/store.h"

struct template_found {
	struct store_template t;
	bool builtin; /* its model has all of its families, its time is 0 */
};

/* Errors: ERR_UNKNOWN (with the name), ERR_STORE. Freed with template_found_free. */
must_use bool template_find(
    struct store *s, const char *name, struct template_found *out, struct err *e);
void template_found_free(struct template_found *f);

/* The same without its text. */
must_use bool template_exists(struct store *s, const char *name, struct err *e);

#endif
