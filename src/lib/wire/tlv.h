/*
 * tlv: elements of a tag, a 16-bit length and a value, driven by a table of tags.
 *
 * Internal to wire: the header of signed files (envelope.c) and the records of trust lists
 * (trustlist.c) are one encoding with two tables (doc/protocols/files.md, 1.1). Reading and
 * writing go by the same table, so they cannot drift apart. Rules named in errors: T3 to T5, T7,
 * T8.
 */
#ifndef WIRE_TLV_H
#define WIRE_TLV_H

#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

#define TLV_TAGS_MAX 32

enum tlv_kind {
	TLV_NONE,    /* no such tag */
	TLV_BOX,     /* holds other elements; no member */
	TLV_PADDING, /* one byte without length, which the caller reads; no member */
	TLV_U8,      /* uint8_t */
	TLV_PAIR,    /* two uint8_t that stand together */
	TLV_U16,     /* uint16_t */
	TLV_U32,     /* uint32_t */
	TLV_TEXT,    /* struct span: UTF-8 whose only NUL is its last byte and cut off */
	TLV_HOST,    /* struct span: UTF-8 and one NUL or more, all of it kept */
	TLV_SERIAL,  /* struct span: one byte or more */
	TLV_BYTES,   /* struct span */
};

/* What a table says of one tag; its index in the table is the tag. */
struct tlv_element {
	const char *name;
	enum tlv_kind kind;
	uint8_t box;   /* the tag of the box that it stands in; 0 for none */
	size_t member; /* offset of its member in the struct that is read or written */
	size_t size; /* bytes: exactly, of TLV_BYTES (0: any); at most, of TLV_TEXT and TLV_HOST */
};

struct tlv_format {
	const struct tlv_element *elements;
	size_t count;
	const char *end_rule; /* the rule broken by an element that passes the end */
};

/* One reading of a header or record. */
struct tlv_walk {
	const struct tlv_format *format;
	char what[24]; /* "header", "record 3" */
	void *into;
	uint8_t *order; /* room for every tag of the table once */
	size_t order_count;
	bool seen[TLV_TAGS_MAX];
	size_t at[TLV_TAGS_MAX]; /* where the tag stands in the file, when seen */
};

/* "SERIALNUMBER"; "unknown" for a tag that is not in the table. */
const char *tlv_name(const struct tlv_format *format, uint8_t tag);

/*
 * Reads the next element, and if it is a box the elements in it, into the struct of the walk.
 * r is not at its end and is not itself the inside of a box. Errors: ERR_MALFORMED (T3 to T5, T7,
 * T8, the end rule of the format).
 */
must_use bool tlv_read(struct tlv_walk *w, struct rd *r, struct err *e);

/* "offset 17: record 3 element 6 SERIALNUMBER: reason (rule)", ERR_MALFORMED. Always false. */
bool tlv_fail(const struct tlv_walk *w, size_t offset, uint8_t tag, struct err *e, const char *rule,
    const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/*
 * Writes the elements of the struct at from whose tags are in order, each right after its box or
 * a neighbour in it. what is named in errors: ERR_LIMIT for a value that does not fit,
 * ERR_MALFORMED for a text that could not be read again.
 */
must_use bool tlv_write(const struct tlv_format *format, const char *what, struct span order,
    const void *from, struct wr *out, struct err *e);

#endif
