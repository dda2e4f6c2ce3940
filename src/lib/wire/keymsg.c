#include "wire/keymsg.h"

#include "base/text.h"

static bool
cut_short(const char *what, struct err *e)
{
	return err_set(e, ERR_MALFORMED, "%s of a keeper is cut short", what);
}

/* A file is in the message or beside it, never both, and never nowhere. */
static bool
file_check(struct span file, bool beside, uint64_t size, struct err *e)
{
	if (file.n > KEYMSG_INLINE_MAX)
		return err_set(e, ERR_LIMIT, "file of %zu bytes in a message, at most %d", file.n,
		    KEYMSG_INLINE_MAX);
	if (beside == (size > 0) && beside == (file.n == 0))
		return true;
	return err_set(e, ERR_MALFORMED, "a file is to be in the message or beside it");
}

static void
file_write(struct wr *out, struct span file, bool beside, uint64_t size)
{
	wr_u8(out, beside);
	wr_u32(out, (uint32_t)(size >> 32));
	wr_u32(out, (uint32_t)size);
	wr_span(out, file);
}

/* The head of a file; what is left then is the file itself, or a reason. */
static bool
file_read(struct rd *r, bool *beside, uint64_t *size)
{
	uint32_t high, low;
	uint8_t flag;

	if (!rd_u8(r, &flag) || flag > 1 || !rd_u32(r, &high) || !rd_u32(r, &low))
		return false;
	*beside = flag == 1;
	*size = (uint64_t)high << 32 | low;
	return true;
}

static bool
written(const struct wr *out, struct err *e)
{
	return wr_ok(out) || err_set(e, ERR_LIMIT, "message of a keeper does not fit");
}

static bool
sign_check(const struct key_sign *s, struct err *e)
{
	if (s->key_id.n != KEYMSG_KEY_ID)
		return err_set(
		    e, ERR_MALFORMED, "key id of %zu bytes, not %d", s->key_id.n, KEYMSG_KEY_ID);
	return file_check(s->file, s->has_file, s->file_size, e);
}

bool
key_sign_encode(const struct key_sign *s, struct wr *out, struct err *e)
{
	if (!sign_check(s, e))
		return false;
	wr_u32(out, s->id);
	wr_span(out, s->key_id);
	file_write(out, s->file, s->has_file, s->file_size);
	return written(out, e);
}

bool
key_sign_parse(struct span in, struct key_sign *out, struct err *e)
{
	struct rd r = rd_open(in);

	*out = (struct key_sign){ 0 };
	if (!rd_u32(&r, &out->id) || !rd_span(&r, KEYMSG_KEY_ID, &out->key_id) ||
	    !file_read(&r, &out->has_file, &out->file_size))
		return cut_short("question", e);
	out->file = rd_rest(&r);
	return sign_check(out, e);
}

static bool
signed_check(const struct key_signed *s, struct err *e)
{
	if ((unsigned)s->code > ERR_BUG)
		return err_set(e, ERR_MALFORMED, "error %u of a keeper", (unsigned)s->code);
	if (s->code == ERR_NONE)
		return s->text.n == 0 ? file_check(s->file, s->has_file, s->file_size, e)
				      : err_set(e, ERR_MALFORMED, "a signed file with a reason");
	if (s->has_file || s->file_size > 0 || s->file.n > 0)
		return err_set(e, ERR_MALFORMED, "a file with an error of a keeper");
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
	file_write(out, s->code == ERR_NONE ? s->file : s->text, s->has_file, s->file_size);
	return written(out, e);
}

bool
key_signed_parse(struct span in, struct key_signed *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t code;

	*out = (struct key_signed){ 0 };
	if (!rd_u32(&r, &out->id) || !rd_u8(&r, &code) ||
	    !file_read(&r, &out->has_file, &out->file_size))
		return cut_short("answer", e);
	out->code = (enum err_code)code;
	if (out->code == ERR_NONE)
		out->file = rd_rest(&r);
	else
		out->text = rd_rest(&r);
	return signed_check(out, e);
}
