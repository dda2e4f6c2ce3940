#include "daemon/commands.h"

#include "base/mem.h"
#include "daemon/phonejson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define GENERATED_DIGITS 10
#define IMPORT_ROWS_MAX  100000

/* --- settings of one record --- */

static bool
generate_auth_string(struct phone *p, struct err *e)
{
	uint8_t raw[64];
	size_t n = 0;

	if (getrandom(raw, sizeof raw, 0) != (ssize_t)sizeof raw)
		return err_sys(e, "cannot make an authentication string");
	for (size_t i = 0; i < sizeof raw && n < GENERATED_DIGITS; i++)
		if (raw[i] < 250) /* so that every digit is as likely as any other */
			p->auth_string[n++] = (char)('0' + raw[i] % 10);
	mem_wipe(raw, sizeof raw);
	p->auth_string[n] = '\0';
	return n == GENERATED_DIGITS ||
	       err_set(e, ERR_AGAIN, "cannot make an authentication string");
}

static bool
set_one(struct phone *p, const char *name, const json_t *value, struct err *e)
{
	const char *text = json_string_value(value);

	if (text == NULL)
		return err_set(e, ERR_MALFORMED, "setting %.40s: expected a text", name);
	if (strcmp(name, "operation") == 0)
		return true; /* last: it depends on the others */
	if (strcmp(name, "auth-string") == 0 && strcmp(text, "generate") == 0)
		return generate_auth_string(p, e);
	return phone_set(p, name, text, e);
}

static bool
set_operation(struct phone *p, const char *text, struct err *e)
{
	enum phone_operation operation;

	if (!phone_operation_from_name(text, &operation))
		return err_set(e, ERR_MALFORMED,
		    "operation \"%.40s\": expected install-upgrade, delete, troubleshoot or none",
		    text);
	return phone_set_operation(p, operation, core_now(), e);
}

/* What an import row has besides. */
static bool
is_no_setting(const char *name)
{
	return strcmp(name, "name") == 0 || strcmp(name, "line") == 0;
}

/* All settings of an object, and the deadline judged at once. */
static bool
apply(struct phone *p, const json_t *settings, struct err *e)
{
	const char *operation = json_string_value(json_object_get(settings, "operation"));
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)settings, name,
	    value) if (!is_no_setting(name) && !set_one(p, name, value, e)) return false;
	if (operation != NULL && *operation != '\0' && !set_operation(p, operation, e))
		return false;
	if (p->operation != PHONE_OPERATION_NONE && p->complete_by != 0 &&
	    core_now() > p->complete_by)
		phone_operation_failed(p, PHONE_FAIL_LATE, core_now());
	return true;
}

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
		if (!apply(p, set->settings, e) || !store_phone_put(s, p, e))
			return err_in(e, "%s", text);
		core_audit(set->core, "cli", "phone-set", text, "operation %s, %s",
		    phone_operation_name(p->operation), p->operation_status);
		set->count++;
	}
	return true;
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
	set.done = mem_new(count, sizeof *set.done);
	ok = store_change(cluster_store(c->cluster), set_stored, &set, e);
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
	if (!apply(&p, row, e) || !store_phone_put(s, &p, e))
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

/* The result names bad rows; then, and in a dry run, nothing is changed. */
bool
command_phone_import(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct import im = { .rows = json_object_get(args, "rows"),
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
	if (ok)
		core_audit(c, "cli", "phones-imported", "", "%zu added, %zu changed", im.added,
		    im.changed);
	*result = json_pack("{s:I, s:I, s:b, s:o}", "added", (json_int_t)im.added, "changed",
	    (json_int_t)im.changed, "dry_run", im.dry_run, "bad", im.bad);
	return true;
}
