#include "daemon/commands.h"

#include "cluster/forecast_json.h"
#include "daemon/command_plan.h"
#include "rules/expiry.h"
#include "rules/impact.h"

struct look {
	struct core *core;
	time_t when;
	json_t *rows; /* certificates, or phones */
	size_t secure;
	struct err *e;
	bool failed;
};

/* --- certificates --- */

static void
add_cert(struct look *l, const struct cert *c, const char *where, const char *effect)
{
	if (cert_not_after(c) < l->when)
		json_array_append_new(l->rows,
		    json_pack("{s:s, s:o, s:o, s:o, s:s}", "where", where, "subject",
			json_text(cert_subject_cucm(c)), "sha256", json_hex(cert_sha256(c)),
			"expires", json_time(cert_not_after(c)), "effect", effect));
}

static bool
on_trusted(void *arg, const struct store_trust *t)
{
	struct cert *c = cert_parse(bytes_span(&t->der), NULL);

	if (c != NULL)
		add_cert(arg, c, trust_store_name(t->store), expiry_of_trusted(t->store));
	cert_free(c);
	return true;
}

static json_t *
certificates(struct core *c, time_t when, struct err *e)
{
	struct look l = { .core = c, .when = when, .rows = json_array(), .e = e };

	for (int p = 0; p < PURPOSE_COUNT; p++) {
		const struct cert *own = cluster_cert(c->cluster, (enum purpose)p);

		if (own != NULL)
			add_cert(
			    &l, own, purpose_name((enum purpose)p), expiry_of((enum purpose)p));
	}
	if (store_trust_each(cluster_store(c->cluster), on_trusted, &l, e))
		return l.rows;
	json_decref(l.rows);
	return NULL;
}

/* --- LSCs --- */

static bool
is_secure(struct look *l, const struct phone *p, bool *out)
{
	struct profile profile;
	bool found = false;

	*out = false;
	if (p->profile[0] == '\0')
		return true;
	if (!store_profile_get(cluster_store(l->core->cluster), p->profile, &profile, &found, l->e))
		return false;
	*out = found && (profile.mode == PROFILE_MODE_AUTHENTICATED ||
			    profile.mode == PROFILE_MODE_ENCRYPTED);
	return true;
}

static bool
on_phone(void *arg, const struct phone *p)
{
	struct look *l = arg;
	bool secure;

	if (p->lsc_serial[0] == '\0' || p->lsc_not_after >= l->when)
		return true;
	l->failed = !is_secure(l, p, &secure);
	if (l->failed)
		return false;
	l->secure += secure;
	json_array_append_new(l->rows,
	    json_pack("{s:s, s:o, s:o, s:b}", "name", p->device.name, "model", json_text(p->model),
		"expires", json_time(p->lsc_not_after), "secure", secure));
	return true;
}

/* NULL: *e says why. */
static json_t *
lscs(struct core *c, time_t when, bool names, struct err *e)
{
	struct look l = { .core = c, .when = when, .rows = json_array(), .e = e };
	json_t *j = NULL;

	if (store_phone_each(cluster_store(c->cluster), on_phone, &l, e) && !l.failed)
		j = json_pack("{s:I, s:I, s:s, s:O}", "count", (json_int_t)json_array_size(l.rows),
		    "secure", (json_int_t)l.secure, "effect", expiry_of_lsc(), "phones", l.rows);
	json_decref(l.rows);
	if (j != NULL && !names)
		json_object_set_new(j, "phones", json_array());
	return j;
}

/* --- all of it --- */

/* What phones are told by a list comes first. */
static json_t *
steps(struct core *c, time_t when, const char *date, size_t lsc_count)
{
	static const enum purpose order[] = { PURPOSE_TVS, PURPOSE_CALLMANAGER,
		PURPOSE_CALLMANAGER_EC, PURPOSE_ITLRECOVERY, PURPOSE_CAPF, PURPOSE_CAPF_ISSUER,
		PURPOSE_WEB };
	json_t *j = json_array();

	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		const struct cert *own = cluster_cert(c->cluster, order[i]);

		if (own == NULL || cert_not_after(own) >= when)
			continue;
		if (impact_of(order[i])->phones_reset)
			command_plan_step(j, "cert regenerate", purpose_name(order[i]));
		else
			json_array_append_new(
			    j, json_sprintf("sealtone cert regenerate %s", purpose_name(order[i])));
	}
	if (lsc_count > 0)
		json_array_append_new(
		    j, json_sprintf("sealtone capf bulk \"lsc expires is before %s\" --operation "
				    "install-upgrade",
			   date));
	return j;
}

bool
command_expiry(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const struct forecast_place where = { cluster_store(c->cluster), cluster_models(c->cluster),
		cluster_node(c->cluster)->name };
	bool names = json_is_true(json_object_get(args, "names"));
	json_t *certs = NULL, *lsc = NULL;
	struct forecast f = { 0 };
	time_t when;
	bool ok;

	*result = NULL;
	if (!expiry_date(args_text(args, "date"), core_now(), &when, e))
		return err_in(e, "date");
	if (when < core_now())
		return err_set(e, ERR_REFUSED,
		    "date %s: that has passed; sealtone cert list says what has expired",
		    args_text(args, "date"));
	ok = cluster_forecast_at(c->cluster, when, &f, e) &&
	     forecast_json(&f, &where, names, result, e) &&
	     (certs = certificates(c, when, e)) != NULL && (lsc = lscs(c, when, names, e)) != NULL;
	forecast_free(&f);
	if (ok) {
		json_object_set_new(*result, "command", json_string("expiry"));
		json_object_set_new(*result, "date", json_time(when));
		json_object_set_new(*result, "certificates", certs);
		json_object_set_new(*result, "steps",
		    steps(c, when, args_text(args, "date"),
			(size_t)json_integer_value(json_object_get(lsc, "count"))));
		json_object_set_new(*result, "lscs", lsc);
		return true;
	}
	json_decref(certs);
	json_decref(lsc);
	json_decref(*result);
	return false;
}
