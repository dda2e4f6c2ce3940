#include "admin/client.h"
#include "admin/filejson.h"
#include "admin/output.h"
#include "admin/readfile.h"

#include "base/text.h"
#include "rules/listshow.h"
#include "rules/signedfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define LISTING_MAX (64 * 1024 * 1024)

/* "Wed Jul 27 10:16:24 EDT 2011", in local time. */
static void
date_text(time_t t, char *out, size_t max)
{
	struct tm local;

	localtime_r(&t, &local);
	strftime(out, max, "%a %b %d %H:%M:%S %Z %Y", &local);
}

/* What could be read of it, and whether it was verified. */
static bool
print_list_json(struct span file, const char *date, struct err *e)
{
	struct trustlist list;
	bool read = trustlist_parse(file, &list, e);
	bool ok = read && signedfile_check_list(&list, NULL, e);
	json_t *o = read ? filejson_list(&list) : json_object();

	json_object_set_new(o, "length", json_integer((json_int_t)file.n));
	json_object_set_new(o, "modified", json_string(date));
	json_object_set_new(o, "verified", json_boolean(ok));
	json_object_set_new(o, "reason", ok ? json_null() : output_string(span_str(e->text)));
	output_json(o);
	json_decref(o);
	if (read)
		trustlist_free(&list);
	return ok;
}

/* The listing goes out whole even when the list is bad: it ends with the texts for that. */
static bool
print_list(const struct invocation *in, enum listshow_kind kind, struct span file, time_t modified,
    struct err *e)
{
	struct wr out = wr_new(LISTING_MAX);
	char date[64];
	bool ok;

	date_text(modified, date, sizeof date);
	if (in->json)
		return print_list_json(file, date, e);
	ok = listshow_file(kind, file, date, &out, e);
	fwrite(out.p, 1, out.n, stdout);
	wr_free(&out);
	return ok;
}

static bool
print_missing(const struct invocation *in, enum listshow_kind kind, const char *path, struct err *e)
{
	struct wr out = wr_new(LISTING_MAX);

	if (!in->json)
		listshow_missing(kind, &out);
	fwrite(out.p, 1, out.n, stdout);
	wr_free(&out);
	return err_set(e, ERR_UNKNOWN, "no list at %s", path);
}

static bool
show_path(const struct invocation *in, enum listshow_kind kind, struct err *e)
{
	const char *path = in->word[0];
	struct bytes file;
	struct stat st;
	bool ok;

	if (stat(path, &st) != 0 && errno == ENOENT)
		return print_missing(in, kind, path, e);
	if (!readfile(path, &file, e))
		return false;
	ok = print_list(in, kind, bytes_span(&file), st.st_mtime, e) || err_in(e, "%s", path);
	bytes_free(&file);
	return ok;
}

static time_t
parse_time(const char *utc)
{
	struct tm tm = { 0 };

	return utc != NULL && strptime(utc, "%Y-%m-%dT%H:%M:%SZ", &tm) != NULL ? timegm(&tm) : 0;
}

/* The list in an answer of the daemon, which is let go. */
static bool
print_answer(const struct invocation *in, enum listshow_kind kind, json_t *result, struct err *e)
{
	struct bytes file;
	bool ok =
	    text_unhex(span_str(json_string_value(json_object_get(result, "file"))), &file, e);

	if (ok) {
		ok = print_list(in, kind, bytes_span(&file),
		    parse_time(json_string_value(json_object_get(result, "made"))), e);
		bytes_free(&file);
	}
	json_decref(result);
	return ok;
}

static bool
ask(struct invocation *in, const char *command, json_t **result, struct err *e)
{
	const char *phone = invocation_option(in, "phone");

	return client_call(in, command,
	    phone != NULL ? json_pack("{s:s}", "phone", phone) : json_object(), result, e);
}

bool
run_show_itl(struct invocation *in, struct err *e)
{
	json_t *result;

	if (in->words == 1)
		return show_path(in, LISTSHOW_ITL, e);
	return ask(in, "show/itl", &result, e) && print_answer(in, LISTSHOW_ITL, result, e);
}

/* A cluster that never was in mixed mode has no CTL, as a real one. */
bool
run_show_ctl(struct invocation *in, struct err *e)
{
	json_t *result;

	if (in->words == 1)
		return show_path(in, LISTSHOW_CTL, e);
	if (ask(in, "show/ctl", &result, e))
		return print_answer(in, LISTSHOW_CTL, result, e);
	if (e->code != ERR_UNKNOWN || invocation_option(in, "phone") != NULL)
		return false;
	return print_missing(in, LISTSHOW_CTL, "this cluster: it is in non-secure mode", e);
}
