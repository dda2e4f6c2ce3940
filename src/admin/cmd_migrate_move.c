#include "admin/answer.h"
#include "admin/import.h"
#include "admin/listing.h"
#include "admin/sides.h"

#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The values that mark a phone (daemon/command_migrate.c), as a column of phone import and as a
 * setting of phone set. */
#define FROM  "value.move.from"
#define SINCE "value.move.since"

/* from "": the mark is taken away. */
static json_t *
mark(const char *from)
{
	char since[TEXT_TIME_MAX] = "";

	if (*from != '\0')
		text_time(time(NULL), since);
	return json_pack("{s:s, s:s}", FROM, from, SINCE, since);
}

/* --- phones that are here --- */

/* The names of what a command lists in steps. args is taken over. */
static bool
gather(struct invocation *in, const char *command, json_t *args, json_t *names, struct err *e)
{
	json_t *page, *phone;
	size_t i;
	bool ok;

	do {
		ok = client_call(in, command, json_incref(args), &page, e);
		if (!ok)
			break;
		json_array_foreach(json_object_get(page, "phones"), i, phone)
		    json_array_append(names, json_object_get(phone, "name"));
		json_object_set(args, "after", json_object_get(page, "next"));
		json_decref(page);
	} while (json_is_string(json_object_get(args, "after")));
	json_decref(args);
	return ok;
}

/* names is taken over. */
static bool
set_marks(struct invocation *in, json_t *names, const char *from, const char *done, struct err *e)
{
	bool dry = invocation_option(in, "dry-run") != NULL;
	size_t count = json_array_size(names);
	json_t *result = NULL;

	if (count == 0) {
		json_decref(names);
		return err_set(e, ERR_UNKNOWN, "no phone fits");
	}
	if (dry)
		json_decref(names);
	else if (!client_call(in, "phone/set",
		     json_pack("{s:o, s:o}", "names", names, "settings", mark(from)), &result, e))
		return false;
	json_decref(result);
	if (in->json) {
		result = json_pack("{s:I, s:b}", "phones", (json_int_t)count, "dry_run", dry);
		output_json(result);
		json_decref(result);
	} else
		printf("%zu phones %s%s\n", count, dry ? "would be " : "", done);
	return true;
}

static bool
mark_added(struct invocation *in, const char *from, struct err *e)
{
	json_t *args = listing_args(in, e), *names = json_array();

	if (args != NULL && gather(in, "phone/list", args, names, e))
		return set_marks(in, names, from, "expected", e);
	json_decref(names);
	return false;
}

static bool
end_move(struct invocation *in, const char *from, struct err *e)
{
	json_t *args = listing_args(in, e), *names = json_array();

	if (args != NULL) {
		json_object_set_new(args, "from", json_string(from));
		if (gather(in, "migrate/progress", args, names, e))
			return set_marks(in, names, "", "expected no more", e);
	}
	json_decref(names);
	return false;
}

bool
run_migrate_move(struct invocation *in, struct err *e)
{
	const char *from = invocation_option(in, "from"), *csv = invocation_option(in, "csv");
	bool end = invocation_option(in, "end") != NULL;
	bool chosen = in->words == 1 || invocation_option(in, "file") != NULL;
	json_t *besides;
	bool ok;

	if (from == NULL || !sides_name_is_good(from))
		return invocation_usage(in, e, "--from NAME is needed: " SIDES_NAME_HELP);
	if (csv != NULL && (chosen || end))
		return invocation_usage(in, e, "--csv names the phones already");
	if (end)
		return end_move(in, from, e);
	if (csv == NULL && !chosen)
		return invocation_usage(in, e,
		    "which phones: --csv FILE adds them, FILTER or --file FILE are some that are "
		    "here");
	if (csv == NULL)
		return mark_added(in, from, e);
	besides = mark(from);
	ok = import_run(in, csv, besides, e);
	json_decref(besides);
	return ok;
}

/* --- how far they are --- */

bool
run_migrate_progress(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = { { "NAME", "name" }, { "FROM", "from" },
		{ "SINCE", "since" }, { "STATE", "state" }, { "LIST HANDED", "handed" },
		{ "TRUST", "trust" }, { "LAST SEEN", "last_seen" }, { 0 } };
	json_t *args = listing_args(in, e);

	if (args == NULL)
		return false;
	if (!answer_pass(args, "from", invocation_option(in, "from"), e)) {
		json_decref(args);
		return false;
	}
	return listing_print(in, "migrate/progress", args, columns, e);
}
