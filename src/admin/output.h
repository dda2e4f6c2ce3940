/*
 * output: how results are printed: JSON as it is, or a table for people.
 */
#ifndef ADMIN_OUTPUT_H
#define ADMIN_OUTPUT_H

#include "base/span.h"

#include <jansson.h>
#include <stdio.h>

/* Indented JSON and a newline. */
void output_json(const json_t *j);

/* Prints text for a terminal: control characters, whoever wrote them, as \xNN. out NULL prints
 * nothing. Returns the columns it takes. */
int output_clean(FILE *out, const char *text);

/* A string whatever its bytes: what is not UTF-8 is made printable; null without one. A new
 * reference. */
json_t *output_string(struct span s);

struct output_column {
	const char *title;
	const char *key; /* member of each row */
};

/* An array of objects as aligned columns; columns end with a NULL title. "(none)" for an empty
 * array. */
void output_table(const json_t *rows, const struct output_column *columns);

/* The same for rows that come in parts: titles go before the first, widths follow from it. "(none)"
 * is for the caller. Starts zeroed. */
#define OUTPUT_COLUMNS_MAX 16
struct output_layout {
	int width[OUTPUT_COLUMNS_MAX];
	bool begun;
};
void output_table_part(
    const json_t *rows, const struct output_column *columns, struct output_layout *layout);

/* An object as "key: value" lines, in the order given; keys end with NULL. "config.form" is the
 * member form of the member config. */
void output_fields(const json_t *object, const char *const *keys);

#define OUTPUT_TEXTS 8

/* A value as text for people: null is "-", a boolean yes or no, an array its texts with blanks
 * between them. Good until OUTPUT_TEXTS further
 * calls. */
const char *output_text(const json_t *value);

#endif
