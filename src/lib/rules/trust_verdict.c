#include "rules/trust_verdict.h"

#include "rules/trust_record.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const outcome_texts[] = {
	[TRUST_EVAL_REJECT] = "rejected",
	[TRUST_EVAL_BLIND] = "accepted on faith",
	[TRUST_EVAL_BY_CTL] = "accepted by the CTL",
	[TRUST_EVAL_BY_ITL] = "accepted by the ITL",
	[TRUST_EVAL_BY_CACHE] = "accepted by an earlier answer of TVS",
	[TRUST_EVAL_BY_TVS] = "accepted by TVS",
	[TRUST_EVAL_ASK] = "to be asked of TVS",
};

bool
trust_eval_is_accepted(enum trust_eval_outcome outcome)
{
	return outcome != TRUST_EVAL_REJECT && outcome != TRUST_EVAL_ASK;
}

const char *
trust_eval_outcome_text(enum trust_eval_outcome outcome)
{
	return outcome_texts[outcome];
}

void
trust_verdict_set(
    struct trust_eval_verdict *v, enum trust_eval_outcome outcome, const char *fmt, ...)
{
	va_list ap;

	v->outcome = outcome;
	va_start(ap, fmt);
	vsnprintf(v->reason, sizeof v->reason, fmt, ap);
	va_end(ap);
}

void
trust_verdict_damaged(struct trust_eval_verdict *v, const struct err *e)
{
	v->damaged = true;
	trust_verdict_set(v, TRUST_EVAL_REJECT, "%s", e->text);
}

/* Without a TVS record no TVS server can be believed, and without a configuration that names one
 * there is none to ask (rows 7, 9, 11, 13, 25, 26). */
bool
trust_verdict_can_ask(
    const struct trust_eval_state *st, const char *what, struct trust_eval_verdict *v)
{
	if (!trust_record_any(st->ctl, TRUST_RECORD_ROLE(FUNCTION_TVS)) &&
	    !trust_record_any(st->itl, TRUST_RECORD_ROLE(FUNCTION_TVS)))
		trust_verdict_set(v, TRUST_EVAL_REJECT,
		    "%s is not in the lists held, and they have no TVS record to ask by", what);
	else if (st->tvs_servers == 0)
		trust_verdict_set(v, TRUST_EVAL_REJECT,
		    "%s is not in the lists held, and the configuration names no TVS server", what);
	else
		return true;
	return false;
}

void
trust_verdict_cache(struct trust_cache *cache, const struct trust_eval_state *st,
    struct span issuer, struct span serial, struct span der, const struct trust_eval_answer *a)
{
	struct trust_cache_entry entry = { 0 };

	if (cache == NULL)
		return;
	entry.issuer = bytes_copy(issuer);
	entry.serial = bytes_copy(serial);
	entry.certificate = bytes_copy(der);
	entry.role_count =
	    a->role_count < TRUST_CACHE_ROLES_MAX ? a->role_count : TRUST_CACHE_ROLES_MAX;
	if (entry.role_count > 0)
		memcpy(entry.roles, a->roles, entry.role_count);
	entry.expires = st->now + (time_t)a->ttl;
	trust_cache_put(cache, &entry);
	bytes_free(&entry.issuer);
	bytes_free(&entry.serial);
	bytes_free(&entry.certificate);
}
