#include "core_rig.h"

#include "daemon/core_files.h"
#include "daemon/core_handout.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define LIST   "ITL" RIG_PHONE ".tlv"
#define CONFIG RIG_PHONE ".cnf.xml.sgn"
#define HOME   "192.0.2.7:50000"
#define AWAY   "192.0.2.8:50000"
#define LATER  3600 /* seconds: no session lasts as long before it is let in */

/* --- what a test does --- */

static void
fetch(struct core_rig *r, const char *name, const char *peer)
{
	const struct ask q = { .kind = ASK_FILE,
		.id = 1,
		.peer = span_str(peer),
		.name = span_str(name),
		.via = ASK_VIA_TFTP };
	struct answer a;

	core_files_ask(&r->front, &q, (struct span){ 0 });
	core_rig_answer(r, &a, NULL);
	assert_true(a.ok);
}

static void
renew(struct core_rig *r, json_t *purposes)
{
	struct err e = { 0 };
	json_t *got =
	    core_rig_command(r, "cert/regenerate", json_pack("{s:o}", "purposes", purposes), &e);

	assert_ok(got != NULL, e);
	json_decref(got);
}

/* Everything that signs lists or vouches for who does: nobody takes the next list by himself. */
static void
regenerate(struct core_rig *r)
{
	renew(r, json_pack("[s, s, s]", "callmanager", "itlrecovery", "tvs"));
}

/* The phone is let in at CAPF by its certificate, so many seconds from now. */
static void
meet(struct core_rig *r, time_t later)
{
	struct err e = { 0 };

	assert_ok(core_handout_met(r->core.handouts, RIG_PHONE, core_now() + later, &e), e);
}

static char *
lists_of(struct core_rig *r)
{
	struct err e = { 0 };
	char *lists = store_belief_lists(cluster_store(r->core.cluster), RIG_PHONE, &e);

	assert_ok(lists != NULL, e);
	return lists;
}

/* The one list that the phone may hold. */
static int64_t
only(struct core_rig *r)
{
	char *lists = lists_of(r);
	int64_t id = strtoll(lists, NULL, 10);

	free(lists);
	return id;
}

/* How many lists the phone may hold. */
static size_t
possible(struct core_rig *r)
{
	char *lists = lists_of(r);
	size_t n = 0;

	for (const char *at = lists; *at != '\0'; at++)
		n += *at == ',';
	n += lists[0] != '\0';
	free(lists);
	return n;
}

/* A phone with a list that is now two changes old, and may hold that one only. */
static void
begin(struct core_rig *r)
{
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	core_rig_put(r, RIG_PHONE ".cnf.xml", span_str("<device/>"));
	fetch(r, LIST, HOME);
	regenerate(r);
	assert_int_equal(possible(r), 1);
}

/* --- the tests --- */

static void
a_whole_boot_with_a_bridge_proves_it(void **state)
{
	struct core_rig *r = *state;

	begin(r);
	fetch(r, LIST, HOME);
	fetch(r, CONFIG, HOME);
	assert_int_equal(possible(r), 2);
	fetch(r, LIST, HOME);
	assert_int_equal(possible(r), 2); /* the bridge, and what it is handed now */
	fetch(r, CONFIG, HOME);
	fetch(r, LIST, HOME);
	assert_int_equal(possible(r), 2); /* no bridge, no proof */
}

static void
a_configuration_read_elsewhere_proves_nothing(void **state)
{
	struct core_rig *r = *state;

	begin(r);
	fetch(r, LIST, HOME);
	fetch(r, CONFIG, AWAY);
	fetch(r, LIST, HOME);
	regenerate(r);
	fetch(r, LIST, HOME);
	assert_int_equal(possible(r), 3);
}

/* It may have taken that one since, at another address. */
static void
a_bridge_is_not_proven_when_another_list_was_handed_out_after_it(void **state)
{
	struct core_rig *r = *state;

	begin(r);
	fetch(r, LIST, HOME);
	fetch(r, CONFIG, HOME);
	regenerate(r);
	fetch(r, LIST, AWAY);
	assert_int_equal(possible(r), 3);
	fetch(r, LIST, HOME);
	assert_int_equal(possible(r), 3);
}

static void
strangers_who_fetch_the_same_bridge_do_not_keep_it_from_being_proven(void **state)
{
	struct core_rig *r = *state;

	begin(r);
	fetch(r, LIST, HOME);
	fetch(r, CONFIG, HOME);
	fetch(r, LIST, AWAY);
	fetch(r, LIST, HOME);
	fetch(r, CONFIG, HOME);
	regenerate(r);
	fetch(r, LIST, HOME);
	assert_int_equal(possible(r), 3); /* the bridge, the list after it, and the new bridge */
}

static void
a_phone_that_trusts_capf_holds_no_list_without_its_certificate(void **state)
{
	struct core_rig *r = *state;
	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	fetch(r, LIST, HOME);
	renew(r, json_pack("[s]", "capf"));
	fetch(r, LIST, HOME);
	assert_int_equal(possible(r), 2);
	meet(r, 0); /* it may have begun before CAPF had this one */
	assert_int_equal(possible(r), 2);
	meet(r, LATER);
	assert_int_equal(possible(r), 1);
	assert_true(cluster_list_is_current(r->core.cluster, STORE_LIST_ITL, only(r)));
}

static void
what_every_list_names_rules_none_out(void **state)
{
	struct core_rig *r = *state;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	fetch(r, LIST, HOME);
	renew(r, json_pack("[s]", "tvs"));
	fetch(r, LIST, HOME);
	meet(r, LATER);
	assert_int_equal(possible(r), 2);
}

/* As with a list that nobody told of. */
static void
a_phone_that_trusts_capf_by_none_of_its_lists_keeps_them_all(void **state)
{
	struct core_rig *r = *state;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	fetch(r, LIST, HOME);
	renew(r, json_pack("[s]", "capf"));
	meet(r, LATER);
	assert_int_equal(possible(r), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CORE(a_whole_boot_with_a_bridge_proves_it),
		WITH_CORE(a_configuration_read_elsewhere_proves_nothing),
		WITH_CORE(a_bridge_is_not_proven_when_another_list_was_handed_out_after_it),
		WITH_CORE(strangers_who_fetch_the_same_bridge_do_not_keep_it_from_being_proven),
		WITH_CORE(a_phone_that_trusts_capf_holds_no_list_without_its_certificate),
		WITH_CORE(what_every_list_names_rules_none_out),
		WITH_CORE(a_phone_that_trusts_capf_by_none_of_its_lists_keeps_them_all),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
