#include "rig.h"

static void
boot_of_a_new_phone_takes_the_list_and_a_signed_configuration(void **state)
{
	struct rig *f = *state;
	struct bytes itl;

	rig_serve_itl(f, SAST_I, false);
	rig_serve_config(f, TFTP, RIG_CONFIG);
	assert_true(rig_boot(f));
	assert_string_equal(f->world.asked,
	    "http:CTL" RIG_NAME ".tlv http:CTLFile.tlv http:ITL" RIG_NAME ".tlv http:" RIG_NAME
	    ".cnf.xml.sgn ");
	assert_says(f, "] File Not Found <CTLFile.tlv>");
	assert_says(f, "] Trust List Updated");
	assert_says(f, "SECUREAPP-TL file updated.");
	assert_says(f, "] " RIG_NAME ".cnf.xml.sgn(HTTP)");
	itl = rig_kept(f, "ITLFile.tlv");
	assert_true(itl.n > 0);
	bytes_free(&itl);
	assert_kept(f, RIG_NAME ".cnf.xml", span_str(RIG_CONFIG));
	/* The second time nothing is new. */
	assert_true(rig_boot(f));
	assert_silent(f, "Trust List Updated");
}

static void
boot_of_a_phone_without_lists_takes_a_plain_configuration(void **state)
{
	struct rig *f = *state;

	rig_serve_plain(f, RIG_CONFIG);
	assert_true(rig_boot(f));
	assert_string_equal(f->world.asked,
	    "http:CTL" RIG_NAME ".tlv http:CTLFile.tlv http:ITL" RIG_NAME
	    ".tlv http:ITLFile.tlv http:" RIG_NAME ".cnf.xml ");
	assert_says(f, "] No Trust List Installed");
	assert_says(f, "] " RIG_NAME ".cnf.xml(HTTP)");
}

static void
boot_with_an_empty_itl_takes_either_form(void **state)
{
	struct rig *f = *state;

	rig_serve_itl(f, SAST_I, true);
	rig_serve_plain(f, RIG_CONFIG);
	assert_true(rig_boot(f));
	world_file_remove(&f->world, RIG_NAME ".cnf.xml");
	rig_serve_config(f, STRANGER, RIG_CONFIG);
	assert_true(rig_boot(f));
	/* And whoever's list comes next binds it. */
	rig_serve_itl(f, STRANGER, false);
	rig_serve_config(f, TFTP, RIG_CONFIG);
	assert_true(rig_boot(f));
}

static void
boot_with_a_list_takes_no_plain_configuration(void **state)
{
	struct rig *f = *state;

	rig_settle(f);
	world_file_remove(&f->world, RIG_NAME ".cnf.xml.sgn");
	rig_serve_plain(f, "<device/>");
	assert_false(rig_boot(f));
	assert_kept(f, RIG_NAME ".cnf.xml", span_str(RIG_CONFIG));
}

static void
boot_refuses_a_list_with_a_flipped_byte_and_keeps_the_old_one(void **state)
{
	struct rig *f = *state;
	struct bytes before;

	rig_settle(f);
	before = rig_kept(f, "ITLFile.tlv");
	for (size_t i = 0; i < f->world.file_count; i++)
		if (strncmp(f->world.files[i].name, "ITL", 3) == 0)
			f->world.files[i].body.p[f->world.files[i].body.n - 1] ^= 1;
	assert_false(rig_boot(f));
	assert_says(f, "] Trust List Update Failed");
	assert_silent(f, "TVS Query");
	assert_kept(f, "ITLFile.tlv", bytes_span(&before));
	/* The configuration is still verified by the list that is held. */
	assert_says(f, "] " RIG_NAME ".cnf.xml.sgn(HTTP)");
	bytes_free(&before);
}

static void
boot_refuses_a_configuration_signed_by_a_stranger(void **state)
{
	struct rig *f = *state;

	rig_settle(f);
	rig_serve_config(f, STRANGER, "<device/>");
	rig_tvs(f, "tvs1", false);
	assert_false(rig_boot(f));
	assert_says(f, "EROR:verifyFile: sgn verify file failed </usr/ram/" RIG_NAME
		       ".cnf.xml>, errclass 8, errcode 19 (signer not in CTL)");
	assert_says(f, "TVS does not trust the signer");
	assert_kept(f, RIG_NAME ".cnf.xml", span_str(RIG_CONFIG));
}

static void
boot_warns_of_a_configuration_signed_under_another_name(void **state)
{
	struct rig *f = *state;

	rig_settle(f);
	world_file(&f->world, RIG_NAME ".cnf.xml.sgn",
	    file_make("SEP0000000000AA.cnf.xml.sgn", &f->who[TFTP], span_str(RIG_CONFIG)));
	assert_true(rig_boot(f));
	assert_says(f, "file name element is 'SEP0000000000AA.cnf.xml.sgn', asked for was " RIG_NAME
		       ".cnf.xml.sgn");
}

static void
boot_lets_tvs_vouch_for_a_new_signer_and_asks_once(void **state)
{
	struct rig *f = *state;
	struct world_server *s;

	rig_settle(f);
	rig_serve_itl(f, STRANGER, false);
	rig_serve_config(f, STRANGER, RIG_CONFIG);
	s = rig_tvs(f, "tvs1", true);
	assert_true(rig_boot(f));
	assert_says(f, "SECUREAPP-TVS added cert to TVS cache - expires in 24 hours");
	assert_int_equal(s->calls, 1);
	assert_int_equal(f->world.last_port, 2445);
}

static void
boot_goes_to_the_next_tvs_server_only_when_one_is_not_reached_or_not_known(void **state)
{
	struct rig *f = *state;
	struct world_server *second, *third;

	rig_settle(f);
	rig_serve_itl(f, STRANGER, false);
	second = rig_tvs(f, "tvs2", true);
	second->id = &f->who[APP];
	third = rig_tvs(f, "tvs3", true);
	assert_true(rig_boot(f));
	assert_int_equal(second->calls, 1);
	assert_int_equal(third->calls, 1);
	assert_int_equal(f->world.last_port, 9);
	/* "Not trusted" ends the search. */
	rig_serve_itl(f, APP, false);
	second->id = &f->who[TVS];
	second->valid = false;
	assert_false(rig_boot(f));
	assert_int_equal(second->calls, 2);
	assert_int_equal(third->calls, 1);
}

static void
boot_refuses_a_new_signer_when_tvs_is_unreachable(void **state)
{
	struct rig *f = *state;

	rig_settle(f);
	rig_serve_itl(f, STRANGER, false);
	assert_false(rig_boot(f));
	assert_says(f, "no TVS server of 3 could be asked");
	assert_says(f, "] Trust List Update Failed");
}

static void
boot_takes_a_first_ctl_from_the_signer_of_the_itl(void **state)
{
	struct rig *f = *state;

	rig_settle(f);
	rig_serve_ctl(f, SAST_I);
	rig_serve_config(f, CCM, RIG_CONFIG);
	assert_true(rig_boot(f));
	assert_says(f, "Completed TVS Certificate cache flush request");
	/* From now on the CTL's signer may bring a new ITL. */
	rig_serve_itl(f, CCM, false);
	assert_true(rig_boot(f));
	/* A stranger may not bring a CTL. */
	rig_serve_ctl(f, STRANGER);
	rig_tvs(f, "tvs1", false);
	assert_false(rig_boot(f));
}

static void
boot_with_a_ctl_only_refuses_an_unknown_itl(void **state)
{
	struct rig *f = *state;

	rig_serve_ctl(f, SAST_C);
	rig_serve_config(f, CCM, RIG_CONFIG);
	assert_true(rig_boot(f));
	rig_serve_itl(f, STRANGER, false);
	rig_tvs(f, "tvs1", true);
	assert_false(rig_boot(f));
	assert_says(f, "no TVS record");
}

static void
boot_keeps_everything_when_the_server_is_silent(void **state)
{
	struct rig *f = *state;

	rig_settle(f);
	f->world.silent = true;
	assert_false(rig_boot(f));
	assert_kept(f, RIG_NAME ".cnf.xml", span_str(RIG_CONFIG));
	assert_string_equal(f->world.asked, "http:CTL" RIG_NAME ".tlv CTL" RIG_NAME
					    ".tlv ITL" RIG_NAME ".tlv " RIG_NAME ".cnf.xml.sgn ");
}

static void
boot_counts_damaged_files_of_its_own_as_absent(void **state)
{
	struct rig *f = *state;
	struct flash flash;
	struct err e = { 0 };

	rig_settle(f);
	assert_ok(flash_open(&flash, f->folder, &e), e);
	assert_ok(flash_write(&flash, "ITLFile.tlv", span_str("garbage"), &e), e);
	assert_ok(flash_write(&flash, "LSC.pem", span_str("garbage"), &e), e);
	assert_ok(flash_write(&flash, "tvs-cache.txt", span_str("garbage"), &e), e);
	flash_close(&flash);
	assert_true(rig_boot(f));
	assert_says(f, "ITLFile.tlv is damaged and counts as absent");
	assert_says(f, "LSC.pem is damaged");
	assert_says(f, "tvs-cache.txt is damaged");
	assert_says(f, "] Trust List Updated");
}

static void
boot_refuses_a_configuration_that_is_not_one(void **state)
{
	static const char *const bad[] = { "", "<device>", "<!DOCTYPE device><device/>",
		"<device><capfAuthMode>9</capfAuthMode></device>" };
	struct rig *f = *state;

	rig_settle(f);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		rig_serve_config(f, TFTP, bad[i]);
		assert_false(rig_boot(f));
		assert_kept(f, RIG_NAME ".cnf.xml", span_str(RIG_CONFIG));
	}
}

static void
boot_speaks_the_older_console_for_older_models(void **state)
{
	struct rig *f = *state;

	f->options.model = "7965";
	rig_settle(f);
	assert_says(f, " NOT ");
	assert_says(f, "SECD: tlRequestFile: Request CTL" RIG_NAME ".tlv\n");
	assert_says(f, "SECD: validate_file_envelope: File sign verify SUCCESS; header length <");
	assert_says(f, "SECD: verifyFile: verify SUCCESS </usr/ram/" RIG_NAME ".cnf.xml>\n");
	assert_silent(f, "SECUREAPP");
}

static void
erasing_the_lists_lets_a_phone_take_the_next_one(void **state)
{
	struct rig *f = *state;
	struct handset h;
	struct err e = { 0 };

	rig_settle(f);
	rig_serve_itl(f, STRANGER, false);
	assert_false(rig_boot(f));
	assert_ok(phone_open(&h, &f->options, &f->io, f->folder, NULL, &e), e);
	assert_ok(phone_erase_lists(&h, &e), e);
	phone_close(&h);
	assert_true(rig_boot(f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		rig_test(boot_of_a_new_phone_takes_the_list_and_a_signed_configuration),
		rig_test(boot_of_a_phone_without_lists_takes_a_plain_configuration),
		rig_test(boot_with_an_empty_itl_takes_either_form),
		rig_test(boot_with_a_list_takes_no_plain_configuration),
		rig_test(boot_refuses_a_list_with_a_flipped_byte_and_keeps_the_old_one),
		rig_test(boot_refuses_a_configuration_signed_by_a_stranger),
		rig_test(boot_warns_of_a_configuration_signed_under_another_name),
		rig_test(boot_lets_tvs_vouch_for_a_new_signer_and_asks_once),
		rig_test(
		    boot_goes_to_the_next_tvs_server_only_when_one_is_not_reached_or_not_known),
		rig_test(boot_refuses_a_new_signer_when_tvs_is_unreachable),
		rig_test(boot_takes_a_first_ctl_from_the_signer_of_the_itl),
		rig_test(boot_with_a_ctl_only_refuses_an_unknown_itl),
		rig_test(boot_keeps_everything_when_the_server_is_silent),
		rig_test(boot_counts_damaged_files_of_its_own_as_absent),
		rig_test(boot_refuses_a_configuration_that_is_not_one),
		rig_test(boot_speaks_the_older_console_for_older_models),
		rig_test(erasing_the_lists_lets_a_phone_take_the_next_one),
	};

	return cmocka_run_group_tests(tests, rig_setup_group, rig_teardown_group);
}
