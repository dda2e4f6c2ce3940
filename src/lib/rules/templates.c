#include "rules/templates.h"

#include "rules/templates_data.h"

#include <assert.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* In the order of the files in meson.build. */
static const struct row {
	const char *name, *families;
} rows[] = {
	{ "cisco-sip-6900", "6900" },
	{ "cisco-sip-7800", "7800" },
	{ "cisco-sip-7900", "7900" },
	{ "cisco-sip-8800", "8800" },
	{ "cisco-sip-9900", "8900 9900" },
};

size_t
templates_count(void)
{
	assert(templates_files_count == COUNT(rows));
	return COUNT(rows);
}

struct template_builtin
templates_at(size_t i)
{
	assert(i < templates_count());
	return (struct template_builtin){ rows[i].name, rows[i].families,
		span_of(templates_files[i].data, templates_files[i].size) };
}

bool
templates_find(const char *name, struct template_builtin *out)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (strcmp(rows[i].name, name) == 0) {
			*out = templates_at(i);
			return true;
		}
	return false;
}

static bool
has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	while (*words != '\0') {
		size_t length = strcspn(words, " ");

		if (length == n && memcmp(words, word, n) == 0)
			return true;
		words += length + strspn(words + length, " ");
	}
	return false;
}

bool
templates_for_family(const char *family, struct template_builtin *out)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		if (has_word(rows[i].families, family)) {
			*out = templates_at(i);
			return true;
		}
	return false;
}
