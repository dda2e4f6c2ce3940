#include "talk/capf.h"

#include "talk/step.h"

#include <stdio.h>

#define BIT(tag) (1u << (tag))

/* One bit each, so that the table can say "one of". */
enum state {
	WAIT_AUTH = 1 << 0,
	ASKED_START = 1 << 1,
	WAIT_KEY = 1 << 2,
	ASKED_ISSUE = 1 << 3,
	WAIT_STORED = 1 << 4,
	WAIT_FETCHED = 1 << 5,
	WAIT_DELETED = 1 << 6,
	ASKED_FINISH = 1 << 7, /* then END_SESSION */
	ASKED_BROKEN = 1 << 8, /* then the connection is closed */
	ENDED = 1 << 9,
};

#define WAITS    (WAIT_AUTH | WAIT_KEY | WAIT_STORED | WAIT_FETCHED | WAIT_DELETED)
#define IN_WORK  (WAIT_KEY | ASKED_ISSUE | WAIT_STORED | WAIT_FETCHED | WAIT_DELETED)
#define IS_FATAL (ASKED_BROKEN | ENDED) /* where any step may end */

#define TEXT_MAX 256

struct server {
	unsigned state; /* an enum state */
	uint32_t session;
	char peer[ASK_ADDRESS_MAX];
	struct device device;
	uint8_t reason;    /* of the END_SESSION that follows ASKED_FINISH */
	bool was_aborted;  /* the phone waits for an abort response */
	bool was_wrong;    /* what it said breaks a rule: it is told so */
	struct err broken; /* why, while ASKED_BROKEN */
	char text[TEXT_MAX];
};

/* One event and all that a handler may use for it. */
struct call {
	struct server *s;
	const struct capfmsg *m;
	const struct answer *a;
	struct wr *out;
	struct ask *ask;
	struct err *e;
};

static const char *
state_text(enum state state)
{
	switch (state) {
	case WAIT_KEY:
		return "while it made its key";
	case ASKED_ISSUE:
		return "while its certificate was issued";
	case WAIT_STORED:
		return "before it confirmed its certificate";
	case WAIT_FETCHED:
		return "before it sent its certificate";
	case WAIT_DELETED:
		return "before it confirmed the deletion";
	default:
		return "before it was let in";
	}
}

/* Asks; spans that the caller adds are loans that outlive the call. */
static struct ask
ask_new(const struct server *s, enum ask_kind kind)
{
	return (struct ask){
		.kind = kind,
		.peer = span_str(s->peer),
		.name = span_str(s->device.name),
		.session = s->session,
	};
}

static struct ask
ask_broken(struct server *s, const char *why)
{
	struct ask ask = ask_new(s, ASK_CAPF_FINISH);

	snprintf(s->text, sizeof s->text, "%s: %s", state_text(s->state), why);
	ask.capf_end = s->was_aborted || s->was_wrong ? CAPF_END_REFUSED : CAPF_END_BROKEN;
	ask.text = span_str(s->text);
	return ask;
}

/* The one place where a session goes wrong; *c->e says why. Core is told first when the phone had
 * been let in. */
static enum turn
fail(struct call *c)
{
	struct server *s = c->s;

	if (!(s->state & IN_WORK)) {
		s->state = ENDED;
		return TURN_FAIL;
	}
	s->broken = *c->e;
	*c->ask = ask_broken(s, s->broken.text);
	s->state = ASKED_BROKEN;
	return TURN_ASK;
}

static bool
put_message(struct call *c, struct capfmsg m)
{
	m.session_id = c->s->session;
	if (capfmsg_encode(&m, c->out, c->e))
		return true;
	wr_reset(c->out);
	return false;
}

static bool
put_end(struct call *c, uint8_t reason)
{
	return put_message(
	    c, (struct capfmsg){
		   .command = CAPFMSG_END_SESSION, .has = BIT(CAPFMSG_REASON), .reason = reason });
}

/* Sends a request and waits for what the phone says to it. */
static enum turn
request(struct call *c, struct capfmsg m, enum state next)
{
	if (!put_message(c, m))
		return fail(c);
	c->s->state = next;
	return TURN_GO_ON;
}

static enum turn
end_session(struct call *c, uint8_t reason)
{
	if (!put_end(c, reason))
		return fail(c);
	c->s->state = ENDED;
	return TURN_DONE;
}

/* A message that cannot be used: reason 7 for the phone (capf.md 5.4), *c->e for us. Of a session
 * that was let in, core hears first. */
static enum turn
refuse(struct call *c)
{
	c->s->was_wrong = true;
	if (!(c->s->state & IN_WORK))
		(void)put_end(c, CAPFMSG_REASON_INVALID);
	return fail(c);
}

/* Tells core how it ended; END_SESSION with reason leaves when that is stored. */
static enum turn
finish(struct call *c, enum ask_capf_end how, uint8_t reason)
{
	*c->ask = ask_new(c->s, ASK_CAPF_FINISH);
	c->ask->capf_end = (uint8_t)how;
	c->s->reason = reason;
	c->s->state = ASKED_FINISH;
	return TURN_ASK;
}

static enum turn
finish_failed(struct call *c, enum ask_capf_end how, uint8_t reason)
{
	enum turn turn = finish(c, how, reason);

	if (c->m->has & BIT(CAPFMSG_REASON))
		snprintf(c->s->text, sizeof c->s->text, "the phone gave reason %u", c->m->reason);
	else
		snprintf(c->s->text, sizeof c->s->text, "the phone gave no reason");
	c->ask->text = span_str(c->s->text);
	return turn;
}

static enum turn
on_auth(struct call *c)
{
	const uint32_t must =
	    BIT(CAPFMSG_REASON) | BIT(CAPFMSG_PROTOCOL_VERSION) | BIT(CAPFMSG_DEVICE_NAME);
	const struct capfmsg *m = c->m;

	if ((m->has & must) != must) {
		err_set(c->e, ERR_MALFORMED,
		    "C10: auth response without reason, version or device name");
		return refuse(c);
	}
	if (m->version > CAPFMSG_VERSION) {
		err_set(
		    c->e, ERR_REFUSED, "C10: version %u, at most %d", m->version, CAPFMSG_VERSION);
		return refuse(c);
	}
	if (!device_parse(m->device, &c->s->device, c->e))
		return refuse(c);
	*c->ask = ask_new(c->s, ASK_CAPF_START);
	c->ask->password = m->password;
	c->ask->capf_version = m->version;
	c->ask->certificate = m->certificate;
	c->ask->signed_data = m->signed_data;
	c->ask->sha2_signed = m->sha2_signed;
	c->ask->sudi = m->sudi;
	c->s->state = ASKED_START;
	return TURN_ASK;
}

static struct capfmsg
keygen_request(const struct answer *a)
{
	struct capfmsg m = {
		.command = CAPFMSG_KEYGEN_REQUEST,
		.has = BIT(CAPFMSG_KEY_TYPE),
		.key_type = a->key_type,
		.key_size = a->key_size,
		.curve = a->curve,
	};

	m.has |= a->key_type == CAPFMSG_KEY_EC ? BIT(CAPFMSG_CURVE) : BIT(CAPFMSG_KEY_SIZE);
	return m;
}

/* capf.md 5.4, assumed: without a delay, whose encoding nobody has seen. */
static enum turn
retry_later(struct call *c)
{
	if (!put_message(c, (struct capfmsg){ .command = CAPFMSG_RETRY_LATER }))
		return fail(c);
	c->s->state = ENDED;
	return TURN_DONE;
}

static enum turn
store(struct call *c)
{
	return request(c,
	    (struct capfmsg){
		.command = CAPFMSG_STORE_REQUEST,
		.has = BIT(CAPFMSG_CERT_TYPE) | BIT(CAPFMSG_CERTIFICATE),
		.cert_type = CAPFMSG_CERT_LSC,
		.inner_type = CAPFMSG_CERT_LSC,
		.certificate = c->a->certificate,
	    },
	    WAIT_STORED);
}

static enum turn
on_permit(struct call *c)
{
	const struct answer *a = c->a;

	if (!a->ok)
		return end_session(c, CAPFMSG_REASON_INVALID);
	switch (a->capf) {
	case ANSWER_CAPF_INSTALL:
		return request(c, keygen_request(a), WAIT_KEY);
	case ANSWER_CAPF_FETCH:
		return request(
		    c, (struct capfmsg){ .command = CAPFMSG_FETCH_REQUEST }, WAIT_FETCHED);
	case ANSWER_CAPF_DELETE:
		return request(
		    c, (struct capfmsg){ .command = CAPFMSG_DELETE_REQUEST }, WAIT_DELETED);
	case ANSWER_CAPF_RETRY:
		return retry_later(c);
	case ANSWER_CAPF_STORE:
		return store(c);
	default:
		return end_session(c, a->reason);
	}
}

static enum turn
on_progress(struct call *c)
{
	(void)c;
	return TURN_GO_ON;
}

static enum turn
on_key(struct call *c)
{
	if (!(c->m->has & BIT(CAPFMSG_PUBLIC_KEY)))
		return finish_failed(c, CAPF_END_KEYGEN_FAILED, CAPFMSG_REASON_INVALID);
	*c->ask = ask_new(c->s, ASK_CAPF_ISSUE);
	c->ask->public_key = c->m->public_key;
	c->s->state = ASKED_ISSUE;
	return TURN_ASK;
}

static enum turn
on_issued(struct call *c)
{
	struct server *s = c->s;
	struct span text = c->a->text;
	enum turn turn;

	if (c->a->ok && c->a->capf == ANSWER_CAPF_RETRY)
		return retry_later(c);
	if (c->a->ok && c->a->certificate.n > 0)
		return store(c);
	snprintf(s->text, sizeof s->text, "no certificate was issued: %.*s",
	    (int)(text.n < TEXT_MAX ? text.n : TEXT_MAX), text.n > 0 ? (const char *)text.p : "");
	turn = finish(c, CAPF_END_BROKEN, CAPFMSG_REASON_INVALID);
	c->ask->text = span_str(s->text);
	return turn;
}

/* A response whose meaning is its reason. */
static bool
has_reason(struct call *c)
{
	return (c->m->has & BIT(CAPFMSG_REASON)) ||
	       err_set(
		   c->e, ERR_MALFORMED, "%s without a reason", capfmsg_command_name(c->m->command));
}

static enum turn
on_stored(struct call *c)
{
	if (!has_reason(c))
		return refuse(c);
	if (c->m->reason != CAPFMSG_REASON_DONE)
		return finish_failed(c, CAPF_END_STORE_FAILED, CAPFMSG_REASON_INVALID);
	return finish(c, CAPF_END_STORED, CAPFMSG_REASON_DONE);
}

static enum turn
on_fetched(struct call *c)
{
	enum turn turn;

	if (!has_reason(c))
		return refuse(c);
	if (c->m->reason != CAPFMSG_REASON_DONE || !(c->m->has & BIT(CAPFMSG_CERTIFICATE)))
		return finish_failed(c, CAPF_END_FETCH_EMPTY, CAPFMSG_REASON_NO_ACTION);
	turn = finish(c, CAPF_END_FETCHED, CAPFMSG_REASON_NO_ACTION);
	c->ask->certificate = c->m->certificate;
	c->ask->cert_type = c->m->inner_type;
	return turn;
}

static enum turn
on_deleted(struct call *c)
{
	if (!has_reason(c))
		return refuse(c);
	if (c->m->reason != CAPFMSG_REASON_DONE)
		return finish_failed(c, CAPF_END_DELETE_FAILED, CAPFMSG_REASON_DONE);
	return finish(c, CAPF_END_DELETED, CAPFMSG_REASON_DONE);
}

/* What is not stored is not confirmed: the phone finds the line cut and comes again. */
static enum turn
on_finished(struct call *c)
{
	if (c->a->ok)
		return end_session(c, c->s->reason);
	err_set(c->e, ERR_STORE, "how the session ended could not be stored");
	return fail(c);
}

static enum turn
close_aborted(struct call *c)
{
	(void)put_message(c, (struct capfmsg){ .command = CAPFMSG_ABORT_RESPONSE });
	return fail(c);
}

static enum turn
on_abort(struct call *c)
{
	err_set(c->e, ERR_REFUSED, "the phone aborted");
	c->s->was_aborted = true;
	return c->s->state & IN_WORK ? fail(c) : close_aborted(c);
}

static enum turn
on_broken(struct call *c)
{
	*c->e = c->s->broken;
	if (c->s->was_wrong)
		(void)put_end(c, CAPFMSG_REASON_INVALID);
	return c->s->was_aborted ? close_aborted(c) : fail(c);
}

/* The order of the conversation: doc/protocols/capf.md, section 5.4. */
static const struct step steps[] = {
	/* in one of, on, do, then one of */
	{ WAIT_AUTH, CAPFMSG_AUTH_RESPONSE, on_auth, ASKED_START },
	{ ASKED_START, STEP_ANSWER_TO(ASK_CAPF_START), on_permit,
	    WAIT_KEY | WAIT_STORED | WAIT_FETCHED | WAIT_DELETED },
	{ WAIT_KEY, CAPFMSG_IN_PROGRESS, on_progress, WAIT_KEY },
	{ WAIT_KEY, CAPFMSG_KEYGEN_RESPONSE, on_key, ASKED_ISSUE | ASKED_FINISH },
	{ ASKED_ISSUE, STEP_ANSWER_TO(ASK_CAPF_ISSUE), on_issued, WAIT_STORED | ASKED_FINISH },
	{ WAIT_STORED, CAPFMSG_STORE_RESPONSE, on_stored, ASKED_FINISH },
	{ WAIT_FETCHED, CAPFMSG_FETCH_RESPONSE, on_fetched, ASKED_FINISH },
	{ WAIT_DELETED, CAPFMSG_DELETE_RESPONSE, on_deleted, ASKED_FINISH },
	{ ASKED_FINISH, STEP_ANSWER_TO(ASK_CAPF_FINISH), on_finished, ENDED },
	{ ASKED_BROKEN, STEP_ANSWER_TO(ASK_CAPF_FINISH), on_broken, ENDED },
	{ WAITS, CAPFMSG_ABORT_REQUEST, on_abort, ENDED },
};

static const struct step_order order = { steps, sizeof steps / sizeof steps[0], IS_FATAL };

static enum turn
server_start(void *session, const struct peer *peer, const void *plan, struct wr *out,
    struct ask *ask, struct err *e)
{
	struct server *s = session;
	struct call c = { .s = s, .out = out, .ask = ask, .e = e };

	(void)plan;
	s->session = peer->session;
	snprintf(s->peer, sizeof s->peer, "%s", peer->text);
	return request(&c,
	    (struct capfmsg){
		.command = CAPFMSG_AUTH_REQUEST,
		.has = BIT(CAPFMSG_PROTOCOL_VERSION) | BIT(CAPFMSG_AUTH_TYPE),
		.version = CAPFMSG_VERSION,
		.auth_type = CAPFMSG_AUTH_NONE,
	    },
	    WAIT_AUTH);
}

/* Unknown elements of a phone are skipped (capf.md C5). */
static enum turn
server_message(void *session, struct span in, struct wr *out, struct ask *ask, struct err *e)
{
	struct server *s = session;
	struct capfmsg m;
	struct call c = { .s = s, .m = &m, .out = out, .ask = ask, .e = e };
	const struct step *step;

	if (!capfmsg_parse(in, false, &m, e))
		return refuse(&c);
	if (m.session_id != s->session) {
		err_set(e, ERR_MALFORMED, "C8: session id is %u, expected %u", m.session_id,
		    s->session);
		return refuse(&c);
	}
	step = step_find(&order, s->state, m.command);
	if (step == NULL) {
		err_set(e, ERR_MALFORMED, "C9: %s came %s", capfmsg_command_name(m.command),
		    state_text(s->state));
		return refuse(&c);
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

static enum turn
server_broken(void *session, const char *why, struct ask *ask)
{
	struct server *s = session;
	bool in_work = s->state & IN_WORK;

	if (in_work)
		*ask = ask_broken(s, why);
	s->state = ENDED;
	return in_work ? TURN_ASK : TURN_DONE;
}

/* Old phones take a minute for an RSA key (capf.md 5.4, documented). */
static unsigned
server_patience(const void *session)
{
	const struct server *s = session;

	return s->state == WAIT_KEY;
}

static void
server_stop(void *session)
{
	(void)session; /* holds nothing but itself */
}

const struct session_kind capf_server = {
	.name = "capf",
	.size = sizeof(struct server),
	.message_max = CAPFMSG_MAX,
	.frame = capfmsg_frame,
	.start = server_start,
	.message = server_message,
	.answer = server_answer,
	.broken = server_broken,
	.stop = server_stop,
	.patience = server_patience,
};
