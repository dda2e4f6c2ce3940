/* VERIFY_HTTPS (doc/protocols/phone.md 2.2): what a directory or service screen does with a secure
 * URL, up to the point where the request would be sent. */
#include "phone/phone.h"

#include "phone/phone_keep.h"
#include "phone/phone_tvs.h"
#include "phone/say.h"

struct judge {
	struct handset *h;
	const struct phone_call *call;
};

static bool
judge_server(void *arg, const struct cert *c, struct err *e)
{
	struct judge *j = arg;
	struct handset *h = j->h;
	struct trust_eval_state st = phone_trust(h);
	struct trust_eval_verdict v;

	trust_eval_https(&st, c, &v);
	if (v.outcome != TRUST_EVAL_BY_CTL && v.outcome != TRUST_EVAL_BY_ITL)
		say_https_not_in_lists(&h->console, j->call->host, j->call->port);
	phone_tvs_settle(h, (struct span){ 0 }, &v);
	if (v.outcome == TRUST_EVAL_BY_TVS)
		say_https_by_tvs(&h->console);
	if (trust_eval_is_accepted(v.outcome)) {
		console_sec(&h->console, CONSOLE_NOT, "https://%s:%u %s: %s", j->call->host,
		    j->call->port, trust_eval_outcome_text(v.outcome), v.reason);
		return true;
	}
	return err_set(e, ERR_REFUSED, "%s", v.reason);
}

/* Nothing is said over the connection. */
static enum turn
silent_start(void *s, const struct peer *peer, const void *plan, struct wr *out, struct ask *ask,
    struct err *e)
{
	(void)s;
	(void)peer;
	(void)plan;
	(void)out;
	(void)ask;
	(void)e;
	return TURN_DONE;
}

static void
silent_stop(void *s)
{
	(void)s;
}

static const struct session_kind silent = {
	.name = "https", .size = 1, .message_max = 1, .start = silent_start, .stop = silent_stop
};

bool
phone_verify_https(struct handset *h, const char *host, uint16_t port)
{
	struct phone_call call = {
		.host = host, .port = port, .judge = judge_server, .kind = &silent
	};
	struct judge judge = { h, &call };
	struct err e = { 0 };
	bool ok;

	call.judge_arg = &judge;
	call.own = phone_identity(h, &call.own_key);
	say_https_connect(&h->console, host, port);
	ok = h->io->talk(h->io->arg, &call, &e);
	if (!ok) {
		console_sec(
		    &h->console, CONSOLE_ERR, "https://%s:%u refused: %s", host, port, e.text);
		console_status(&h->console, "Host Not Found");
	}
	phone_keep_rest(h);
	return ok;
}
