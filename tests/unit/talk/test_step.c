#include "../check.h"

#include "talk/step.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum state {
	OPEN = 1 << 0,
	SHUT = 1 << 1,
	LOCKED = 1 << 2,
	BROKEN = 1 << 3,
};

enum event {
	PUSH = 1,
	TURN_KEY = 2,
	KICK = 3,
};

/* A door, and the state in which its handlers leave it. */
struct call {
	unsigned state, leave_in;
	unsigned pushed, turned;
};

static enum turn
on_push(struct call *c)
{
	c->pushed++;
	c->state = c->leave_in;
	return TURN_GO_ON;
}

static enum turn
on_key(struct call *c)
{
	c->turned++;
	c->state = c->leave_in;
	return TURN_DONE;
}

static const struct step steps[] = {
	{ OPEN, PUSH, on_push, SHUT }, { SHUT | LOCKED, TURN_KEY, on_key, SHUT | LOCKED },
	{ SHUT, PUSH, on_push, OPEN }, { OPEN | SHUT, STEP_ANSWER_TO(PUSH), on_key, OPEN },
	{ SHUT, TURN_KEY, on_push, OPEN }, /* behind one that takes its event */
};

static const struct step_order order = { steps, sizeof steps / sizeof steps[0], BROKEN };

static void
step_find_gives_the_first_row_for_state_and_event(void **state)
{
	static const struct {
		unsigned state, event;
		const struct step *want;
	} rows[] = {
		{ OPEN, PUSH, &steps[0] },
		{ SHUT, PUSH, &steps[2] },
		{ SHUT, TURN_KEY, &steps[1] },
		{ LOCKED, TURN_KEY, &steps[1] },
		{ SHUT, STEP_ANSWER_TO(PUSH), &steps[3] },
		{ LOCKED, PUSH, NULL },
		{ OPEN, TURN_KEY, NULL },
		{ OPEN, KICK, NULL },
		{ LOCKED, STEP_ANSWER_TO(PUSH), NULL },
		{ OPEN, STEP_ANSWER_TO(TURN_KEY), NULL },
		{ BROKEN, PUSH, NULL },
		{ 0, PUSH, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_ptr_equal(step_find(&order, rows[i].state, rows[i].event), rows[i].want);
}

static void
step_take_runs_the_handler_of_the_row_and_no_other(void **state)
{
	struct call c = { .state = LOCKED, .leave_in = SHUT };

	(void)state;
	assert_int_equal(step_take(&order, &steps[1], &c.state, &c), TURN_DONE);
	assert_int_equal(c.turned, 1);
	assert_int_equal(c.pushed, 0);
	assert_int_equal(c.state, SHUT);
	c.leave_in = OPEN;
	assert_int_equal(step_take(&order, &steps[2], &c.state, &c), TURN_GO_ON);
	assert_int_equal(c.turned, 1);
	assert_int_equal(c.pushed, 1);
	assert_int_equal(c.state, OPEN);
}

/* In a process of its own, for it may end there. */
static bool
take_is_allowed(const struct step *step, unsigned leave_in)
{
	struct call c = { .state = SHUT, .leave_in = leave_in };
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		signal(SIGABRT, SIG_DFL);
		close(STDERR_FILENO);
		(void)step_take(&order, step, &c.state, &c);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		assert_int_equal(WTERMSIG(status), SIGABRT);
	else
		assert_int_equal(status, 0);
	return WIFEXITED(status);
}

static void
step_take_asserts_that_the_state_after_it_is_an_allowed_one(void **state)
{
	(void)state;
	assert_true(take_is_allowed(&steps[1], SHUT));
	assert_true(take_is_allowed(&steps[1], LOCKED));
	assert_true(take_is_allowed(&steps[1], BROKEN)); /* an end */
	assert_false(take_is_allowed(&steps[1], OPEN));
	assert_false(take_is_allowed(&steps[2], SHUT));
	assert_false(take_is_allowed(&steps[2], 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(step_find_gives_the_first_row_for_state_and_event),
		cmocka_unit_test(step_take_runs_the_handler_of_the_row_and_no_other),
		cmocka_unit_test(step_take_asserts_that_the_state_after_it_is_an_allowed_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
