#include "daemon/certwarn.h"

#include "base/log.h"
#include "daemon/commands.h"
#include "daemon/core_issuer.h"
#include "daemon/issuerjson.h"

#include <stdio.h>
#include <string.h>

#define DAY_S    86400
#define TEXT_MAX 640
#define DATE_MAX 16

struct search {
	const struct core *core;
	time_t now;
	json_t *found; /* by SHA-256, in the order in which they were found */
};

static bool
is_due(const struct search *w, const struct cert *c)
{
	const struct cert *issuer = core_issuer_now(w->core);
	const time_t left = cert_not_after(c) - w->now;

	if (left > (time_t)cluster_conf(w->core->cluster)->cert_warn_days * DAY_S)
		return false;
	return issuer == NULL || !span_eq(cert_sha256(issuer), cert_sha256(c)) ||
	       left > (time_t)ISSUERJSON_WARN_DAYS * DAY_S;
}

static void
look_at(struct search *w, const struct cert *c, const char *where)
{
	json_t *hash, *one;

	if (!is_due(w, c))
		return;
	hash = json_hex(cert_sha256(c));
	one = json_object_get(w->found, json_string_value(hash));
	if (one == NULL) {
		one = json_pack("{s:s, s:[], s:o, s:O, s:I, s:o}", "event",
		    cert_not_after(c) <= w->now ? "cert-expired" : "cert-expires", "where",
		    "subject", json_text(cert_subject_cucm(c)), "sha256", hash, "days_left",
		    (json_int_t)((cert_not_after(c) - w->now) / DAY_S), "expires",
		    json_time(cert_not_after(c)));
		json_object_set_new(w->found, json_string_value(hash), one);
	}
	json_array_append_new(json_object_get(one, "where"), json_string(where));
	json_decref(hash);
}

static bool
add_trusted(void *arg, const struct store_trust *t)
{
	struct cert *c = cert_parse(bytes_span(&t->der), NULL);

	if (c != NULL)
		look_at(arg, c, trust_store_name(t->store));
	cert_free(c);
	return true;
}

/* "callmanager, capf-trust" */
static void
join(const json_t *where, char *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(where) && n < max; i++)
		n += (size_t)snprintf(out + n, max - n, "%s%s", i > 0 ? ", " : "",
		    json_string_value(json_array_get(where, i)));
}

static void
say(json_t *one)
{
	const char *subject = json_string_value(json_object_get(one, "subject"));
	const char *expires = json_string_value(json_object_get(one, "expires"));
	char where[TEXT_MAX / 4] = "", text[TEXT_MAX];

	join(json_object_get(one, "where"), where, sizeof where);
	if (strcmp(json_string_value(json_object_get(one, "event")), "cert-expired") == 0)
		snprintf(text, sizeof text,
		    "%.255s (%s) has expired on %.10s and needs to be changed at the earliest",
		    subject, where, expires);
	else
		snprintf(text, sizeof text, "%.255s (%s) expires in %lld days, on %.10s", subject,
		    where, (long long)json_integer_value(json_object_get(one, "days_left")),
		    expires);
	json_object_set_new(one, "text", json_text(text));
}

bool
certwarn_add(struct core *c, json_t *all, struct err *e)
{
	struct search w = { c, core_now(), json_object() };
	bool ok = true;
	const char *hash;
	json_t *one;

	for (int p = 0; p < PURPOSE_COUNT; p++) {
		const struct cert *own = cluster_cert(c->cluster, (enum purpose)p);

		if (own != NULL)
			look_at(&w, own, purpose_name((enum purpose)p));
	}
	ok = store_trust_each(cluster_store(c->cluster), add_trusted, &w, e);
	if (ok)
		json_object_foreach(w.found, hash, one)
		{
			say(one);
			json_array_append(all, one);
		}
	json_decref(w.found);
	return ok;
}

void
certwarn_step(struct core *c)
{
	const time_t now = core_now();
	json_t *all, *one;
	struct err e = { 0 };
	char where[TEXT_MAX / 4];
	size_t i;

	if (now >= c->certs_warned_at && now - c->certs_warned_at < DAY_S)
		return; /* a clock that was set back does not make it wait longer */
	c->certs_warned_at = now;
	all = json_array();
	if (!certwarn_add(c, all, &e))
		log_event(LOG_ERROR, "cert-warnings-failed reason=\"%s\"", e.text);
	json_array_foreach(all, i, one)
	{
		where[0] = '\0';
		join(json_object_get(one, "where"), where, sizeof where);
		log_event(LOG_WARNING, "%s where=\"%s\" sha256=%s days=%lld",
		    json_string_value(json_object_get(one, "event")), where,
		    json_string_value(json_object_get(one, "sha256")),
		    (long long)json_integer_value(json_object_get(one, "days_left")));
	}
	json_decref(all);
}
