#include "base/wr.h"

#include "base/mem.h"

#include <stdlib.h>

#define FIRST_CAP 64

struct wr
wr_new(size_t max)
{
	return (struct wr){ .max = max };
}

/* Room for n more bytes; NULL and marked bad when that is over the limit. */
static uint8_t *
room(struct wr *w, size_t n)
{
	uint8_t *at;

	if (w->bad || n > w->max - w->n) {
		w->bad = true;
		return NULL;
	}
	if (n > w->cap - w->n) {
		size_t cap = w->cap ? w->cap : FIRST_CAP;

		while (cap - w->n < n)
			cap = cap > w->max / 2 ? w->max : cap * 2;
		w->p = mem_grow(w->p, cap, 1);
		w->cap = cap;
	}
	at = w->p + w->n;
	w->n += n;
	return at;
}

void
wr_span(struct wr *w, struct span s)
{
	uint8_t *at;

	if (s.n > 0 && (at = room(w, s.n)) != NULL)
		memcpy(at, s.p, s.n);
}

void
wr_u8(struct wr *w, uint8_t v)
{
	wr_span(w, span_of(&v, 1));
}

void
wr_u16(struct wr *w, uint16_t v)
{
	const uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	wr_span(w, span_of(b, sizeof b));
}

void
wr_u32(struct wr *w, uint32_t v)
{
	wr_u16(w, (uint16_t)(v >> 16));
	wr_u16(w, (uint16_t)v);
}

void
wr_u64(struct wr *w, uint64_t v)
{
	wr_u32(w, (uint32_t)(v >> 32));
	wr_u32(w, (uint32_t)v);
}

void
wr_text(struct wr *w, const char *s)
{
	wr_span(w, span_str(s));
}

void
wr_fill(struct wr *w, uint8_t v, size_t count)
{
	uint8_t *at;

	if (count > 0 && (at = room(w, count)) != NULL)
		memset(at, v, count);
}

size_t
wr_len16_open(struct wr *w)
{
	wr_u16(w, 0);
	return w->n;
}

void
wr_len16_close(struct wr *w, size_t mark)
{
	if (w->bad)
		return;
	if (mark < 2 || w->n < mark || w->n - mark > UINT16_MAX) {
		w->bad = true;
		return;
	}
	wr_patch16(w, mark - 2, (uint16_t)(w->n - mark));
}

void
wr_patch(struct wr *w, size_t offset, struct span s)
{
	if (w->bad || offset > w->n || s.n > w->n - offset) {
		w->bad = true;
		return;
	}
	if (s.n > 0)
		memcpy(w->p + offset, s.p, s.n);
}

void
wr_patch16(struct wr *w, size_t offset, uint16_t v)
{
	const uint8_t b[2] = { (uint8_t)(v >> 8), (uint8_t)v };

	wr_patch(w, offset, span_of(b, sizeof b));
}

bool
wr_ok(const struct wr *w)
{
	return !w->bad;
}

struct span
wr_view(const struct wr *w)
{
	return span_of(w->p, w->n);
}

void
wr_reset(struct wr *w)
{
	w->n = 0;
	w->bad = false;
}

bool
wr_done(struct wr *w, struct bytes *out, struct err *e)
{
	size_t max = w->max;

	if (w->bad) {
		wr_free(w);
		return err_set(
		    e, ERR_LIMIT, "does not fit its length field or the limit of %zu bytes", max);
	}
	*out = (struct bytes){ w->p, w->n };
	*w = (struct wr){ .max = max };
	return true;
}

void
wr_free(struct wr *w)
{
	free(w->p);
	*w = (struct wr){ .max = w->max };
}

void
wr_sized(struct wr *w, struct span s)
{
	wr_u32(w, (uint32_t)s.n);
	wr_span(w, s);
}
