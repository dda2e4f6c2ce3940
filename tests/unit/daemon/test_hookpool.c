#include "../check.h"

#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/hookpool.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#define TURNS 50

/* The process as the pool sees it: keeps the ids that it was asked with. */
struct rig {
	struct event_base *base;
	struct hookpool *pool;
	struct chan *process;
	uint32_t id[8];
	size_t asked;
	char told[256]; /* "job NN:ran " for each, or lost */
};

static void
process_receive(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct rig *r = arg;
	struct hook_run run;
	struct err e = { 0 };

	assert_int_equal(kind, CHAN_HOOK_RUN);
	assert_int_equal(fd, -1);
	assert_ok(hook_run_parse(payload, &run, &e), e);
	r->id[r->asked++] = run.id;
}

static void
process_closed(void *arg, const char *why)
{
	(void)arg, (void)why;
}

static void
told(void *arg, int64_t job, const char *device, const struct hook_ran *ran)
{
	struct rig *r = arg;
	size_t n = strlen(r->told);

	snprintf(r->told + n, sizeof r->told - n, "%d %s:%s ", (int)job, device + 13,
	    ran != NULL ? "ran" : "lost");
}

static void
turn(struct rig *r)
{
	for (int i = 0; i < TURNS; i++)
		event_base_loop(r->base, EVLOOP_NONBLOCK);
}

static void
process_start(struct rig *r)
{
	struct err e = { 0 };
	int pair[2];

	assert_ok(chan_pair(pair, &e), e);
	r->process = chan_new(r->base, pair[1], process_receive, process_closed, r);
	hookpool_process(r->pool, pair[0]);
	turn(r);
}

static int
setup(void **state)
{
	struct rig *r = mem_new(1, sizeof *r);

	r->base = event_base_new();
	r->pool = hookpool_new(r->base, told, r);
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct rig *r = *state;

	hookpool_free(r->pool);
	chan_free(r->process);
	event_base_free(r->base);
	free(r);
	return 0;
}

static bool
ask_for(struct rig *r, int64_t job, const char *device, struct err *e)
{
	const struct hook_run run = { .timeout_s = 1,
		.text = { [HOOK_NAME] = span_str(device), [HOOK_KIND] = span_str("reset") } };
	bool ok = hookpool_ask(r->pool, job, &run, e);

	turn(r);
	return ok;
}

static void
answer(struct rig *r, uint32_t id)
{
	const struct hook_ran ran = { .id = id, .outcome = HOOK_EXITED };
	struct wr w = wr_new(HOOKMSG_MAX);
	struct err e = { 0 };

	assert_ok(hook_ran_encode(&ran, &w, &e), e);
	assert_ok(chan_send(r->process, CHAN_HOOK_RAN, wr_view(&w), -1, &e), e);
	wr_free(&w);
	turn(r);
}

static void
hookpool_has_room_until_so_many_run(void **state)
{
	struct rig *r = *state;
	struct err e = { 0 };

	assert_false(hookpool_is_there(r->pool));
	assert_int_equal(hookpool_room(r->pool, 2), 0);
	assert_fails(ask_for(r, 1, "SEP000000000001", &e), e, ERR_UNKNOWN, "no process");
	process_start(r);
	assert_int_equal(hookpool_room(r->pool, 2), 2);
	assert_ok(ask_for(r, 1, "SEP000000000001", &e), e);
	assert_ok(ask_for(r, 2, "SEP000000000002", &e), e);
	assert_int_equal(hookpool_room(r->pool, 2), 0);
	assert_int_equal(hookpool_room(r->pool, 1), 0);
	assert_true(hookpool_has(r->pool, "SEP000000000001"));
	assert_false(hookpool_has(r->pool, "SEP000000000003"));
	answer(r, r->id[1]);
	assert_string_equal(r->told, "2 02:ran ");
	assert_int_equal(hookpool_room(r->pool, 2), 1);
	assert_false(hookpool_has(r->pool, "SEP000000000002"));
}

static void
hookpool_tells_what_was_lost_with_the_process(void **state)
{
	struct rig *r = *state;
	struct err e = { 0 };

	process_start(r);
	assert_ok(ask_for(r, 1, "SEP000000000001", &e), e);
	assert_ok(ask_for(r, 1, "SEP000000000002", &e), e);
	chan_free(r->process);
	r->process = NULL;
	turn(r);
	assert_string_equal(r->told, "1 01:lost 1 02:lost ");
	assert_false(hookpool_is_there(r->pool));
	process_start(r);
	assert_ok(ask_for(r, 1, "SEP000000000001", &e), e);
}

static void
hookpool_drops_a_process_that_answers_what_was_not_asked(void **state)
{
	struct rig *r = *state;
	struct err e = { 0 };

	process_start(r);
	assert_ok(ask_for(r, 1, "SEP000000000001", &e), e);
	answer(r, r->id[0] + 7);
	assert_string_equal(r->told, "1 01:lost ");
	assert_false(hookpool_is_there(r->pool));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    hookpool_has_room_until_so_many_run, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    hookpool_tells_what_was_lost_with_the_process, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    hookpool_drops_a_process_that_answers_what_was_not_asked, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
