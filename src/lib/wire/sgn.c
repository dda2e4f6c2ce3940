#include "wire/sgn.h"

bool
sgn_parse(struct span file, struct sgn *out, struct err *e)
{
	struct sgn s;
	struct rd payload;
	uint8_t major, minor;

	if (!envelope_version(file, &major, &minor, e))
		return false;
	if (major != 1 || minor != 0)
		return err_set(e, ERR_MALFORMED,
		    "offset 0: header element 1 Version: %u.%u, a signed file has 1.0 (S1)", major,
		    minor);
	if (!envelope_parse(file, &s.env, &payload, e))
		return false;
	s.payload = rd_rest(&payload);
	*out = s;
	return true;
}

bool
sgn_encode(const struct sgn *s, struct bytes *out, struct err *e)
{
	struct wr w = wr_new(UINT16_MAX + s->payload.n);

	if (!envelope_encode(&s->env, &w, e)) {
		wr_free(&w);
		return false;
	}
	wr_span(&w, s->payload);
	return wr_done(&w, out, e);
}
