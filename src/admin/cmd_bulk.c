#include "admin/answer.h"
#include "admin/listing.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACE_MAX 100000

/* "30" or "30/min". */
static bool
pass_pace(struct invocation *in, json_t *args, struct err *e)
{
	const char *text = invocation_option(in, "pace");
	char digits[16];
	unsigned long pace;
	size_t n;

	if (text == NULL)
		return true;
	n = strspn(text, "0123456789");
	snprintf(digits, sizeof digits, "%.*s", (int)(n < sizeof digits ? n : 0), text);
	if ((text[n] != '\0' && strcmp(text + n, "/min") != 0) ||
	    !text_number(digits, 1, PACE_MAX, &pace))
		return invocation_usage(
		    in, e, "--pace takes 1 to %d phones a minute: 30/min", PACE_MAX);
	json_object_set_new(args, "pace", json_integer((json_int_t)pace));
	return true;
}

static bool
pass_settings(struct invocation *in, json_t *args, struct err *e)
{
	static const char *const names[] = { "operation", "auth-mode", "auth-string", "key-order",
		"rsa-size", "ec-size", "complete-by" };
	json_t *settings = json_object();

	json_object_set_new(args, "settings", settings);
	if (invocation_option(in, "operation") == NULL)
		return invocation_usage(in, e, "--operation says what the phones are to do");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (!answer_pass(settings, names[i], invocation_option(in, names[i]), e))
			return false;
	return true;
}

static void
print_bad(const json_t *bad)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)bad, i, one)
	{
		printf("%s: ", output_text(json_object_get(one, "name")));
		output_clean(stdout, output_text(json_object_get(one, "reason")));
		putchar('\n');
	}
}

/* What was begun, or would be; false with the reason when nothing was. */
static bool
print_begun(struct invocation *in, const json_t *r, struct err *e)
{
	json_int_t good = json_integer_value(json_object_get(r, "phones"));
	json_int_t bad = (json_int_t)json_array_size(json_object_get(r, "bad"));
	bool dry_run = json_is_true(json_object_get(r, "dry_run"));
	const json_t *job = json_object_get(r, "job");

	if (in->json)
		output_json(r);
	else
		print_bad(json_object_get(r, "bad"));
	if (!in->json && dry_run)
		printf("%lld phones would get the operation, %lld cannot\n", (long long)good,
		    (long long)bad);
	else if (!in->json && json_is_integer(job))
		printf("bulk job %s: %lld phones, %lld skipped\n", output_text(job),
		    (long long)good, (long long)bad);
	if (good == 0)
		return err_set(e, ERR_UNKNOWN, "no phone that fits can have it");
	if (bad > 0 &&
	    (dry_run ? invocation_option(in, "skip-bad") == NULL : !json_is_integer(job)))
		return err_set(e, ERR_REFUSED,
		    "%lld phones cannot have it, nothing was changed: --skip-bad leaves them out",
		    (long long)bad);
	return true;
}

bool
run_capf_bulk(struct invocation *in, struct err *e)
{
	json_t *args, *result;
	bool ok;

	if (in->words == 0 && invocation_option(in, "file") == NULL)
		return invocation_usage(in, e, "a FILTER or --file says which phones");
	args = listing_args(in, e);
	if (args == NULL)
		return false;
	if (!pass_settings(in, args, e) || !pass_pace(in, args, e)) {
		json_decref(args);
		return false;
	}
	json_object_set_new(
	    args, "dry_run", json_boolean(invocation_option(in, "dry-run") != NULL));
	json_object_set_new(
	    args, "skip_bad", json_boolean(invocation_option(in, "skip-bad") != NULL));
	if (!client_call(in, "capf/bulk", args, &result, e))
		return false;
	ok = print_begun(in, result, e);
	json_decref(result);
	return ok;
}

static const char *const job_fields[] = { "id", "state", "made", "filter", "pace", "waiting",
	"given", "succeeded", "failed", "skipped", NULL };

static bool
answer_job(struct invocation *in, const char *command, struct err *e)
{
	static const struct output_column columns[] = {
		{ "NAME", "name" },
		{ "STATE", "state" },
		{ "SINCE", "at" },
		{ "REASON", "reason" },
		{ 0 },
	};
	const json_t *phones;
	unsigned long id;
	json_t *job;

	if (!text_number(in->word[0], 1, INT32_MAX, &id))
		return invocation_usage(
		    in, e, "a bulk job has a number, as capf bulk status shows it");
	if (!client_call(in, command, json_pack("{s:I}", "id", (json_int_t)id), &job, e))
		return false;
	phones = json_object_get(job, "phones");
	if (in->json)
		output_json(job);
	else
		output_fields(job, job_fields);
	if (!in->json && json_array_size(phones) > 0) {
		putchar('\n');
		output_table(phones, columns);
	}
	json_decref(job);
	return true;
}

bool
run_capf_bulk_status(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "ID", "id" },
		{ "STATE", "state" },
		{ "MADE", "made" },
		{ "WAITING", "waiting" },
		{ "GIVEN", "given" },
		{ "SUCCEEDED", "succeeded" },
		{ "FAILED", "failed" },
		{ "SKIPPED", "skipped" },
		{ "FILTER", "filter" },
		{ 0 },
	};

	return in->words == 1 ? answer_job(in, "capf/bulk-status", e)
			      : answer_table(in, "capf/bulk-status", json_object(), columns, e);
}

bool
run_capf_bulk_stop(struct invocation *in, struct err *e)
{
	return answer_job(in, "capf/bulk-stop", e);
}

bool
run_capf_bulk_resume(struct invocation *in, struct err *e)
{
	return answer_job(in, "capf/bulk-resume", e);
}

bool
run_capf_bulk_retry(struct invocation *in, struct err *e)
{
	return answer_job(in, "capf/bulk-retry", e);
}
