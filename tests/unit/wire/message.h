/*
 * message: whole CAPF and TVS messages (a header that ends with a 16-bit length, then elements of
 * tag, 16-bit length and value) that were cut or altered, and how a parser refuses them: malformed,
 * by which rule.
 */
#ifndef TESTS_UNIT_WIRE_MESSAGE_H
#define TESTS_UNIT_WIRE_MESSAGE_H

#include "../check.h"

#include "base/bytes.h"

/* A protocol under test. */
struct message_kind {
	size_t header;
	const char *rules; /* what the names of all its rules begin with */
	uint8_t
	    nested[2]; /* tags of elements with a second length one byte into the value; 0: none */
	bool (*frame)(struct span got, size_t *whole, struct err *e);
	bool (*parse)(struct span message, struct err *e); /* keeps nothing of what it read */
};

/* The message of what stands before its length, and elements in hex. Freed with bytes_free. */
struct bytes message_make(struct span head, const char *elements);

/* One byte of a good message altered, and the rule that this breaks. */
struct message_byte {
	size_t at;
	uint8_t value;
	const char *rule;
};

/* It refuses the message of every row by the row's rule. */
void message_refused(const struct message_kind *kind, struct span good,
    const struct message_byte *rows, size_t count);

/* Cut after any number of bytes it is refused, and its frame waits for the rest. */
void message_refused_cut(const struct message_kind *kind, struct span good);

/* It is refused with a lie in any of its lengths. */
void message_refused_lies(const struct message_kind *kind, struct span good);

#endif
