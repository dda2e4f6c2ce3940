#include "admin/listing.h"

#include "admin/readfile.h"

#include <string.h>

/* --- arguments --- */

static bool
add_name(json_t *names, struct span line, size_t number, struct err *e)
{
	while (line.n > 0 && (line.p[0] == ' ' || line.p[0] == '\t'))
		line = span_of(line.p + 1, line.n - 1);
	while (line.n > 0 && strchr(" \t\r", line.p[line.n - 1]) != NULL)
		line.n--;
	if (line.n == 0 || line.p[0] == '#')
		return true;
	return json_array_append_new(names, json_stringn((const char *)line.p, line.n)) == 0 ||
	       err_set(e, ERR_MALFORMED, "line %zu is not UTF-8", number);
}

static bool
read_names(const char *path, json_t *names, struct err *e)
{
	struct bytes text;
	struct span rest;
	bool ok = true;

	if (!readfile(path, &text, e))
		return false;
	rest = bytes_span(&text);
	for (size_t number = 1; ok && rest.n > 0; number++) {
		const uint8_t *end = memchr(rest.p, '\n', rest.n);
		size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;

		ok = add_name(names, span_of(rest.p, n), number, e) || err_in(e, "%s", path);
		rest = end != NULL ? span_of(end + 1, rest.n - n - 1) : (struct span){ 0 };
	}
	bytes_free(&text);
	return ok;
}

json_t *
listing_args(struct invocation *in, struct err *e)
{
	const char *path = invocation_option(in, "file");
	json_t *args = json_object(), *names;

	if (in->words == 1 && json_object_set_new(args, "filter", json_string(in->word[0])) != 0) {
		err_set(e, ERR_MALFORMED, "the filter is not UTF-8");
		json_decref(args);
		return NULL;
	}
	if (path == NULL)
		return args;
	names = json_array();
	json_object_set_new(args, "names", names);
	if (read_names(path, names, e))
		return args;
	json_decref(args);
	return NULL;
}

/* --- CSV --- */

void
listing_csv_cell(FILE *out, const char *text)
{
	bool is_formula = *text != '\0' && strchr("=+-@\t\r", *text) != NULL;
	bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;

	if (is_quoted)
		putc('"', out);
	if (is_formula)
		putc('\'', out);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putc('"', out);
		putc(*text, out);
	}
	if (is_quoted)
		putc('"', out);
}

static void
print_csv_titles(const struct output_column *columns)
{
	for (size_t c = 0; columns[c].title != NULL; c++) {
		if (c > 0)
			putchar(',');
		listing_csv_cell(stdout, columns[c].title);
	}
	fputs("\r\n", stdout);
}

static void
print_csv(const json_t *rows, const struct output_column *columns)
{
	size_t i;
	json_t *row;

	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
	{
		for (size_t c = 0; columns[c].title != NULL; c++) {
			const json_t *cell = json_object_get(row, columns[c].key);
			const char *text = json_string_value(cell);

			if (c > 0)
				putchar(',');
			if (text == NULL)
				text = json_is_null(cell) ? "" : output_text(cell);
			listing_csv_cell(stdout, text);
		}
		fputs("\r\n", stdout);
	}
}

/* --- parts --- */

struct listing {
	const struct output_column *columns;
	struct output_layout layout;
	bool csv, begun; /* begun: the JSON array */
};

/* An array whose members come in parts. */
static void
print_json_part(const json_t *rows, bool *begun)
{
	size_t i;
	json_t *row;

	json_array_foreach((json_t *)(uintptr_t)rows, i, row)
	{
		fputs(*begun ? ",\n" : "[\n", stdout);
		json_dumpf(row, stdout, JSON_INDENT(2));
		*begun = true;
	}
}

static void
print_part(const struct invocation *in, const json_t *rows, struct listing *l)
{
	if (in->json)
		print_json_part(rows, &l->begun);
	else if (l->csv)
		print_csv(rows, l->columns);
	else if (json_array_size(rows) > 0)
		output_table_part(rows, l->columns, &l->layout);
}

static void
print_end(const struct invocation *in, const struct listing *l)
{
	if (in->json)
		puts(l->begun ? "\n]" : "[]");
	else if (!l->csv && !l->layout.begun)
		puts("(none)");
}

bool
listing_print(struct invocation *in, const char *command, json_t *args,
    const struct output_column *columns, struct err *e)
{
	struct listing l = { .columns = columns,
		.csv = !in->json && invocation_option(in, "csv") != NULL };
	json_t *page, *next;
	bool begun = false;

	do {
		if (!client_call(in, command, json_incref(args), &page, e)) {
			json_decref(args);
			return false;
		}
		if (l.csv && !begun)
			print_csv_titles(columns);
		begun = true;
		print_part(in, json_object_get(page, "phones"), &l);
		next = json_object_get(page, "next");
		json_object_set(args, "after", next);
		json_decref(page);
	} while (json_is_string(json_object_get(args, "after")));
	json_decref(args);
	print_end(in, &l);
	return true;
}
