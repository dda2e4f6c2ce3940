#include "../check.h"

#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/rapool.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#define TURNS 50

/* An RA process as the pool sees it: keeps the last thing that it was asked. */
struct fake {
	struct chan *chan;
	uint32_t id;
	char reference[RAMSG_TEXT_MAX];
	unsigned asked;
};

struct rig {
	struct event_base *base;
	struct rapool *pool;
	struct fake fake[2];
	char told[256]; /* "SEP...:outcome " for each */
};

static void
fake_receive(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct fake *f = arg;
	struct ra_ask ask;
	struct err e = { 0 };

	assert_int_equal(kind, CHAN_CERTIFY);
	assert_int_equal(fd, -1);
	assert_ok(ra_ask_parse(payload, &ask, &e), e);
	f->id = ask.id;
	f->asked++;
	snprintf(f->reference, sizeof f->reference, "%.*s", (int)ask.reference.n,
	    (const char *)ask.reference.p);
}

static void
fake_closed(void *arg, const char *why)
{
	(void)arg, (void)why;
}

static void
told(void *arg, const char *device, const struct ra_answer *answer)
{
	struct rig *r = arg;
	size_t n = strlen(r->told);

	snprintf(r->told + n, sizeof r->told - n, "%s:%d ", device, (int)answer->outcome);
}

static void
turn(struct rig *r)
{
	for (int i = 0; i < TURNS; i++)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
}

static void
fake_start(struct rig *r, unsigned i)
{
	struct err e = { 0 };
	int pair[2];

	assert_ok(chan_pair(pair, &e), e);
	r->fake[i].chan = chan_new(r->base, pair[1], fake_receive, fake_closed, &r->fake[i]);
	rapool_process(r->pool, i, pair[0]);
	turn(r);
}

static int
setup(void **state)
{
	struct rig *r = mem_new(1, sizeof *r);

	r->base = event_base_new();
	r->pool = rapool_new(r->base, told, r);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	rapool_free(r->pool);
	for (int i = 0; i < 2; i++)
		chan_free(r->fake[i].chan);
	event_base_free(r->base);
	free(r);
	return 0;
}

static bool
ask_for(struct rig *r, const char *device, struct err *e)
{
	const struct ra_ask q = { .timeout_s = 1,
		.url = span_str("http://192.0.2.1/"),
		.reference = span_str(device),
		.secret = span_str("secret"),
		.csr = span_str("a request") };
	bool ok = rapool_ask(r->pool, device, &q, e);

	turn(r);
	return ok;
}

static void
answer(struct rig *r, unsigned i, enum ra_outcome outcome)
{
	const struct ra_answer a = { .id = r->fake[i].id,
		.outcome = outcome,
		.certificate = span_str(outcome == RA_CERTIFIED ? "certificate" : ""),
		.text = span_str(outcome == RA_CERTIFIED ? "" : "no") };
	struct wr w = wr_new(RAMSG_MAX);
	struct err e = { 0 };

	assert_ok(ra_answer_encode(&a, &w, &e), e);
	assert_ok(chan_send(r->fake[i].chan, CHAN_CERTIFIED, wr_view(&w), -1, &e), e);
	wr_free(&w);
	turn(r);
}

static void
rapool_gives_each_process_one_request_at_a_time(void **state)
{
	struct rig *r = *state;
	struct err e = { 0 };

	fake_start(r, 0);
	assert_ok(ask_for(r, "SEP000000000001", &e), e);
	assert_ok(ask_for(r, "SEP000000000002", &e), e);
	assert_int_equal(r->fake[0].asked, 1);
	assert_true(rapool_has(r->pool, "SEP000000000001"));
	assert_true(rapool_has(r->pool, "SEP000000000002"));
	assert_false(rapool_has(r->pool, "SEP000000000003"));
	fake_start(r, 1);
	assert_string_equal(r->fake[1].reference, "SEP000000000002");
	answer(r, 1, RA_REJECTED);
	answer(r, 0, RA_CERTIFIED);
	assert_string_equal(r->told, "SEP000000000002:2 SEP000000000001:0 ");
	assert_false(rapool_has(r->pool, "SEP000000000001"));
}

static void
rapool_says_that_a_process_has_ended_and_goes_on_with_the_next_request(void **state)
{
	struct rig *r = *state;
	struct err e = { 0 };

	fake_start(r, 0);
	assert_ok(ask_for(r, "SEP000000000001", &e), e);
	assert_ok(ask_for(r, "SEP000000000002", &e), e);
	chan_free(r->fake[0].chan);
	r->fake[0].chan = NULL;
	turn(r);
	assert_string_equal(r->told, "SEP000000000001:1 ");
	assert_fails(
	    ask_for(r, "SEP000000000003", &e), e, ERR_UNKNOWN, "no process speaks to the CA");
	fake_start(r, 0);
	assert_string_equal(r->fake[0].reference, "SEP000000000002");
}

static void
rapool_gives_up_a_process_that_answers_what_was_not_asked(void **state)
{
	struct rig *r = *state;
	struct err e = { 0 };

	fake_start(r, 0);
	assert_ok(ask_for(r, "SEP000000000001", &e), e);
	r->fake[0].id++;
	answer(r, 0, RA_CERTIFIED);
	assert_string_equal(r->told, "SEP000000000001:1 ");
}

#define WITH_RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_RIG(rapool_gives_each_process_one_request_at_a_time),
		WITH_RIG(rapool_says_that_a_process_has_ended_and_goes_on_with_the_next_request),
		WITH_RIG(rapool_gives_up_a_process_that_answers_what_was_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
