#include "message.h"

#include "base/rd.h"
#include "base/text.h"
#include "base/wr.h"
#include "vectors.h"

#define MESSAGE_MAX 65535
#define LENGTHS_MAX 32

struct bytes
message_make(struct span head, const char *elements)
{
	struct wr w = wr_new(MESSAGE_MAX);
	struct bytes body, out;
	struct err e = { 0 };

	assert_ok(text_unhex(span_str(elements), &body, &e), e);
	wr_span(&w, head);
	wr_u16(&w, (uint16_t)body.n);
	wr_span(&w, bytes_span(&body));
	assert_ok(wr_done(&w, &out, &e), e);
	bytes_free(&body);
	return out;
}

void
message_refused(const struct message_kind *kind, struct span good, const struct message_byte *rows,
    size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct bytes bad = vectors_splice(good, rows[i].at, 1, span_of(&rows[i].value, 1));
		struct err e;

		assert_fails(kind->parse(bytes_span(&bad), &e), e, ERR_MALFORMED, rows[i].rule);
		bytes_free(&bad);
	}
}

void
message_refused_cut(const struct message_kind *kind, struct span good)
{
	for (size_t n = 0; n < good.n; n++) {
		struct bytes cut = bytes_copy(span_of(good.p, n));
		struct err e = { 0 };
		size_t whole;

		assert_ok(kind->frame(bytes_span(&cut), &whole, &e), e);
		assert_int_equal(whole, n < kind->header ? 0 : good.n);
		assert_fails(kind->parse(bytes_span(&cut), &e), e, ERR_MALFORMED, kind->rules);
		bytes_free(&cut);
	}
}

/* Offsets of the lengths in a message: its own, then those of elements. */
static size_t
length_offsets(const struct message_kind *kind, struct span message, size_t out[LENGTHS_MAX])
{
	struct rd r = rd_open(message);
	struct span skipped;
	size_t count = 0;
	uint16_t length;
	uint8_t tag;

	assert_true(rd_span(&r, kind->header - 2, &skipped));
	out[count++] = rd_offset(&r);
	assert_true(rd_u16(&r, &length));
	while (rd_u8(&r, &tag)) {
		assert_true(count + 2 <= LENGTHS_MAX);
		out[count++] = rd_offset(&r);
		assert_true(rd_u16(&r, &length));
		if (tag == kind->nested[0] || tag == kind->nested[1])
			out[count++] = rd_offset(&r) + 1;
		assert_true(rd_span(&r, length, &skipped));
	}
	return count;
}

static void
refused_lies_at(const struct message_kind *kind, struct span good, size_t at)
{
	uint16_t was = (uint16_t)(good.p[at] << 8 | good.p[at + 1]);
	const uint16_t lies[] = { 0, (uint16_t)(was - 1), (uint16_t)(was + 1),
		(uint16_t)(was + 256), 0x7fff, 0xffff };

	for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
		const uint8_t lie[] = { (uint8_t)(lies[i] >> 8), (uint8_t)lies[i] };
		struct bytes bad = vectors_splice(good, at, 2, span_of(lie, 2));
		struct err e;

		if (lies[i] != was)
			assert_fails(
			    kind->parse(bytes_span(&bad), &e), e, ERR_MALFORMED, kind->rules);
		bytes_free(&bad);
	}
}

void
message_refused_lies(const struct message_kind *kind, struct span good)
{
	size_t at[LENGTHS_MAX], count = length_offsets(kind, good, at);

	for (size_t i = 0; i < count; i++)
		refused_lies_at(kind, good, at[i]);
}
