#include "daemon/commands.h"

#include "base/mem.h"
#include "daemon/core_forget.h"
#include "daemon/phonejson.h"
#include "daemon/phonesettings.h"

#include <stdlib.h>
#include <string.h>

#define IMPORT_ROWS_MAX 100000

/* --- set --- */

struct set {
	struct core *core;
	const json_t *names, *settings;
	struct phone *done;
	size_t count;
};

static bool
set_stored(struct store *s, void *arg, struct err *e)
{
	struct set *set = arg;
	char names[ERR_TEXT_MAX];
	size_t i;
	json_t *name;

	json_array_foreach((json_t *)(uintptr_t)set->names, i, name)
	{
		const char *text = json_string_value(name);
		struct phone *p = &set->done[i];
		bool found;

		if (text == NULL)
			return err_set(e, ERR_MALFORMED, "names: expected texts");
		if (!store_phone_get(s, text, p, &found, e))
			return false;
		if (!found)
			return err_set(e, ERR_UNKNOWN, "no phone %.60s", text);
		if (!phonesettings_apply(set->core, p, set->settings, e) ||
		    !phonesettings_store(s, p, set->settings, e))
			return err_in(e, "%s", text);
		core_audit(set->core, "cli", "phone-set", text, "%s: operation %s, %s",
		    phonesettings_names(set->settings, names, sizeof names),
		    phone_operation_name(p->operation), p->operation_status);
		set->count++;
	}
	return true;
}

static void
forget_set(const struct set *set)
{
	if (set->count > CORE_FORGET_EACH_MAX) {
		core_forget_all(set->core);
		return;
	}
	for (size_t i = 0; i < set->count; i++)
		core_forget_device(set->core, set->done[i].device.name);
}

bool
command_phone_set(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct set set = { .core = c,
		.names = json_object_get(args, "names"),
		.settings = json_object_get(args, "settings") };
	size_t count = json_array_size(set.names);
	bool ok;

	if (count == 0)
		return err_set(e, ERR_MALFORMED, "no phone is named");
	if (json_object_size(set.settings) == 0)
		return err_set(e, ERR_MALFORMED, "nothing to set");
	if (count > 1 && args_text(set.settings, "mic")[0] != '\0')
		return err_set(e, ERR_REFUSED, "a MIC is that of one phone: name only that one");
	set.done = mem_new(count, sizeof *set.done);
	ok = store_change(cluster_store(c->cluster), set_stored, &set, e);
	if (ok)
		forget_set(&set);
	*result = json_array();
	for (size_t i = 0; ok && i < set.count; i++) {
		json_t *one;

		ok = phonejson_of(c, &set.done[i], &one, e);
		if (!ok)
			break;
		if (json_object_get(set.settings, "auth-string") != NULL)
			phonejson_add_secret(one, &set.done[i]);
		json_array_append_new(*result, one);
	}
	mem_wipe_free(set.done, count * sizeof *set.done);
	if (!ok)
		json_decref(*result);
	return ok;
}

/* --- import: all or nothing, each bad row named --- */

struct import {
	struct core *core;
	const json_t *rows; /* objects of column and value, and "line" of the file */
	json_t *lines;      /* by phone: the line that has it */
	json_t *bad;
	size_t added, changed;
	bool dry_run;
};

/* One line for each phone: with two of them nobody could say which one counts. */
static bool
import_once(struct import *im, const json_t *row, const struct device *d, struct err *e)
{
	const json_t *before = json_object_get(im->lines, d->name);

	if (before != NULL)
		return err_set(e, ERR_CONFLICT, "%s is in line %lld already", d->name,
		    (long long)json_integer_value(before));
	json_object_set_new(
	    im->lines, d->name, json_integer(json_integer_value(json_object_get(row, "line"))));
	return true;
}

static bool
import_row(struct store *s, struct import *im, const json_t *row, struct err *e)
{
	const char *name = args_text(row, "name");
	struct device d;
	struct phone p;
	bool found;

	if (!device_parse(span_str(name), &d, e) || !import_once(im, row, &d, e) ||
	    !store_phone_get(s, d.name, &p, &found, e))
		return false;
	if (!found)
		p = phone_new(&d, PHONE_ADDED);
	p.origin = PHONE_ADDED;
	if (!phonesettings_apply(im->core, &p, row, e) || !phonesettings_store(s, &p, row, e))
		return false;
	if (found)
		im->changed++;
	else
		im->added++;
	return true;
}

static bool
import_stored(struct store *s, void *arg, struct err *e)
{
	struct import *im = arg;
	size_t i;
	json_t *row;

	json_array_foreach((json_t *)(uintptr_t)im->rows, i, row)
	{
		struct err why = { 0 };

		if (import_row(s, im, row, &why))
			continue;
		if (why.code == ERR_STORE)
			return err_set(e, ERR_STORE, "%s", why.text);
		json_array_append_new(
		    im->bad, json_pack("{s:O?, s:o}", "line", json_object_get(row, "line"),
				 "reason", json_text(why.text)));
	}
	/* false undoes everything, which is what a dry run is too */
	return !im->dry_run && json_array_size(im->bad) == 0;
}

static void
forget_imported(struct core *c, const json_t *rows)
{
	size_t i;
	json_t *row;

	if (json_array_size(rows) > CORE_FORGET_EACH_MAX) {
		core_forget_all(c);
		return;
	}
	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
	{
		core_forget_device(c, args_text(row, "name"));
	}
}

/* The result names bad rows; then, and in a dry run, nothing is changed. */
bool
command_phone_import(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct import im = { .core = c,
		.rows = json_object_get(args, "rows"),
		.dry_run = json_is_true(json_object_get(args, "dry_run")) };
	bool ok;

	if (json_array_size(im.rows) > IMPORT_ROWS_MAX)
		return err_set(e, ERR_LIMIT, "%zu rows; at most %d at once",
		    json_array_size(im.rows), IMPORT_ROWS_MAX);
	im.lines = json_object();
	im.bad = json_array();
	ok = store_change(cluster_store(c->cluster), import_stored, &im, e);
	json_decref(im.lines);
	if (!ok && e->code != ERR_NONE) {
		json_decref(im.bad);
		return false;
	}
	if (ok) {
		core_audit(c, "cli", "phones-imported", "", "%zu added, %zu changed", im.added,
		    im.changed);
		forget_imported(c, im.rows);
	}
	*result = json_pack("{s:I, s:I, s:b, s:o}", "added", (json_int_t)im.added, "changed",
	    (json_int_t)im.changed, "dry_run", im.dry_run, "bad", im.bad);
	return true;
}
