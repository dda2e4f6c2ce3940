#include "daemon/commands.h"

#include "base/mem.h"
#include "base/text.h"
#include "daemon/phonejson.h"

#include <stdlib.h>
#include <string.h>

#define HISTORY_MAX 100

/* --- add --- */

static bool
check_mic(const char *pem, struct bytes *der, struct err *e)
{
	struct cert *mic = cert_from_pem(span_str(pem), e);

	if (mic == NULL)
		return err_in(e, "MIC");
	*der = bytes_copy(cert_der(mic));
	cert_free(mic);
	return true;
}

struct add {
	struct phone phone;
	struct bytes mic;
};

static bool
store_added(struct store *s, void *arg, struct err *e)
{
	struct add *a = arg;

	return store_phone_put(s, &a->phone, e) &&
	       (a->mic.n == 0 ||
		   store_phone_mic_set(s, a->phone.device.name, bytes_span(&a->mic), e));
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
	const char *mic = args_text(args, "mic");
	struct add a = { 0 };
	struct device d;
	bool ok;

	if (!device_parse(span_str(args_text(args, "name")), &d, e) ||
	    !prepare_added(c, &d, &a.phone, e) ||
	    (*model != '\0' && !phone_set(&a.phone, "model", model, e)) ||
	    (*group != '\0' && !phone_set(&a.phone, "group", group, e)) ||
	    (*mic != '\0' && !check_mic(mic, &a.mic, e)))
		return false;
	ok = store_change(cluster_store(c->cluster), store_added, &a, e);
	bytes_free(&a.mic);
	if (!ok)
		return false;
	core_audit(c, "cli", "phone-added", d.name, "model %s", a.phone.model);
	return phonejson_of(c, &a.phone, result, e);
}

/* --- list and show --- */

/* Any part of name, model, group, operation or status, letters of either case. */
static bool
filter_fits(const struct phone *p, const char *filter)
{
	const char *const fields[] = { p->device.name, p->model, p->group,
		phone_operation_name(p->operation), p->operation_status, phone_lsc_status(p),
		p->last_address };

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (strcasestr(fields[i], filter) != NULL)
			return true;
	return false;
}

/* Records taken out of the store, for work that asks the store again. */
struct phones {
	const char *filter;
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

static bool
collect(void *arg, const struct phone *p)
{
	struct phones *l = arg;

	if (filter_fits(p, l->filter))
		phones_add(l, p);
	return true;
}

bool
command_phone_list(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct phones n = { .filter = args_text(args, "filter") };
	bool ok = store_phone_each(cluster_store(c->cluster), collect, &n, e);

	*result = json_array();
	for (size_t i = 0; ok && i < n.count; i++) {
		json_t *one;

		ok = phonejson_of(c, &n.all[i], &one, e);
		if (ok)
			json_array_append_new(*result, one);
	}
	phones_free(&n);
	if (!ok)
		json_decref(*result);
	return ok;
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

	if (!find_phone(c, args_text(args, "name"), &p, e) || !phonejson_of(c, &p, result, e))
		return false;
	phonejson_add_secret(*result, &p);
	mem_wipe(p.auth_string, sizeof p.auth_string);
	if (!json_is_true(json_object_get(args, "history")))
		return true;
	if (!eventjson_of(c, p.device.name, HISTORY_MAX, &history, e)) {
		json_decref(*result);
		return false;
	}
	json_object_set_new(*result, "history", history);
	return true;
}

/* --- delete and release --- */

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
		    *result, json_pack("{s:s, s:O}", "name", r->all[i].device.name,
				 "empty_list_taken", json_object_get(one, "empty_list_taken")));
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

bool
command_phone_release(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	bool everyone = json_is_true(json_object_get(args, "all"));
	struct phones r = { 0 };
	bool ok = find_released(c, args, &r, e) &&
		  store_change(cluster_store(c->cluster), store_released, &r, e);

	if (ok)
		core_audit(c, "cli", "phones-released", everyone ? "all" : r.all[0].device.name,
		    "%zu phones", r.count);
	ok = ok && release_report(c, &r, result, e);
	phones_free(&r);
	return ok;
}
