#include "variant.h"

#include "vectors.h"

struct bytes
variant_make(const struct variant *v)
{
	struct elements found;
	struct bytes good, out;

	assert_true(vectors_read(v->path, &good));
	elements_find(bytes_span(&good), v->record > 0, &found);
	out = elements_edit(
	    bytes_span(&good), &found, elements_get(&found, v->record, v->tag), v->how, v->put);
	bytes_free(&good);
	return out;
}

/* rule may be NULL: any. */
static void
assert_refused(variant_parse *parse, struct span bad, const char *rule, const char *said)
{
	struct err e = { 0 };

	if (parse(bad, &e))
		fail_msg("taken, expected \"%s\"", said);
	if (e.code != ERR_MALFORMED || strstr(e.text, said) == NULL ||
	    strstr(e.text, "offset ") == NULL)
		fail_msg("expected \"%s\": %s: %s", said, err_code_name(e.code), e.text);
	if (!elements_names_rule(e.text, rule))
		fail_msg("expected rule %s: %s", rule != NULL ? rule : "of any name", e.text);
}

void
variant_refused(variant_parse *parse, const struct variant *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct bytes bad = variant_make(&rows[i]);
		char where[40] = "header element ";

		if (rows[i].record > 0)
			snprintf(where, sizeof where, "record %zu element ", rows[i].record);
		assert_refused(parse, bytes_span(&bad), rows[i].rule, rows[i].said);
		assert_refused(parse, bytes_span(&bad), rows[i].rule, where);
		bytes_free(&bad);
	}
}

void
variant_refused_cut(variant_parse *parse, struct span file, size_t end)
{
	for (size_t n = 0; n < end; n++) {
		struct bytes cut = bytes_copy(span_of(file.p, n));

		assert_refused(parse, bytes_span(&cut), NULL, "");
		bytes_free(&cut);
	}
}

struct lies {
	variant_parse *parse;
	bool is_list;
};

static void
lie_is_refused(void *arg, struct span bad)
{
	const struct lies *how = arg;

	assert_refused(how->parse, bad, NULL, "");
}

static void
lies_are_refused(void *arg, const char *path, json_t *entry, struct span file)
{
	const struct lies *how = arg;

	(void)path, (void)entry;
	elements_lies(file, how->is_list, lie_is_refused, arg);
}

size_t
variant_refused_lies(variant_parse *parse, const char *kind, bool is_list)
{
	struct lies how = { parse, is_list };

	return vectors_each(kind, lies_are_refused, &how);
}
