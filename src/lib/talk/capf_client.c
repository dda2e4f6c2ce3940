#include "talk/capf.h"

#include "talk/step.h"

#include <stdio.h>

#define BIT(tag) (1u << (tag))

/* One bit each, so that the table can say "one of". */
enum state {
	WAIT_HELLO = 1 << 0,
	WAIT_ORDER = 1 << 1, /* what the server wants done */
	WAIT_CERTIFICATE = 1 << 2,
	WAIT_END = 1 << 3,
	ENDED = 1 << 4,
};

#define WAITS (WAIT_HELLO | WAIT_ORDER | WAIT_CERTIFICATE | WAIT_END)

struct client {
	unsigned state; /* an enum state */
	uint32_t session;
	const struct capf_client_plan *plan;
};

struct call {
	struct client *s;
	const struct capf_client_plan *plan;
	const struct capfmsg *m;
	struct wr *out;
	struct err *e;
};

/* The one place where a session goes wrong; *c->e says why. */
static enum turn
fail(struct call *c)
{
	c->s->state = ENDED;
	return TURN_FAIL;
}

static enum turn
lacks(struct call *c, const char *what)
{
	err_set(c->e, ERR_MALFORMED, "%s without %s", capfmsg_command_name(c->m->command), what);
	return fail(c);
}

static enum turn
reply(struct call *c, struct capfmsg m, enum state next)
{
	m.session_id = c->s->session;
	if (!capfmsg_encode(&m, c->out, c->e)) {
		wr_reset(c->out);
		return fail(c);
	}
	c->s->state = next;
	return TURN_GO_ON;
}

/* A response that is nothing but its reason. */
static enum turn
reply_reason(struct call *c, enum capfmsg_command command, bool done)
{
	struct capfmsg m = { .command = command, .has = BIT(CAPFMSG_REASON) };

	m.reason = done ? CAPFMSG_REASON_DONE : CAPFMSG_REASON_INVALID;
	return reply(c, m, WAIT_END);
}

static void
put_part(struct capfmsg *m, int tag, struct span *to, struct span part)
{
	if (part.n == 0)
		return;
	m->has |= BIT(tag);
	*to = part;
}

static enum turn
on_hello(struct call *c)
{
	struct capf_client_proof proof = { 0 };
	struct capfmsg m = {
		.command = CAPFMSG_AUTH_RESPONSE,
		.has = BIT(CAPFMSG_REASON) | BIT(CAPFMSG_PROTOCOL_VERSION) | BIT(CAPFMSG_PASSWORD) |
		       BIT(CAPFMSG_DEVICE_NAME),
		.reason = CAPFMSG_REASON_DONE,
		.version = CAPFMSG_VERSION,
		.inner_type = CAPFMSG_CERT_LSC, /* recorded for a MIC too */
		.password = span_str(c->plan->password),
		.device = span_str(c->plan->device),
	};

	if (!(c->m->has & BIT(CAPFMSG_PROTOCOL_VERSION)))
		return lacks(c, "a version (C10)");
	if (c->m->version > CAPFMSG_VERSION) {
		err_set(c->e, ERR_REFUSED, "C10: version %u, at most %d", c->m->version,
		    CAPFMSG_VERSION);
		return fail(c);
	}
	c->s->session = c->m->session_id;
	if (c->plan->prove != NULL && !c->plan->prove(c->plan->arg, c->s->session, &proof, c->e))
		return fail(c);
	put_part(&m, CAPFMSG_CERTIFICATE, &m.certificate, proof.certificate);
	put_part(&m, CAPFMSG_SIGNED_DATA, &m.signed_data, proof.signed_data);
	put_part(&m, CAPFMSG_SHA2_SIGNED, &m.sha2_signed, proof.sha2_signed);
	put_part(&m, CAPFMSG_SUDI, &m.sudi, proof.sudi);
	return reply(c, m, WAIT_ORDER);
}

/* Unified CM leaves the key type out for RSA (capf.md 5.2, documented). */
static bool
check_keygen(const struct capfmsg *m, struct err *e)
{
	static const uint16_t sizes[] = { 512, 1024, 2048, 3072, 4096 };

	if (m->key_type == CAPFMSG_KEY_EC)
		return ((m->has & BIT(CAPFMSG_CURVE)) && m->curve <= CAPFMSG_P521) ||
		       err_set(e, ERR_MALFORMED, "keygen-req without a curve that is known");
	if (m->key_type != CAPFMSG_KEY_RSA)
		return err_set(e, ERR_MALFORMED, "keygen-req with key type %u", m->key_type);
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		if (m->key_size == sizes[i])
			return true;
	return err_set(e, ERR_MALFORMED, "keygen-req with %u bits", m->key_size);
}

static enum turn
on_keygen(struct call *c)
{
	const struct capfmsg *m = c->m;
	struct bytes spki = { 0 };
	struct err why;
	enum turn turn;

	if (!check_keygen(m, c->e))
		return fail(c);
	turn = reply(c, (struct capfmsg){ .command = CAPFMSG_IN_PROGRESS }, WAIT_ORDER);
	if (turn != TURN_GO_ON)
		return turn;
	if (!c->plan->make_key(c->plan->arg, m->key_type, m->key_size, m->curve, &spki, &why))
		return reply_reason(c, CAPFMSG_KEYGEN_RESPONSE, false);
	turn = reply(c,
	    (struct capfmsg){
		.command = CAPFMSG_KEYGEN_RESPONSE,
		.has = BIT(CAPFMSG_PUBLIC_KEY),
		.public_key = bytes_span(&spki),
	    },
	    WAIT_CERTIFICATE);
	bytes_free(&spki);
	return turn;
}

static enum turn
on_store(struct call *c)
{
	struct err why;

	if (!(c->m->has & BIT(CAPFMSG_CERTIFICATE)))
		return lacks(c, "a certificate");
	c->plan->result->installed = c->plan->store(c->plan->arg, c->m->certificate, &why);
	return reply_reason(c, CAPFMSG_STORE_RESPONSE, c->plan->result->installed);
}

static enum turn
on_fetch(struct call *c)
{
	struct bytes certificate = { 0 };
	uint8_t type = CAPFMSG_CERT_LSC;
	enum turn turn;

	if (!c->plan->fetch(c->plan->arg, type, &certificate)) {
		type = CAPFMSG_CERT_MIC;
		if (!c->plan->fetch(c->plan->arg, type, &certificate))
			return reply_reason(c, CAPFMSG_FETCH_RESPONSE, false);
	}
	c->plan->result->fetched = true;
	turn = reply(c,
	    (struct capfmsg){
		.command = CAPFMSG_FETCH_RESPONSE,
		.has = BIT(CAPFMSG_REASON) | BIT(CAPFMSG_CERTIFICATE),
		.reason = CAPFMSG_REASON_DONE,
		.inner_type = type,
		.certificate = bytes_span(&certificate),
	    },
	    WAIT_END);
	bytes_free(&certificate);
	return turn;
}

static enum turn
on_delete(struct call *c)
{
	c->plan->result->deleted = c->plan->erase(c->plan->arg);
	return reply_reason(c, CAPFMSG_DELETE_RESPONSE, c->plan->result->deleted);
}

static enum turn
on_end(struct call *c)
{
	if (!(c->m->has & BIT(CAPFMSG_REASON)))
		return lacks(c, "a reason");
	c->plan->result->ended = true;
	c->plan->result->reason = c->m->reason;
	c->s->state = ENDED;
	return TURN_DONE;
}

static enum turn
on_retry(struct call *c)
{
	c->plan->result->retry = true;
	err_set(c->e, ERR_AGAIN, "retry later");
	return fail(c);
}

static enum turn
on_abort(struct call *c)
{
	(void)reply(c, (struct capfmsg){ .command = CAPFMSG_ABORT_RESPONSE }, ENDED);
	err_set(c->e, ERR_REFUSED, "the server aborted");
	return fail(c);
}

/* The order of the conversation: doc/protocols/capf.md, section 5.4. */
static const struct step steps[] = {
	/* in one of, on, do, then one of */
	{ WAIT_HELLO, CAPFMSG_AUTH_REQUEST, on_hello, WAIT_ORDER },
	{ WAIT_ORDER, CAPFMSG_KEYGEN_REQUEST, on_keygen, WAIT_CERTIFICATE | WAIT_END },
	{ WAIT_ORDER, CAPFMSG_FETCH_REQUEST, on_fetch, WAIT_END },
	{ WAIT_ORDER, CAPFMSG_DELETE_REQUEST, on_delete, WAIT_END },
	/* Later than its key, when another CA has to sign it; then the certificate comes first. */
	{ WAIT_ORDER | WAIT_CERTIFICATE, CAPFMSG_RETRY_LATER, on_retry, ENDED },
	{ WAIT_ORDER | WAIT_CERTIFICATE, CAPFMSG_STORE_REQUEST, on_store, WAIT_END },
	/* A server that cannot issue ends here too, as ours does. */
	{ WAIT_ORDER | WAIT_CERTIFICATE | WAIT_END, CAPFMSG_END_SESSION, on_end, ENDED },
	{ WAITS, CAPFMSG_ABORT_REQUEST, on_abort, ENDED },
};

static const struct step_order order = { steps, sizeof steps / sizeof steps[0], ENDED };

static const char *
state_text(enum state state)
{
	switch (state) {
	case WAIT_HELLO:
		return "where auth-req was expected";
	case WAIT_ORDER:
		return "where an operation was expected";
	case WAIT_CERTIFICATE:
		return "where store-req was expected";
	case WAIT_END:
		return "where the end was expected";
	case ENDED:
		break;
	}
	return "after the end";
}

static enum turn
client_start(void *session, const struct peer *peer, const void *plan, struct wr *out,
    struct ask *ask, struct err *e)
{
	struct client *s = session;

	(void)peer;
	(void)out;
	(void)ask;
	(void)e;
	s->plan = plan;
	s->state = WAIT_HELLO;
	*s->plan->result = (struct capf_client_result){ 0 };
	return TURN_GO_ON;
}

/* Unknown elements of a server are skipped (capf.md C5). */
static enum turn
client_message(void *session, struct span in, struct wr *out, struct ask *ask, struct err *e)
{
	struct client *s = session;
	struct capf_client_result *result = s->plan->result;
	struct capfmsg m;
	struct call c = { .s = s, .plan = s->plan, .m = &m, .out = out, .e = e };
	const struct step *step;

	(void)ask;
	if (!capfmsg_parse(in, false, &m, e))
		return fail(&c);
	snprintf(result->last, sizeof result->last, "%s", capfmsg_command_name(m.command));
	if (s->state != WAIT_HELLO && m.session_id != s->session) {
		err_set(e, ERR_MALFORMED, "C8: session id is %u, expected %u", m.session_id,
		    s->session);
		return fail(&c);
	}
	step = step_find(&order, s->state, m.command);
	if (step == NULL) {
		err_set(e, ERR_MALFORMED, "C9: %s came %s", result->last, state_text(s->state));
		return fail(&c);
	}
	return step_take(&order, step, &s->state, &c);
}

/* A phone asks nobody. */
static enum turn
client_answer(void *session, const struct answer *a, struct wr *out, struct ask *ask, struct err *e)
{
	struct client *s = session;

	(void)out;
	(void)ask;
	s->state = ENDED;
	err_set(e, ERR_BUG, "answer of kind %u to no question", (unsigned)a->kind);
	return TURN_FAIL;
}

static void
client_stop(void *session)
{
	(void)session; /* holds nothing but itself */
}

const struct session_kind capf_client = {
	.name = "capf",
	.size = sizeof(struct client),
	.message_max = CAPFMSG_MAX,
	.frame = capfmsg_frame,
	.start = client_start,
	.message = client_message,
	.answer = client_answer,
	.broken = NULL,
	.stop = client_stop,
};
