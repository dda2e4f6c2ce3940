#include "../check.h"

#include "capf_fake.h"
#include "transcript.h"
#include "vectors.h"

#define BIT(t) (1u << (t))

/* What a recorded session tells about the two who had it. */
struct record {
	struct transcript t;
	struct capfmsg m[TRANSCRIPT_LINES_MAX];
	char password[CAPFMSG_PASSWORD_MAX + 1], device[DEVICE_NAME_MAX];
	bool is_other_form; /* of Unified CM and a soft phone, or with certificates */
};

static void
text_copy(char *to, size_t max, struct span s)
{
	snprintf(to, max, "%.*s", (int)s.n, s.n > 0 ? (const char *)s.p : "");
}

static void
record_read(struct span file, struct record *out)
{
	struct err e = { 0 };

	memset(out, 0, sizeof *out);
	assert_ok(transcript_parse(file, &out->t, &e), e);
	for (size_t i = 0; i < out->t.count; i++)
		assert_ok(capfmsg_parse(transcript_line(&out->t, i), true, &out->m[i], &e), e);
	text_copy(out->password, sizeof out->password, out->m[1].password);
	text_copy(out->device, sizeof out->device, out->m[1].device);
	out->is_other_form =
	    out->m[1].version != CAPFMSG_VERSION || (out->m[1].has & BIT(CAPFMSG_SIGNED_DATA));
}

static const struct capfmsg *
record_find(const struct record *r, enum capfmsg_command command)
{
	for (size_t i = 0; i < r->t.count; i++)
		if (r->m[i].command == command)
			return &r->m[i];
	return NULL;
}

/* A core and a phone that do what those of the record did. */
static struct capf_fake
record_fake(const struct record *r)
{
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_END);
	const struct capfmsg *order = &r->m[2], *m;

	f.certificate = f.public_key = f.lsc = (struct span){ 0 };
	f.start.reason = order->reason;
	f.start.key_type = order->key_type;
	f.start.key_size = order->key_size;
	f.start.curve = order->curve;
	if (order->command == CAPFMSG_KEYGEN_REQUEST)
		f.start.capf = ANSWER_CAPF_INSTALL;
	if (order->command == CAPFMSG_FETCH_REQUEST)
		f.start.capf = ANSWER_CAPF_FETCH;
	if (order->command == CAPFMSG_DELETE_REQUEST)
		f.start.capf = ANSWER_CAPF_DELETE;
	if ((m = record_find(r, CAPFMSG_STORE_REQUEST)) != NULL)
		f.certificate = m->certificate;
	if ((m = record_find(r, CAPFMSG_KEYGEN_RESPONSE)) != NULL)
		f.public_key = m->public_key;
	if ((m = record_find(r, CAPFMSG_FETCH_RESPONSE)) != NULL)
		f.lsc = m->certificate;
	if ((m = record_find(r, CAPFMSG_DELETE_RESPONSE)) != NULL && m->reason == 1)
		f.lsc = span_str("held");
	return f;
}

/* Unified CM leaves out auth type and key type, which we send as the peer server does. */
static void
assert_server_line(const struct record *r, size_t i, struct span got)
{
	struct capfmsg m;
	struct err e = { 0 };

	if (r->m[1].version == CAPFMSG_VERSION) {
		assert_span_equal(got, transcript_line(&r->t, i));
		return;
	}
	assert_ok(capfmsg_parse(got, true, &m, &e), e);
	assert_int_equal(m.command, r->m[i].command);
	assert_int_equal(m.has & r->m[i].has, r->m[i].has);
}

static void
server_replays(void *arg, const char *path, json_t *entry, struct span file)
{
	struct record r;
	struct capf_fake f;
	struct pair_end server;

	(void)arg;
	(void)entry;
	print_message("# %s\n", path);
	record_read(file, &r);
	f = record_fake(&r);
	pair_end_open(&server, &capf_server, NULL, r.m[0].session_id, capf_fake_answer, &f);
	for (size_t i = 0; i < r.t.count; i++) {
		if (r.t.from[i] == 'C')
			pair_end_feed(&server, transcript_line(&r.t, i));
		else
			assert_server_line(&r, i, pair_end_take(&server));
	}
	assert_int_equal(server.turn, TURN_DONE);
	assert_true(span_is(pair_end_asked(&server, 0).name, r.device));
	assert_true(span_is(pair_end_asked(&server, 0).password, r.password));
	pair_end_close(&server);
	transcript_free(&r.t);
}

static void
capf_server_replays_all_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("capf", server_replays, NULL), 31);
}

/* What the phone wrote since the server's last message, in one line or more. */
static void
assert_client_lines(const struct record *r, size_t *i, struct span got)
{
	while (*i < r->t.count && r->t.from[*i] == 'C') {
		struct span want = transcript_line(&r->t, *i);

		assert_true(got.n >= want.n);
		assert_span_equal(span_of(got.p, want.n), want);
		got = span_of(got.p + want.n, got.n - want.n);
		++*i;
	}
	assert_int_equal(got.n, 0);
}

static void
client_replays(void *arg, const char *path, json_t *entry, struct span file)
{
	struct capf_client_result result;
	struct capf_client_plan plan;
	struct record r;
	struct capf_fake f;
	struct pair_end client;
	size_t i = 0;

	(void)arg;
	(void)entry;
	print_message("# %s\n", path);
	record_read(file, &r);
	f = record_fake(&r);
	plan = capf_fake_plan(&f, r.password, &result);
	plan.device = r.device;
	pair_end_open(&client, &capf_client, &plan, 0, NULL, NULL);
	while (i < r.t.count) {
		if (r.t.from[i] == 'S')
			pair_end_feed(&client, transcript_line(&r.t, i++));
		else if (r.is_other_form)
			i++;
		else
			assert_client_lines(&r, &i, pair_end_take(&client));
	}
	assert_int_equal(client.turn, TURN_DONE);
	assert_true(result.ended);
	assert_int_equal(result.reason, r.m[r.t.count - 1].reason);
	assert_string_equal(result.last, "end");
	assert_int_equal(result.installed, f.start.capf == ANSWER_CAPF_INSTALL);
	assert_span_equal(bytes_span(&f.stored), f.certificate);
	assert_int_equal(f.asked_size, f.start.key_size);
	assert_int_equal(f.asked_curve, f.start.curve);
	capf_fake_free(&f);
	pair_end_close(&client);
	transcript_free(&r.t);
}

static void
capf_client_replays_all_vectors(void **state)
{
	(void)state;
	assert_int_equal(vectors_each("capf", client_replays, NULL), 31);
}

/* One way in which a whole session may go. */
struct story {
	const char *name;
	enum answer_capf operation;
	bool no_key, no_certificate, no_store, no_lsc, no_finish;
	enum turn turn;
	uint8_t reason;
	size_t asks; /* of the server */
};

static const struct story stories[] = {
	{ .name = "installed", ANSWER_CAPF_INSTALL, .turn = TURN_DONE, .reason = 1, .asks = 3 },
	{ .name = "no key",
	    ANSWER_CAPF_INSTALL,
	    .no_key = true,
	    .turn = TURN_DONE,
	    .reason = 7,
	    .asks = 2 },
	{ .name = "no certificate",
	    ANSWER_CAPF_INSTALL,
	    .no_certificate = true,
	    .turn = TURN_DONE,
	    .reason = 7,
	    .asks = 3 },
	{ .name = "store refused",
	    ANSWER_CAPF_INSTALL,
	    .no_store = true,
	    .turn = TURN_DONE,
	    .reason = 7,
	    .asks = 3 },
	{ .name = "not written down",
	    ANSWER_CAPF_INSTALL,
	    .no_finish = true,
	    .turn = TURN_FAIL,
	    .asks = 3 },
	{ .name = "fetched", ANSWER_CAPF_FETCH, .turn = TURN_DONE, .reason = 0, .asks = 2 },
	{ .name = "nothing to fetch",
	    ANSWER_CAPF_FETCH,
	    .no_lsc = true,
	    .turn = TURN_DONE,
	    .reason = 0,
	    .asks = 2 },
	{ .name = "deleted", ANSWER_CAPF_DELETE, .turn = TURN_DONE, .reason = 1, .asks = 2 },
	{ .name = "nothing to delete",
	    ANSWER_CAPF_DELETE,
	    .no_lsc = true,
	    .turn = TURN_DONE,
	    .reason = 1,
	    .asks = 2 },
	{ .name = "nothing to do", ANSWER_CAPF_END, .turn = TURN_DONE, .reason = 0, .asks = 1 },
};

#define STORIES (sizeof stories / sizeof stories[0])

static struct capf_fake
story_fake(const struct story *s)
{
	struct capf_fake f = capf_fake_new(s->operation);

	if (s->no_key)
		f.public_key.n = 0;
	if (s->no_certificate)
		f.certificate.n = 0;
	if (s->no_lsc)
		f.lsc.n = 0;
	f.is_store_refused = s->no_store;
	f.is_finish_lost = s->no_finish;
	return f;
}

struct scene {
	struct capf_fake f;
	struct capf_client_result result;
	struct capf_client_plan plan;
	struct pair_end server, client;
};

static void
scene_play(struct scene *sc, const struct story *s, const struct pair_line *line)
{
	sc->f = story_fake(s);
	sc->plan = capf_fake_plan(&sc->f, "0123", &sc->result);
	pair_end_open(&sc->server, &capf_server, NULL, 42, capf_fake_answer, &sc->f);
	pair_end_open(&sc->client, &capf_client, &sc->plan, 0, NULL, NULL);
	pair_run(&sc->server, &sc->client, line);
}

static void
scene_close(struct scene *sc)
{
	capf_fake_free(&sc->f);
	pair_end_close(&sc->server);
	pair_end_close(&sc->client);
}

/* Each write of the server is one whole message: phones stall on less (capf.md 5.1). */
static void
assert_whole_writes(const struct pair_end *end)
{
	size_t at = 0, whole;
	struct err e = { 0 };

	for (size_t i = 0; i < end->write_count; i++) {
		assert_ok(
		    capfmsg_frame(span_of(end->sent.p + at, end->sent.n - at), &whole, &e), e);
		assert_int_equal(end->writes[i], whole);
		at += whole;
	}
}

/* How many bytes travelled. */
static size_t
story_runs(const struct story *s, const struct pair_line *line)
{
	struct scene sc;
	size_t n;

	scene_play(&sc, s, line);
	assert_int_equal(sc.server.turn, s->turn);
	assert_int_equal(sc.server.ask_count, s->asks);
	assert_whole_writes(&sc.server);
	if (s->turn == TURN_DONE) {
		assert_int_equal(sc.client.turn, TURN_DONE);
		assert_int_equal(sc.result.reason, s->reason);
	} else {
		assert_false(sc.result.ended);
	}
	n = sc.server.sent.n + sc.client.sent.n;
	scene_close(&sc);
	return n;
}

static void
capf_ends_understand_each_other_cut_at_every_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < STORIES; i++) {
		size_t n = story_runs(&stories[i], &(struct pair_line){ 0 });

		print_message("# %s: %zu bytes\n", stories[i].name, n);
		for (size_t cut = 1; cut < n; cut++)
			assert_int_equal(
			    story_runs(&stories[i], &(struct pair_line){ .cut = cut }), n);
		for (size_t piece = 1; piece < 20; piece++)
			assert_int_equal(
			    story_runs(&stories[i], &(struct pair_line){ .piece = piece }), n);
	}
}

static void
capf_ends_understand_each_other_in_random_pieces(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 50; seed++) {
		print_message("# seed %u\n", seed);
		for (size_t i = 0; i < STORIES; i++)
			story_runs(&stories[i], &(struct pair_line){ .seed = seed });
	}
}

/* Core hears that a session broke once for every session that it let in and that did not end. */
static void
capf_server_tells_core_at_which_step_the_line_broke(void **state)
{
	(void)state;
	for (size_t i = 0; i < STORIES; i++) {
		for (size_t n = 1; n < 9; n++) {
			struct scene sc;
			struct ask last;
			size_t finishes = 0;

			scene_play(&sc, &stories[i], &(struct pair_line){ .break_after = n });
			for (size_t k = 0; k < sc.server.ask_count; k++) {
				last = pair_end_asked(&sc.server, k);
				finishes += last.kind == ASK_CAPF_FINISH;
			}
			if (sc.server.ask_count == 0 || stories[i].operation == ANSWER_CAPF_END) {
				assert_int_equal(finishes, 0);
			} else {
				assert_int_equal(finishes, 1);
				if (sc.server.turn == TURN_FAIL && !stories[i].no_finish)
					assert_in_range(
					    last.capf_end, CAPF_END_BROKEN, CAPF_END_REFUSED);
			}
			scene_close(&sc);
		}
	}
}

static void
capf_server_names_the_step_at_which_the_line_broke(void **state)
{
	static const char *const texts[] = { "while it made its key: connection lost",
		"before it confirmed its certificate: connection lost" };
	struct scene sc;

	(void)state;
	/* auth-req and auth-res; then the key request and what the phone makes of it. */
	for (size_t i = 0; i < 2; i++) {
		size_t asks;

		scene_play(&sc, &stories[0], &(struct pair_line){ .break_after = i == 0 ? 2 : 5 });
		asks = sc.server.ask_count;
		assert_int_equal(pair_end_asked(&sc.server, asks - 1).capf_end, CAPF_END_BROKEN);
		assert_true(span_is(pair_end_asked(&sc.server, asks - 1).text, texts[i]));
		scene_close(&sc);
	}
}

static void
capf_server_grants_time_only_while_a_key_is_made(void **state)
{
	static const struct {
		enum capfmsg_command command;
		unsigned patience;
	} steps[] = {
		{ CAPFMSG_AUTH_RESPONSE, 1 },
		{ CAPFMSG_IN_PROGRESS, 1 },
		{ CAPFMSG_KEYGEN_RESPONSE, 0 },
	};
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_INSTALL);
	struct pair_end server;

	(void)state;
	pair_end_open(&server, &capf_server, NULL, 1, capf_fake_answer, &f);
	assert_int_equal(capf_server.patience(server.session), 0);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		struct capfmsg m = capf_fake_message(steps[i].command, 1);

		capf_fake_feed(&server, &m);
		assert_int_equal(capf_server.patience(server.session), steps[i].patience);
	}
	pair_end_close(&server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capf_server_replays_all_vectors),
		cmocka_unit_test(capf_client_replays_all_vectors),
		cmocka_unit_test(capf_ends_understand_each_other_cut_at_every_byte),
		cmocka_unit_test(capf_ends_understand_each_other_in_random_pieces),
		cmocka_unit_test(capf_server_tells_core_at_which_step_the_line_broke),
		cmocka_unit_test(capf_server_names_the_step_at_which_the_line_broke),
		cmocka_unit_test(capf_server_grants_time_only_while_a_key_is_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
