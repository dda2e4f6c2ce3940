#include "elements.h"

#include "vectors.h"

#include <stdio.h>
#include <stdlib.h>

#define PADDING 13

static void
give_up(const char *why)
{
	fprintf(stderr, "elements: %s\n", why);
	abort();
}

static size_t
get16(struct span file, size_t at)
{
	if (at + 2 > file.n)
		give_up("a length outside of the file");
	return (size_t)file.p[at] << 8 | file.p[at + 1];
}

static void
put16(struct bytes *file, size_t at, size_t v)
{
	if (at + 2 > file->n)
		give_up("a length outside of the file");
	file->p[at] = (uint8_t)(v >> 8);
	file->p[at + 1] = (uint8_t)v;
}

static bool
is_box(size_t record, uint8_t tag)
{
	return record == 0 && tag > 0 && strchr("\x03\x07\x09\x10\x11\x15", tag) != NULL;
}

/* The innermost box that has not ended where the next element starts. */
static size_t
box_at(const struct elements *in, size_t at)
{
	for (size_t i = in->count; i-- > 0;) {
		const struct element *el = &in->all[i];

		if (is_box(el->record, el->tag) && at < el->at + 3 + el->length)
			return i;
	}
	return in->count;
}

static size_t
add(struct span file, struct elements *out, size_t record, size_t at)
{
	struct element *el = &out->all[out->count];

	if (out->count == ELEMENTS_MAX)
		give_up("too many");
	*el = (struct element){ record, file.p[at], box_at(out, at), at, get16(file, at + 1) };
	out->count++;
	return is_box(record, el->tag) ? at + 3 : at + 3 + el->length;
}

void
elements_find(struct span file, bool is_list, struct elements *out)
{
	size_t at = 0;

	*out = (struct elements){ .header_length = get16(file, 8) };
	while (at < out->header_length && file.p[at] != PADDING)
		at = add(file, out, 0, at);
	out->padding = out->header_length - at;
	if (out->padding > 3)
		give_up("a bad header");
	for (size_t record = 1; is_list && out->header_length + 5 < file.n; record++) {
		size_t end;

		at = record == 1 ? out->header_length : at;
		if (at == file.n)
			return;
		for (end = at + get16(file, at + 3); at < end;)
			at = add(file, out, record, at);
		if (at != end)
			give_up("a bad record");
	}
}

const struct element *
elements_get(const struct elements *in, size_t record, uint8_t tag)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->all[i].record == record && in->all[i].tag == tag)
			return &in->all[i];
	give_up("no such element");
	return NULL;
}

/* Makes right what counts the bytes that were added at el. */
static void
lengths_repair(
    struct bytes *file, const struct elements *in, const struct element *el, size_t added)
{
	static const uint8_t padding[3] = { PADDING, PADDING, PADDING };
	const struct element *box = &in->all[el->box];
	size_t end = in->header_length - in->padding + added;
	struct bytes padded;

	if (el->record > 0) {
		size_t start = elements_get(in, el->record, 1)->at;

		put16(file, start + 3, get16(bytes_span(file), start + 3) + added);
		return;
	}
	for (; box != el && is_box(0, box->tag); el = box, box = &in->all[box->box])
		put16(file, box->at + 1, box->length + added);
	padded =
	    vectors_splice(bytes_span(file), end, in->padding, span_of(padding, (4 - end % 4) % 4));
	put16(&padded, 8, (end + 3) / 4 * 4);
	bytes_free(file);
	*file = padded;
}

struct bytes
elements_edit(struct span file, const struct elements *in, const struct element *at,
    enum elements_edit how, struct span put)
{
	size_t whole = 3 + at->length;
	struct bytes out;

	switch (how) {
	case ELEMENTS_REPLACE:
		out = vectors_splice(file, at->at, whole, put);
		lengths_repair(&out, in, at, put.n - whole);
		return out;
	case ELEMENTS_VALUE:
		out = vectors_splice(file, at->at + 3, at->length, put);
		put16(&out, at->at + 1, put.n);
		lengths_repair(&out, in, at, put.n - at->length);
		return out;
	case ELEMENTS_AFTER:
		out = vectors_splice(file, at->at + whole, 0, put);
		lengths_repair(&out, in, at, put.n);
		return out;
	default:
		return vectors_splice(file, at->at, put.n, put);
	}
}

static void
lies_at(struct span file, size_t at, elements_visit *visit, void *arg)
{
	const size_t truth = get16(file, at), lies[] = { truth + 1, truth - 1, 0, 0xffff };

	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		const uint8_t lie[] = { (uint8_t)(lies[i] >> 8), (uint8_t)lies[i] };
		struct bytes bad = vectors_splice(file, at, sizeof lie, span_of(lie, sizeof lie));

		if (lies[i] != truth)
			visit(arg, bytes_span(&bad));
		bytes_free(&bad);
	}
}

void
elements_lies(struct span file, bool is_list, elements_visit *visit, void *arg)
{
	struct elements found;

	elements_find(file, is_list, &found);
	for (size_t i = 0; i < found.count; i++) {
		const struct element *el = &found.all[i];
		bool is_length = el->tag == (el->record == 0 ? 2 : 1);

		lies_at(file, el->at + 1, visit, arg);
		if (is_length)
			lies_at(file, el->at + 3, visit, arg);
	}
}

bool
elements_names_rule(const char *text, const char *rule)
{
	const char *open = strrchr(text, '('), *p;
	size_t n;

	if (open == NULL)
		return false;
	n = strlen(open);
	if (rule != NULL)
		return n == strlen(rule) + 2 && strncmp(open + 1, rule, n - 2) == 0 &&
		       open[n - 1] == ')';
	if (strchr("TSE", open[1]) == NULL)
		return false;
	for (p = open + 2; *p >= '0' && *p <= '9';)
		p++;
	return p > open + 2 && strcmp(p, ")") == 0;
}
