#include "talk/tvs.h"

#include <assert.h>

/* One bit each, so that the table can say "one of". */
enum state {
	WAIT_VERIFIED = 1 << 0,
	WAIT_FOUND = 1 << 1,
	ENDED = 1 << 2,
};

struct client {
	enum state state;
	const struct tvs_client_plan *plan;
};

struct step {
	unsigned states;
	enum tvsmsg_command command;
	enum turn (*handler)(struct client *s, const struct tvsmsg *m);
	unsigned next;
};

static enum turn
fail(struct client *s)
{
	s->state = ENDED;
	return TURN_FAIL;
}

static enum turn
on_verified(struct client *s, const struct tvsmsg *m)
{
	struct tvs_client_result *result = s->plan->result;

	result->answered = true;
	result->valid = m->status == TVSMSG_VALID;
	if (result->valid) {
		memcpy(result->roles, m->roles, m->role_count);
		result->role_count = m->role_count;
		result->ttl = m->ttl;
	}
	s->state = ENDED;
	return TURN_DONE;
}

static enum turn
on_found(struct client *s, const struct tvsmsg *m)
{
	if (m->status == TVSMSG_VALID)
		s->plan->result->certificate = bytes_copy(m->certificate);
	return on_verified(s, m);
}

/* One request, one response: doc/protocols/tvs.md, section 6. */
static const struct step steps[] = {
	/* in one of, on, do, then one of */
	{ WAIT_VERIFIED, TVSMSG_VERIFY_RESPONSE, on_verified, ENDED },
	{ WAIT_FOUND, TVSMSG_QUERY_RESPONSE, on_found, ENDED },
};

static const struct step *
step_find(enum state state, enum tvsmsg_command command)
{
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if ((steps[i].states & state) && steps[i].command == command)
			return &steps[i];
	return NULL;
}

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
	const struct step *step;
	struct tvsmsg m;
	enum turn turn;

	(void)out;
	(void)ask;
	if (!tvsmsg_parse(in, &m, e) || !tvsmsg_answers(&s->plan->request, &m, e))
		return fail(s);
	step = step_find(s->state, m.command);
	if (step == NULL) {
		err_set(e, ERR_MALFORMED, "command %u after the answer", (unsigned)m.command);
		return fail(s);
	}
	turn = step->handler(s, &m);
	assert(step->next & s->state);
	return turn;
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
