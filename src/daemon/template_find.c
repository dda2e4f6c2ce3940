#include "daemon/template_find.h"

#include "rules/templates.h"

#include <stdio.h>

static void
take_builtin(const struct template_builtin *b, struct template_found *out)
{
	out->builtin = true;
	snprintf(out->t.name, sizeof out->t.name, "%s", b->name);
	snprintf(out->t.model, sizeof out->t.model, "%s", b->families);
	out->t.xml = bytes_copy(b->xml);
}

bool
template_find(struct store *s, const char *name, struct template_found *out, struct err *e)
{
	struct template_builtin b;
	bool found;

	*out = (struct template_found){ 0 };
	if (!store_template_get(s, name, &out->t, &found, e))
		return false;
	if (found)
		return true;
	if (!templates_find(name, &b))
		return err_set(e, ERR_UNKNOWN, "there is no template %.60s", name);
	take_builtin(&b, out);
	return true;
}

void
template_found_free(struct template_found *f)
{
	store_template_free(&f->t);
}

bool
template_exists(struct store *s, const char *name, struct err *e)
{
	struct template_found f;

	if (!template_find(s, name, &f, e))
		return false;
	template_found_free(&f);
	return true;
}
