#include "base/rd.h"

struct rd
rd_open(struct span s)
{
	return (struct rd){ s.p, s.n, s.p };
}

bool
rd_span(struct rd *r, size_t n, struct span *out)
{
	if (n > r->n)
		return false;
	*out = (struct span){ r->p, n };
	if (n > 0) {
		r->p += n;
		r->n -= n;
	}
	return true;
}

bool
rd_u8(struct rd *r, uint8_t *out)
{
	struct span s;

	if (!rd_span(r, 1, &s))
		return false;
	*out = s.p[0];
	return true;
}

bool
rd_u16(struct rd *r, uint16_t *out)
{
	struct span s;

	if (!rd_span(r, 2, &s))
		return false;
	*out = (uint16_t)(s.p[0] << 8 | s.p[1]);
	return true;
}

bool
rd_u32(struct rd *r, uint32_t *out)
{
	struct span s;

	if (!rd_span(r, 4, &s))
		return false;
	*out = (uint32_t)s.p[0] << 24 | (uint32_t)s.p[1] << 16 | (uint32_t)s.p[2] << 8 | s.p[3];
	return true;
}

bool
rd_u64(struct rd *r, uint64_t *out)
{
	const struct rd before = *r;
	uint32_t high, low;

	if (!rd_u32(r, &high) || !rd_u32(r, &low)) {
		*r = before;
		return false;
	}
	*out = (uint64_t)high << 32 | low;
	return true;
}

bool
rd_take(struct rd *r, size_t n, struct rd *sub)
{
	struct span s;
	const uint8_t *base = r->base;

	if (!rd_span(r, n, &s))
		return false;
	*sub = (struct rd){ s.p, s.n, base };
	return true;
}

bool
rd_peek(const struct rd *r, uint8_t *out)
{
	if (r->n == 0)
		return false;
	*out = *r->p;
	return true;
}

bool
rd_until(struct rd *r, uint8_t stop, struct span *out)
{
	const uint8_t *end = r->n > 0 ? memchr(r->p, stop, r->n) : NULL;
	struct span taken;

	if (end == NULL)
		return false;
	*out = (struct span){ r->p, (size_t)(end - r->p) };
	return rd_span(r, out->n + 1, &taken);
}

struct span
rd_rest(struct rd *r)
{
	struct span all = { r->p, r->n };
	struct span taken;

	return rd_span(r, r->n, &taken) ? taken : all;
}

bool
rd_end(const struct rd *r)
{
	return r->n == 0;
}

size_t
rd_offset(const struct rd *r)
{
	return r->p == NULL ? 0 : (size_t)(r->p - r->base);
}

bool
rd_sized(struct rd *r, struct span *out)
{
	uint32_t n;

	*out = (struct span){ 0 };
	return rd_u32(r, &n) && (n == 0 || rd_span(r, n, out));
}
