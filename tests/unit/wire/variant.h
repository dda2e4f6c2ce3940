/*
 * variant: good trust lists, signed and encrypted files of tests/vectors that were cut, or with one
 * thing altered, and how a parser refuses them: malformed, at which offset, by which rule.
 */
#ifndef TESTS_UNIT_WIRE_VARIANT_H
#define TESTS_UNIT_WIRE_VARIANT_H

#include "../check.h"

#include "elements.h"

/* A good file with one element altered, and what is said of it. */
struct variant {
	const char *path;
	size_t record; /* 0: header; from 1 */
	uint8_t tag;
	enum elements_edit how;
	struct span put;
	const char *rule; /* of files.md; in a row that is good, why it is there */
	const char *said;
};

/* Its put. */
#define BYTES(s) \
	{ \
		(const uint8_t *)(s), sizeof(s) - 1 \
	}

/* The file. Freed with bytes_free. */
struct bytes variant_make(const struct variant *v);

/* The parser under test; keeps nothing of what it read. */
typedef bool variant_parse(struct span file, struct err *e);

/* It refuses the file of every row, says what the row says, and names the element. */
void variant_refused(variant_parse *parse, const struct variant *rows, size_t count);

/* It refuses the file cut after any number of bytes below end. */
void variant_refused_cut(variant_parse *parse, struct span file, size_t end);

/* It refuses every vector of a kind with a lie in any of its lengths; those in the records too when
 * it reads lists. How many vectors there were. */
must_use size_t variant_refused_lies(variant_parse *parse, const char *kind, bool is_list);

#endif
