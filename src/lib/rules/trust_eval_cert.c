#include "rules/trust_eval.h"

#include "rules/trust_record.h"
#include "rules/trust_verdict.h"

/* Whether the list has a record of c in one of the functions. *differs: a record names it and
 * holds another certificate. */
static bool
list_has_certificate(
    const struct trustlist *list, uint32_t roles, const struct cert *c, bool *differs)
{
	for (size_t i = 0; list != NULL && i < list->count; i++) {
		const struct trustlist_record *r = &list->records[i];

		if (!trust_record_has_role(r, roles) || !trust_record_names_cert(r, c))
			continue;
		if (trust_record_holds(r, c))
			return true;
		*differs = true;
	}
	return false;
}

/* A server whose certificate must stand in a record; nobody else can vouch for it. */
static void
judge_server(const struct trust_eval_state *st, uint16_t function, const struct cert *c,
    struct trust_eval_verdict *v)
{
	const char *name = function_name(function);
	bool differs = false;

	*v = (struct trust_eval_verdict){ 0 };
	if (list_has_certificate(st->ctl, TRUST_RECORD_ROLE(function), c, &differs))
		trust_verdict_set(v, TRUST_EVAL_BY_CTL, "a %s record of the CTL matches", name);
	else if (list_has_certificate(st->itl, TRUST_RECORD_ROLE(function), c, &differs))
		trust_verdict_set(v, TRUST_EVAL_BY_ITL, "a %s record of the ITL matches", name);
	else if (differs)
		trust_verdict_set(v, TRUST_EVAL_REJECT,
		    "the %s record with this issuer and serial is of another certificate", name);
	else if (trust_record_any(st->ctl, TRUST_RECORD_ROLE(function)) ||
		 trust_record_any(st->itl, TRUST_RECORD_ROLE(function)))
		trust_verdict_set(
		    v, TRUST_EVAL_REJECT, "no %s record has this issuer and serial", name);
	else {
		v->no_record = true;
		trust_verdict_set(v, TRUST_EVAL_REJECT, "the lists held have no %s record", name);
	}
}

void
trust_eval_tvs_server(
    const struct trust_eval_state *st, const struct cert *c, struct trust_eval_verdict *out)
{
	judge_server(st, FUNCTION_TVS, c, out);
}

void
trust_eval_capf(
    const struct trust_eval_state *st, const struct cert *c, struct trust_eval_verdict *out)
{
	judge_server(st, FUNCTION_CAPF, c, out);
}

/* A server whose certificate stands in a record of one of the functions, or that TVS vouches for.
 */
static void
judge_https(const struct trust_eval_state *st, uint32_t roles, uint16_t function,
    const struct cert *c, struct trust_eval_verdict *out)
{
	bool differs = false;

	*out = (struct trust_eval_verdict){ 0 };
	if (list_has_certificate(st->ctl, roles, c, &differs))
		trust_verdict_set(out, TRUST_EVAL_BY_CTL, "the certificate is in the CTL");
	else if (list_has_certificate(st->itl, roles, c, &differs))
		trust_verdict_set(out, TRUST_EVAL_BY_ITL, "the certificate is in the ITL");
	else if (st->cache != NULL && trust_cache_find_der(st->cache, cert_der(c), st->now) != NULL)
		trust_verdict_set(
		    out, TRUST_EVAL_BY_CACHE, "TVS has vouched for the certificate before");
	else if (trust_verdict_can_ask(st, "the certificate", out)) {
		trust_verdict_set(out, TRUST_EVAL_ASK, "the certificate is not in the lists held");
		out->question = (struct trust_eval_question){
			.whole_certificate = true, .certificate = cert_der(c), .function = function
		};
	}
}

void
trust_eval_https(
    const struct trust_eval_state *st, const struct cert *c, struct trust_eval_verdict *out)
{
	judge_https(st, TRUST_RECORD_ANY, FUNCTION_APP_SERVER, c, out);
}

void
trust_eval_file_server(
    const struct trust_eval_state *st, const struct cert *c, struct trust_eval_verdict *out)
{
	judge_https(st, TRUST_RECORD_ROLE(FUNCTION_TFTP) | TRUST_RECORD_ROLE(FUNCTION_CCM_TFTP),
	    FUNCTION_TFTP, c, out);
}
