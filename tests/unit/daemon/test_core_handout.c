#include "core_rig.h"

#include "daemon/core_files.h"
#include "rules/belief.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define LIST   "ITL" RIG_PHONE ".tlv"
#define CONFIG RIG_PHONE ".cnf.xml.sgn"
#define HOME   "192.0.2.7:50000"
#define AWAY   "192.0.2.8:50000"

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

/* Of everything that signs lists or vouches for who does: nobody takes the next list by himself. */
static void
regenerate(struct core_rig *r)
{
	struct err e = { 0 };
	json_t *got = core_rig_command(r, "cert/regenerate",
	    json_pack("{s:[s, s, s]}", "purposes", "callmanager", "itlrecovery", "tvs"), &e);

	assert_ok(got != NULL, e);
	json_decref(got);
}

/* How many lists the phone may hold. */
static size_t
possible(struct core_rig *r)
{
	struct err e = { 0 };
	char *lists = store_belief_lists(cluster_store(r->core.cluster), RIG_PHONE, &e);
	size_t n = 0;

	assert_ok(lists != NULL, e);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CORE(a_whole_boot_with_a_bridge_proves_it),
		WITH_CORE(a_configuration_read_elsewhere_proves_nothing),
		WITH_CORE(a_bridge_is_not_proven_when_another_list_was_handed_out_after_it),
		WITH_CORE(strangers_who_fetch_the_same_bridge_do_not_keep_it_from_being_proven),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
