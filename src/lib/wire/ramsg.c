#include "wire/ramsg.h"

#include "base/text.h"

static bool
written(const struct wr *out, struct err *e)
{
	return wr_ok(out) || err_set(e, ERR_LIMIT, "message of an RA does not fit");
}

static bool
cut_short(const char *what, struct err *e)
{
	return err_set(e, ERR_MALFORMED, "%s of an RA is cut short or too long", what);
}

/* Each becomes a text that ends with NUL. */
static bool
text_check(const char *what, struct span s, struct err *e)
{
	if (s.n == 0 || s.n >= RAMSG_TEXT_MAX)
		return err_set(
		    e, ERR_LIMIT, "%s of %zu bytes, 1 to %d", what, s.n, RAMSG_TEXT_MAX - 1);
	return memchr(s.p, 0, s.n) == NULL || err_set(e, ERR_MALFORMED, "%s holds a NUL", what);
}

static bool
ask_check(const struct ra_ask *a, struct err *e)
{
	if (!text_check("URL", a->url, e) || !text_check("reference", a->reference, e) ||
	    !text_check("secret", a->secret, e))
		return false;
	if (a->csr.n == 0 || a->timeout_s == 0)
		return err_set(e, ERR_MALFORMED, "question of an RA without request or time");
	return a->trusted_count <= RAMSG_TRUSTED_MAX ||
	       err_set(e, ERR_LIMIT, "%zu trusted certificates, at most %d", a->trusted_count,
		   RAMSG_TRUSTED_MAX);
}

bool
ra_ask_encode(const struct ra_ask *a, struct wr *out, struct err *e)
{
	if (!ask_check(a, e))
		return false;
	wr_u32(out, a->id);
	wr_u16(out, a->timeout_s);
	wr_sized(out, a->url);
	wr_sized(out, a->reference);
	wr_sized(out, a->secret);
	wr_sized(out, a->csr);
	wr_u8(out, (uint8_t)a->trusted_count);
	for (size_t i = 0; i < a->trusted_count; i++)
		wr_sized(out, a->trusted[i]);
	return written(out, e);
}

bool
ra_ask_parse(struct span in, struct ra_ask *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t count;

	*out = (struct ra_ask){ 0 };
	if (!rd_u32(&r, &out->id) || !rd_u16(&r, &out->timeout_s) || !rd_sized(&r, &out->url) ||
	    !rd_sized(&r, &out->reference) || !rd_sized(&r, &out->secret) ||
	    !rd_sized(&r, &out->csr) || !rd_u8(&r, &count))
		return cut_short("question", e);
	out->trusted_count = count;
	if (!ask_check(out, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!rd_sized(&r, &out->trusted[i]))
			return cut_short("question", e);
	return rd_end(&r) || cut_short("question", e);
}

static bool
answer_check(const struct ra_answer *a, struct err *e)
{
	bool certified = a->outcome == RA_CERTIFIED;

	if ((unsigned)a->outcome >= RA_OUTCOMES)
		return err_set(e, ERR_MALFORMED, "outcome %u of an RA", (unsigned)a->outcome);
	if (certified != (a->certificate.n > 0) || (certified && a->text.n > 0))
		return err_set(e, ERR_MALFORMED, "an RA gives a certificate or a reason");
	if (a->text.n >= ERR_TEXT_MAX)
		return err_set(
		    e, ERR_LIMIT, "reason of %zu bytes, at most %d", a->text.n, ERR_TEXT_MAX - 1);
	return text_is_utf8(a->text) || err_set(e, ERR_MALFORMED, "reason of an RA is not UTF-8");
}

bool
ra_answer_encode(const struct ra_answer *a, struct wr *out, struct err *e)
{
	if (!answer_check(a, e))
		return false;
	wr_u32(out, a->id);
	wr_u8(out, (uint8_t)a->outcome);
	wr_sized(out, a->certificate);
	wr_sized(out, a->text);
	return written(out, e);
}

bool
ra_answer_parse(struct span in, struct ra_answer *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t outcome;

	*out = (struct ra_answer){ 0 };
	if (!rd_u32(&r, &out->id) || !rd_u8(&r, &outcome) || !rd_sized(&r, &out->certificate) ||
	    !rd_sized(&r, &out->text) || !rd_end(&r))
		return cut_short("answer", e);
	out->outcome = (enum ra_outcome)outcome;
	return answer_check(out, e);
}
