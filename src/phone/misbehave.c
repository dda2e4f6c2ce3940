#include "phone/misbehave.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BIT(tag)    (1u << (tag))
#define WORD_MAX    40
#define REQUEST_MAX (2 * CAPFMSG_MAX)

/* --- the words --- */

static const struct {
	const char *word;
	struct misbehaviour what;
} whole_words[] = {
	{ "bad-proof", { MISBEHAVE_BAD_PROOF, 0 } },
	{ "no-certificate", { MISBEHAVE_NO_CERTIFICATE, 0 } },
	{ "no-sha2", { MISBEHAVE_NO_SHA2, 0 } },
	{ "other-session", { MISBEHAVE_OTHER_SESSION, 0 } },
	{ "lying-key", { MISBEHAVE_LYING_KEY, CAPFMSG_KEYGEN_RESPONSE } },
};

/* Any of these, '-', and any of the steps. */
static const struct {
	const char *word;
	enum misbehave_how how;
} hows[] = {
	{ "vanish-before", MISBEHAVE_VANISH_BEFORE },
	{ "vanish-after", MISBEHAVE_VANISH_AFTER },
	{ "out-of-order", MISBEHAVE_OUT_OF_ORDER },
	{ "abort", MISBEHAVE_ABORT },
	{ "unparsable", MISBEHAVE_UNPARSABLE },
	{ "silent", MISBEHAVE_SILENT },
};

static const struct {
	const char *word;
	enum capfmsg_command at;
	enum capfmsg_command elsewhere; /* what never comes here */
} steps[] = {
	{ "auth", CAPFMSG_AUTH_RESPONSE, CAPFMSG_STORE_RESPONSE },
	{ "key", CAPFMSG_KEYGEN_RESPONSE, CAPFMSG_STORE_RESPONSE },
	{ "stored", CAPFMSG_STORE_RESPONSE, CAPFMSG_DELETE_RESPONSE },
	{ "fetched", CAPFMSG_FETCH_RESPONSE, CAPFMSG_STORE_RESPONSE },
	{ "deleted", CAPFMSG_DELETE_RESPONSE, CAPFMSG_STORE_RESPONSE },
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

bool
misbehave_from_word(const char *word, struct misbehaviour *out)
{
	char made[WORD_MAX];

	for (size_t i = 0; i < COUNT(whole_words); i++)
		if (strcmp(word, whole_words[i].word) == 0) {
			*out = whole_words[i].what;
			return true;
		}
	for (size_t i = 0; i < COUNT(hows) * COUNT(steps); i++) {
		snprintf(made, sizeof made, "%s-%s", hows[i / COUNT(steps)].word,
		    steps[i % COUNT(steps)].word);
		if (strcmp(word, made) == 0) {
			*out = (struct misbehaviour){ hows[i / COUNT(steps)].how,
				steps[i % COUNT(steps)].at };
			return true;
		}
	}
	return false;
}

const char *
misbehave_words(void)
{
	static char text[512];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(whole_words); i++)
		n += (size_t)snprintf(
		    text + n, sizeof text - n, "%s%s", i > 0 ? ", " : "", whole_words[i].word);
	for (size_t i = 0; i < COUNT(hows); i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s-STEP",
		    i + 1 < COUNT(hows) ? ", " : " or ", hows[i].word);
	for (size_t i = 0; i < COUNT(steps); i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "%s%s",
		    i == 0                 ? "; STEP: "
		    : i + 1 < COUNT(steps) ? ", "
					   : " or ",
		    steps[i].word);
	return text;
}

bool
misbehave_is_talk(const struct misbehaviour *m)
{
	return m->at != 0;
}

/* --- instead of a message --- */

/* A message that the phone was about to send, and where it goes. */
struct act {
	const struct misbehave_plan *plan;
	struct span message;
	struct wr *out;
	struct err *e;
};

static bool
put(struct act *a, struct capfmsg m)
{
	struct capfmsg meant;

	if (!capfmsg_parse(a->message, true, &meant, a->e))
		return false;
	m.session_id = meant.session_id;
	return capfmsg_encode(&m, a->out, a->e);
}

static enum capfmsg_command
command_elsewhere(enum capfmsg_command at)
{
	for (size_t i = 0; i < COUNT(steps); i++)
		if (steps[i].at == at)
			return steps[i].elsewhere;
	return CAPFMSG_STORE_RESPONSE;
}

/* The last byte of each object identifier, and what is put in its place. */
static const struct {
	uint8_t oid[11];
	size_t n;
	uint8_t instead;
} lies[] = {
	/* rsaEncryption becomes RSASSA-PSS */
	{ { 0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1 }, 11, 10 },
	/* P-256 becomes prime239v3, P-384 becomes P-521, P-521 becomes P-384 */
	{ { 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 }, 10, 6 },
	{ { 0x06, 5, 0x2b, 0x81, 4, 0, 0x22 }, 7, 0x23 },
	{ { 0x06, 5, 0x2b, 0x81, 4, 0, 0x23 }, 7, 0x22 },
};

static bool
put_lying_key(struct act *a)
{
	struct bytes copy = bytes_copy(a->message);
	uint8_t *at = NULL;

	for (size_t i = 0; i < COUNT(lies) && at == NULL; i++) {
		at = memmem(copy.p, copy.n, lies[i].oid, lies[i].n);
		if (at != NULL)
			at[lies[i].n - 1] = lies[i].instead;
	}
	wr_span(a->out, bytes_span(&copy));
	bytes_free(&copy);
	return at != NULL || err_set(a->e, ERR_BUG, "a public key of a kind that is not known");
}

/* The header is right; the first element says that it is longer than the message. */
static bool
put_unparsable(struct act *a)
{
	static const uint8_t element[] = { CAPFMSG_REASON, 0xff, 0xff };

	wr_span(a->out, span_of(a->message.p, CAPFMSG_HEADER - 2));
	wr_u16(a->out, sizeof element);
	wr_span(a->out, span_of(element, sizeof element));
	return true;
}

static enum turn
vanish(struct act *a)
{
	err_set(a->e, ERR_IO, "the phone vanishes, as it was told to");
	return TURN_FAIL;
}

static enum turn
act(struct act *a)
{
	bool ok = true;

	switch (a->plan->what.how) {
	case MISBEHAVE_VANISH_AFTER:
		wr_span(a->out, a->message);
		return vanish(a);
	case MISBEHAVE_VANISH_BEFORE:
		return vanish(a);
	case MISBEHAVE_OUT_OF_ORDER:
		ok = put(a, (struct capfmsg){ .command = command_elsewhere(a->plan->what.at),
				.has = BIT(CAPFMSG_REASON),
				.reason = CAPFMSG_REASON_DONE });
		break;
	case MISBEHAVE_ABORT:
		ok = put(a, (struct capfmsg){ .command = CAPFMSG_ABORT_REQUEST });
		break;
	case MISBEHAVE_UNPARSABLE:
		ok = put_unparsable(a);
		break;
	case MISBEHAVE_LYING_KEY:
		ok = put_lying_key(a);
		break;
	default: /* silent */
		break;
	}
	return ok ? TURN_GO_ON : TURN_FAIL;
}

/* --- the session: that of a good phone, whose messages are looked at --- */

struct session {
	const struct misbehave_plan *plan;
	void *good;
};

/* Passes on what the good phone wrote, up to the message in whose place it misbehaves. */
static enum turn
pass_on(const struct session *s, struct span written, struct wr *out, struct err *e)
{
	struct err ignored;
	size_t whole;

	for (; written.n > 0; written = span_of(written.p + whole, written.n - whole)) {
		struct capfmsg m;
		struct act a = { .plan = s->plan, .out = out, .e = e };

		if (!capfmsg_frame(written, &whole, e))
			return TURN_FAIL;
		a.message = span_of(written.p, whole);
		if (!*s->plan->done && capfmsg_parse(a.message, true, &m, &ignored) &&
		    m.command == s->plan->what.at) {
			*s->plan->done = true;
			return act(&a);
		}
		wr_span(out, a.message);
	}
	return TURN_GO_ON;
}

static enum turn
client_start(void *session, const struct peer *peer, const void *plan, struct wr *out,
    struct ask *ask, struct err *e)
{
	struct session *s = session;

	s->plan = plan;
	s->good = mem_new(1, capf_client.size);
	return capf_client.start(s->good, peer, s->plan->client, out, ask, e);
}

static enum turn
client_message(void *session, struct span in, struct wr *out, struct ask *ask, struct err *e)
{
	struct session *s = session;
	struct wr written = wr_new(REQUEST_MAX);
	enum turn turn = capf_client.message(s->good, in, &written, ask, e), passed;

	passed = pass_on(s, wr_view(&written), out, e);
	wr_free(&written);
	return turn == TURN_GO_ON ? passed : turn;
}

static enum turn
client_answer(void *session, const struct answer *a, struct wr *out, struct ask *ask, struct err *e)
{
	struct session *s = session;

	return capf_client.answer(s->good, a, out, ask, e);
}

static void
client_stop(void *session)
{
	struct session *s = session;

	if (s->good != NULL)
		capf_client.stop(s->good);
	free(s->good);
}

const struct session_kind misbehave_client = {
	.name = "capf",
	.size = sizeof(struct session),
	.message_max = CAPFMSG_MAX,
	.frame = capfmsg_frame,
	.start = client_start,
	.message = client_message,
	.answer = client_answer,
	.broken = NULL,
	.stop = client_stop,
};
