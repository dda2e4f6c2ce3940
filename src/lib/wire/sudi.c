#include "wire/sudi.h"

#define PART_MAX 65535

static const uint8_t kinds[] = { 0x00, 0x01, 0x03 };

#define PARTS (sizeof kinds / sizeof kinds[0])

bool
sudi_parse(struct span in, struct sudi *out, struct err *e)
{
	struct rd r = rd_open(in);
	struct span *const part[PARTS] = { &out->certificate, &out->sha1, &out->sha512 };

	*out = (struct sudi){ 0 };
	for (size_t i = 0; i < PARTS; i++) {
		uint8_t kind;
		uint16_t n;

		if (!rd_u8(&r, &kind) || kind != kinds[i] || !rd_u16(&r, &n) || n == 0 ||
		    !rd_span(&r, n, part[i]))
			return err_set(e, ERR_MALFORMED, "C12: SUDI part %zu is broken at byte %zu",
			    i + 1, rd_offset(&r));
	}
	return rd_end(&r) || err_set(e, ERR_MALFORMED, "C12: %zu bytes behind the SUDI parts", r.n);
}

bool
sudi_encode(const struct sudi *s, struct wr *out, struct err *e)
{
	const struct span part[PARTS] = { s->certificate, s->sha1, s->sha512 };

	for (size_t i = 0; i < PARTS; i++) {
		if (part[i].n > PART_MAX)
			return err_set(e, ERR_LIMIT, "SUDI part of %zu bytes, at most %d",
			    part[i].n, PART_MAX);
		wr_u8(out, kinds[i]);
		wr_u16(out, (uint16_t)part[i].n);
		wr_span(out, part[i]);
	}
	return wr_ok(out) || err_set(e, ERR_LIMIT, "the SUDI element does not fit");
}
