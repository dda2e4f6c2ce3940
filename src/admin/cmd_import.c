#include "admin/client.h"
#include "admin/csv.h"
#include "admin/output.h"
#include "admin/readfile.h"

#include <stdlib.h>
#include <string.h>

/* The columns that a file may have: name, and the settings of phone set. */
static const char *const known[] = { "name", "model", "group", "operation", "auth-mode",
	"auth-string", "key-order", "rsa-size", "ec-size", "complete-by" };

struct import {
	char *column[CSV_COLUMNS_MAX];
	size_t columns;
	json_t *rows;
};

static bool
take_header(struct import *im, char **fields, size_t count, struct err *e)
{
	bool has_name = false;

	for (size_t i = 0; i < count; i++) {
		bool found = false;

		for (size_t k = 0; k < sizeof known / sizeof known[0]; k++)
			found = found || strcmp(fields[i], known[k]) == 0;
		if (!found)
			return err_set(e, ERR_MALFORMED,
			    "line 1: no column \"%.40s\"; there are name, model, group, operation, "
			    "auth-mode, "
			    "auth-string, key-order, rsa-size, ec-size and complete-by",
			    fields[i]);
		has_name = has_name || strcmp(fields[i], "name") == 0;
		im->column[im->columns++] = strdup(fields[i]);
	}
	return has_name || err_set(e, ERR_MALFORMED, "line 1: no column \"name\"");
}

static bool
take_row(void *arg, size_t line, char **fields, size_t count, struct err *e)
{
	struct import *im = arg;
	json_t *row;

	if (im->columns == 0)
		return take_header(im, fields, count, e);
	if (count != im->columns)
		return err_set(e, ERR_MALFORMED, "line %zu: %zu fields, the first line has %zu",
		    line, count, im->columns);
	row = json_pack("{s:I}", "line", (json_int_t)line);
	for (size_t i = 0; i < count; i++) {
		json_t *value = json_string(fields[i]);

		if (value == NULL) {
			json_decref(row);
			return err_set(
			    e, ERR_MALFORMED, "line %zu: %s is not UTF-8", line, im->column[i]);
		}
		if (fields[i][0] != '\0')
			json_object_set_new(row, im->column[i], value);
		else
			json_decref(value);
	}
	json_array_append_new(im->rows, row);
	return true;
}

static bool
send_rows(struct invocation *in, struct import *im, struct err *e)
{
	bool dry = invocation_option(in, "dry-run") != NULL;
	json_t *result;

	if (!client_call(in, "phone/import",
		json_pack("{s:O, s:b}", "rows", im->rows, "dry_run", dry), &result, e))
		return false;
	if (in->json)
		output_json(result);
	else
		printf("%s: %s added, %s changed\n", dry ? "would be imported" : "imported",
		    output_text(json_object_get(result, "added")),
		    output_text(json_object_get(result, "changed")));
	json_decref(result);
	return true;
}

bool
run_phone_import(struct invocation *in, struct err *e)
{
	struct import im = { .rows = json_array() };
	struct bytes text;
	bool ok = readfile(in->word[0], &text, e);

	if (ok) {
		ok = csv_read(bytes_span(&text), take_row, &im, e) || err_in(e, "%s", in->word[0]);
		if (ok && im.columns == 0)
			ok = err_set(e, ERR_MALFORMED, "%s is empty", in->word[0]);
		bytes_free(&text);
	}
	ok = ok && send_rows(in, &im, e);
	for (size_t i = 0; i < im.columns; i++)
		free(im.column[i]);
	json_decref(im.rows);
	return ok;
}
