#include "core_rig.h"

#include "daemon/core_batch.h"
#include "daemon/core_capf.h"
#include "store/store_sqlite.h"

#include <event2/event.h>
#include <sqlite3.h>
#include <stdlib.h>

static unsigned answered, failed;
static int64_t synchronous; /* of the transaction that the last answer is in: 1 NORMAL, 2 FULL */

static bool
read_synchronous(struct store *s, void *arg, struct err *e)
{
	(void)arg;
	return store_number(s, "PRAGMA synchronous", &synchronous, e);
}

static void
answer(struct core_front *from, const struct ask *ask, const struct fname *name)
{
	struct err e = { 0 };

	(void)name;
	answered++;
	assert_ok(read_synchronous(cluster_store(from->core->cluster), NULL, &e), e);
	core_capf_ask(from, ask);
}

static void
refuse(struct core_front *from, const struct ask *ask, const struct err *e)
{
	failed++;
	core_capf_fail(from, ask, e);
}

static bool
may_be_lost(const struct ask *ask)
{
	return ask->kind == ASK_CAPF_FINISH;
}

static int
setup(void **state)
{
	static const struct core_batch_calls calls = { may_be_lost, answer, refuse };
	struct core_rig *r;

	if (core_rig_setup(state) != 0)
		return -1;
	r = *state;
	r->core.batch = core_batch_new(&r->core, &calls);
	answered = failed = 0;
	return r->core.batch != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	struct core_rig *r = *state;

	core_batch_free(r->core.batch);
	return core_rig_teardown(state);
}

static void
add(struct core_rig *r, enum ask_kind kind, uint32_t id, const char *name)
{
	const struct ask ask = { .kind = kind,
		.id = id,
		.peer = span_str("192.0.2.9:40000"),
		.name = span_str(name),
		.session = id };
	struct wr w = wr_new(ASK_MESSAGE_MAX);
	struct err e = { 0 };

	assert_ok(ask_encode(&ask, &w, &e), e);
	core_batch_add(r->core.batch, &r->front, wr_view(&w), NULL);
	wr_free(&w);
}

static void
add_start(struct core_rig *r, uint32_t id, const char *name)
{
	add(r, ASK_CAPF_START, id, name);
}

static void
turn(struct core_rig *r)
{
	event_base_loop(r->core.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
}

static void
batch_answers_every_question_of_a_turn_in_order(void **state)
{
	struct core_rig *r = *state;
	struct answer a;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	add_start(r, 1, RIG_PHONE);
	add_start(r, 2, "SEP00AA00AA00AA");
	assert_int_equal(answered, 0);
	turn(r);
	assert_int_equal(answered, 2);
	core_rig_answer(r, &a, NULL);
	assert_int_equal(a.id, 1);
	assert_int_equal(a.capf, ANSWER_CAPF_INSTALL);
	core_rig_answer(r, &a, NULL);
	assert_int_equal(a.id, 2);
	assert_int_equal(a.reason, 9);
}

static void
batch_forgets_the_questions_of_a_front_that_is_gone(void **state)
{
	struct core_rig *r = *state;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	add_start(r, 1, RIG_PHONE);
	core_batch_drop(r->core.batch, &r->front);
	turn(r);
	assert_int_equal(answered + failed, 0);
}

static void
batch_of_the_largest_size_does_not_wait_for_the_turn(void **state)
{
	struct core_rig *r = *state;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	for (uint32_t i = 0; answered == 0 && i < 10000; i++)
		add_start(r, i + 1, RIG_PHONE);
	assert_true(answered > 1);
}

static void
batch_of_nothing_but_confirmations_does_not_wait_for_the_disk(void **state)
{
	struct core_rig *r = *state;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	add(r, ASK_CAPF_FINISH, 1, RIG_PHONE);
	turn(r);
	assert_int_equal(synchronous, 1);
	add(r, ASK_CAPF_FINISH, 2, RIG_PHONE);
	add_start(r, 3, RIG_PHONE);
	turn(r);
	assert_int_equal(synchronous, 2);
	add(r, ASK_CAPF_FINISH, 4, RIG_PHONE);
	turn(r);
	assert_int_equal(synchronous, 1);
	assert_int_equal(answered, 4);
	assert_true(store_change(cluster_store(r->core.cluster), read_synchronous, NULL, NULL));
	assert_int_equal(synchronous, 2);
}

/* Another program holds the database: the transaction cannot begin. */
static void
batch_refuses_every_phone_when_nothing_can_be_stored(void **state)
{
	struct core_rig *r = *state;
	char path[1100];
	struct answer a;
	sqlite3 *other;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	snprintf(path, sizeof path, "%s/sealtone.db", r->path);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	add_start(r, 1, RIG_PHONE);
	add_start(r, 2, RIG_PHONE);
	turn(r);
	assert_int_equal(answered, 0);
	assert_int_equal(failed, 2);
	core_rig_answer(r, &a, NULL);
	assert_false(a.ok);
	sqlite3_close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    batch_answers_every_question_of_a_turn_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    batch_forgets_the_questions_of_a_front_that_is_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    batch_of_the_largest_size_does_not_wait_for_the_turn, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    batch_of_nothing_but_confirmations_does_not_wait_for_the_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    batch_refuses_every_phone_when_nothing_can_be_stored, setup, teardown),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
