#include "wire/hookmsg.h"

#include "base/text.h"

static bool
written(const struct wr *out, struct err *e)
{
	return wr_ok(out) || err_set(e, ERR_LIMIT, "message about a hook does not fit");
}

static bool
cut_short(const char *what, struct err *e)
{
	return err_set(e, ERR_MALFORMED, "%s a hook is cut short or too long", what);
}

/* Each becomes an argument or a variable: one text that ends with NUL. */
static bool
run_check(const struct hook_run *r, struct err *e)
{
	for (int i = 0; i < HOOK_TEXTS; i++) {
		struct span s = r->text[i];

		if (s.n >= HOOKMSG_TEXT_MAX)
			return err_set(e, ERR_LIMIT, "text %d for a hook has %zu bytes, at most %d",
			    i, s.n, HOOKMSG_TEXT_MAX - 1);
		if (s.n > 0 && memchr(s.p, 0, s.n) != NULL)
			return err_set(e, ERR_MALFORMED, "text %d for a hook holds a NUL", i);
	}
	if (r->text[HOOK_NAME].n == 0 || r->text[HOOK_KIND].n == 0 || r->timeout_s == 0)
		return err_set(e, ERR_MALFORMED, "a hook without phone, kind or time");
	return true;
}

bool
hook_run_encode(const struct hook_run *r, struct wr *out, struct err *e)
{
	if (!run_check(r, e))
		return false;
	wr_u32(out, r->id);
	wr_u16(out, r->timeout_s);
	for (int i = 0; i < HOOK_TEXTS; i++)
		wr_sized(out, r->text[i]);
	return written(out, e);
}

bool
hook_run_parse(struct span in, struct hook_run *out, struct err *e)
{
	struct rd r = rd_open(in);

	*out = (struct hook_run){ 0 };
	if (!rd_u32(&r, &out->id) || !rd_u16(&r, &out->timeout_s))
		return cut_short("question to", e);
	for (int i = 0; i < HOOK_TEXTS; i++)
		if (!rd_sized(&r, &out->text[i]))
			return cut_short("question to", e);
	return rd_end(&r) ? run_check(out, e) : cut_short("question to", e);
}

static bool
ran_check(const struct hook_ran *r, struct err *e)
{
	bool has_status = r->outcome == HOOK_EXITED || r->outcome == HOOK_KILLED;

	if ((unsigned)r->outcome >= HOOK_OUTCOMES)
		return err_set(e, ERR_MALFORMED, "outcome %u of a hook", (unsigned)r->outcome);
	if (r->status > UINT8_MAX || (!has_status && r->status != 0))
		return err_set(e, ERR_MALFORMED, "status %u of a hook", r->status);
	if (r->text.n >= ERR_TEXT_MAX)
		return err_set(e, ERR_LIMIT, "line of a hook has %zu bytes, at most %d", r->text.n,
		    ERR_TEXT_MAX - 1);
	return text_is_utf8(r->text) || err_set(e, ERR_MALFORMED, "line of a hook is not UTF-8");
}

bool
hook_ran_encode(const struct hook_ran *r, struct wr *out, struct err *e)
{
	if (!ran_check(r, e))
		return false;
	wr_u32(out, r->id);
	wr_u8(out, (uint8_t)r->outcome);
	wr_u32(out, r->status);
	wr_sized(out, r->text);
	return written(out, e);
}

bool
hook_ran_parse(struct span in, struct hook_ran *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t outcome;

	*out = (struct hook_ran){ 0 };
	if (!rd_u32(&r, &out->id) || !rd_u8(&r, &outcome) || !rd_u32(&r, &out->status) ||
	    !rd_sized(&r, &out->text) || !rd_end(&r))
		return cut_short("answer of", e);
	out->outcome = (enum hook_outcome)outcome;
	return ran_check(out, e);
}
