#include "wire/backupmsg.h"

#include "base/text.h"

#define FILE_MAX 4096

static bool
check(const struct backup_ran *r, struct err *e)
{
	bool says = r->saw != 0 || r->bytes != 0 || r->keys != 0 || r->deleted != 0;

	if (r->file.n >= FILE_MAX || r->trouble.n >= ERR_TEXT_MAX)
		return err_set(e, ERR_LIMIT, "a text about a backup is too long");
	if (r->at > INT64_MAX)
		return err_set(e, ERR_MALFORMED, "the time of a backup");
	if (r->ok ? r->file.n == 0 : r->file.n != 0 || says || r->trouble.n == 0)
		return err_set(e, ERR_MALFORMED, "a backup that is made and is not");
	return text_is_utf8(r->trouble) || err_set(e, ERR_MALFORMED, "the reason is not UTF-8");
}

bool
backup_ran_encode(const struct backup_ran *r, struct wr *out, struct err *e)
{
	if (!check(r, e))
		return false;
	wr_u8(out, r->ok);
	wr_u64(out, r->at);
	wr_u64(out, r->saw);
	wr_u64(out, r->bytes);
	wr_u32(out, r->keys);
	wr_u32(out, r->deleted);
	wr_sized(out, r->file);
	wr_sized(out, r->trouble);
	return wr_ok(out) || err_set(e, ERR_LIMIT, "message about a backup does not fit");
}

bool
backup_ran_parse(struct span in, struct backup_ran *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t ok;

	*out = (struct backup_ran){ 0 };
	if (!rd_u8(&r, &ok) || !rd_u64(&r, &out->at) || !rd_u64(&r, &out->saw) ||
	    !rd_u64(&r, &out->bytes) || !rd_u32(&r, &out->keys) || !rd_u32(&r, &out->deleted) ||
	    !rd_sized(&r, &out->file) || !rd_sized(&r, &out->trouble) || !rd_end(&r))
		return err_set(e, ERR_MALFORMED, "message about a backup is cut short or too long");
	if (ok > 1)
		return err_set(e, ERR_MALFORMED, "outcome %u of a backup", (unsigned)ok);
	out->ok = ok == 1;
	return check(out, e);
}
