#include "daemon/issuerjson.h"

#include "daemon/commands.h"
#include "daemon/core_issuer.h"

#include <stdio.h>

#define DAY_S    86400
#define TEXT_MAX 1024
#define DATE_MAX 16

/* --- all of them --- */

struct listing {
	const struct core *core;
	json_t *all;
	bool has_active;
};

static bool
is_trusted(const struct core *c, struct span sha256)
{
	size_t count;
	struct cert *const *trusted = cluster_capf_trust(c->cluster, &count);

	for (size_t i = 0; i < count; i++)
		if (span_eq(cert_sha256(trusted[i]), sha256))
			return true;
	return false;
}

static void
add(json_t *all, const struct store_issuer *i, bool signs)
{
	json_array_append_new(all,
	    json_pack("{s:o, s:o, s:o, s:b, s:I, s:o}", "subject", json_text(i->subject), "sha256",
		json_hex(i->sha256), "expires", json_time(i->not_after), "signs", signs,
		"live_lscs", (json_int_t)i->live, "needed_until", json_time(i->last_ends)));
}

static bool
add_recorded(void *arg, const struct store_issuer *i)
{
	struct listing *l = arg;
	const struct cert *now = core_issuer_now(l->core);
	bool signs = now != NULL && span_eq(i->sha256, cert_sha256(now));

	l->has_active = l->has_active || signs;
	if (signs || i->live > 0 || is_trusted(l->core, i->sha256))
		add(l->all, i, signs);
	return true;
}

bool
issuerjson_of(struct core *c, json_t **out, struct err *e)
{
	struct listing l = { .core = c, .all = json_array() };
	const struct cert *now = core_issuer_now(c);
	struct store_issuer fresh = { 0 };

	if (!store_issuer_each(cluster_store(c->cluster), core_now(), add_recorded, &l, e)) {
		json_decref(l.all);
		return false;
	}
	if (now != NULL && !l.has_active) { /* it has signed nothing yet */
		fresh.sha256 = cert_sha256(now);
		fresh.not_after = cert_not_after(now);
		snprintf(fresh.subject, sizeof fresh.subject, "%s", cert_subject_cucm(now));
		add(l.all, &fresh, true);
	}
	*out = l.all;
	return true;
}

/* --- its end --- */

enum purpose
issuerjson_purpose(const struct core *c)
{
	const struct cert *capf = cluster_cert(c->cluster, PURPOSE_CAPF);

	return cluster_issuer(c->cluster) == capf ? PURPOSE_CAPF : PURPOSE_CAPF_ISSUER;
}

static char *
date(time_t t, char out[DATE_MAX])
{
	struct tm tm;

	gmtime_r(&t, &tm);
	strftime(out, DATE_MAX, "%Y-%m-%d", &tm);
	return out;
}

/* What it is, and what it does to LSCs. */
static int
say_end(const struct core *c, time_t now, time_t ends, time_t cut, char *out, size_t max)
{
	char end_date[DATE_MAX], cut_date[DATE_MAX];
	const char *subject = cert_subject_cucm(cluster_issuer(c->cluster));
	const char *purpose = purpose_name(issuerjson_purpose(c));

	if (ends <= now)
		return snprintf(out, max, "%.255s (%s) ended on %s: no LSC can be issued", subject,
		    purpose, date(ends, end_date));
	return snprintf(out, max,
	    "%.255s (%s), which signs LSCs, ends in %lld days, on %s: %s %s LSCs end with it, "
	    "earlier than lsc-validity (%u days) says",
	    subject, purpose, (long long)((ends - now) / DAY_S), date(ends, end_date),
	    cut <= now ? "since" : "from", date(cut, cut_date), cluster_conf(c->cluster)->lsc_days);
}

json_t *
issuerjson_warnings(const struct core *c)
{
	const struct cert *issuer = core_issuer_now(c);
	const time_t now = core_now(), ends = issuer != NULL ? cert_not_after(issuer) : INT64_MAX,
		     cut = ends - (time_t)cluster_conf(c->cluster)->lsc_days * DAY_S;
	const char *purpose = purpose_name(issuerjson_purpose(c));
	json_t *all = json_array();
	char text[TEXT_MAX];
	int n;

	if (ends - now > (time_t)ISSUERJSON_WARN_DAYS * DAY_S)
		return all;
	n = say_end(c, now, ends, cut, text, sizeof text);
	snprintf(text + n, sizeof text - (size_t)n,
	    "; have a CA sign it anew (sealtone cert csr %s, sealtone cert import %s FILE), then "
	    "give phones new LSCs (sealtone capf bulk)",
	    purpose, purpose);
	json_array_append_new(
	    all, json_pack("{s:s, s:s, s:o, s:I, s:o, s:o, s:o}", "event", "lsc-issuer-ends",
		     "purpose", purpose, "subject", json_text(cert_subject_cucm(issuer)),
		     "days_left", (json_int_t)((ends - now) / DAY_S), "expires", json_time(ends),
		     "lscs_cut_short_from", json_time(cut), "text", json_text(text)));
	return all;
}
