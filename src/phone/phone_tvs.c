#include "phone/phone_tvs.h"

#include "phone/say.h"
#include "talk/tvs.h"

/* Who judges the certificate of the server that is being called. */
struct judge {
	struct handset *h;
	const char *host;
};

/* VERIFY of a TVS server: by record only; there is no second question (2.2). */
static bool
judge_server(void *arg, const struct cert *c, struct err *e)
{
	struct judge *j = arg;
	struct trust_eval_state st = phone_trust(j->h);
	struct trust_eval_verdict v;

	trust_eval_tvs_server(&st, c, &v);
	if (!trust_eval_is_accepted(v.outcome))
		return err_set(e, ERR_REFUSED, "TVS server: %s", v.reason);
	say_tvs_server_known(&j->h->console, j->host);
	return true;
}

static struct tvsmsg
request_for(struct handset *h, const struct trust_eval_question *q, struct span device)
{
	struct tvsmsg m = { .command =
				q->whole_certificate ? TVSMSG_VERIFY_REQUEST : TVSMSG_QUERY_REQUEST,
		.session_id = h->tvs_session++,
		.device = device };

	if (q->whole_certificate)
		m.certificate = q->certificate;
	else {
		m.subject = q->subject;
		m.issuer = q->issuer;
		m.serial = q->serial;
	}
	return m;
}

static bool
ask_server(struct handset *h, const struct phonecfg_server *server,
    const struct tvs_client_plan *plan, struct err *e)
{
	struct judge judge = { h, server->host };
	struct phone_call call = { .host = server->host,
		.port = server->port != 0 ? server->port : h->options->tvs_port,
		.judge = judge_server,
		.judge_arg = &judge,
		.kind = &tvs_client,
		.plan = plan };

	call.own = phone_identity(h, &call.own_key);
	say_tvs_connect(&h->console, call.host, call.port);
	if (h->io->talk(h->io->arg, &call, e) && plan->result->answered)
		return true;
	say_tvs_failed(&h->console, call.host, e->text);
	return false;
}

/* The first server that answers decides; only one that is not reached or not believed gives way to
 * the next (2.2, assumed). */
static bool
ask(struct handset *h, const struct trust_eval_question *q, struct tvs_client_result *result)
{
	char device[PHONE_MODEL_MAX + DEVICE_NAME_MAX + 8];
	struct tvs_client_plan plan = { .result = result };

	phone_presented_name(h, device, sizeof device);
	say_tvs_question(&h->console, q->whole_certificate);
	for (size_t i = 0; i < h->config.tvs_count; i++) {
		struct err e = { .text = "no answer" };

		plan.request = request_for(h, q, span_str(device));
		if (ask_server(h, &h->config.tvs[i], &plan, &e)) {
			say_tvs_answer(&h->console, q->whole_certificate, result->valid);
			return true;
		}
		bytes_free(&result->certificate);
	}
	return false;
}

void
phone_tvs_settle(struct handset *h, struct span file, struct trust_eval_verdict *v)
{
	struct trust_eval_state st = phone_trust(h);
	struct tvs_client_result result = { 0 };
	struct trust_eval_answer answer;
	size_t cached = h->cache.count;

	if (v->outcome != TRUST_EVAL_ASK)
		return;
	if (ask(h, &v->question, &result)) {
		answer = (struct trust_eval_answer){ .valid = result.valid,
			.roles = result.roles,
			.role_count = result.role_count,
			.ttl = result.ttl,
			.certificate = bytes_span(&result.certificate) };
		trust_eval_tvs_answer(&st, &answer, file, &h->cache, v);
		if (h->cache.count > cached)
			say_tvs_cached(&h->console, result.ttl);
	} else {
		v->outcome = TRUST_EVAL_REJECT;
		snprintf(v->reason, sizeof v->reason, "no TVS server of %zu could be asked",
		    h->config.tvs_count);
	}
	bytes_free(&result.certificate);
}
