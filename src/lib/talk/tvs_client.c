#include "talk/tvs.h"

#include "talk/step.h"

/* One bit each, so that the table can say "one of". */
enum state {
	WAIT_VERIFIED = 1 << 0,
	WAIT_FOUND = 1 << 1,
	ENDED = 1 << 2,
};

struct client {
	unsigned state; /* an enum state */
	const struct tvs_client_plan *plan;
};

struct call {
	struct client *s;
	const struct tvsmsg *m;
};

static enum turn
fail(struct client *s)
{
	s->state = ENDED;
	return TURN_FAIL;
}

static enum turn
on_verified(struct call *c)
{
	struct tvs_client_result *result = c->s->plan->result;
	const struct tvsmsg *m = c->m;

	result->answered = true;
	result->valid = m->status == TVSMSG_VALID;
	if (result->valid) {
		memcpy(result->roles, m->roles, m->role_count);
		result->role_count = m->role_count;
		result->ttl = m->ttl;
	}
	c->s->state = ENDED;
	return TURN_DONE;
}

static enum turn
on_found(struct call *c)
{
	if (c->m->status == TVSMSG_VALID)
		c->s->plan->result->certificate = bytes_copy(c->m->certificate);
	return on_verified(c);
}

/* One request, one response: doc/protocols/tvs.md, section 6. */
static const struct step steps[] = {
	/* in one of, on, do, then one of */
	{ WAIT_VERIFIED, TVSMSG_VERIFY_RESPONSE, on_verified, ENDED },
	{ WAIT_FOUND, TVSMSG_QUERY_RESPONSE, on_found, ENDED },
};

static const struct step_order order = { steps, sizeof steps / sizeof steps[0], ENDED };

static enum turn
client_start(void *session, const struct peer *peer, const void *plan, struct wr *out,
    struct ask *ask, struct err *e)
{
	struct client *s = session;

	(void)peer;
	(void)ask;
	s->plan = plan;
	s->state = s->plan->request.command == TVSMSG_QUERY_REQUEST ? WAIT_FOUND : WAIT_VERIFIED;
	*s->plan->result = (struct tvs_client_result){ 0 };
	if (!tvsmsg_encode(&s->plan->request, out, e))
		return fail(s);
	return TURN_GO_ON;
}

static enum turn
client_message(void *session, struct span in, struct wr *out, struct ask *ask, struct err *e)
{
	struct client *s = session;
	struct tvsmsg m;
	struct call c = { .s = s, .m = &m };
	const struct step *step;

	(void)out;
	(void)ask;
	if (!tvsmsg_parse(in, &m, e) || !tvsmsg_answers(&s->plan->request, &m, e))
		return fail(s);
	step = step_find(&order, s->state, m.command);
	if (step == NULL) {
		err_set(e, ERR_MALFORMED, "command %u after the answer", (unsigned)m.command);
		return fail(s);
	}
	return step_take(&order, step, &s->state, &c);
}

/* A phone asks nobody. */
static enum turn
client_answer(void *session, const struct answer *a, struct wr *out, struct ask *ask, struct err *e)
{
	(void)out;
	(void)ask;
	err_set(e, ERR_BUG, "answer of kind %u to no question", (unsigned)a->kind);
	return fail(session);
}

static void
client_stop(void *session)
{
	(void)session; /* the certificate belongs to the owner of the result */
}

const struct session_kind tvs_client = {
	.name = "tvs",
	.size = sizeof(struct client),
	.message_max = TVSMSG_MAX,
	.frame = tvsmsg_frame,
	.start = client_start,
	.message = client_message,
	.answer = client_answer,
	.broken = NULL,
	.stop = client_stop,
};
