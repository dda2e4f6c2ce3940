#include "admin/client.h"
#include "admin/csv.h"
#include "admin/import.h"
#include "admin/output.h"
#include "admin/readfile.h"

#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The columns that a file may have: name, and the settings of phone set. One with a dot is a value
 * for templates: line1.name, or value.KEY for a KEY without one. */
static const char *const known[] = { "name", "model", "group", "profile", "template", "operation",
	"auth-mode", "auth-string", "key-order", "rsa-size", "ec-size", "complete-by" };

struct import {
	const char *path;
	const json_t *besides; /* columns that each row has too; NULL: none */
	char *column[CSV_COLUMNS_MAX];
	size_t columns;
	json_t *rows;
	json_t *bad; /* {"line", "reason"} */
};

static bool
is_known(const char *column)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(column, known[i]) == 0)
			return true;
	return strchr(column, '.') != NULL;
}

static bool
has_column(const struct import *im, const char *column)
{
	for (size_t i = 0; i < im->columns; i++)
		if (strcmp(column, im->column[i]) == 0)
			return true;
	return false;
}

static bool
take_header(struct import *im, size_t line, char **fields, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		if (!is_known(fields[i]))
			return err_set(e, ERR_MALFORMED,
			    "line %zu: no column \"%.40s\"; there are name, model, group, profile, "
			    "template, operation, auth-mode, auth-string, key-order, rsa-size, "
			    "ec-size, complete-by and values with a dot in their name",
			    line, fields[i]);
		if (has_column(im, fields[i]))
			return err_set(
			    e, ERR_MALFORMED, "line %zu: two columns \"%s\"", line, fields[i]);
		im->column[im->columns++] = mem_text(fields[i], strlen(fields[i]));
	}
	return has_column(im, "name") ||
	       err_set(e, ERR_MALFORMED, "line %zu: no column \"name\"", line);
}

static void
add_bad(struct import *im, size_t line, const char *reason)
{
	json_array_append_new(im->bad, json_pack("{s:I, s:o}", "line", (json_int_t)line, "reason",
					   output_string(span_str(reason))));
}

/* The row as the daemon takes it; an empty field leaves what is set. NULL: *e says why. */
static json_t *
row_json(const struct import *im, size_t line, char **fields, size_t count, struct err *e)
{
	json_t *row;

	if (count != im->columns) {
		err_set(e, ERR_MALFORMED, "%zu fields, the first line has %zu", count, im->columns);
		return NULL;
	}
	row = json_pack("{s:I}", "line", (json_int_t)line);
	json_object_update(row, (json_t *)(uintptr_t)im->besides);
	for (size_t i = 0; i < count; i++) {
		if (fields[i][0] == '\0')
			continue;
		if (json_object_set_new(row, im->column[i], json_string(fields[i])) != 0) {
			json_decref(row);
			err_set(e, ERR_MALFORMED, "%s is not UTF-8", im->column[i]);
			return NULL;
		}
	}
	return row;
}

static bool
take_row(void *arg, size_t line, char **fields, size_t count, struct err *e)
{
	struct import *im = arg;
	struct err why = { 0 };
	json_t *row;

	if (im->columns == 0)
		return take_header(im, line, fields, count, e);
	row = row_json(im, line, fields, count, &why);
	if (row != NULL)
		json_array_append_new(im->rows, row);
	else
		add_bad(im, line, why.text);
	return true;
}

static json_int_t
line_of(const json_t *bad)
{
	return json_integer_value(json_object_get(bad, "line"));
}

/* What the daemon found goes to what we found, in order of lines. */
static void
merge_bad(json_t *ours, const json_t *theirs)
{
	size_t i, at = 0;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)theirs, i, one)
	{
		while (
		    at < json_array_size(ours) && line_of(json_array_get(ours, at)) < line_of(one))
			at++;
		json_array_insert(ours, at, one);
	}
}

/* The error names as many rows as fit into a line; when that is not all of them, standard output
 * has each. */
static bool
fail_rows(const struct invocation *in, const char *path, const json_t *bad, struct err *e)
{
	char text[ERR_TEXT_MAX - 100] = "";
	size_t n = 0, i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)bad, i, one)
	{
		int got = snprintf(text + n, sizeof text - n, "%sline %lld: %s", i ? "; " : "",
		    (long long)line_of(one), output_text(json_object_get(one, "reason")));

		n += got > 0 ? (size_t)got : 0;
		if (n >= sizeof text)
			break;
	}
	json_array_foreach((json_t *)(uintptr_t)bad, i, one)
	{
		if (in->json || n < sizeof text)
			break;
		printf("line %lld: ", (long long)line_of(one));
		output_clean(stdout, output_text(json_object_get(one, "reason")));
		putchar('\n');
	}
	return err_set(e, ERR_MALFORMED, "%s: %zu bad rows, nothing was imported: %s", path,
	    json_array_size(bad), text);
}

static bool
send_rows(struct invocation *in, struct import *im, struct err *e)
{
	bool wish = invocation_option(in, "dry-run") != NULL;
	bool dry = wish || json_array_size(im->bad) > 0;
	json_t *result;
	bool ok = true;

	if (!client_call(in, "phone/import",
		json_pack("{s:O, s:b}", "rows", im->rows, "dry_run", dry), &result, e))
		return false;
	merge_bad(im->bad, json_object_get(result, "bad"));
	json_object_set(result, "bad", im->bad);
	json_object_set_new(result, "dry_run", json_boolean(wish));
	if (in->json)
		output_json(result);
	if (json_array_size(im->bad) > 0)
		ok = fail_rows(in, im->path, im->bad, e);
	else if (!in->json)
		printf("%s: %s added, %s changed\n", dry ? "would be imported" : "imported",
		    output_text(json_object_get(result, "added")),
		    output_text(json_object_get(result, "changed")));
	json_decref(result);
	return ok;
}

static bool
read_rows(struct import *im, struct err *e)
{
	struct bytes text;
	bool ok;

	if (!readfile(im->path, &text, e))
		return false;
	ok = csv_read(bytes_span(&text), take_row, im, e) || err_in(e, "%s", im->path);
	bytes_free(&text);
	return ok && (im->columns > 0 || err_set(e, ERR_MALFORMED, "%s is empty", im->path));
}

bool
import_run(struct invocation *in, const char *path, const json_t *besides, struct err *e)
{
	struct import im = {
		.path = path, .besides = besides, .rows = json_array(), .bad = json_array()
	};
	bool ok = read_rows(&im, e) && send_rows(in, &im, e);

	for (size_t i = 0; i < im.columns; i++)
		free(im.column[i]);
	json_decref(im.rows);
	json_decref(im.bad);
	return ok;
}

bool
run_phone_import(struct invocation *in, struct err *e)
{
	return import_run(in, in->word[0], NULL, e);
}
