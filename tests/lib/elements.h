/*
 * elements: where the elements of a good trust list, signed or encrypted file stand, and copies of
 * such a file with one of them altered and every length around it made right again.
 *
 * Written from doc/protocols/files.md and sharing nothing with src/lib/wire, so that the two do not
 * share mistakes.
 */
#ifndef TESTS_LIB_ELEMENTS_H
#define TESTS_LIB_ELEMENTS_H

#include "base/bytes.h"

#define ELEMENTS_MAX 1024

/* One element, or the end of the header (tag 13, length 0). */
struct element {
	size_t record; /* 0: header; from 1 */
	uint8_t tag;
	size_t box; /* index of the element that it stands in; itself when in none */
	size_t at;  /* offset of the tag */
	size_t length;
};

struct elements {
	struct element all[ELEMENTS_MAX];
	size_t count;
	size_t header_length, padding;
};

/* Finds all elements of a file; its records too when it is a trust list. Ends the process when the
 * file is not a good one. */
void elements_find(struct span file, bool is_list, struct elements *out);

/* The element with this tag; ends the process when there is none. */
const struct element *elements_get(const struct elements *in, size_t record, uint8_t tag);

enum elements_edit {
	ELEMENTS_REPLACE, /* the whole element by the bytes; nothing to leave it out */
	ELEMENTS_VALUE,   /* its value by the bytes, its own length made right */
	ELEMENTS_AFTER,   /* the bytes put behind it, in the same box */
	ELEMENTS_PATCH,   /* its tag and what follows overwritten; no length made right */
};

/* The copy. Freed with bytes_free. */
struct bytes elements_edit(struct span file, const struct elements *in, const struct element *at,
    enum elements_edit how, struct span put);

/* A file with one length field that lies, a loan for the call. */
typedef void elements_visit(void *arg, struct span bad);

/* Calls visit for every length field of a good file (of each element, of the header, of each
 * record) with one more, one less, 0 and 0xffff in it. */
void elements_lies(struct span file, bool is_list, elements_visit *visit, void *arg);

/* The text of an error ends with a rule of files.md 1.7, 3 or 4 in parentheses, "(T7)"; with this
 * one, or with any when rule is NULL. */
bool elements_names_rule(const char *text, const char *rule);

#endif
