#include "admin/answer.h"
#include "admin/listing.h"
#include "admin/resetargs.h"

#include "base/device.h"
#include "base/text.h"
#include "rules/resetwave.h"

#include <stdio.h>
#include <string.h>

/* --- arguments --- */

/* The words of a filter could be names too, but names begin with a capital letter. */
static bool
are_names(const struct invocation *in)
{
	struct device d;

	for (size_t i = 0; i < in->words; i++)
		if (in->word[i][0] < 'A' || in->word[i][0] > 'Z' ||
		    !device_parse(span_str(in->word[i]), &d, NULL))
			return false;
	return in->words > 0;
}

static json_t *
word_names(const struct invocation *in)
{
	json_t *names = json_array();

	for (size_t i = 0; i < in->words; i++)
		json_array_append_new(names, json_string(in->word[i]));
	return names;
}

/* Names, or the words of a filter, which may stand apart. NULL: *e says why. */
static json_t *
which_phones(struct invocation *in, struct err *e)
{
	char text[1024] = "";
	const char *filter = text;
	struct invocation joined;
	size_t n = 0;

	if (are_names(in))
		return json_pack("{s:o}", "names", word_names(in));
	for (size_t i = 0; i < in->words && n < sizeof text; i++)
		n += (size_t)snprintf(
		    text + n, sizeof text - n, "%s%s", i > 0 ? " " : "", in->word[i]);
	if (n >= sizeof text) {
		err_set(e, ERR_LIMIT, "the filter is too long");
		return NULL;
	}
	joined = *in;
	joined.word = &filter;
	joined.words = in->words > 0;
	return listing_args(&joined, e);
}

static bool
kind_is_good(struct invocation *in, struct err *e)
{
	const char *kind = invocation_option(in, "kind");
	enum reset_kind k;

	return kind == NULL || reset_kind_from_name(kind, &k) ||
	       invocation_usage(in, e, "--kind takes reset, restart or apply");
}

static bool
pass_settings(struct invocation *in, json_t *args, struct err *e)
{
	if (!kind_is_good(in, e))
		return false;
	if (invocation_option(in, "all") != NULL)
		json_object_set_new(args, "all", json_true());
	json_object_set_new(
	    args, "dry_run", json_boolean(invocation_option(in, "dry-run") != NULL));
	return answer_pass(args, "kind", invocation_option(in, "kind"), e) &&
	       resetargs_pass(in, args, e);
}

/* --- begin --- */

bool
run_phone_reset(struct invocation *in, struct err *e)
{
	bool all = invocation_option(in, "all") != NULL;
	bool some = in->words > 0 || invocation_option(in, "file") != NULL;
	json_t *args, *result;

	if (all == some)
		return invocation_usage(
		    in, e, "NAMEs, a FILTER or --file say which phones, or --all");
	args = which_phones(in, e);
	if (args == NULL)
		return false;
	if (!pass_settings(in, args, e)) {
		json_decref(args);
		return false;
	}
	if (!client_call(in, "phone/reset", args, &result, e))
		return false;
	if (in->json)
		output_json(result);
	else
		resetargs_print(result, stdout);
	json_decref(result);
	return true;
}

/* --- progress --- */

static const char *const job_fields[] = { "id", "state", "reason", "kind", "made", "filter",
	"canary", "wave_size", "tolerance", "wait", "again", "wave", "waves", "phones", "waiting",
	"asked", "sent", "own_reboot", "back", "missing", "failed", "skipped", NULL };

static bool
answer_job(struct invocation *in, const char *command, bool retry, struct err *e)
{
	static const struct output_column columns[] = {
		{ "NAME", "name" },
		{ "WAVE", "wave" },
		{ "STATE", "state" },
		{ "SINCE", "at" },
		{ "STATUS", "status" },
		{ "REASON", "reason" },
		{ 0 },
	};
	const json_t *places;
	unsigned long id;
	json_t *args, *job;

	if (!text_number(in->word[0], 1, INT32_MAX, &id))
		return invocation_usage(in, e, "a reset job has a number, as reset show says");
	args = json_pack("{s:I}", "id", (json_int_t)id);
	if (retry)
		json_object_set_new(args, "retry", json_true());
	if (!client_call(in, command, args, &job, e))
		return false;
	places = json_object_get(job, "places");
	if (in->json)
		output_json(job);
	else
		output_fields(job, job_fields);
	if (!in->json && json_array_size(places) > 0) {
		putchar('\n');
		output_table(places, columns);
	}
	json_decref(job);
	return true;
}

bool
run_reset_show(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "ID", "id" },
		{ "STATE", "state" },
		{ "KIND", "kind" },
		{ "MADE", "made" },
		{ "WAVE", "wave" },
		{ "OF", "waves" },
		{ "PHONES", "phones" },
		{ "BACK", "back" },
		{ "MISSING", "missing" },
		{ "FAILED", "failed" },
		{ "FILTER", "filter" },
		{ "REASON", "reason" },
		{ 0 },
	};

	return in->words == 1 ? answer_job(in, "reset/show", false, e)
			      : answer_table(in, "reset/show", json_object(), columns, e);
}

bool
run_reset_stop(struct invocation *in, struct err *e)
{
	return answer_job(in, "reset/stop", false, e);
}

bool
run_reset_resume(struct invocation *in, struct err *e)
{
	return answer_job(in, "reset/resume", invocation_option(in, "retry") != NULL, e);
}
