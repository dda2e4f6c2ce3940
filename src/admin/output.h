/*
 * output: how results are printed: JSON as it is, or a table for people.
 */
#ifndef ADMIN_OUTPUT_H
#define ADMIN_OUTPUT_H

#include <jansson.h>
#include <stdio.h>

/* Indented JSON and a newline. */
void output_json(const json_t *j);

struct output_column {
	const char *title;
	const char *key; /* member of each row */
};

/* An array of objects as aligned columns; columns end with a NULL title. "(none)" for an empty
 * array. */
void output_table(const json_t *rows, const struct output_column *columns);

/* An object as "key: value" lines, in the order given; keys end with NULL. */
void output_fields(const json_t *object, const char *const *keys);

/* A scalar as text for people: null is "-", a boolean yes or no. In one of a few rotating buffers.
 */
const char *output_text(const json_t *value);

#endif
