#include "daemon/commands.h"

#include "base/mem.h"
#include "daemon/core_bulk.h"
#include "daemon/phonepage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACE_MAX     100000
#define PHONES_SHOWN 1000 /* of one state, in one answer */

/* --- begin --- */

struct bulk {
	struct core *core;
	const struct phonefilter *filter;
	const json_t *settings;
	bool dry_run, skip_bad;
	struct store_bulk job;
	size_t phones;
	json_t *bad;
	struct err *e;
	bool failed;
};

static bool
check_settings(const json_t *settings, struct err *e)
{
	static const char *const allowed[] = { "operation", "auth-mode", "auth-string", "key-order",
		"rsa-size", "ec-size", "complete-by" };
	enum phone_operation operation;
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)settings, name, value)
	{
		size_t i = 0;

		while (i < sizeof allowed / sizeof allowed[0] && strcmp(name, allowed[i]) != 0)
			i++;
		if (i == sizeof allowed / sizeof allowed[0] || !json_is_string(value))
			return err_set(
			    e, ERR_MALFORMED, "setting \"%.40s\" is none for many phones", name);
	}
	if (!phone_operation_from_name(args_text(settings, "operation"), &operation))
		return err_set(e, ERR_MALFORMED,
		    "operation: expected install-upgrade, delete, troubleshoot or none");
	name = args_text(settings, "auth-string");
	return *name == '\0' || strcmp(name, "generate") == 0 ||
	       err_set(
		   e, ERR_REFUSED, "auth-string: of many phones each gets its own, with generate");
}

/* A phone that was only seen cannot have an operation, and one that was released is on its way to
 * another server: neither was meant. */
static bool
is_meant(const struct bulk *b, const struct phone *p)
{
	return p->origin == PHONE_ADDED && !p->released && phonefilter_fits(b->filter, p);
}

static bool
begin_phone(void *arg, const struct phone *p)
{
	struct bulk *b = arg;
	struct store_bulk_phone one = { .state = STORE_BULK_WAITING, .at = b->job.made };
	struct phone copy = *p;
	struct err why = { 0 };

	if (!is_meant(b, p))
		return true;
	if (!core_bulk_apply(b->core, &copy, b->settings, &why)) {
		one.state = STORE_BULK_SKIPPED;
		snprintf(one.reason, sizeof one.reason, "%s", why.text);
		json_array_append_new(b->bad,
		    json_pack("{s:s, s:o}", "name", p->device.name, "reason", json_text(why.text)));
	} else {
		b->phones++;
	}
	mem_wipe(copy.auth_string, sizeof copy.auth_string);
	snprintf(one.name, sizeof one.name, "%s", p->device.name);
	b->failed = !store_bulk_phone_put(cluster_store(b->core->cluster), b->job.id, &one, b->e);
	return !b->failed;
}

static bool
begin_stored(struct store *s, void *arg, struct err *e)
{
	struct bulk *b = arg;

	b->e = e;
	if (!store_bulk_add(s, &b->job, e) || !store_phone_each(s, begin_phone, b, e) || b->failed)
		return false;
	/* false undoes everything, which is what a dry run is too */
	return !b->dry_run && b->phones > 0 && (b->skip_bad || json_array_size(b->bad) == 0);
}

static bool
describe(const json_t *args, struct bulk *b, struct err *e)
{
	json_int_t pace = json_integer_value(json_object_get(args, "pace"));
	char *settings = json_dumps(b->settings, JSON_COMPACT | JSON_SORT_KEYS);

	if (pace < 0 || pace > PACE_MAX)
		return err_set(e, ERR_MALFORMED, "pace: must be 0 to %d phones a minute", PACE_MAX);
	b->job.made = core_now();
	b->job.pace = (unsigned)pace;
	b->job.paced = b->job.made - (pace > 0 ? (60 + pace - 1) / pace : 0);
	snprintf(b->job.filter, sizeof b->job.filter, "%s%s", args_text(args, "filter"),
	    json_object_get(args, "names") != NULL ? " (names in a file)" : "");
	if (settings == NULL || strlen(settings) >= sizeof b->job.settings) {
		free(settings);
		return err_set(e, ERR_LIMIT, "the settings are too long");
	}
	snprintf(b->job.settings, sizeof b->job.settings, "%s", settings);
	free(settings);
	return true;
}

static bool
begin(struct core *c, struct bulk *b, json_t **result, struct err *e)
{
	bool ok;

	b->bad = json_array();
	ok = store_change(cluster_store(c->cluster), begin_stored, b, e);
	if (!ok && e->code != ERR_NONE) {
		json_decref(b->bad);
		return false;
	}
	if (ok)
		core_audit(c, "cli", "bulk-begun", "", "job %lld: %zu phones, %s",
		    (long long)b->job.id, b->phones, b->job.settings);
	*result =
	    json_pack("{s:o, s:I, s:b, s:o}", "job", ok ? json_integer(b->job.id) : json_null(),
		"phones", (json_int_t)b->phones, "dry_run", b->dry_run, "bad", b->bad);
	return true;
}

/* All or nothing, unless skip_bad; bad phones are named with the reason. */
bool
command_bulk_begin(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct bulk b = { .core = c,
		.settings = json_object_get(args, "settings"),
		.dry_run = json_is_true(json_object_get(args, "dry_run")),
		.skip_bad = json_is_true(json_object_get(args, "skip_bad")) };
	struct phonefilter *filter;
	bool ok;

	if (!check_settings(b.settings, e) || !describe(args, &b, e) ||
	    !phonepage_filter(args, &filter, e))
		return false;
	b.filter = filter;
	if (phonefilter_is_plain(filter))
		ok = err_set(e, ERR_REFUSED,
		    "a bulk operation needs criteria (model is exactly 8861; name is not empty for "
		    "all) or a list of names");
	else
		ok = begin(c, &b, result, e);
	phonefilter_free(filter);
	return ok;
}

/* --- progress --- */

static bool
job_json(struct core *c, const struct store_bulk *b, json_t **out, struct err *e)
{
	size_t counts[STORE_BULK_PHONE_STATES];

	if (!store_bulk_counts(cluster_store(c->cluster), b->id, counts, e))
		return false;
	*out = json_pack("{s:I, s:o, s:s, s:o, s:o, s:i}", "id", (json_int_t)b->id, "made",
	    json_time(b->made), "state", store_bulk_state_name(b->state), "filter",
	    json_text(b->filter), "settings", json_loads(b->settings, 0, NULL), "pace",
	    (int)b->pace);
	for (int s = 0; s < STORE_BULK_PHONE_STATES; s++)
		json_object_set_new(*out,
		    store_bulk_phone_state_name((enum store_bulk_phone_state)s),
		    json_integer((json_int_t)counts[s]));
	return true;
}

struct progress {
	struct core *core;
	json_t *out;
	struct err *e;
	bool failed;
};

static bool
add_job(void *arg, const struct store_bulk *b)
{
	struct progress *p = arg;
	json_t *one;

	p->failed = !job_json(p->core, b, &one, p->e);
	if (!p->failed)
		json_array_append_new(p->out, one);
	return !p->failed;
}

static bool
add_phone(void *arg, const struct store_bulk_phone *p)
{
	json_array_append_new(arg, json_pack("{s:s, s:s, s:o, s:o}", "name", p->name, "state",
				       store_bulk_phone_state_name(p->state), "reason",
				       json_text(p->reason), "at", json_time(p->at)));
	return true;
}

static bool
find_job(struct core *c, const json_t *args, struct store_bulk *b, struct err *e)
{
	json_int_t id = json_integer_value(json_object_get(args, "id"));
	bool found;

	if (!store_bulk_get(cluster_store(c->cluster), id, b, &found, e))
		return false;
	return found || err_set(e, ERR_UNKNOWN, "no bulk job %lld", (long long)id);
}

/* One job with phones that stand out: failed, skipped, and given but not ended. */
static bool
show_job(struct core *c, const struct store_bulk *b, json_t **result, struct err *e)
{
	static const enum store_bulk_phone_state shown[] = { STORE_BULK_FAILED, STORE_BULK_SKIPPED,
		STORE_BULK_GIVEN };
	json_t *phones;

	if (!job_json(c, b, result, e))
		return false;
	phones = json_array();
	json_object_set_new(*result, "phones", phones);
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
		if (!store_bulk_phone_each(cluster_store(c->cluster), b->id, shown[i], "",
			PHONES_SHOWN, add_phone, phones, e)) {
			json_decref(*result);
			return false;
		}
	return true;
}

bool
command_bulk_status(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct progress p = { .core = c, .e = e };
	struct store_bulk b;

	if (json_object_get(args, "id") != NULL)
		return find_job(c, args, &b, e) && show_job(c, &b, result, e);
	p.out = json_array();
	if (!store_bulk_each(cluster_store(c->cluster), false, add_job, &p, e) || p.failed) {
		json_decref(p.out);
		return false;
	}
	*result = p.out;
	return true;
}

/* --- stop, go on, once more --- */

static bool
change_state(struct core *c, struct store_bulk *b, enum store_bulk_state state, const char *event,
    json_t **result, struct err *e)
{
	b->state = state;
	if (!store_bulk_put(cluster_store(c->cluster), b, e))
		return false;
	core_audit(c, "cli", event, "", "job %lld", (long long)b->id);
	return show_job(c, b, result, e);
}

bool
command_bulk_stop(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct store_bulk b;

	if (!find_job(c, args, &b, e))
		return false;
	if (b.state != STORE_BULK_RUNNING)
		return err_set(e, ERR_REFUSED, "bulk job %lld is %s", (long long)b.id,
		    store_bulk_state_name(b.state));
	return change_state(c, &b, STORE_BULK_STOPPED, "bulk-stopped", result, e);
}

bool
command_bulk_resume(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct store_bulk b;

	if (!find_job(c, args, &b, e))
		return false;
	if (b.state != STORE_BULK_STOPPED)
		return err_set(e, ERR_REFUSED, "bulk job %lld is %s", (long long)b.id,
		    store_bulk_state_name(b.state));
	return change_state(c, &b, STORE_BULK_RUNNING, "bulk-resumed", result, e);
}

bool
command_bulk_retry(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct store_bulk b;
	size_t count;

	if (!find_job(c, args, &b, e) ||
	    !store_bulk_retry(cluster_store(c->cluster), b.id, core_now(), &count, e))
		return false;
	if (count == 0)
		return err_set(e, ERR_REFUSED, "no phone of bulk job %lld failed", (long long)b.id);
	return change_state(c, &b, STORE_BULK_RUNNING, "bulk-retried", result, e);
}
