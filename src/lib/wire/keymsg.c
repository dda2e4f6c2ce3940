#include "wire/keymsg.h"

#include "base/text.h"

static bool
written(const struct wr *out, struct err *e)
{
	return wr_ok(out) || err_set(e, ERR_LIMIT, "message of a keeper does not fit");
}

/* A file is in the message or beside it, never both, and never nowhere. */
static bool
sign_check(const struct key_sign *s, struct err *e)
{
	if (s->key_id.n != KEYMSG_KEY_ID)
		return err_set(
		    e, ERR_MALFORMED, "key id of %zu bytes, not %d", s->key_id.n, KEYMSG_KEY_ID);
	if (s->file.n > KEYMSG_INLINE_MAX)
		return err_set(e, ERR_LIMIT, "file of %zu bytes in a message, at most %d",
		    s->file.n, KEYMSG_INLINE_MAX);
	if (s->has_file == (s->file_size > 0) && s->has_file == (s->file.n == 0))
		return true;
	return err_set(e, ERR_MALFORMED, "a file is to be in the message or beside it");
}

bool
key_sign_encode(const struct key_sign *s, struct wr *out, struct err *e)
{
	if (!sign_check(s, e))
		return false;
	wr_u32(out, s->id);
	wr_span(out, s->key_id);
	wr_u8(out, s->has_file);
	wr_u32(out, (uint32_t)(s->file_size >> 32));
	wr_u32(out, (uint32_t)s->file_size);
	wr_span(out, s->file);
	return written(out, e);
}

bool
key_sign_parse(struct span in, struct key_sign *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint32_t high, low;
	uint8_t beside;

	*out = (struct key_sign){ 0 };
	if (!rd_u32(&r, &out->id) || !rd_span(&r, KEYMSG_KEY_ID, &out->key_id) ||
	    !rd_u8(&r, &beside) || beside > 1 || !rd_u32(&r, &high) || !rd_u32(&r, &low))
		return err_set(e, ERR_MALFORMED, "question to a keeper is cut short");
	out->has_file = beside == 1;
	out->file_size = (uint64_t)high << 32 | low;
	out->file = rd_rest(&r);
	return sign_check(out, e);
}

static bool
signed_check(const struct key_signed *s, struct err *e)
{
	if ((unsigned)s->code > ERR_BUG)
		return err_set(e, ERR_MALFORMED, "error %u of a keeper", (unsigned)s->code);
	if ((s->code == ERR_NONE ? s->text.n : s->signature.n) > 0)
		return err_set(e, ERR_MALFORMED, "a signature and a reason of a keeper");
	if (s->code == ERR_NONE)
		return (s->signature.n > 0 && s->signature.n <= KEYMSG_SIGNATURE_MAX) ||
		       err_set(e, ERR_MALFORMED, "signature of %zu bytes, not 1 to %d",
			   s->signature.n, KEYMSG_SIGNATURE_MAX);
	if (s->text.n >= ERR_TEXT_MAX)
		return err_set(
		    e, ERR_LIMIT, "reason of %zu bytes, at most %d", s->text.n, ERR_TEXT_MAX - 1);
	return text_is_utf8(s->text) ||
	       err_set(e, ERR_MALFORMED, "reason of a keeper is not UTF-8");
}

bool
key_signed_encode(const struct key_signed *s, struct wr *out, struct err *e)
{
	if (!signed_check(s, e))
		return false;
	wr_u32(out, s->id);
	wr_u8(out, (uint8_t)s->code);
	wr_span(out, s->code == ERR_NONE ? s->signature : s->text);
	return written(out, e);
}

bool
key_signed_parse(struct span in, struct key_signed *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t code;

	*out = (struct key_signed){ 0 };
	if (!rd_u32(&r, &out->id) || !rd_u8(&r, &code))
		return err_set(e, ERR_MALFORMED, "answer of a keeper is cut short");
	out->code = (enum err_code)code;
	if (out->code == ERR_NONE)
		out->signature = rd_rest(&r);
	else
		out->text = rd_rest(&r);
	return signed_check(out, e);
}
