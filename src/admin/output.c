#include "admin/output.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BUFFERS   OUTPUT_TEXTS
#define ARRAY_MAX 1024
#define KEY_MAX   64

void
output_json(const json_t *j)
{
	json_dumpf(j, stdout, JSON_INDENT(2) | JSON_ENCODE_ANY);
	putchar('\n');
}

/* Texts in a row, cut to fit. */
static const char *
array_text(const json_t *array)
{
	static char buffers[BUFFERS][ARRAY_MAX];
	static unsigned next;
	char *out = buffers[next++ % BUFFERS];
	size_t i, n = 0;
	json_t *one;

	out[0] = '\0';
	json_array_foreach((json_t *)(uintptr_t)array, i, one)
	{
		int got =
		    snprintf(out + n, ARRAY_MAX - n, "%s%s", i > 0 ? " " : "", output_text(one));

		n += got > 0 ? (size_t)got : 0;
		if (n >= ARRAY_MAX)
			break;
	}
	return out[0] != '\0' ? out : "-";
}

const char *
output_text(const json_t *value)
{
	static char buffers[BUFFERS][32];
	static unsigned next;
	char *out;

	switch (value != NULL ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		return *json_string_value(value) != '\0' ? json_string_value(value) : "-";
	case JSON_TRUE:
		return "yes";
	case JSON_FALSE:
		return "no";
	case JSON_INTEGER:
		out = buffers[next++ % BUFFERS];
		snprintf(out, sizeof buffers[0], "%lld", (long long)json_integer_value(value));
		return out;
	case JSON_ARRAY:
		return array_text(value);
	default:
		return "-";
	}
}

json_t *
output_string(struct span s)
{
	size_t max = 4 * s.n + 8; /* each byte as \xNN */
	char *clean;
	json_t *j;

	if (s.p == NULL)
		return json_null();
	j = json_stringn((const char *)s.p, s.n);
	if (j != NULL)
		return j;
	clean = mem_new(max, 1);
	j = json_string(text_printable(s, clean, max));
	free(clean);
	return j;
}

/* The control character at s as terminals take it: C0, DEL, and C1 in UTF-8. 0: another one. */
static unsigned
control_at(const char *s, size_t *bytes)
{
	unsigned char c = (unsigned char)s[0], next = c != '\0' ? (unsigned char)s[1] : 0;

	*bytes = 1;
	if (c < 0x20 || c == 0x7f)
		return c;
	if (c != 0xc2 || next < 0x80 || next > 0x9f)
		return 0;
	*bytes = 2;
	return next;
}

int
output_clean(FILE *out, const char *s)
{
	int width = 0;

	while (*s != '\0') {
		size_t bytes;
		unsigned control = control_at(s, &bytes);

		if (control != 0) {
			if (out != NULL)
				fprintf(out, "\\x%02x", control);
			width += 4;
		} else {
			if (out != NULL)
				putc(*s, out);
			width += ((unsigned char)*s & 0xc0) != 0x80; /* the rest of a character */
		}
		s += bytes;
	}
	return width;
}

static int
width_of(const char *s)
{
	return output_clean(NULL, s);
}

static void
print_cell(const char *text, int width, int last)
{
	output_clean(stdout, text);
	if (last)
		putchar('\n');
	else
		printf("%*s", width - width_of(text) + 2, "");
}

/* As wide as the widest of each column; returns how many columns there are. */
static size_t
layout_grow(struct output_layout *layout, const json_t *rows, const struct output_column *columns)
{
	size_t count = 0, i;
	json_t *row;

	for (; columns[count].title != NULL; count++)
		if (!layout->begun)
			layout->width[count] = width_of(columns[count].title);
	json_array_foreach((json_t *)(uintptr_t)rows, i, row) for (size_t c = 0; c < count; c++)
	{
		int w = width_of(output_text(json_object_get(row, columns[c].key)));

		layout->width[c] = w > layout->width[c] ? w : layout->width[c];
	}
	return count;
}

void
output_table_part(
    const json_t *rows, const struct output_column *columns, struct output_layout *layout)
{
	size_t count = layout_grow(layout, rows, columns), i;
	json_t *row;

	for (size_t c = 0; c < count && !layout->begun; c++)
		print_cell(columns[c].title, layout->width[c], c + 1 == count);
	layout->begun = true;
	json_array_foreach((json_t *)(uintptr_t)rows, i, row) for (size_t c = 0; c < count; c++)
	    print_cell(output_text(json_object_get(row, columns[c].key)), layout->width[c],
		c + 1 == count);
}

void
output_table(const json_t *rows, const struct output_column *columns)
{
	struct output_layout layout = { 0 };

	if (json_array_size(rows) == 0)
		puts("(none)");
	else
		output_table_part(rows, columns, &layout);
}

/* The member at a path of names with dots between them. */
static const json_t *
member_at(const json_t *object, const char *path)
{
	char key[KEY_MAX];

	for (;;) {
		size_t n = strcspn(path, ".");

		snprintf(key, sizeof key, "%.*s", (int)n, path);
		object = json_object_get(object, key);
		if (path[n] == '\0')
			return object;
		path += n + 1;
	}
}

void
output_fields(const json_t *object, const char *const *keys)
{
	int width = 0;

	for (size_t i = 0; keys[i] != NULL; i++)
		width = width_of(keys[i]) > width ? width_of(keys[i]) : width;
	for (size_t i = 0; keys[i] != NULL; i++) {
		printf("%s:%*s", keys[i], width - width_of(keys[i]) + 1, "");
		print_cell(output_text(member_at(object, keys[i])), 0, 1);
	}
}
