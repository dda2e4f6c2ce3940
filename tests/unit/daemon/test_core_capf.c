#include "core_rig.h"

#include "cluster/cluster_renew.h"
#include "daemon/capf_sessions.h"
#include "daemon/core_capf.h"
#include "daemon/core_capf_attempt.h"
#include "pki/key.h"
#include "wire/capfmsg.h"

#include <stdlib.h>

#define SESSION 7

static struct answer
ask_as(struct core_rig *r, uint32_t session, struct ask ask)
{
	struct answer a;

	ask.id = 1;
	ask.session = session;
	ask.peer = span_str("192.0.2.7:50000");
	if (ask.name.n == 0)
		ask.name = span_str(RIG_PHONE);
	core_capf_ask(&r->front, &ask);
	core_rig_answer(r, &a, NULL);
	assert_int_equal(a.kind, ask.kind);
	return a;
}

static struct answer
begin(struct core_rig *r, uint32_t session)
{
	return ask_as(r, session, (struct ask){ .kind = ASK_CAPF_START });
}

/* The serial of what a key gets, new text; NULL: it was refused. */
static char *
issue(struct core_rig *r, uint32_t session, const struct privkey *key)
{
	struct answer a =
	    ask_as(r, session, (struct ask){ .kind = ASK_CAPF_ISSUE, .public_key = key_spki(key) });
	struct cert *c;
	char *pem;
	struct err e = { 0 };

	if (!a.ok)
		return NULL;
	c = cert_parse(a.certificate, &e);
	assert_ok(c != NULL, e);
	assert_ok(cert_is_issued_by(c, cluster_cert(r->core.cluster, PURPOSE_CAPF), &e), e);
	pem = cert_to_pem(c);
	cert_free(c);
	return pem;
}

static bool
end(struct core_rig *r, uint32_t session, enum ask_capf_end how)
{
	return ask_as(r, session, (struct ask){ .kind = ASK_CAPF_FINISH, .capf_end = (uint8_t)how })
	    .ok;
}

static struct privkey *
new_key(void)
{
	struct err e = { 0 };
	struct privkey *k = key_make_rsa(2048, &e);

	assert_ok(k != NULL, e);
	return k;
}

static void
core_capf_installs_and_ends_the_operation(void **state)
{
	struct core_rig *r = *state;
	struct privkey *key = new_key();
	char *lsc;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	assert_int_equal(begin(r, SESSION).capf, ANSWER_CAPF_INSTALL);
	lsc = issue(r, SESSION, key);
	assert_non_null(lsc);
	assert_string_equal(core_rig_record(r, RIG_PHONE).lsc_serial, "");
	assert_true(end(r, SESSION, CAPF_END_STORED));
	assert_string_equal(core_rig_record(r, RIG_PHONE).operation_status, "Upgrade Success");
	assert_string_not_equal(core_rig_record(r, RIG_PHONE).lsc_serial, "");
	assert_int_equal(begin(r, SESSION + 1).reason, CAPFMSG_REASON_NO_ACTION);
	free(lsc);
	key_free(key);
}

static void
core_capf_gives_a_lost_certificate_again_but_not_a_confirmed_one(void **state)
{
	struct core_rig *r = *state;
	struct privkey *key = new_key();
	char *lsc[3];

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	for (uint32_t i = 0; i < 3; i++) {
		(void)begin(r, i);
		lsc[i] = issue(r, i, key);
		assert_non_null(lsc[i]);
		if (i > 0)
			assert_true(end(r, i, CAPF_END_STORED));
		core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	}
	assert_string_equal(lsc[0], lsc[1]);
	assert_string_not_equal(lsc[1], lsc[2]);
	for (int i = 0; i < 3; i++)
		free(lsc[i]);
	key_free(key);
}

static void
core_capf_gives_no_certificate_of_an_earlier_capf_key_again(void **state)
{
	struct core_rig *r = *state;
	struct privkey *key = new_key();
	char *before, *after;
	struct err e = { 0 };

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	(void)begin(r, 1);
	before = issue(r, 1, key);
	assert_ok(cluster_renew_many(
		      r->core.cluster, &(enum purpose){ PURPOSE_CAPF }, 1, 0, core_now(), &e),
	    e);
	(void)begin(r, 2);
	after = issue(r, 2, key);
	assert_non_null(before);
	assert_non_null(after);
	assert_string_not_equal(before, after);
	free(before);
	free(after);
	key_free(key);
}

static void
core_capf_issues_nothing_without_a_session(void **state)
{
	struct core_rig *r = *state;
	struct privkey *key = new_key();

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	assert_null(issue(r, SESSION, key));
	(void)begin(r, SESSION);
	capf_sessions_drop(r->core.capf, r->front.index);
	assert_null(issue(r, SESSION, key));
	assert_false(end(r, SESSION, CAPF_END_STORED));
	assert_true(end(r, SESSION, CAPF_END_BROKEN));
	key_free(key);
}

static void
core_capf_forgets_the_session_that_a_phone_gave_up(void **state)
{
	struct core_rig *r = *state;
	struct privkey *key = new_key();
	char *lsc;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	(void)begin(r, 1);
	(void)begin(r, 2);
	assert_null(issue(r, 1, key));
	assert_true(end(r, 1, CAPF_END_BROKEN));
	lsc = issue(r, 2, key);
	assert_non_null(lsc);
	assert_true(end(r, 2, CAPF_END_STORED));
	free(lsc);
	key_free(key);
}

static void
core_capf_leaves_an_operation_that_was_set_meanwhile(void **state)
{
	struct core_rig *r = *state;
	struct privkey *key = new_key();
	char *lsc;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	(void)begin(r, SESSION);
	lsc = issue(r, SESSION, key);
	assert_non_null(lsc);
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_DELETE);
	assert_true(end(r, SESSION, CAPF_END_STORED));
	assert_int_equal(core_rig_record(r, RIG_PHONE).operation, PHONE_OPERATION_DELETE);
	assert_string_equal(core_rig_record(r, RIG_PHONE).operation_status, "Operation Pending");
	assert_string_not_equal(core_rig_record(r, RIG_PHONE).lsc_serial, "");
	free(lsc);
	key_free(key);
}

static void
core_capf_issues_nothing_when_the_operation_was_taken_back(void **state)
{
	struct core_rig *r = *state;
	struct privkey *key = new_key();
	struct err e = { 0 };
	bool found;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	(void)begin(r, 1);
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	assert_null(issue(r, 1, key));
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	(void)begin(r, 2);
	assert_ok(store_phone_remove(cluster_store(r->core.cluster), RIG_PHONE, &found, &e), e);
	assert_null(issue(r, 2, key));
	key_free(key);
}

static void
core_capf_records_what_a_deleted_phone_confirms(void **state)
{
	struct core_rig *r = *state;
	struct privkey *key = new_key();
	struct err e = { 0 };
	bool found;
	char *lsc;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	(void)begin(r, SESSION);
	lsc = issue(r, SESSION, key);
	assert_non_null(lsc);
	assert_ok(store_phone_remove(cluster_store(r->core.cluster), RIG_PHONE, &found, &e), e);
	assert_true(end(r, SESSION, CAPF_END_STORED));
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	assert_string_not_equal(core_rig_record(r, RIG_PHONE).lsc_serial, "");
	free(lsc);
	key_free(key);
}

static void
core_capf_ends_all_late_operations(void **state)
{
	struct core_rig *r = *state;
	struct err e = { 0 };

	for (char last = '0'; last <= '3'; last++) {
		char name[] = "SEP00112233445x";
		struct phone p;

		name[strlen(name) - 1] = last;
		core_rig_phone(r, name, PHONE_OPERATION_INSTALL);
		p = core_rig_record(r, name);
		p.complete_by = last == '0' ? core_now() + 60 : core_now() - 60;
		assert_ok(store_phone_put(cluster_store(r->core.cluster), &p, &e), e);
	}
	core_capf_deadlines(&r->core);
	assert_string_equal(
	    core_rig_record(r, "SEP001122334450").operation_status, "Operation Pending");
	for (char last = '1'; last <= '3'; last++) {
		char name[] = "SEP00112233445x";

		name[strlen(name) - 1] = last;
		assert_string_equal(core_rig_record(r, name).operation_status,
		    "Upgrade Failed: User Initiated Request Late/Timedout");
	}
}

static struct store_attempt
stored(struct core_rig *r)
{
	struct store_attempt a;
	struct err e = { 0 };

	assert_ok(store_attempt_get(cluster_store(r->core.cluster), RIG_PHONE, &a, &e), e);
	return a;
}

static struct store_attempt
known(struct core_rig *r)
{
	struct store_attempt a;
	struct err e = { 0 };

	assert_ok(core_capf_attempt(&r->core, RIG_PHONE, &a, &e), e);
	return a;
}

static void
core_capf_writes_how_far_a_phone_came_when_it_stays_there(void **state)
{
	struct core_rig *r = *state;
	struct err e = { 0 };

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	(void)begin(r, SESSION);
	assert_int_equal(known(r).step, STORE_CAPF_KEYGEN);
	assert_string_equal(known(r).address, "192.0.2.7:50000");
	assert_int_equal(stored(r).at, 0);
	assert_ok(core_capf_notes_write(&r->core, &e), e);
	assert_int_equal(stored(r).step, STORE_CAPF_KEYGEN);
	assert_string_equal(stored(r).address, "192.0.2.7:50000");
	assert_true(stored(r).at != 0);
	assert_int_equal(known(r).step, STORE_CAPF_KEYGEN);
}

static void
core_capf_writes_nothing_older_over_what_came_after(void **state)
{
	struct core_rig *r = *state;
	struct privkey *key = new_key();
	struct err e = { 0 };
	char *lsc;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_INSTALL);
	(void)begin(r, SESSION);
	lsc = issue(r, SESSION, key);
	assert_ok(core_capf_notes_write(&r->core, &e), e);
	assert_int_equal(stored(r).step, STORE_CAPF_STORE);
	assert_int_equal(known(r).step, STORE_CAPF_STORE);
	(void)begin(r, SESSION + 1);
	assert_int_equal(known(r).step, STORE_CAPF_KEYGEN);
	assert_true(end(r, SESSION + 1, CAPF_END_BROKEN));
	assert_int_equal(stored(r).step, STORE_CAPF_KEYGEN);
	assert_int_equal(stored(r).broken, 1);
	free(lsc);
	key_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CORE(core_capf_installs_and_ends_the_operation),
		WITH_CORE(core_capf_gives_a_lost_certificate_again_but_not_a_confirmed_one),
		WITH_CORE(core_capf_gives_no_certificate_of_an_earlier_capf_key_again),
		WITH_CORE(core_capf_issues_nothing_without_a_session),
		WITH_CORE(core_capf_forgets_the_session_that_a_phone_gave_up),
		WITH_CORE(core_capf_leaves_an_operation_that_was_set_meanwhile),
		WITH_CORE(core_capf_issues_nothing_when_the_operation_was_taken_back),
		WITH_CORE(core_capf_records_what_a_deleted_phone_confirms),
		WITH_CORE(core_capf_ends_all_late_operations),
		WITH_CORE(core_capf_writes_how_far_a_phone_came_when_it_stays_there),
		WITH_CORE(core_capf_writes_nothing_older_over_what_came_after),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
