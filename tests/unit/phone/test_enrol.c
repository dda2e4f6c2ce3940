#include "rig.h"

static void
boot_enrols_a_first_lsc(void **state)
{
	struct rig *f = *state;

	rig_settle(f);
	rig_serve_capf(f, 2);
	assert_true(rig_boot(f));
	assert_true(f->lsc);
	assert_says(f, "RCAPF_START_MODE: Start CAPF - mode:[1]([NULL_STR]), reason:[1]([AUTO])");
	assert_says(f, "] LSC: Installed");
	assert_int_equal(f->world.last_port, 3804);
}

static void
boot_refuses_an_lsc_that_is_not_its_own(void **state)
{
	struct rig *f = *state;
	struct world_server *s;

	rig_settle(f);
	s = rig_serve_capf(f, 2);
	s->issued_for = "SEP001122334456";
	assert_true(rig_boot(f));
	assert_false(f->lsc);
	assert_says(f, "for another device");
	assert_says(f, "] LSC: Failed");
	s->issued_for = RIG_NAME;
	s->key = &f->who[CAPF];
	s->id = &f->who[APP]; /* not the CAPF of the ITL */
	assert_true(rig_boot(f));
	assert_false(f->lsc);
	assert_says(f, "] LSC: Connection failed");
}

static void
boot_tries_capf_four_times_when_nobody_is_there(void **state)
{
	struct rig *f = *state;

	rig_settle(f);
	rig_serve_capf(f, 2)->id = NULL;
	assert_true(rig_boot(f));
	assert_int_equal(f->world.waited, 90);
	assert_says(f, "] LSC: Connection failed");
}

static void
boot_calls_no_capf_server_without_a_record_of_one(void **state)
{
	struct rig *f = *state;
	struct list_entry entries[] = { { FUNCTION_SAST, &f->who[SAST_I], false, false },
		{ FUNCTION_TFTP, &f->who[TFTP], false, false } };
	struct world_server *s;

	world_file(&f->world, "ITLFile.tlv", list_make("ITLFile.tlv", &f->who[SAST_I], entries, 2));
	s = rig_serve_capf(f, 2);
	assert_true(rig_boot(f));
	assert_says(f, "] No valid CAPF server");
	assert_int_equal(s->calls, 0);
}

static void
boot_types_the_authentication_string(void **state)
{
	struct rig *f = *state;
	struct world_server *s;

	rig_settle(f);
	s = rig_serve_capf(f, 1);
	s->password = "123456";
	assert_true(rig_boot(f));
	assert_int_equal(s->calls, 0);
	f->options.auth_string = "999999";
	assert_true(rig_boot(f));
	assert_false(f->lsc);
	assert_says(f, "] LSC: Failed");
	f->options.auth_string = "123456";
	assert_true(rig_boot(f));
	assert_true(f->lsc);
}

static void
boot_takes_a_refusal_for_nothing_to_do_once_it_has_its_lsc(void **state)
{
	struct rig *f = *state;
	struct world_server *s;

	rig_settle(f);
	s = rig_serve_capf(f, 2);
	assert_true(rig_boot(f));
	s->end = 7;
	assert_true(rig_boot(f));
	assert_true(f->lsc);
	assert_silent(f, "LSC: Failed");
	s->end = 9;
	assert_true(rig_boot(f));
	assert_says(f, "] LSC: Failed");
}

static void
boot_finds_the_new_key_after_a_power_cut(void **state)
{
	struct rig *f = *state;
	struct flash flash;
	struct err e = { 0 };

	rig_settle(f);
	rig_serve_capf(f, 2);
	assert_true(rig_boot(f));
	rig_serve_config(f, TFTP, RIG_CONFIG);
	assert_ok(flash_open(&flash, f->folder, &e), e);
	assert_ok(flash_rename(&flash, "LSC.key", "LSC.key.next", &e), e);
	assert_true(rig_boot(f));
	assert_true(f->lsc);
	assert_ok(flash_remove(&flash, "LSC.key", NULL, &e), e);
	assert_true(rig_boot(f));
	assert_false(f->lsc);
	assert_says(f, "no key that fits");
	flash_close(&flash);
}

static void
https_is_answered_by_tvs_once_a_day(void **state)
{
	struct rig *f = *state;
	struct world_server *s;

	rig_settle(f);
	s = rig_tvs(f, "tvs1", true);
	world_server(&f->world, "web", &f->who[APP]);
	assert_true(rig_opens(f, "web"));
	assert_says(f, "Authenticated the HTTPS conn via TVS");
	assert_int_equal(s->calls, 1);
	f->world.now += 86399;
	assert_true(rig_opens(f, "web"));
	assert_int_equal(s->calls, 1);
	f->world.now += 1;
	assert_true(rig_opens(f, "web"));
	assert_int_equal(s->calls, 2);
	/* A reset forgets. */
	assert_true(rig_boot(f));
	assert_true(rig_opens(f, "web"));
	assert_int_equal(s->calls, 3);
}

static void
https_is_refused_when_tvs_says_no_or_cannot_be_asked(void **state)
{
	struct rig *f = *state;
	struct world_server *s;

	rig_settle(f);
	world_server(&f->world, "web", &f->who[APP]);
	assert_false(rig_opens(f, "web"));
	assert_says(f, "] Host Not Found");
	s = rig_tvs(f, "tvs1", false);
	assert_false(rig_opens(f, "web"));
	assert_int_equal(s->calls, 1);
	s->valid = true;
	s->id = &f->who[STRANGER];
	assert_false(rig_opens(f, "web"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		rig_test(boot_enrols_a_first_lsc),
		rig_test(boot_refuses_an_lsc_that_is_not_its_own),
		rig_test(boot_tries_capf_four_times_when_nobody_is_there),
		rig_test(boot_calls_no_capf_server_without_a_record_of_one),
		rig_test(boot_types_the_authentication_string),
		rig_test(boot_takes_a_refusal_for_nothing_to_do_once_it_has_its_lsc),
		rig_test(boot_finds_the_new_key_after_a_power_cut),
		rig_test(https_is_answered_by_tvs_once_a_day),
		rig_test(https_is_refused_when_tvs_says_no_or_cannot_be_asked),
	};

	return cmocka_run_group_tests(tests, rig_setup_group, rig_teardown_group);
}
