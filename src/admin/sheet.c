#include "admin/sheet.h"

#include "admin/output.h"
#include "base/mem.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MAX 4096

/* A block while it is written: it must be known whether it still fits its page. */
struct block {
	char text[BLOCK_MAX];
	size_t n;
	int lines;
};

static void
put(struct block *b, const char *text, size_t n)
{
	if (n > sizeof b->text - 1 - b->n)
		n = sizeof b->text - 1 - b->n;
	memcpy(b->text + b->n, text, n);
	b->n += n;
	b->text[b->n] = '\0';
}

static void
line_end(struct block *b)
{
	put(b, "\n", 1);
	b->lines++;
}

/* Between words, so that no line is longer than the sheet is wide; later lines under the first. */
static void
wrapped(struct block *b, const char *first, const char *text)
{
	const int indent = (int)strlen(first);
	int at = indent;

	put(b, first, strlen(first));
	while (*text != '\0') {
		size_t n = strcspn(text, " ");

		if (at > indent && at + 1 + (int)n > SHEET_WIDTH) {
			line_end(b);
			for (int i = 0; i < indent; i++)
				put(b, " ", 1);
			at = indent;
		}
		if (at > indent) {
			put(b, " ", 1);
			at++;
		}
		put(b, text, n);
		at += (int)n;
		text += n + strspn(text + n, " ");
	}
	line_end(b);
}

static const char *
member(const json_t *phone, const char *name)
{
	const char *text = json_string_value(json_object_get(phone, name));

	return text != NULL ? text : "";
}

static void
rule(struct block *b, char c)
{
	for (int i = 0; i < SHEET_WIDTH; i++)
		put(b, &c, 1);
	line_end(b);
}

/* A box to be ticked, and the keys below it. */
static void
task(struct block *b, const char *what, const char *keys)
{
	wrapped(b, "[ ] ", what);
	if (keys[0] != '\0')
		wrapped(b, "        ", keys);
}

static void
what_to_do(struct block *b, const json_t *phone)
{
	const char *how = member(phone, "how"), *reset = member(phone, "factory_reset");

	if (strcmp(how, "menu") == 0) {
		task(b, "1. At the phone, choose:", member(phone, "erase"));
		task(b, "2. Only if that menu is locked, reset the phone to factory:", reset);
	} else if (strcmp(how, "factory-reset") == 0)
		task(b, "Reset the phone to factory:", reset);
	else
		task(b,
		    "Reset the phone to factory, as the manual of its model says; the model is not "
		    "known here.",
		    "");
	wrapped(b, "    ", "A reset to factory also loses settings that were made at the phone.");
	task(b, "Leave it connected until it has started twice by itself.", "");
}

static void
fill(struct block *b, const json_t *phone)
{
	const char *model = member(phone, "model");

	b->n = 0;
	b->lines = 0;
	rule(b, '-');
	wrapped(b, "Phone ", member(phone, "name"));
	wrapped(b, "Model ", model[0] != '\0' ? model : "not known");
	line_end(b);
	wrapped(b, "",
	    "This phone does not take new settings from its server any more: calls may go on, "
	    "changes do not arrive. Please do this once, in this order:");
	line_end(b);
	what_to_do(b, phone);
	line_end(b);
	wrapped(b, "", "Done by ______________________________   on ____________________");
	line_end(b);
}

static int
compare(const void *one, const void *other)
{
	const json_t *const *a = one, *const *b = other;
	int how = strcmp(member(*a, "how"), member(*b, "how"));
	bool menu_a = strcmp(member(*a, "how"), "menu") == 0;
	bool menu_b = strcmp(member(*b, "how"), "menu") == 0;

	if (menu_a != menu_b)
		return menu_a ? -1 : 1;
	return how != 0 ? how : strcmp(member(*a, "name"), member(*b, "name"));
}

/* Line by line: what stands in names and models is a stranger's. */
static void
print_clean(FILE *out, const char *text)
{
	char one[BLOCK_MAX];

	while (*text != '\0') {
		size_t n = strcspn(text, "\n");

		memcpy(one, text, n);
		one[n] = '\0';
		output_clean(out, one);
		putc('\n', out);
		text += n + (text[n] == '\n');
	}
}

void
sheet_print(FILE *out, const json_t *phones)
{
	const size_t count = json_array_size(phones);
	const json_t **sorted = mem_new(count + 1, sizeof(const json_t *));
	static struct block b;
	int used = 0;

	for (size_t i = 0; i < count; i++)
		sorted[i] = json_array_get(phones, i);
	qsort(sorted, count, sizeof(const json_t *), compare);
	for (size_t i = 0; i < count; i++) {
		fill(&b, sorted[i]);
		if (used > 0 && used + b.lines > SHEET_LINES) {
			putc('\f', out);
			used = 0;
		}
		print_clean(out, b.text);
		used += b.lines;
	}
	free(sorted);
}
