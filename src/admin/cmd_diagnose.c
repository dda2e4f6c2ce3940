#include "admin/answer.h"
#include "admin/diagnose_capture.h"
#include "admin/readfile.h"

#include "base/text.h"
#include "wire/consolelog.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX   (4UL * 1024 * 1024) /* of a list or signed file: sealtoned reads it whole */
#define EVENTS_MAX 20000               /* lines of a console that are passed on; of more the last */

/* --- arguments --- */

static bool
pass_file(json_t *args, const char *name, const char *path, struct err *e)
{
	struct bytes file;
	char *hex;

	if (path == NULL)
		return true;
	if (!readfile(path, &file, e))
		return false;
	if (file.n == 0 || file.n > FILE_MAX) {
		err_set(e, ERR_LIMIT, "%s %s", path,
		    file.n == 0 ? "is empty" : "is too large for a list or configuration");
		bytes_free(&file);
		return false;
	}
	hex = text_hex(bytes_span(&file));
	json_object_set_new(args, name, json_string(hex));
	free(hex);
	bytes_free(&file);
	return true;
}

/* Of many events the last: of all that were read the first are left out from time to time. */
static void
keep_last(json_t *lines, size_t max)
{
	const size_t n = json_array_size(lines);
	json_t *last;

	if (n <= max)
		return;
	last = json_array();
	for (size_t i = n - max; i < n; i++)
		json_array_append(last, json_array_get(lines, i));
	json_array_clear(lines);
	json_array_extend(lines, last);
	json_decref(last);
}

/* Of a log only the lines that say something are passed on. */
static bool
pass_console(json_t *args, const char *path, struct err *e)
{
	json_t *lines = json_array();
	struct consolelog_event ev;
	struct consolelog log;
	struct bytes text;

	json_object_set_new(args, "console", lines);
	if (path == NULL)
		return true;
	if (!readfile(path, &text, e))
		return false;
	if (!consolelog_check(bytes_span(&text), e)) {
		bytes_free(&text);
		return err_in(e, "--console %s", path);
	}
	log = consolelog_open(bytes_span(&text));
	while (consolelog_next(&log, &ev)) {
		json_array_append_new(
		    lines, json_pack("{s:I, s:s}", "line", (json_int_t)ev.line, "text", ev.text));
		if (json_array_size(lines) >= 2 * EVENTS_MAX)
			keep_last(lines, EVENTS_MAX);
	}
	keep_last(lines, EVENTS_MAX);
	bytes_free(&text);
	return true;
}

/* The phone's name and the lists that were taken from it. */
static json_t *
arguments(struct invocation *in, struct err *e)
{
	json_t *args = json_object();

	if (answer_pass(args, "name", in->word[0], e) &&
	    pass_file(args, "itl", invocation_option(in, "itl"), e) &&
	    pass_file(args, "ctl", invocation_option(in, "ctl"), e))
		return args;
	json_decref(args);
	return NULL;
}

/* --- printing --- */

static void
print_line(const char *indent, const char *title, const char *text)
{
	printf("%s%-9s ", indent, title);
	output_clean(stdout, text);
	putchar('\n');
}

static const char *
text_of(const json_t *object, const char *key)
{
	return output_text(json_object_get(object, key));
}

static void
print_held(const json_t *held, const char *key, const char *title)
{
	const json_t *one = json_object_get(held, key);
	char text[400];

	if (!json_is_object(one))
		return;
	if (json_is_string(json_object_get(one, "fault")))
		snprintf(text, sizeof text, "damaged: %s", text_of(one, "fault"));
	else if (json_is_true(json_object_get(one, "ours")))
		snprintf(text, sizeof text, "%s version %s of this cluster%s", text_of(one, "kind"),
		    text_of(one, "version"),
		    json_is_true(json_object_get(one, "current")) ? ", the current one" : "");
	else
		snprintf(text, sizeof text, "none of this cluster; signed by %s",
		    text_of(one, "signer"));
	print_line("", title, text);
}

static void
print_step(const json_t *boot, const char *key, const char *title)
{
	const json_t *one = json_object_get(boot, key);
	const char *how = json_string_value(json_object_get(one, "how"));
	char text[500];

	if (how == NULL || strcmp(how, "none") == 0)
		return;
	snprintf(text, sizeof text, "%s (%s): %s",
	    strcmp(how, "rejected") == 0 ? "would be refused" : "would be taken", how,
	    text_of(one, "reason"));
	print_line("", title, text);
}

static void
print_phone(const json_t *result)
{
	const json_t *phone = json_object_get(result, "phone");
	const json_t *held = json_object_get(result, "held"),
		     *boot = json_object_get(result, "boot");
	char text[400];

	snprintf(text, sizeof text, "%s, model %s, last heard of at %s from %s",
	    text_of(phone, "name"), text_of(phone, "model"), text_of(phone, "last_seen"),
	    text_of(phone, "last_address"));
	print_line("", "phone:", text);
	snprintf(text, sizeof text, "trust %s, LSC %s, operation %s (%s)", text_of(phone, "trust"),
	    text_of(phone, "lsc_status"), text_of(phone, "operation"),
	    text_of(phone, "operation_status"));
	print_line("", "state:", text);
	print_line("", "at CAPF:", text_of(phone, "progress"));
	print_held(held, "ctl", "its CTL:");
	print_held(held, "itl", "its ITL:");
	print_step(
	    boot, "itl", json_is_true(json_object_get(boot, "bridge")) ? "bridge:" : "our ITL:");
	print_step(boot, "config", "config:");
	print_step(boot, "capf", "CAPF:");
}

static void
print_finding(const json_t *f)
{
	const json_t *evidence = json_object_get(f, "evidence"), *row = json_object_get(f, "row");
	char title[80];

	if (json_is_integer(row))
		snprintf(title, sizeof title, " (row %d)", (int)json_integer_value(row));
	else
		title[0] = '\0';
	printf("\n%s: %s%s\n", text_of(f, "severity"), text_of(f, "id"), title);
	print_line("  ", "symptom:", text_of(f, "symptom"));
	print_line("  ", "cause:", text_of(f, "cause"));
	for (size_t i = 0; i < json_array_size(evidence); i++)
		print_line(
		    "  ", i == 0 ? "evidence:" : "", output_text(json_array_get(evidence, i)));
	print_line("  ", "fix:", text_of(f, "fix"));
}

static void
print_findings(const json_t *findings, const char *severity)
{
	for (size_t i = 0; i < json_array_size(findings); i++)
		if (strcmp(text_of(json_array_get(findings, i), "severity"), severity) == 0)
			print_finding(json_array_get(findings, i));
}

static size_t
count_of(const json_t *findings, const char *severity)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(findings); i++)
		n += strcmp(text_of(json_array_get(findings, i), "severity"), severity) == 0;
	return n;
}

static void
print_capture(const json_t *capture)
{
	char text[500];

	if (!json_is_object(capture))
		return;
	snprintf(text, sizeof text, "%s packets, the phone is %s%s%s", text_of(capture, "packets"),
	    text_of(capture, "address"),
	    json_is_string(json_object_get(capture, "fault")) ? "; only until: " : "",
	    json_is_string(json_object_get(capture, "fault")) ? text_of(capture, "fault") : "");
	print_line("", "capture:", text);
}

/* Who gives another file than the log would take silence for health. */
static void
print_console(const json_t *result, const char *path)
{
	const json_int_t events = json_integer_value(json_object_get(result, "console_events"));
	char text[100];

	if (path == NULL)
		return;
	if (events == 0)
		snprintf(text, sizeof text,
		    "no line of it speaks of trust: is it the console log of a phone?");
	else
		snprintf(text, sizeof text, "%lld lines of it speak of trust", (long long)events);
	print_line("", "console:", text);
}

static void
print_diagnosis(const json_t *result, const char *console)
{
	const json_t *findings = json_object_get(result, "findings");

	print_phone(result);
	print_console(result, console);
	print_capture(json_object_get(result, "capture"));
	print_findings(findings, "problem");
	print_findings(findings, "note");
	if (json_array_size(findings) == 0)
		puts("\nNo findings.");
}

bool
run_diagnose(struct invocation *in, struct err *e)
{
	json_t *args = arguments(in, e), *capture = NULL, *result;
	size_t problems;

	if (args == NULL)
		return false;
	if (!pass_console(args, invocation_option(in, "console"), e) ||
	    !diagnose_capture(in, args, &capture, e)) {
		json_decref(args);
		return false;
	}
	if (!client_call(in, "diagnose", args, &result, e)) {
		json_decref(capture);
		return false;
	}
	json_object_set_new(result, "capture", capture != NULL ? capture : json_null());
	if (in->json)
		output_json(result);
	else
		print_diagnosis(result, invocation_option(in, "console"));
	problems = count_of(json_object_get(result, "findings"), "problem");
	json_decref(result);
	return problems == 0 || err_set(e, ERR_MALFORMED, "%zu %s with %s", problems,
				    problems == 1 ? "problem" : "problems", in->word[0]);
}

/* --- explain --- */

static void
print_case(const json_t *one, bool first)
{
	const json_t *steps = json_object_get(one, "steps");
	bool taken = json_is_true(json_object_get(one, "taken"));

	printf("%sholds %s\n", first ? "" : "\n", text_of(one, "holds"));
	for (size_t i = 0; i < json_array_size(steps); i++) {
		const json_t *step = json_array_get(steps, i);

		printf("  %-14s ", text_of(step, "step"));
		output_clean(stdout, text_of(step, "text"));
		putchar('\n');
	}
	printf("  %-14s ", taken ? "TAKEN" : "REFUSED");
	output_clean(stdout, text_of(one, "reason"));
	putchar('\n');
}

/* Of the lists that it may hold; one that holds nothing takes anything. */
static bool
verdict(const struct invocation *in, const json_t *cases, struct err *e)
{
	size_t refused = 0, all = json_array_size(cases);

	for (size_t i = 0; i < all; i++)
		refused += !json_is_true(json_object_get(json_array_get(cases, i), "taken"));
	return refused == 0 || err_set(e, ERR_REFUSED, "%s would be refused in %zu of %zu cases",
				   in->word[1], refused, all);
}

bool
run_explain(struct invocation *in, struct err *e)
{
	json_t *args = arguments(in, e), *result, *cases;
	bool ok;

	if (args == NULL)
		return false;
	if (!pass_file(args, "file", in->word[1], e)) {
		json_decref(args);
		return false;
	}
	if (!client_call(in, "explain", args, &result, e))
		return false;
	cases = json_object_get(result, "cases");
	if (in->json)
		output_json(result);
	for (size_t i = 0; !in->json && i < json_array_size(cases); i++)
		print_case(json_array_get(cases, i), i == 0);
	ok = verdict(in, cases, e);
	json_decref(result);
	return ok;
}
