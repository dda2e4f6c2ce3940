#include "daemon/commands.h"

#include "base/mem.h"
#include "base/text.h"
#include "daemon/core_forget.h"
#include "daemon/phonedetail.h"
#include "daemon/phonejson.h"
#include "daemon/phonepage.h"
#include "daemon/phoneprogress.h"
#include "daemon/phonesettings.h"

#include <stdlib.h>
#include <string.h>

#define HISTORY_MAX 100

/* --- add --- */

struct add {
	struct phone phone;
	struct core *core;
	const json_t *settings; /* NULL: none besides */
};

static bool
store_added(struct store *s, void *arg, struct err *e)
{
	struct add *a = arg;

	return phonesettings_apply(a->core, &a->phone, a->settings, e) &&
	       phonesettings_store(s, &a->phone, a->settings, e);
}

/* A phone that was only seen, or released, becomes a known one; one that is known already is a
 * conflict. */
static bool
prepare_added(struct core *c, const struct device *d, struct phone *p, struct err *e)
{
	bool found;

	if (!store_phone_get(cluster_store(c->cluster), d->name, p, &found, e))
		return false;
	if (!found) {
		*p = phone_new(d, PHONE_ADDED);
		return true;
	}
	if (p->origin == PHONE_ADDED && !p->released)
		return err_set(e, ERR_CONFLICT, "%s exists already", d->name);
	p->origin = PHONE_ADDED;
	p->released = false;
	return true;
}

bool
command_phone_add(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *model = args_text(args, "model"), *group = args_text(args, "group");
	struct add a = { .core = c, .settings = json_object_get(args, "settings") };
	struct device d;

	if (!device_parse(span_str(args_text(args, "name")), &d, e) ||
	    !prepare_added(c, &d, &a.phone, e) ||
	    (*model != '\0' && !phone_set(&a.phone, "model", model, e)) ||
	    (*group != '\0' && !phone_set(&a.phone, "group", group, e)) ||
	    !store_change(cluster_store(c->cluster), store_added, &a, e))
		return false;
	core_audit(c, "cli", "phone-added", d.name, "model %s", a.phone.model);
	core_forget_device(c, d.name);
	return phonejson_of(c, &a.phone, result, e);
}

/* --- list and show --- */

static bool
listed(struct core *c, const json_t *args, const struct phone *p, json_t **out, struct err *e)
{
	(void)args;
	return phonejson_of(c, p, out, e);
}

bool
command_phone_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	return phonepage_run(c, args, listed, result, e);
}

static bool
find_phone(struct core *c, const char *name, struct phone *p, struct err *e)
{
	struct device d;
	bool found;

	if (!device_parse(span_str(name), &d, e) ||
	    !store_phone_get(cluster_store(c->cluster), d.name, p, &found, e))
		return false;
	return found || err_set(e, ERR_UNKNOWN, "no phone %s", d.name);
}

bool
command_phone_show(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	json_t *history;
	struct phone p;
	bool ok;

	/* Who has just reset the phone is not to be told of the boot before. */
	if (!core_sightings_write(c, e) || !find_phone(c, args_text(args, "name"), &p, e) ||
	    !phonejson_of(c, &p, result, e))
		return false;
	phonejson_add_secret(*result, &p);
	mem_wipe(p.auth_string, sizeof p.auth_string);
	ok = phonedetail_add(c, &p, json_is_true(json_object_get(args, "values")), *result, e);
	ok = ok && phoneprogress_add(c, &p, *result, e);
	if (ok && json_is_true(json_object_get(args, "history"))) {
		ok = phoneprogress_history(c, &p, *result, e) &&
		     eventjson_of(c, p.device.name, HISTORY_MAX, &history, e);
		if (ok)
			json_object_set_new(*result, "history", history);
	}
	if (!ok)
		json_decref(*result);
	return ok;
}

/* --- delete and release --- */

/* Records taken out of the store, for work that asks the store again. */
struct phones {
	struct phone *all;
	size_t count;
};

static void
phones_add(struct phones *l, const struct phone *p)
{
	if ((l->count & (l->count - 1)) == 0)
		l->all = mem_grow(l->all, l->count ? l->count * 2 : 1, sizeof *l->all);
	l->all[l->count++] = *p;
}

static void
phones_free(struct phones *l)
{
	mem_wipe_free(l->all, l->count * sizeof *l->all);
}

bool
command_phone_delete(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *name = args_text(args, "name");
	bool found;

	if (!store_phone_remove(cluster_store(c->cluster), name, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_UNKNOWN, "no phone %.60s", name);
	core_audit(c, "cli", "phone-deleted", name, "%s", "");
	core_forget_device(c, name);
	*result = json_pack("{s:s}", "name", name);
	return true;
}

static bool
collect_added(void *arg, const struct phone *p)
{
	if (p->origin == PHONE_ADDED)
		phones_add(arg, p);
	return true;
}

static bool
store_released(struct store *s, void *arg, struct err *e)
{
	struct phones *r = arg;

	for (size_t i = 0; i < r->count; i++) {
		r->all[i].released = true;
		if (!store_phone_put(s, &r->all[i], e))
			return false;
	}
	return true;
}

/* When the empty list was handed out under each phone's name; null: not yet. */
static bool
release_report(struct core *c, const struct phones *r, json_t **result, struct err *e)
{
	*result = json_array();
	for (size_t i = 0; i < r->count; i++) {
		json_t *one;

		if (!phonejson_of(c, &r->all[i], &one, e)) {
			json_decref(*result);
			return false;
		}
		json_array_append_new(
		    *result, json_pack("{s:s, s:O, s:O}", "name", r->all[i].device.name,
				 "empty_list_taken", json_object_get(one, "empty_list_taken"),
				 "holds_ctl", json_object_get(one, "holds_ctl")));
		json_decref(one);
	}
	return true;
}

/* The phones that args name; all of them, or one. */
static bool
find_released(struct core *c, const json_t *args, struct phones *r, struct err *e)
{
	struct phone one;

	if (json_is_true(json_object_get(args, "all")))
		return store_phone_each(cluster_store(c->cluster), collect_added, r, e);
	if (!find_phone(c, args_text(args, "name"), &one, e))
		return false;
	(void)collect_added(r, &one);
	return r->count > 0 ||
	       err_set(e, ERR_REFUSED,
		   "%s was only seen: it never was handed a list of this cluster", one.device.name);
}

static void
forget(struct core *c, const struct phones *r)
{
	if (r->count == 1)
		core_forget_device(c, r->all[0].device.name);
	else
		core_forget_all(c);
}

bool
command_phone_release(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	bool everyone = json_is_true(json_object_get(args, "all"));
	struct phones r = { 0 };
	bool ok = find_released(c, args, &r, e) &&
		  store_change(cluster_store(c->cluster), store_released, &r, e);

	if (ok) {
		core_audit(c, "cli", "phones-released", everyone ? "all" : r.all[0].device.name,
		    "%zu phones", r.count);
		forget(c, &r);
	}
	ok = ok && release_report(c, &r, result, e);
	phones_free(&r);
	return ok;
}
