#include "admin/answer.h"

#include <stdint.h>
#include <string.h>

static void
print_service(const json_t *services, const char *name)
{
	const json_t *s = json_object_get(services, name);
	json_int_t old = json_integer_value(json_object_get(s, "old_refused"));

	printf("  %-5s open %s, served %s, handshakes failed %s, timed out %s, over limit %s\n",
	    name, output_text(json_object_get(s, "open")),
	    output_text(json_object_get(s, "served")),
	    output_text(json_object_get(s, "handshake_failed")),
	    output_text(json_object_get(s, "timed_out")),
	    output_text(json_object_get(s, "over_limit")));
	if (old > 0)
		printf("        %lld old hellos (TLS 1.0 or 1.1) refused: %s in sealtone.conf lets "
		       "old "
		       "phones in\n",
		    (long long)old, json_string_value(json_object_get(s, "old_tls_setting")));
}

static void
print_counts(const char *title, const json_t *counts)
{
	const char *key;
	json_t *value;

	printf("  %s:", title);
	json_object_foreach((json_t *)(uintptr_t)counts, key, value)
	    printf(" %s %s", output_text(value), key);
	putchar('\n');
}

/* Only while there is something left to do. */
static void
print_prepared(const json_t *p)
{
	json_int_t done = json_integer_value(json_object_get(p, "done"));
	json_int_t phones = json_integer_value(json_object_get(p, "phones"));

	if (done < phones || json_integer_value(json_object_get(p, "waiting")) > 0)
		printf("Made in advance: configurations of %lld of %lld phones\n", (long long)done,
		    (long long)phones);
}

static void
print_warnings(const json_t *warnings)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)warnings, i, one)
	{
		printf("\nWarning: ");
		output_clean(stdout, output_text(json_object_get(one, "text")));
		putchar('\n');
	}
}

static void
print_backup(const json_t *b)
{
	const json_t *alarm = json_object_get(b, "alarm");
	const json_t *schedule = json_object_get(b, "schedule");
	const json_t *trouble = json_object_get(schedule, "trouble");

	if (json_is_null(alarm))
		printf("Backup: of %s, has all keys\n", output_text(json_object_get(b, "made")));
	else
		printf("\nAlarm: %s\n", output_text(alarm));
	if (!json_is_object(schedule))
		return;
	printf("Backups by schedule: into %s, the last of %s, the next at %s\n",
	    output_text(json_object_get(schedule, "folder")),
	    output_text(json_object_get(schedule, "made")),
	    output_text(json_object_get(schedule, "next")));
	if (!json_is_null(trouble))
		printf("\nAlarm: no backup by schedule: %s\n", output_text(trouble));
}

static void
print_security(const json_t *s)
{
	const json_t *ctl = json_object_get(s, "ctl");

	printf("Security mode: %s", output_text(json_object_get(s, "security_mode")));
	if (json_is_object(ctl))
		printf("; CTL: version %s, %s bytes, made %s",
		    output_text(json_object_get(ctl, "version")),
		    output_text(json_object_get(ctl, "bytes")),
		    output_text(json_object_get(ctl, "made")));
	putchar('\n');
}

static void
print_status(const json_t *s)
{
	static const struct output_column certificates[] = {
		{ "PURPOSE", "purpose" },
		{ "SUBJECT", "subject" },
		{ "EXPIRES", "not_after" },
		{ "DAYS LEFT", "days_left" },
		{ 0 },
	};
	static const struct output_column issuers[] = {
		{ "ISSUER OF LSCS", "subject" },
		{ "EXPIRES", "expires" },
		{ "SIGNS", "signs" },
		{ "LIVE LSCS", "live_lscs" },
		{ "NEEDED UNTIL", "needed_until" },
		{ 0 },
	};
	const json_t *services = json_object_get(s, "services");
	const json_t *tftp = json_object_get(services, "tftp");
	const json_t *itl = json_object_get(s, "itl"), *phones = json_object_get(s, "phones");

	printf("Cluster %s, node %s, generation %s, since %s\n",
	    output_text(json_object_get(s, "cluster")), output_text(json_object_get(s, "node")),
	    output_text(json_object_get(s, "generation")),
	    output_text(json_object_get(s, "started")));
	print_security(s);
	printf("Trust list: version %s, %s bytes, made %s; handed to: %s\n\nServices\n",
	    output_text(json_object_get(itl, "version")),
	    output_text(json_object_get(itl, "bytes")), output_text(json_object_get(itl, "made")),
	    output_text(json_object_get(s, "serve_lists")));
	printf("  tftp  running %s, sent %s, failed %s\n",
	    output_text(json_object_get(tftp, "running")),
	    output_text(json_object_get(tftp, "sent")),
	    output_text(json_object_get(tftp, "failed")));
	print_service(services, "http");
	print_service(services, "https");
	print_service(services, "tvs");
	print_service(services, "capf");
	printf("\nCertificates\n");
	output_table(json_object_get(s, "certificates"), certificates);
	putchar('\n');
	output_table(json_object_get(s, "lsc_issuers"), issuers);
	printf("\nPhones: %s known, %s only seen\n", output_text(json_object_get(phones, "added")),
	    output_text(json_object_get(phones, "only_seen")));
	print_counts("trust", json_object_get(phones, "trust"));
	print_counts("LSC", json_object_get(phones, "lsc"));
	print_prepared(json_object_get(s, "prepared"));
	print_backup(json_object_get(s, "backup"));
	print_warnings(json_object_get(s, "warnings"));
}

static void
add_counts(json_t *sum, const json_t *part)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)part, key, value) json_object_set_new(sum, key,
	    json_integer(
		json_integer_value(json_object_get(sum, key)) + json_integer_value(value)));
}

/* How the phones stand, added up from the daemon's steps. */
static bool
count_phones(struct invocation *in, json_t *phones, struct err *e)
{
	json_t *by_trust = json_object(), *by_lsc = json_object(), *args = json_object(), *step;
	bool ok;

	json_object_set_new(phones, "trust", by_trust);
	json_object_set_new(phones, "lsc", by_lsc);
	do {
		ok = client_call(in, "status/phones", json_incref(args), &step, e);
		if (!ok)
			break;
		add_counts(by_trust, json_object_get(step, "trust"));
		add_counts(by_lsc, json_object_get(step, "lsc"));
		json_object_set(args, "after", json_object_get(step, "next"));
		json_decref(step);
	} while (json_is_string(json_object_get(args, "after")));
	json_decref(args);
	return ok;
}

bool
run_status(struct invocation *in, struct err *e)
{
	json_t *status;

	if (!client_call(in, "status", json_object(), &status, e))
		return false;
	if (!count_phones(in, json_object_get(status, "phones"), e)) {
		json_decref(status);
		return false;
	}
	if (in->json)
		output_json(status);
	else
		print_status(status);
	json_decref(status);
	return true;
}

bool
run_serve_lists(struct invocation *in, struct err *e)
{
	static const char *const fields[] = { "serve_lists", NULL };

	if (in->words == 1 && strcmp(in->word[0], "known") != 0 &&
	    strcmp(in->word[0], "all") != 0 && strcmp(in->word[0], "none") != 0)
		return invocation_usage(in, e, "serve-lists takes known, all or none");
	return answer_fields(in, "serve-lists", answer_word(in, "who"), fields, e);
}

static const struct output_column node_columns[] = {
	{ "NODE", "name" },
	{ "ADDRESSES", "addresses" },
	{ "PUBLISHER", "publisher" },
	{ "TFTP", "tftp" },
	{ "TVS", "tvs" },
	{ "CALLMANAGER", "callmanager" },
	{ "CAPF", "capf" },
	{ 0 },
};

bool
run_node_list(struct invocation *in, struct err *e)
{
	return answer_table(in, "node/list", json_object(), node_columns, e);
}

bool
run_node_set(struct invocation *in, struct err *e)
{
	bool on;

	if (in->words == 0)
		return run_node_rename(in, e);
	if (in->words != 2 || in->given_count > 0)
		return invocation_usage(
		    in, e, "node set takes a role with on or off, or --host and --address alone");
	on = strcmp(in->word[1], "on") == 0;
	if (!on && strcmp(in->word[1], "off") != 0)
		return invocation_usage(
		    in, e, "a role is switched on or off, not \"%s\"", in->word[1]);
	return answer_table(in, "node/set", json_pack("{s:s, s:b}", "role", in->word[0], "on", on),
	    node_columns, e);
}

bool
run_log(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "TIME", "at" },
		{ "BY", "actor" },
		{ "EVENT", "event" },
		{ "OBJECT", "object" },
		{ "TEXT", "text" },
		{ 0 },
	};
	const char *object = invocation_option(in, "object");

	return answer_table(in, "log",
	    object != NULL ? json_pack("{s:s}", "object", object) : json_object(), columns, e);
}
