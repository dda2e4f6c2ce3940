#include "wire/encfile.h"

bool
encfile_parse(struct span file, struct encfile *out, struct err *e)
{
	struct encfile f;
	struct rd body;
	uint8_t major, minor;

	if (!envelope_version(file, &major, &minor, e))
		return false;
	if (major != 2)
		return err_set(e, ERR_MALFORMED,
		    "offset 0: header element 1 Version: %u.%u, an encrypted file has 2.0 (E1)",
		    major, minor);
	if (!envelope_parse(file, &f.env, &body, e))
		return false;
	f.body = rd_rest(&body);
	if (f.body.n == 0 || f.body.n % ENCFILE_BLOCK != 0)
		return err_set(e, ERR_MALFORMED,
		    "offset %u: body: %zu bytes, not one or more blocks of %d (E3)",
		    f.env.header_length, f.body.n, ENCFILE_BLOCK);
	*out = f;
	return true;
}

bool
encfile_encode(const struct encfile *f, struct bytes *out, struct err *e)
{
	struct wr w = wr_new(UINT16_MAX + f->body.n);

	if (!envelope_encode(&f->env, &w, e)) {
		wr_free(&w);
		return false;
	}
	wr_span(&w, f->body);
	return wr_done(&w, out, e);
}
