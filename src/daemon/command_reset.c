#include "daemon/commands.h"

#include "cluster/reset_job.h"
#include "daemon/phonepage.h"
#include "daemon/resetjson.h"

#include <limits.h>
#include <stdio.h>

#define PHONES_SHOWN 1000 /* of one state, in one answer */

/* --- begin --- */

struct begin {
	const struct phonefilter *which;
	bool named; /* phones by name, also ones that were only seen */
	bool dry_run, added;
	char shown[STORE_RESET_FILTER_MAX];
	struct reset_job_settings how;
	struct store_reset job;
	size_t phones;
};

static bool
begin_stored(struct store *s, void *arg, struct err *e)
{
	struct begin *b = arg;

	b->added = reset_job_add(
	    s, b->which, b->named, b->shown, &b->how, core_now(), &b->job, &b->phones, e);
	/* false undoes everything, which is what a dry run is too */
	return b->added && !b->dry_run;
}

static bool
take_number(const json_t *args, const char *name, unsigned *out, struct err *e)
{
	const json_t *value = json_object_get(args, name);
	json_int_t n = json_integer_value(value);

	if (value == NULL)
		return true;
	if (n < 0 || n > INT_MAX)
		return err_set(e, ERR_MALFORMED, "%s: must be 0 to %d", name, INT_MAX);
	*out = (unsigned)n;
	return true;
}

static bool
take_settings(const json_t *args, struct reset_job_settings *how, struct err *e)
{
	const char *kind = args_text(args, "kind");

	*how = reset_job_default();
	if (*kind != '\0' && !reset_kind_from_name(kind, &how->kind))
		return err_set(e, ERR_MALFORMED, "kind: expected reset, restart or apply");
	return take_number(args, "canary", &how->plan.canary, e) &&
	       take_number(args, "wave", &how->plan.wave, e) &&
	       take_number(args, "tolerance", &how->plan.tolerance, e) &&
	       take_number(args, "wait", &how->wait_s, e) &&
	       take_number(args, "again", &how->again, e);
}

/* A name that is not on record is a slip of the pen. */
static bool
names_exist(struct core *c, const json_t *names, struct err *e)
{
	struct phone p;
	size_t i;
	json_t *one;
	bool found;

	json_array_foreach((json_t *)(uintptr_t)names, i, one)
	{
		struct device d;

		if (!device_parse(
			span_str(json_is_string(one) ? json_string_value(one) : ""), &d, e) ||
		    !store_phone_get(cluster_store(c->cluster), d.name, &p, &found, e))
			return false;
		if (!found)
			return err_set(e, ERR_UNKNOWN, "no phone %s", d.name);
	}
	return true;
}

static bool
take_which(
    struct core *c, const json_t *args, struct begin *b, struct phonefilter **filter, struct err *e)
{
	const json_t *names = json_object_get(args, "names");
	const char *text = args_text(args, "filter");
	bool all = json_is_true(json_object_get(args, "all"));

	b->named = names != NULL;
	snprintf(b->shown, sizeof b->shown, "%s%s", all ? "all" : text,
	    names == NULL ? "" : " (by name)");
	if (all && (names != NULL || *text != '\0'))
		return err_set(e, ERR_MALFORMED, "all phones, or some of them: not both");
	if (!names_exist(c, names, e) || !phonepage_filter(args, filter, e))
		return false;
	if (all || !phonefilter_is_plain(*filter))
		return true;
	phonefilter_free(*filter);
	return err_set(e, ERR_REFUSED,
	    "a reset needs names of phones (SEP001122334455), criteria (model is exactly 8861) or "
	    "all");
}

bool
command_phone_reset(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	bool hook = cluster_conf(c->cluster)->reset_hook[0] != '\0';
	struct begin b = { .dry_run = json_is_true(json_object_get(args, "dry_run")) };
	struct phonefilter *filter;
	size_t first = 0;
	bool ok;

	if (!take_settings(args, &b.how, e) || !take_which(c, args, &b, &filter, e))
		return false;
	b.which = filter;
	ok = store_change(cluster_store(c->cluster), begin_stored, &b, e);
	phonefilter_free(filter);
	if (!ok && !(b.added && b.dry_run))
		return false;
	if (ok)
		core_audit(c, "cli", "reset-begun", "", "job %lld: %s of %zu phones",
		    (long long)b.job.id, reset_kind_name(b.how.kind), b.phones);
	for (size_t i = 0; i < b.phones; i++)
		first += resetwave_of(&b.how.plan, i, b.phones) == 1;
	*result = json_pack("{s:o, s:I, s:i, s:I, s:i, s:i, s:b, s:b}", "job",
	    ok ? json_integer(b.job.id) : json_null(), "phones", (json_int_t)b.phones, "waves",
	    (int)b.job.waves, "first_wave", (json_int_t)first, "canary", (int)b.how.plan.canary,
	    "wave_size", (int)b.how.plan.wave, "dry_run", b.dry_run, "hook", hook);
	return true;
}

/* --- progress --- */

struct progress {
	struct core *core;
	json_t *out;
	struct err *e;
	bool failed;
};

static bool
add_job(void *arg, const struct store_reset *r)
{
	struct progress *p = arg;
	json_t *one;

	p->failed = !resetjson_job(p->core, r, &one, p->e);
	if (!p->failed)
		json_array_append_new(p->out, one);
	return !p->failed;
}

static bool
add_phone(void *arg, const struct store_reset_phone *p)
{
	json_array_append_new(arg, resetjson_place(p));
	return true;
}

static bool
find_job(struct core *c, const json_t *args, struct store_reset *r, struct err *e)
{
	json_int_t id = json_integer_value(json_object_get(args, "id"));
	bool found;

	if (!store_reset_get(cluster_store(c->cluster), id, r, &found, e))
		return false;
	return found || err_set(e, ERR_UNKNOWN, "no reset job %lld", (long long)id);
}

/* One job with the phones that are under way or lost. */
static bool
show_job(struct core *c, const struct store_reset *r, json_t **result, struct err *e)
{
	static const enum store_reset_phone_state shown[] = { STORE_RESET_FAILED,
		STORE_RESET_MISSING, STORE_RESET_ASKED, STORE_RESET_SENT, STORE_RESET_OWN,
		STORE_RESET_SKIPPED };
	json_t *phones;

	if (!resetjson_job(c, r, result, e))
		return false;
	phones = json_array();
	json_object_set_new(*result, "places", phones);
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++)
		if (!store_reset_phone_each(cluster_store(c->cluster), r->id, shown[i], 0,
			PHONES_SHOWN, add_phone, phones, e)) {
			json_decref(*result);
			return false;
		}
	return true;
}

bool
command_reset_show(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct progress p = { .core = c, .e = e };
	struct store_reset r;

	if (json_object_get(args, "id") != NULL)
		return find_job(c, args, &r, e) && show_job(c, &r, result, e);
	p.out = json_array();
	if (!store_reset_each(cluster_store(c->cluster), false, add_job, &p, e) || p.failed) {
		json_decref(p.out);
		return false;
	}
	*result = p.out;
	return true;
}

/* --- stop and go on --- */

static bool
change_state(struct core *c, struct store_reset *r, enum store_reset_state state,
    const char *reason, const char *event, json_t **result, struct err *e)
{
	r->state = state;
	snprintf(r->reason, sizeof r->reason, "%s", reason);
	if (!store_reset_put(cluster_store(c->cluster), r, e))
		return false;
	core_audit(c, "cli", event, "", "job %lld", (long long)r->id);
	return show_job(c, r, result, e);
}

static bool
find_in_state(struct core *c, const json_t *args, enum store_reset_state state,
    struct store_reset *r, struct err *e)
{
	return find_job(c, args, r, e) &&
	       (r->state == state || err_set(e, ERR_REFUSED, "reset job %lld is %s",
					 (long long)r->id, store_reset_state_name(r->state)));
}

bool
command_reset_stop(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct store_reset r;

	return find_in_state(c, args, STORE_RESET_RUNNING, &r, e) &&
	       change_state(c, &r, STORE_RESET_STOPPED, "stopped by an administrator",
		   "reset-stopped", result, e);
}

/* What has stopped it does so no more. */
static bool
accept_loss(struct store *s, struct store_reset *r, struct err *e)
{
	struct resetwave_tally t;

	if (!store_reset_tally(s, r->id, r->now, &t, e))
		return false;
	if (resetwave_judge(&t, r->plan.tolerance, false) == RESETWAVE_STOP)
		r->accepted = r->now;
	return true;
}

/* Either those that are lost wait again, or their loss is accepted and the next wave follows. */
bool
command_reset_resume(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	struct store_reset r;
	bool ok;

	if (!find_in_state(c, args, STORE_RESET_STOPPED, &r, e))
		return false;
	ok = json_is_true(json_object_get(args, "retry"))
		 ? store_reset_retry(s, r.id, r.now, core_now(), e)
		 : accept_loss(s, &r, e);
	return ok && change_state(c, &r, STORE_RESET_RUNNING, "", "reset-resumed", result, e);
}
