#include "daemon/commands.h"

#include "daemon/phonejson.h"
#include "daemon/phonepage.h"

#include <string.h>

/* --- the CAPF report: doc/protocols/capf-operation.md, section 3.7 --- */

static bool
find_description(void *arg, const char *key, const char *value)
{
	if (strcmp(key, "description") != 0)
		return true;
	json_object_set_new(arg, "description", json_text(value));
	return false;
}

/* Dates that there are none of: NA without an LSC, Unknown when it is not on record. */
static json_t *
date_or_word(const struct phone *p, time_t t)
{
	return t != 0 ? json_time(t) : json_string(p->lsc_serial[0] == '\0' ? "NA" : "Unknown");
}

static bool
report_of(struct core *c, const json_t *args, const struct phone *p, json_t **out, struct err *e)
{
	bool has_lsc = p->lsc_serial[0] != '\0';

	*out = json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s, s:b}", "name", p->device.name,
	    "description", "", "device_pool", json_text(p->group), "model", json_text(p->model),
	    "security_profile", json_text(p->profile), "lsc_status", phone_lsc_status(p),
	    "auth_mode", phone_auth_name(p->auth_mode), "auth_string_set",
	    p->auth_string[0] != '\0');
	json_object_set_new(*out, "lsc_expires", date_or_word(p, has_lsc ? p->lsc_not_after : 0));
	json_object_set_new(*out, "lsc_issued_by", json_text(phonefilter_issuer(p)));
	json_object_set_new(
	    *out, "lsc_issuer_expires", date_or_word(p, has_lsc ? p->lsc_issuer_not_after : 0));
	json_object_set_new(*out, "operation", json_string(phone_operation_name(p->operation)));
	json_object_set_new(*out, "operation_status", json_text(p->operation_status));
	json_object_set_new(*out, "last_seen", json_time(p->last_seen));
	if (json_is_true(json_object_get(args, "auth_strings")))
		phonejson_add_secret(*out, p);
	if (store_phone_value_each(
		cluster_store(c->cluster), p->device.name, find_description, *out, e))
		return true;
	json_decref(*out);
	return false;
}

bool
command_capf_report(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	return phonepage_run(c, args, report_of, result, e);
}

/* --- issuers --- */

static bool
add_issuer(void *arg, const struct store_issuer *i)
{
	json_array_append_new(
	    arg, json_pack("{s:o, s:o, s:o, s:I, s:o}", "subject", json_text(i->subject), "expires",
		     json_time(i->not_after), "sha256", json_hex(i->sha256), "live_lscs",
		     (json_int_t)i->live, "last_ends", json_time(i->last_ends)));
	return true;
}

bool
command_capf_issuers(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	size_t unknown;

	(void)args;
	*result = json_array();
	if (!store_issuer_each(s, core_now(), add_issuer, *result, e) ||
	    !store_issuer_live(s, (struct span){ 0 }, core_now(), &unknown, e)) {
		json_decref(*result);
		return false;
	}
	if (unknown > 0)
		json_array_append_new(
		    *result, json_pack("{s:s, s:n, s:n, s:I, s:n}", "subject", "Unknown", "expires",
				 "sha256", "live_lscs", (json_int_t)unknown, "last_ends"));
	return true;
}
