#include "admin/client.h"
#include "admin/output.h"
#include "admin/sides.h"
#include "admin/tvsask.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PLACE_MAX (SIDES_HOST_MAX + 10)

/* --- one TVS server, asked as a phone asks it --- */

struct asked {
	char place[PLACE_MAX];
	struct moving_tvs tvs;
	struct cert *shown;
	bool believed;
	char reason[ERR_TEXT_MAX]; /* the first thing that is not as it must be; "" */
};

static void
note(struct asked *a, const char *text)
{
	if (a->reason[0] == '\0')
		snprintf(a->reason, sizeof a->reason, "%s", text);
}

static void
ask_about(const struct sides *s, const struct tvsask_server *server, size_t i, struct asked *a)
{
	const struct moving_signer *signer = &s->moving.signer[i];
	struct tvsask_answer answer;
	struct err e = { 0 };
	char text[ERR_TEXT_MAX];

	if (!tvsask_ask(server, TVSASK_SIGNER, signer->cert, NULL, &answer, NULL, &e)) {
		note(a, e.text);
		return;
	}
	a->tvs.trusts[i] = answer.trusted && trust_eval_roles_allow(
						 answer.roles, answer.role_count, signer->function);
	if (a->tvs.trusts[i] || signer->known)
		return;
	snprintf(text, sizeof text, "it %s for %.200s as a signer of %s",
	    answer.other     ? "has another certificate in the place of this one, and so not"
	    : answer.trusted ? "vouches, but not"
			     : "does not vouch",
	    cert_subject_cucm(signer->cert), sides_signs(signer));
	note(a, text);
}

/* A phone says nothing to a server that it does not believe. */
static void
ask_server(const struct sides *s, size_t n, struct asked *a)
{
	const struct tvsask_server server = { .host = s->server[n].host,
		.port = s->server[n].port };
	struct err e = { 0 };

	snprintf(a->place, sizeof a->place, strchr(server.host, ':') != NULL ? "[%s]:%u" : "%s:%u",
	    server.host, (unsigned)server.port);
	a->tvs.reachable = tvsask_look(&server, &a->shown, &e);
	a->tvs.shown = a->shown;
	if (!a->tvs.reachable) {
		note(a, e.text);
		return;
	}
	a->believed = moving_is_believed(&s->moving, a->shown, &e);
	if (!a->believed)
		note(a, e.text);
	for (size_t i = 0; a->believed && i < s->moving.signers; i++)
		ask_about(s, &server, i, a);
}

/* --- all of them, and what follows for phones --- */

struct verdict {
	struct asked asked[SIDES_SERVERS_MAX];
	size_t count, well; /* servers, and those that are as they must be */
	struct trust_boot boot;
	bool needs_tvs; /* no record of what phones hold is enough */
	bool all_well;
};

static void
judge(const struct sides *s, struct verdict *v)
{
	struct moving_tvs tvs[SIDES_SERVERS_MAX];

	*v = (struct verdict){ .count = s->servers };
	for (size_t i = 0; i < v->count; i++) {
		ask_server(s, i, &v->asked[i]);
		tvs[i] = v->asked[i].tvs;
		v->well += moving_is_well(&s->moving, &tvs[i]);
	}
	moving_forecast(&s->moving, tvs, v->count, time(NULL), &v->boot);
	v->needs_tvs = v->boot.itl.how == TRUST_BOOT_BY_TVS ||
		       v->boot.ctl.how == TRUST_BOOT_BY_TVS || !moving_is_taken(&v->boot);
	v->all_well =
	    moving_is_taken(&v->boot) && (!v->needs_tvs || (v->count > 0 && v->well == v->count));
}

static void
verdict_free(struct verdict *v)
{
	for (size_t i = 0; i < v->count; i++)
		cert_free(v->asked[i].shown);
}

static bool
conclude(const struct sides *s, const struct verdict *v, struct err *e)
{
	const struct trust_boot_step *bad =
	    v->boot.ctl.how == TRUST_BOOT_REJECTED ? &v->boot.ctl : &v->boot.itl;

	if (v->all_well)
		return true;
	for (size_t i = 0; i < v->count; i++)
		if (v->asked[i].reason[0] != '\0')
			return err_set(e, ERR_REFUSED, "%s: TVS server %s: %.250s",
			    moving_is_taken(&v->boot) ? "not every phone would be safe"
						      : "phones would be lost",
			    v->asked[i].place, v->asked[i].reason);
	return err_set(e, ERR_REFUSED,
	    "phones would be lost: phones that leave %s refuse the lists of %s: %.200s",
	    sides_old(s), sides_new(s), bad->reason);
}

/* --- as JSON, and for people --- */

static json_t *
signer_json(const struct moving_signer *signer)
{
	char *sha256 = text_hex(cert_sha256(signer->cert));
	json_t *o = json_pack("{s:o, s:s, s:s, s:b}", "subject",
	    output_string(span_str(cert_subject_cucm(signer->cert))), "sha256", sha256, "signs",
	    sides_signs(signer), "known", signer->known);

	free(sha256);
	return o;
}

/* What the server says of those who sign lists, or files: yes, no, or nobody needs to ask (null).
 */
static json_t *
vouches(const struct sides *s, const struct asked *a, uint16_t function)
{
	bool all = a->believed, asked = false;

	for (size_t i = 0; i < s->moving.signers; i++) {
		const struct moving_signer *signer = &s->moving.signer[i];

		if (signer->function != function || signer->known)
			continue;
		asked = true;
		all = all && a->tvs.trusts[i];
	}
	return asked ? json_boolean(all) : json_null();
}

static json_t *
servers_json(const struct sides *s, const struct verdict *v)
{
	json_t *rows = json_array();

	for (size_t i = 0; i < v->count; i++) {
		const struct asked *a = &v->asked[i];

		json_array_append_new(rows,
		    json_pack("{s:s, s:b, s:b, s:o, s:o, s:o}", "server", a->place, "reached",
			a->tvs.reachable, "certificate_matches", a->believed, "vouches_lists",
			vouches(s, a, FUNCTION_SAST), "vouches_files", vouches(s, a, FUNCTION_TFTP),
			"reason",
			a->reason[0] != '\0' ? output_string(span_str(a->reason)) : json_null()));
	}
	return rows;
}

static json_t *
step_json(const struct verdict *v, const struct trust_boot_step *step)
{
	if (step->how == TRUST_BOOT_NOTHING)
		return json_null();
	return json_pack("{s:s, s:o, s:o}", "taken", trust_boot_how_name(step->how), "server",
	    step->how == TRUST_BOOT_BY_TVS ? json_string(v->asked[step->tvs].place) : json_null(),
	    "reason", output_string(span_str(step->reason)));
}

static json_t *
verdict_json(const struct sides *s, const struct verdict *v)
{
	json_t *signers = json_array();

	for (size_t i = 0; i < s->moving.signers; i++)
		json_array_append_new(signers, signer_json(&s->moving.signer[i]));
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "from",
	    output_string(span_str(sides_old(s))), "signers", signers, "servers",
	    servers_json(s, v), "ctl", step_json(v, &v->boot.ctl), "itl",
	    step_json(v, &v->boot.itl), "needs_tvs", v->needs_tvs, "well", v->all_well);
}

static void
print_step(const struct sides *s, const struct verdict *v, const char *kind,
    const struct trust_boot_step *step)
{
	if (step->how == TRUST_BOOT_NOTHING)
		return;
	printf("A phone that leaves ");
	output_clean(stdout, sides_old(s));
	printf(trust_boot_is_taken(step) ? " takes the %s of " : " refuses the %s of ", kind);
	output_clean(stdout, sides_new(s));
	if (step->how == TRUST_BOOT_BY_TVS)
		printf(", via TVS server %s", v->asked[step->tvs].place);
	printf(": ");
	output_clean(stdout, step->reason);
	putchar('\n');
}

/* Else a server that is not as it must be would seem to be overlooked. */
static void
print_unneeded(const struct verdict *v)
{
	bool by_record = v->boot.itl.how == TRUST_BOOT_BY_RECORD;

	if (!v->needs_tvs)
		printf("It needs no TVS server for that, so what they show and say does not count: "
		       "%s.\n",
		    by_record ? "the signer is known to it by a record of its own lists"
			      : "it holds no list that could refuse one");
}

static void
print_verdict(const struct sides *s, const struct verdict *v)
{
	static const struct output_column signer_columns[] = { { "SIGNS", "signs" },
		{ "SUBJECT", "subject" }, { "KNOWN BY RECORD", "known" }, { "SHA256", "sha256" },
		{ 0 } };
	static const struct output_column columns[] = { { "TVS SERVER", "server" },
		{ "REACHED", "reached" }, { "CERTIFICATE", "certificate_matches" },
		{ "LISTS", "vouches_lists" }, { "FILES", "vouches_files" }, { "REASON", "reason" },
		{ 0 } };
	json_t *o = verdict_json(s, v);

	output_table(json_object_get(o, "signers"), signer_columns);
	putchar('\n');
	output_table(json_object_get(o, "servers"), columns);
	putchar('\n');
	print_step(s, v, "CTL", &v->boot.ctl);
	print_step(s, v, "ITL", &v->boot.itl);
	print_unneeded(v);
	json_decref(o);
}

/* --- verify --- */

bool
run_migrate_verify(struct invocation *in, struct err *e)
{
	struct sides s;
	struct verdict v;
	bool ok;

	if (!sides_open(in, &s, e))
		return false;
	judge(&s, &v);
	if (in->json) {
		json_t *o = verdict_json(&s, &v);

		output_json(o);
		json_decref(o);
	} else
		print_verdict(&s, &v);
	ok = conclude(&s, &v, e);
	verdict_free(&v);
	sides_free(&s);
	return ok;
}

/* --- rollback --- */

/* How many phones stand how towards this cluster's lists. */
static bool
count_phones(struct invocation *in, json_t **out, struct err *e)
{
	json_t *args = json_object(), *step, *value;
	const char *key;

	*out = json_object();
	do {
		if (!client_call(in, "status/phones", json_incref(args), &step, e)) {
			json_decref(args);
			json_decref(*out);
			return false;
		}
		json_object_foreach(json_object_get(step, "trust"), key, value)
		{
			json_int_t before = json_integer_value(json_object_get(*out, key));

			json_object_set_new(
			    *out, key, json_integer(before + json_integer_value(value)));
		}
		json_object_set(args, "after", json_object_get(step, "next"));
		json_decref(step);
	} while (json_is_string(json_object_get(args, "after")));
	json_decref(args);
	return true;
}

static json_t *
rollback_steps(const struct sides *s, const struct verdict *v)
{
	json_t *steps = json_array();

	if (!v->all_well)
		json_array_append_new(
		    steps, json_sprintf(
			       "Make this cluster's TVS vouch for those who sign for %s: sealtone "
			       "migrate import with their certificates, then this again.",
			       s->other));
	else if (v->needs_tvs)
		json_array_append_new(steps,
		    json_sprintf("Leave sealtoned running until every phone has its list from %s "
				 "again: it is this TVS that phones ask.",
			s->other));
	json_array_append_new(steps,
	    json_sprintf("Point option 150 at %s and reset the phones, a few first.", s->other));
	json_array_append_new(steps,
	    json_string("Phones that hold an earlier list of this cluster, or cannot reach this "
			"TVS from where they go: sealtone phone release NAME, and let them boot "
			"here once. With the signed empty list they take the lists of whatever "
			"cluster they find. A CTL is not emptied by it."));
	json_array_append_new(steps,
	    json_string("LSCs of this cluster's CAPF are refused there until its CAPF certificate "
			"is trusted: sealtone migrate export, or install new ones there."));
	return steps;
}

static void
print_rollback(
    const struct sides *s, const struct verdict *v, const json_t *phones, const json_t *steps)
{
	const char *key;
	json_t *value;
	size_t i;

	print_verdict(s, v);
	printf("\nPhones by the lists of this cluster that they hold:");
	json_object_foreach((json_t *)(uintptr_t)phones, key, value)
	    printf(" %s %s", output_text(value), key);
	puts(json_object_size(phones) == 0 ? " none" : "");
	json_array_foreach((json_t *)(uintptr_t)steps, i, value)
	{
		printf("%zu. ", i + 1);
		output_clean(stdout, json_string_value(value));
		putchar('\n');
	}
}

bool
run_migrate_rollback(struct invocation *in, struct err *e)
{
	json_t *phones, *steps, *o;
	struct sides s;
	struct verdict v;
	bool ok;

	if (!count_phones(in, &phones, e))
		return false;
	if (!sides_open(in, &s, e)) {
		json_decref(phones);
		return false;
	}
	judge(&s, &v);
	steps = rollback_steps(&s, &v);
	if (in->json) {
		o = verdict_json(&s, &v);
		json_object_set(o, "phones", phones);
		json_object_set(o, "steps", steps);
		output_json(o);
		json_decref(o);
	} else
		print_rollback(&s, &v, phones, steps);
	ok = conclude(&s, &v, e);
	json_decref(steps);
	json_decref(phones);
	verdict_free(&v);
	sides_free(&s);
	return ok;
}
