#include "wire/tlv.h"

#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#define DEPTH_MAX 3 /* boxes in boxes: 16 holds 17 */

static const struct tlv_element no_element = { "unknown", TLV_NONE, 0, 0, 0 };

static const struct tlv_element *
element_of(const struct tlv_format *format, uint8_t tag)
{
	if (tag >= format->count || format->elements[tag].kind == TLV_NONE)
		return &no_element;
	return &format->elements[tag];
}

const char *
tlv_name(const struct tlv_format *format, uint8_t tag)
{
	return element_of(format, tag)->name;
}

bool
tlv_fail(const struct tlv_walk *w, size_t offset, uint8_t tag, struct err *e, const char *rule,
    const char *fmt, ...)
{
	char reason[ERR_TEXT_MAX / 2];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof reason, fmt, args);
	va_end(args);
	return err_set(e, ERR_MALFORMED, "offset %zu: %s element %u %s: %s (%s)", offset, w->what,
	    tag, tlv_name(w->format, tag), reason, rule);
}

/* Why these are not the bytes of a text that may stand in an element; NULL when they are. */
static const char *
text_fault(const struct tlv_element *el, struct span s)
{
	const uint8_t *nul = s.n > 0 ? memchr(s.p, 0, s.n) : NULL;
	size_t chars = nul != NULL ? (size_t)(nul - s.p) : 0;

	if (nul == NULL)
		return "no NUL at the end";
	if (el->kind == TLV_TEXT && chars + 1 != s.n)
		return "a NUL before the end";
	for (size_t i = chars; i < s.n; i++)
		if (s.p[i] != 0)
			return "something after the first NUL";
	if (s.n > el->size)
		return "longer than we take";
	return text_is_utf8(s) ? NULL : "not UTF-8";
}

static size_t
fixed_size(const struct tlv_element *el)
{
	switch (el->kind) {
	case TLV_U8:
		return 1;
	case TLV_PAIR:
	case TLV_U16:
		return 2;
	case TLV_U32:
		return 4;
	case TLV_BYTES:
		return el->size;
	default:
		return 0;
	}
}

/* Takes a value whose length fits its kind. Why it may not be; NULL when it may. */
static const char *
value_read(const struct tlv_element *el, struct rd value, void *member)
{
	uint8_t *pair = member;
	struct span *s = member;
	const char *fault;

	switch (el->kind) {
	case TLV_U8:
		return rd_u8(&value, member) ? NULL : "cut off";
	case TLV_PAIR:
		return rd_u8(&value, pair) && rd_u8(&value, pair + 1) ? NULL : "cut off";
	case TLV_U16:
		return rd_u16(&value, member) ? NULL : "cut off";
	case TLV_U32:
		return rd_u32(&value, member) ? NULL : "cut off";
	case TLV_TEXT:
	case TLV_HOST:
		*s = rd_rest(&value);
		fault = text_fault(el, *s);
		if (el->kind == TLV_TEXT && fault == NULL)
			s->n--;
		return fault;
	case TLV_SERIAL:
		*s = rd_rest(&value);
		return s->n > 0 ? NULL : "empty";
	default:
		*s = rd_rest(&value);
		return NULL;
	}
}

/* The tag may stand here; notes where it does. */
static bool
tag_read(struct tlv_walk *w, struct rd *r, uint8_t box, uint8_t *tag, struct err *e)
{
	const struct tlv_element *el;
	size_t offset = rd_offset(r);

	if (!rd_u8(r, tag))
		return tlv_fail(w, offset, box, e, w->format->end_rule, "nothing follows");
	el = element_of(w->format, *tag);
	if (el->kind == TLV_NONE)
		return tlv_fail(w, offset, *tag, e, "T5", "no such tag");
	if (el->kind == TLV_PADDING)
		return tlv_fail(w, offset, *tag, e, "T3", "padding before the end");
	if (el->box != box && box != 0)
		return tlv_fail(w, offset, *tag, e, "T4", "stands in %u %s, where it may not", box,
		    tlv_name(w->format, box));
	if (el->box != box)
		return tlv_fail(w, offset, *tag, e, "T4", "stands outside of %u %s", el->box,
		    tlv_name(w->format, el->box));
	if (w->seen[*tag])
		return tlv_fail(w, offset, *tag, e, "T5",
		    "a second one; the first is at offset %zu", w->at[*tag]);
	w->seen[*tag] = true;
	w->at[*tag] = offset;
	w->order[w->order_count++] = *tag;
	return true;
}

/* One element that stands in box. A box gives its inside, anything else goes to its member. */
static bool
element_read(struct tlv_walk *w, struct rd *r, uint8_t box, struct rd *inside, struct err *e)
{
	const char *end_rule = box != 0 ? "T4" : w->format->end_rule, *fault;
	const struct tlv_element *el;
	size_t fixed;
	uint16_t n;
	uint8_t tag;

	if (!tag_read(w, r, box, &tag, e))
		return false;
	if (!rd_u16(r, &n))
		return tlv_fail(w, w->at[tag], tag, e, end_rule, "its length is cut off");
	if (!rd_take(r, n, inside))
		return tlv_fail(
		    w, w->at[tag], tag, e, end_rule, "%u bytes long where %zu are left", n, r->n);
	el = element_of(w->format, tag);
	if (el->kind == TLV_BOX)
		return true;
	fixed = fixed_size(el);
	if (fixed != 0 && n != fixed)
		return tlv_fail(w, w->at[tag], tag, e, "T8", "%u bytes long, not %zu", n, fixed);
	fault = value_read(el, *inside, (char *)w->into + el->member);
	inside->n = 0;
	return fault == NULL || tlv_fail(w, w->at[tag], tag, e, "T7", "%s", fault);
}

bool
tlv_read(struct tlv_walk *w, struct rd *r, struct err *e)
{
	struct rd inside[DEPTH_MAX];
	uint8_t boxes[DEPTH_MAX];
	size_t depth = 0;

	if (!element_read(w, r, 0, &inside[0], e))
		return false;
	boxes[0] = w->order[w->order_count - 1];
	for (;;) {
		while (rd_end(&inside[depth])) {
			if (depth == 0)
				return true;
			depth--;
		}
		assert(depth + 1 < DEPTH_MAX); /* by the table, not by the file */
		if (!element_read(w, &inside[depth], boxes[depth], &inside[depth + 1], e))
			return false;
		depth++;
		boxes[depth] = w->order[w->order_count - 1];
	}
}

static const char *
value_write(const struct tlv_element *el, const void *member, struct wr *out)
{
	static const uint8_t nul[1];
	const uint8_t *pair = member;
	const uint16_t *u16 = member;
	const uint32_t *u32 = member;
	const struct span *s = member;
	size_t start = out->n;

	switch (el->kind) {
	case TLV_U8:
		wr_u8(out, *pair);
		break;
	case TLV_PAIR:
		wr_u8(out, pair[0]);
		wr_u8(out, pair[1]);
		break;
	case TLV_U16:
		wr_u16(out, *u16);
		break;
	case TLV_U32:
		wr_u32(out, *u32);
		break;
	case TLV_TEXT:
		wr_span(out, *s);
		wr_span(out, span_of(nul, sizeof nul));
		break;
	default:
		wr_span(out, *s);
	}
	if (!wr_ok(out) || (el->kind != TLV_TEXT && el->kind != TLV_HOST))
		return NULL;
	return text_fault(el, span_of(out->p + start, out->n - start));
}

bool
tlv_write(const struct tlv_format *format, const char *what, struct span order, const void *from,
    struct wr *out, struct err *e)
{
	size_t marks[DEPTH_MAX], depth = 0;
	uint8_t boxes[DEPTH_MAX + 1] = { 0 };

	for (size_t i = 0; i < order.n; i++) {
		const struct tlv_element *el = element_of(format, order.p[i]);
		const char *fault = NULL;
		size_t mark;

		while (depth > 0 && boxes[depth] != el->box)
			wr_len16_close(out, marks[--depth]);
		assert(el->kind != TLV_NONE && el->kind != TLV_PADDING && boxes[depth] == el->box);
		wr_u8(out, order.p[i]);
		mark = wr_len16_open(out);
		if (el->kind == TLV_BOX) {
			assert(depth < DEPTH_MAX);
			marks[depth++] = mark;
			boxes[depth] = order.p[i];
			continue;
		}
		fault = value_write(el, (const char *)from + el->member, out);
		wr_len16_close(out, mark);
		if (fault != NULL)
			return err_set(e, ERR_MALFORMED, "%s element %u %s: %s (T7)", what,
			    order.p[i], el->name, fault);
		if (!wr_ok(out))
			return err_set(e, ERR_LIMIT, "%s element %u %s: does not fit", what,
			    order.p[i], el->name);
	}
	while (depth > 0)
		wr_len16_close(out, marks[--depth]);
	return wr_ok(out) || err_set(e, ERR_LIMIT, "%s: a length does not fit", what);
}
