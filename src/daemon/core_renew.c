#include "daemon/core_renew.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/core_bulk.h"
#include "daemon/core_forget.h"
#include "daemon/core_issuer.h"
#include "daemon/issuerjson.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_MAX 500 /* phones that one step asks whether they can have it */
#define DAY_S    86400
#define WARN_S   ((time_t)ISSUERJSON_WARN_DAYS * DAY_S)
#define HOUR_MIN 60
#define SETTING  "renewal" /* "END COUNT": the window, and phones that were given theirs in it */

/* --- the window --- */

/* That minute of the day that is days away from t's. */
static time_t
at_minute(time_t t, unsigned minute, int days)
{
	struct tm tm;

	localtime_r(&t, &tm);
	tm.tm_mday += days;
	tm.tm_hour = (int)(minute / HOUR_MIN);
	tm.tm_min = (int)(minute % HOUR_MIN);
	tm.tm_sec = 0;
	tm.tm_isdst = -1;
	return mktime(&tm);
}

void
core_renew_window(time_t now, unsigned from_minute, unsigned to_minute, time_t *begin, time_t *end)
{
	*begin = at_minute(now, from_minute, 0);
	if (*begin > now)
		*begin = at_minute(now, from_minute, -1);
	*end = at_minute(*begin, to_minute, to_minute > from_minute ? 0 : 1);
}

/* --- a wave --- */

struct wave {
	struct core *core;
	time_t now, begin, end, issuer_ends;
	size_t given, room;
	struct device *due; /* LOOK_MAX of them */
	size_t due_count;
	struct device *changed;
	size_t changed_count;
};

static bool
collect_due(void *arg, const char *name)
{
	struct wave *w = arg;

	snprintf(w->due[w->due_count++].name, DEVICE_NAME_MAX, "%s", name);
	return true;
}

static bool
given_read(struct wave *w, struct store *s, struct err *e)
{
	char value[STORE_VALUE_MAX], *rest;
	bool found;

	if (!store_setting_get(s, SETTING, value, &found, e))
		return false;
	if (found && strtoll(value, &rest, 10) == (long long)w->end)
		w->given = strtoul(rest, NULL, 10);
	return true;
}

static bool
given_write(const struct wave *w, struct store *s, struct err *e)
{
	char value[64];

	snprintf(value, sizeof value, "%lld %zu", (long long)w->end, w->given);
	return store_setting_set(s, SETTING, value, e);
}

/* The deadline is the window's end: who did not come until then gets it again in the next one. */
static bool
renew_one(
    struct wave *w, struct store *s, const struct device *d, const json_t *settings, struct err *e)
{
	struct err why = { 0 };
	struct phone p;
	bool found, ok;

	if (!store_phone_get(s, d->name, &p, &found, e))
		return false;
	p.complete_by = 0;
	ok = found && core_bulk_apply(w->core, &p, settings, &why);
	if (!ok) {
		mem_wipe(p.auth_string, sizeof p.auth_string);
		return why.code != ERR_STORE || err_set(e, why.code, "%s", why.text);
	}
	/* another CA signs when its people do, not within the window */
	p.complete_by = conf_issuer_is_external(cluster_conf(w->core->cluster)) ? 0 : w->end;
	ok = store_phone_put(s, &p, e);
	mem_wipe(p.auth_string, sizeof p.auth_string);
	w->changed[w->changed_count++] = *d;
	w->given++;
	core_audit(w->core, "renewal", "phone-set", d->name, "operation %s",
	    phone_operation_name(p.operation));
	return ok;
}

static bool
renew_due(struct wave *w, struct store *s, struct err *e)
{
	json_t *settings = json_pack("{s:s}", "operation", "install-upgrade");
	bool ok =
	    store_renewal_each(s, w->now, w->begin, w->issuer_ends, LOOK_MAX, collect_due, w, e);

	for (size_t i = 0; ok && i < w->due_count && w->changed_count < w->room; i++)
		ok = renew_one(w, s, &w->due[i], settings, e);
	json_decref(settings);
	return ok;
}

static bool
wave_stored(struct store *s, void *arg, struct err *e)
{
	struct wave *w = arg;
	const struct conf *conf = cluster_conf(w->core->cluster);
	size_t open, left;

	if (!given_read(w, s, e) || !store_renewal_open(s, w->end, &open, e))
		return false;
	if (w->given >= conf->renew_per_window || open >= conf->renew_at_once)
		return true;
	w->room = conf->renew_at_once - open;
	left = conf->renew_per_window - w->given;
	w->room = left < w->room ? left : w->room;
	w->room = w->room < LOOK_MAX ? w->room : LOOK_MAX;
	return renew_due(w, s, e) && (w->changed_count == 0 || given_write(w, s, e));
}

static void
run_wave(struct wave *w)
{
	struct core *c = w->core;
	struct err e = { 0 };

	w->due = mem_new(LOOK_MAX, sizeof *w->due);
	w->changed = mem_new(LOOK_MAX, sizeof *w->changed);
	if (!store_change(cluster_store(c->cluster), wave_stored, w, &e))
		log_event(LOG_ERROR, "renewal-failed reason=\"%s\"", e.text);
	else
		core_forget_devices(c, w->changed, w->changed_count);
	free(w->due);
	free(w->changed);
}

/* --- every now and then --- */

/* Another CA may have another certificate by now: that its LSCs end no earlier is its affair. */
static time_t
issuer_ends(const struct core *c)
{
	const struct cert *issuer = core_issuer_now(c);

	return issuer != NULL ? cert_not_after(issuer) : INT64_MAX;
}

static void
warn_of_end(struct core *c, time_t now)
{
	const time_t ends = issuer_ends(c);

	if (ends - now > WARN_S || (now >= c->warned_at && now - c->warned_at < DAY_S))
		return;
	c->warned_at = now;
	log_event(LOG_WARNING, "lsc-issuer-ends purpose=%s days=%lld",
	    purpose_name(issuerjson_purpose(c)), (long long)((ends - now) / DAY_S));
}

void
core_renew_step(struct core *c)
{
	const struct conf *conf = cluster_conf(c->cluster);
	struct wave w = { .core = c, .now = core_now(), .issuer_ends = issuer_ends(c) };

	warn_of_end(c, w.now);
	core_renew_window(
	    w.now, conf->renew_window >> 16, conf->renew_window & UINT16_MAX, &w.begin, &w.end);
	if (conf->renew && w.now < w.end)
		run_wave(&w);
}
