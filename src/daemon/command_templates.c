#include "daemon/commands.h"

#include "base/text.h"
#include "daemon/core_forget.h"
#include "daemon/core_wish.h"
#include "daemon/template_find.h"
#include "rules/templates.h"

#include <stdio.h>
#include <string.h>

/* --- showing --- */

static json_t *
template_json(const struct store_template *t, bool builtin)
{
	return json_pack("{s:s, s:o, s:b, s:I, s:o}", "name", t->name, "model",
	    t->model[0] != '\0' ? json_text(t->model) : json_null(), "builtin", builtin, "bytes",
	    (json_int_t)t->xml.n, "changed", json_time(t->changed));
}

static bool
add_template(void *arg, const struct store_template *t)
{
	json_array_append_new(arg, template_json(t, false));
	return true;
}

/* Those of the program that no own one hides. */
static bool
add_builtins(struct store *s, json_t *all, struct err *e)
{
	for (size_t i = 0; i < templates_count(); i++) {
		struct template_found f;

		if (!template_find(s, templates_at(i).name, &f, e))
			return false;
		if (f.builtin)
			json_array_append_new(all, template_json(&f.t, true));
		template_found_free(&f);
	}
	return true;
}

bool
command_template_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct store *s = cluster_store(c->cluster);

	(void)args;
	*result = json_array();
	if (store_template_each(s, add_template, *result, e) && add_builtins(s, *result, e))
		return true;
	json_decref(*result);
	return false;
}

bool
command_template_show(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct template_found f;
	json_t *xml;

	if (!template_find(cluster_store(c->cluster), args_text(args, "name"), &f, e))
		return false;
	xml = json_stringn((const char *)f.t.xml.p, f.t.xml.n);
	*result = template_json(&f.t, f.builtin);
	json_object_set_new(*result, "xml", xml);
	template_found_free(&f);
	return true;
}

/* --- changing --- */

struct change {
	const json_t *args;
	bool fresh; /* it must not be there yet; else it must be */
	struct store_template template;
};

/* Stands in for whatever a phone's record holds: a number may stand anywhere. */
static bool
any_value(void *arg, const char *key, char value[PHONECFG_VALUE_MAX])
{
	(void)arg, (void)key;
	snprintf(value, PHONECFG_VALUE_MAX, "1");
	return true;
}

/* What no phone could be given is refused here, not when the first one asks. */
static bool
take_xml(struct store_template *t, const char *text, struct err *e)
{
	const struct phonecfg_wish wish = { .lookup = any_value, .cert_hash = "" };
	struct bytes filled;

	if (text[0] == '\0')
		return err_set(e, ERR_MALFORMED, "template %s is empty", t->name);
	if (!phonecfg_build(span_str(text), &wish, &filled, NULL, e))
		return err_in(e, "template %s", t->name);
	bytes_free(&filled);
	bytes_free(&t->xml);
	t->xml = bytes_copy(span_str(text));
	return true;
}

static bool
take_model(struct store_template *t, const char *model, struct err *e)
{
	struct phone p = { 0 };

	if (!phone_set(&p, "model", model, e))
		return err_in(e, "template %s", t->name);
	memcpy(t->model, p.model, sizeof t->model);
	return true;
}

static bool
change_stored(struct store *s, void *arg, struct err *e)
{
	struct change *ch = arg;
	struct store_template *t = &ch->template;
	const char *name = args_text(ch->args, "name");
	bool found;

	if (!store_template_get(s, name, t, &found, e))
		return false;
	if (ch->fresh && found)
		return err_set(e, ERR_CONFLICT, "template %s exists already", name);
	if (!ch->fresh && !found)
		return err_set(e, ERR_UNKNOWN, "no template %.60s of your own", name);
	t->changed = core_now();
	return (found || name_check("template", name, t->name, e)) &&
	       (json_object_get(ch->args, "xml") == NULL ||
		   take_xml(t, args_text(ch->args, "xml"), e)) &&
	       (json_object_get(ch->args, "model") == NULL ||
		   take_model(t, args_text(ch->args, "model"), e)) &&
	       store_template_put(s, t, e);
}

static bool
change_template(struct core *c, struct change *ch, json_t **result, struct err *e)
{
	const struct store_template *t = &ch->template;
	bool ok = store_change(cluster_store(c->cluster), change_stored, ch, e);

	if (ok) {
		core_audit(c, "cli", ch->fresh ? "template-added" : "template-set", t->name,
		    "model %s, %zu bytes", t->model[0] != '\0' ? t->model : "none", t->xml.n);
		core_forget_all(c);
		*result = template_json(t, false);
	}
	store_template_free(&ch->template);
	return ok;
}

bool
command_template_add(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct change ch = { .args = args, .fresh = true };

	return change_template(c, &ch, result, e);
}

bool
command_template_set(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct change ch = { .args = args };

	if (json_object_size(args) < 2)
		return err_set(e, ERR_MALFORMED, "nothing to set");
	return change_template(c, &ch, result, e);
}

bool
command_template_delete(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *name = args_text(args, "name");
	bool found;

	if (!store_template_remove(cluster_store(c->cluster), name, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_UNKNOWN, "no template %.60s of your own", name);
	core_audit(c, "cli", "template-deleted", name, "%s", "");
	core_forget_all(c);
	*result = json_pack("{s:s}", "name", name);
	return true;
}

/* --- render --- */

static bool
render(struct core *c, const struct template_found *f, const struct device *d, struct bytes *out,
    struct err *e)
{
	struct core_subject subject;
	struct core_wish wish = { 0 };
	bool ok;

	if (!core_subject_load(c, d, &subject, e))
		return false;
	ok = core_wish_fill(c, &subject, true, &wish, e) &&
	     phonecfg_build(bytes_span(&f->t.xml), &wish.wish, out, NULL, e);
	if (!ok && wish.lookup.code != ERR_NONE)
		*e = wish.lookup;
	core_wish_free(&wish);
	core_subject_free(&subject);
	return ok;
}

bool
command_template_render(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	struct template_found f;
	struct bytes xml;
	struct device d;
	bool ok;

	if (!device_parse(span_str(args_text(args, "phone")), &d, e) ||
	    !template_find(s, args_text(args, "name"), &f, e))
		return false;
	ok = render(c, &f, &d, &xml, e);
	if (ok) {
		*result = json_pack("{s:s, s:s, s:o}", "name", f.t.name, "phone", d.name, "xml",
		    json_stringn((const char *)xml.p, xml.n));
		bytes_wipe(&xml);
	} else
		err_in(e, "template %s", f.t.name);
	template_found_free(&f);
	return ok;
}
