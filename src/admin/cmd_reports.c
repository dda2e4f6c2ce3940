#include "admin/answer.h"

#include "base/mem.h"
#include "rules/modeltable.h"

#include <string.h>

#define CELL_MAX (MODELTABLE_CELL_MAX + 4)

/* The member that a column of the table has: '_' for '-'. */
static void
member_of(enum modeltable_column c, char out[MODELTABLE_CELL_MAX])
{
	snprintf(out, MODELTABLE_CELL_MAX, "%s", modeltable_column_name(c));
	for (char *p = out; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
}

/* What a cell says, and "d" or "a" behind mark. */
static void
cell_text(const json_t *row, enum modeltable_column c, char mark, char out[CELL_MAX])
{
	char member[MODELTABLE_CELL_MAX];
	const json_t *cell;

	member_of(c, member);
	cell = json_object_get(row, member);
	snprintf(out, CELL_MAX, "%s%c%c", output_text(json_object_get(cell, "value")), mark,
	    json_is_true(json_object_get(cell, "documented")) ? 'd' : 'a');
}

static void
print_csv(const json_t *rows)
{
	char cell[CELL_MAX];
	size_t i;
	json_t *row;

	printf("model");
	for (int c = 0; c < MODELTABLE_COLUMNS; c++)
		printf(",%s", modeltable_column_name((enum modeltable_column)c));
	putchar('\n');
	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
	{
		printf("%s", output_text(json_object_get(row, "model")));
		for (int c = 0; c < MODELTABLE_COLUMNS; c++) {
			cell_text(row, (enum modeltable_column)c, '/', cell);
			printf(",%s", cell);
		}
		putchar('\n');
	}
}

/* The same rows with one text a cell. A new reference. */
static json_t *
flat_rows(const json_t *rows)
{
	char member[MODELTABLE_CELL_MAX], cell[CELL_MAX];
	json_t *flat = json_array(), *row;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
	{
		json_t *one = json_object();

		json_object_set(one, "model", json_object_get(row, "model"));
		for (int c = 0; c < MODELTABLE_COLUMNS; c++) {
			member_of((enum modeltable_column)c, member);
			cell_text(row, (enum modeltable_column)c, ' ', cell);
			json_object_set_new(one, member, json_string(cell));
		}
		json_array_append_new(flat, one);
	}
	return flat;
}

static void
print_table(const json_t *rows)
{
	static const struct output_column columns[] = {
		{ "MODEL", "model" },
		{ "FAMILY", "family" },
		{ "SBD", "sbd" },
		{ "DIGESTS", "digests" },
		{ "TLS", "tls" },
		{ "EC", "ec" },
		{ "KEY MAX", "key_max" },
		{ "ENCRYPTED", "encrypted_config" },
		{ "LIST", "list_version" },
		{ "ERASE LISTS", "erase_lists" },
		{ "FACTORY RESET", "factory_reset" },
		{ 0 },
	};
	json_t *flat = flat_rows(rows);

	output_table(flat, columns);
	json_decref(flat);
	printf("\nd: documented, a: assumed\n");
}

bool
run_report_features(struct invocation *in, struct err *e)
{
	json_t *rows;

	if (!client_call(in, "report/features", json_object(), &rows, e))
		return false;
	if (in->json)
		output_json(rows);
	else if (invocation_option(in, "csv") != NULL)
		print_csv(rows);
	else
		print_table(rows);
	json_decref(rows);
	return true;
}
