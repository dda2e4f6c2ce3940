#include "admin/answer.h"

#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char *const signer_fields[] = { "generation", "signer", "subject", "other_signer",
	"reset_since", NULL };
static const char *const list_fields[] = { "generation", "signer", "subject", "reset_since",
	"version", "made", "sha256", NULL };

/* --- generation --- */

bool
run_generation_show(struct invocation *in, struct err *e)
{
	return answer_fields(in, "generation/show", json_object(), signer_fields, e);
}

bool
run_generation_set(struct invocation *in, struct err *e)
{
	if (strcmp(in->word[0], "G8") != 0 && strcmp(in->word[0], "G10") != 0 &&
	    strcmp(in->word[0], "G12") != 0)
		return invocation_usage(in, e, "generation set takes G8, G10 or G12");
	return answer_fields(
	    in, "generation/set", json_pack("{s:s}", "generation", in->word[0]), list_fields, e);
}

/* --- reset --- */

/* Before and after: lines for people. */
static bool
answer_list(struct invocation *in, const char *command, json_t *args, const char *before,
    const char *after, struct err *e)
{
	json_t *result;

	if (!client_call(in, command, args, &result, e))
		return false;
	if (in->json) {
		output_json(result);
	} else {
		puts(before);
		output_fields(result, list_fields);
		printf("\n%s\n", after);
	}
	json_decref(result);
	return true;
}

/* The first lines are Unified CM's (operations 7.2). */
bool
run_itl_reset_localkey(struct invocation *in, struct err *e)
{
	return answer_list(in, "itl/reset", json_object(),
	    "Generating the reset ITL file.....\nThe reset ITL file was generated successfully\n",
	    "Next: reset the phones; when all have it, \"sealtone itl reset end\" (where Unified "
	    "CM "
	    "restarts TFTP),\nand reset them again.",
	    e);
}

bool
run_itl_reset_end(struct invocation *in, struct err *e)
{
	return answer_list(in, "itl/reset-end", json_object(),
	    "The ITL file is signed by its own signer again\n", "Next: reset the phones again.", e);
}

/* --- history and revert --- */

bool
run_itl_history(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "VERSION", "version" },
		{ "KIND", "kind" },
		{ "DIGEST", "digest" },
		{ "MADE", "made" },
		{ "SIGNER", "signer" },
		{ "BYTES", "bytes" },
		{ "PHONES", "phones" },
		{ "CURRENT", "current" },
		{ "SHA256", "sha256" },
		{ 0 },
	};

	return answer_table(in, "itl/history", json_object(), columns, e);
}

bool
run_itl_revert(struct invocation *in, struct err *e)
{
	unsigned long version;

	if (!text_number(in->word[0], 1, INT32_MAX, &version))
		return invocation_usage(
		    in, e, "itl revert takes a version, as itl history shows it");
	return answer_list(in, "itl/revert", json_pack("{s:I}", "version", (json_int_t)version),
	    "The certificates of that version are active again\n", "Next: reset the phones.", e);
}

/* --- rollback --- */

static void
print_warnings(const json_t *warnings)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)warnings, i, one)
	    printf("\nWarning: %s\n", output_text(one));
}

static bool
answer_rollback(struct invocation *in, const char *command, struct err *e)
{
	static const char *const fields[] = { "prepared", "since", NULL };
	json_t *result;

	if (!client_call(in, command, json_object(), &result, e))
		return false;
	if (in->json) {
		output_json(result);
	} else {
		output_fields(result, fields);
		print_warnings(json_object_get(result, "warnings"));
	}
	json_decref(result);
	return true;
}

bool
run_rollback_prepare(struct invocation *in, struct err *e)
{
	return answer_rollback(in, "rollback/prepare", e);
}

bool
run_rollback_end(struct invocation *in, struct err *e)
{
	return answer_rollback(in, "rollback/end", e);
}

static void
add_part(json_t *sum, const json_t *part)
{
	static const char *const counts[] = { "phones", "empty", "full", "none" };

	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		json_object_set_new(sum, counts[i],
		    json_integer(json_integer_value(json_object_get(sum, counts[i])) +
				 json_integer_value(json_object_get(part, counts[i]))));
	json_array_extend(json_object_get(sum, "to_come"), json_object_get(part, "to_come"));
	json_object_set(sum, "prepared", json_object_get(part, "prepared"));
	json_object_set(sum, "since", json_object_get(part, "since"));
}

static void
print_rollback(const struct invocation *in, const json_t *sum)
{
	static const char *const fields[] = { "prepared", "since", "phones", "empty", "full",
		"none", NULL };
	static const struct output_column columns[] = {
		{ "NAME", "name" },
		{ "LIST", "list" },
		{ "HANDED", "handed" },
		{ 0 },
	};

	output_fields(sum, fields);
	if (invocation_option(in, "phones") == NULL)
		return;
	puts(json_is_true(json_object_get(sum, "prepared"))
		 ? "\nNot handed the empty list since (none: no list is on record):"
		 : "\nNot handed the full list since, or none that is on record:");
	output_table(json_object_get(sum, "to_come"), columns);
}

bool
run_rollback_show(struct invocation *in, struct err *e)
{
	const bool names = invocation_option(in, "phones") != NULL;
	json_t *sum = json_pack("{s:[]}", "to_come"), *part;
	json_t *args = json_pack("{s:b}", "names", names);
	bool ok;

	do {
		ok = client_call(in, "rollback/show", json_incref(args), &part, e);
		if (!ok)
			break;
		add_part(sum, part);
		json_object_set(args, "after", json_object_get(part, "next"));
		json_decref(part);
	} while (json_is_string(json_object_get(args, "after")));
	if (!names)
		json_object_del(sum, "to_come");
	if (ok && in->json)
		output_json(sum);
	else if (ok)
		print_rollback(in, sum);
	json_decref(args);
	json_decref(sum);
	return ok;
}
