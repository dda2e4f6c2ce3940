#include "talk/tvs.h"

#include "talk/step.h"

#include <stdio.h>

/* One bit each, so that the table can say "one of". */
enum state {
	WAIT_REQUEST = 1 << 0,
	ASKED_VERIFY = 1 << 1,
	ASKED_QUERY = 1 << 2,
	ENDED = 1 << 3,
};

struct server {
	unsigned state;      /* an enum state */
	uint32_t session_id; /* of the request that is being answered */
	char peer[ASK_ADDRESS_MAX];
};

struct call {
	struct server *s;
	const struct tvsmsg *m;
	const struct answer *a;
	struct wr *out;
	struct ask *ask;
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
ask(struct call *c, enum ask_kind kind, enum state next)
{
	c->ask->kind = kind;
	c->ask->peer = span_str(c->s->peer);
	c->ask->name = c->m->device;
	c->s->session_id = c->m->session_id;
	c->s->state = next;
	return TURN_ASK;
}

static enum turn
on_verify(struct call *c)
{
	*c->ask = (struct ask){ .certificate = c->m->certificate };
	return ask(c, ASK_TVS_VERIFY, ASKED_VERIFY);
}

static enum turn
on_query(struct call *c)
{
	*c->ask = (struct ask){
		.subject = c->m->subject,
		.issuer = c->m->issuer,
		.serial = c->m->serial,
	};
	return ask(c, ASK_TVS_QUERY, ASKED_QUERY);
}

static enum turn
reply(struct call *c, const struct tvsmsg *m)
{
	if (!tvsmsg_encode(m, c->out, c->e)) {
		wr_reset(c->out);
		return fail(c);
	}
	c->s->state = WAIT_REQUEST;
	return TURN_GO_ON;
}

/* Status 1 stands alone (tvs.md 6, captured). A certificate without a role is trusted as nothing,
 * which is the same. */
static enum turn
reply_invalid(struct call *c, enum tvsmsg_command command)
{
	return reply(c, &(struct tvsmsg){
			    .command = command,
			    .session_id = c->s->session_id,
			    .has_status = true,
			    .status = TVSMSG_INVALID,
			});
}

static enum turn
reply_valid(struct call *c, enum tvsmsg_command command, struct span certificate)
{
	const struct answer *a = c->a;
	struct tvsmsg m = {
		.command = command,
		.session_id = c->s->session_id,
		.certificate = certificate,
		.has_status = true,
		.status = TVSMSG_VALID,
		.has_roles = true,
		.role_count = a->roles.n,
		.has_ttl = true,
		.ttl = a->ttl,
	};

	if (a->roles.n > TVSMSG_ROLES_MAX) {
		err_set(c->e, ERR_LIMIT, "answer with %zu roles, at most %d", a->roles.n,
		    TVSMSG_ROLES_MAX);
		return fail(c);
	}
	memcpy(m.roles, a->roles.p, a->roles.n);
	return reply(c, &m);
}

static enum turn
on_verified(struct call *c)
{
	if (!c->a->ok || c->a->roles.n == 0)
		return reply_invalid(c, TVSMSG_VERIFY_RESPONSE);
	return reply_valid(c, TVSMSG_VERIFY_RESPONSE, (struct span){ 0 });
}

static enum turn
on_found(struct call *c)
{
	if (!c->a->ok || c->a->roles.n == 0 || c->a->certificate.n == 0)
		return reply_invalid(c, TVSMSG_QUERY_RESPONSE);
	return reply_valid(c, TVSMSG_QUERY_RESPONSE, c->a->certificate);
}

/* The order of the conversation, any number of times: doc/protocols/tvs.md, section 6. */
static const struct step steps[] = {
	/* in one of, on, do, then one of */
	{ WAIT_REQUEST, TVSMSG_VERIFY_REQUEST, on_verify, ASKED_VERIFY },
	{ WAIT_REQUEST, TVSMSG_QUERY_REQUEST, on_query, ASKED_QUERY },
	{ ASKED_VERIFY, STEP_ANSWER_TO(ASK_TVS_VERIFY), on_verified, WAIT_REQUEST },
	{ ASKED_QUERY, STEP_ANSWER_TO(ASK_TVS_QUERY), on_found, WAIT_REQUEST },
};

static const struct step_order order = { steps, sizeof steps / sizeof steps[0], ENDED };

static enum turn
server_start(void *session, const struct peer *peer, const void *plan, struct wr *out,
    struct ask *ask, struct err *e)
{
	struct server *s = session;

	(void)plan;
	(void)out;
	(void)ask;
	(void)e;
	s->state = WAIT_REQUEST;
	snprintf(s->peer, sizeof s->peer, "%s", peer->text);
	return TURN_GO_ON;
}

static enum turn
server_message(void *session, struct span in, struct wr *out, struct ask *ask, struct err *e)
{
	struct server *s = session;
	struct tvsmsg m;
	struct call c = { .s = s, .m = &m, .out = out, .ask = ask, .e = e };
	const struct step *step;

	if (!tvsmsg_parse(in, &m, e))
		return fail(&c);
	step = step_find(&order, s->state, m.command);
	if (step == NULL) {
		err_set(e, ERR_MALFORMED, "command %u where a request was expected",
		    (unsigned)m.command);
		return fail(&c);
	}
	return step_take(&order, step, &s->state, &c);
}

static enum turn
server_answer(void *session, const struct answer *a, struct wr *out, struct ask *ask, struct err *e)
{
	struct server *s = session;
	struct call c = { .s = s, .a = a, .out = out, .ask = ask, .e = e };
	const struct step *step = step_find(&order, s->state, STEP_ANSWER_TO(a->kind));

	if (step == NULL) {
		err_set(e, ERR_BUG, "answer of kind %u to another question", (unsigned)a->kind);
		return fail(&c);
	}
	return step_take(&order, step, &s->state, &c);
}

static void
server_stop(void *session)
{
	(void)session; /* holds nothing but itself */
}

const struct session_kind tvs_server = {
	.name = "tvs",
	.size = sizeof(struct server),
	.message_max = TVSMSG_MAX,
	.frame = tvsmsg_frame,
	.start = server_start,
	.message = server_message,
	.answer = server_answer,
	.broken = NULL,
	.stop = server_stop,
};
