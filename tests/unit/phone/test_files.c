/* Which files a phone asks for, over what, and what it does with encrypted ones. */
#include "rig.h"

#include <stdlib.h>

#define OWN RIG_NAME ".cnf.xml"

/* Puts a pair of files into the phone's folder. */
static void
give_mic(struct rig *f, enum rig_who who)
{
	struct flash flash;
	struct bytes key = { 0 };
	char *pem = cert_to_pem(f->who[who].cert);
	struct err e = { 0 };

	assert_ok(flash_open(&flash, f->folder, &e), e);
	assert_ok(key_to_pem(f->who[who].key, &key, &e), e);
	assert_ok(flash_write(&flash, "MIC.pem", span_str(pem), &e), e);
	assert_ok(flash_write(&flash, "MIC.key", bytes_span(&key), &e), e);
	flash_close(&flash);
	bytes_wipe(&key);
	free(pem);
}

/* --- over what --- */

static void
boot_of_a_newer_model_falls_back_to_tftp_and_stays_there(void **state)
{
	struct rig *f = *state;

	f->world.http = false;
	rig_settle(f);
	assert_string_equal(f->world.asked, "http:CTL" RIG_NAME ".tlv CTL" RIG_NAME
					    ".tlv CTLFile.tlv ITL" RIG_NAME ".tlv " OWN ".sgn ");
	assert_says(f, "HTTP: falling back to TFTP");
	assert_says(f, "] " OWN ".sgn(TFTP)");
}

static void
boot_of_an_older_model_asks_over_tftp_alone(void **state)
{
	struct rig *f = *state;

	f->options.model = "7965";
	f->world.https = &f->who[FILES];
	rig_serve_itl_https(f);
	rig_serve_config(f, TFTP, RIG_CONFIG);
	assert_true(rig_boot(f));
	assert_null(strstr(f->world.asked, "http"));
	assert_says(f, "] " OWN ".sgn(TFTP)");
}

static void
boot_fetches_the_configuration_by_https_when_the_list_says_so(void **state)
{
	struct rig *f = *state;

	f->world.https = &f->who[FILES];
	rig_serve_itl_https(f);
	rig_serve_config(f, TFTP, RIG_CONFIG);
	assert_true(rig_boot(f));
	assert_string_equal(f->world.asked,
	    "http:CTL" RIG_NAME ".tlv http:CTLFile.tlv http:ITL" RIG_NAME ".tlv https:" OWN
	    ".sgn ");
	assert_says(f, "the certificate is in the ITL");
	assert_says(f, "] " OWN ".sgn(HTTPS)");
	assert_kept(f, OWN, span_str(RIG_CONFIG));
	/* A list that does not say so ends it. */
	rig_serve_itl(f, SAST_I, false);
	assert_true(rig_boot(f));
	assert_null(strstr(f->world.asked, "https:"));
}

static void
boot_falls_back_from_https_to_what_is_signed(void **state)
{
	struct rig *f = *state;

	rig_serve_itl_https(f);
	rig_serve_config(f, TFTP, RIG_CONFIG);
	assert_true(rig_boot(f));
	assert_says(f, "HTTPS: falling back to HTTP");
	assert_says(f, "] " OWN ".sgn(HTTP)");
	/* Somebody else on that port, whom nobody vouches for. */
	f->world.https = &f->who[APP];
	rig_tvs(f, "tvs1", false);
	assert_true(rig_boot(f));
	assert_says(f, "the server's certificate: TVS does not trust the certificate");
	assert_says(f, "] " OWN ".sgn(HTTP)");
}

static void
boot_lets_tvs_vouch_for_the_https_server(void **state)
{
	struct rig *f = *state;
	struct world_server *tvs;

	rig_serve_itl_https(f);
	rig_serve_config(f, TFTP, RIG_CONFIG);
	assert_true(rig_boot(f));
	f->world.https = &f->who[STRANGER];
	tvs = rig_tvs(f, "tvs1", true);
	assert_true(rig_boot(f));
	assert_int_equal(tvs->calls, 1);
	assert_says(f, "] " OWN ".sgn(HTTPS)");
}

/* A SAST record is no file server's. */
static void
boot_takes_no_https_server_by_a_record_of_another_role(void **state)
{
	struct rig *f = *state;

	rig_serve_itl_https(f);
	rig_serve_config(f, TFTP, RIG_CONFIG);
	f->world.https = &f->who[SAST_I];
	assert_true(rig_boot(f));
	assert_says(f, "] " OWN ".sgn(HTTP)");
}

/* --- which --- */

static void
boot_takes_the_default_configuration_when_it_has_none_of_its_own(void **state)
{
	struct rig *f = *state;
	struct bytes gone;

	rig_serve_itl(f, SAST_I, false);
	world_file(&f->world, "XMLDefault.cnf.xml.sgn",
	    file_make("XMLDefault.cnf.xml.sgn", &f->who[TFTP],
		span_str("<Default><TVS><members><member><address>tvs9</address></member>"
			 "</members></TVS></Default>")));
	assert_true(rig_boot(f));
	assert_says(f, "] File Not Found <" OWN ".sgn>");
	assert_says(f, "] XMLDefault.cnf.xml.sgn(HTTP)");
	/* Its own replaces it, and goes when only the default is left. */
	rig_serve_config(f, TFTP, RIG_CONFIG);
	assert_true(rig_boot(f));
	assert_kept(f, OWN, span_str(RIG_CONFIG));
	world_file_remove(&f->world, OWN ".sgn");
	assert_true(rig_boot(f));
	gone = rig_kept(f, OWN);
	assert_int_equal(gone.n, 0);
}

static void
boot_fetches_what_the_configuration_names_when_told_so(void **state)
{
	static const char xml[] = "<device><sipProfile><dialTemplate>dialplan.xml</dialTemplate>"
				  "<softKeyFile>SK1.xml</softKeyFile></sipProfile>"
				  "<featurePolicyFile>no such file</featurePolicyFile>"
				  "<userLocale><name>English_United_States</name></userLocale>"
				  "<networkLocale>New_Zealand</networkLocale>"
				  "<loadInformation>sip88xx.14-2-1</loadInformation></device>";
	struct rig *f = *state;

	f->options.all_files = true;
	rig_serve_itl(f, SAST_I, false);
	rig_serve_config(f, TFTP, xml);
	world_file(&f->world, "dialplan.xml.sgn",
	    file_make("dialplan.xml.sgn", &f->who[TFTP], span_str("<DIALTEMPLATE/>")));
	assert_true(rig_boot(f));
	assert_non_null(strstr(f->world.asked,
	    "http:SK1.xml.sgn http:dialplan.xml.sgn http:New_Zealand/g3-tones.xml.sgn "
	    "http:English_United_States/mk-sip.jar.sgn http:sip88xx.14-2-1.loads "
	    "http:Ringlist.xml.sgn "));
	assert_says(f, "verify SUCCESS </usr/ram/dialplan.xml>");
	/* One that a stranger signed. */
	world_file(&f->world, "SK1.xml.sgn",
	    file_make("SK1.xml.sgn", &f->who[STRANGER], span_str("<softKeyCfg/>")));
	assert_false(rig_boot(f));
	assert_says(f, "verify FAILED, </usr/ram/SK1.xml>");
	f->options.all_files = false;
}

/* --- encrypted --- */

static void
boot_decrypts_with_the_key_of_its_mic_until_it_has_an_lsc(void **state)
{
	struct rig *f = *state;
	struct bytes pem;
	struct cert *lsc;
	struct err e = { 0 };

	rig_settle(f);
	give_mic(f, MIC);
	rig_serve_encrypted(f, TFTP, f->who[MIC].cert, f->who[MIC].cert);
	assert_true(rig_boot(f));
	assert_says(f, "encrypted for the MIC");
	assert_says(f, "] " OWN ".enc.sgn(HTTP)");
	assert_kept(f, OWN, span_str(RIG_CONFIG));
	rig_serve_capf(f, 2);
	assert_true(rig_boot(f));
	assert_true(f->lsc);
	pem = rig_kept(f, "LSC.pem");
	lsc = cert_from_pem(bytes_span(&pem), &e);
	assert_non_null(lsc);
	rig_serve_encrypted(f, TFTP, lsc, lsc);
	assert_true(rig_boot(f));
	assert_says(f, "encrypted for the LSC");
	/* The MIC opens it again while the LSC is still there (it is to be deleted). */
	rig_serve_encrypted(f, TFTP, f->who[MIC].cert, f->who[MIC].cert);
	assert_true(rig_boot(f));
	assert_says(f, "encrypted for the MIC");
	cert_free(lsc);
	bytes_free(&pem);
}

/* What CAPF answers: from now on the configuration is for the certificate that was issued. */
static void
encrypt_for_issued(void *arg, const struct cert *issued)
{
	struct rig *f = arg;

	rig_serve_encrypted(f, TFTP, issued, issued);
}

static void
boot_with_another_key_than_the_configuration_calls_capf_and_asks_again_once(void **state)
{
	struct rig *f = *state;
	struct world_server *capf;

	rig_settle(f);
	give_mic(f, MIC);
	capf = rig_serve_capf(f, 2);
	rig_serve_encrypted(f, TFTP, f->who[APP].cert, f->who[APP].cert);
	capf->end = 0; /* nothing to do */
	assert_false(rig_boot(f));
	assert_int_equal(capf->calls, 1);
	assert_says(f, "reason:[2]([PUBKEY_MISMATCH])");
	assert_kept(f, OWN, span_str(RIG_CONFIG));
	capf->end = 0xff;
	capf->issued = encrypt_for_issued;
	capf->issued_arg = f;
	assert_true(rig_boot(f));
	assert_true(f->lsc);
	assert_int_equal(capf->calls, 2);
	assert_says(f, "] " OWN ".enc.sgn(HTTP)");
}

static void
boot_that_cannot_decrypt_calls_capf(void **state)
{
	struct rig *f = *state;
	struct world_server *capf;

	rig_settle(f);
	give_mic(f, MIC);
	capf = rig_serve_capf(f, 2);
	rig_serve_encrypted(f, TFTP, f->who[MIC].cert, f->who[APP].cert);
	capf->issued = encrypt_for_issued;
	capf->issued_arg = f;
	assert_true(rig_boot(f));
	assert_says(f, "CAPF_REASON_DECRYPT_FILE_FAILED");
	assert_says(f, "reason:[3]([DECRYPT_FILE_FAILED])");
	assert_kept(f, OWN, span_str(RIG_CONFIG));
}

static void
boot_makes_do_with_the_companion_when_there_is_no_more(void **state)
{
	struct rig *f = *state;

	rig_settle(f);
	give_mic(f, MIC);
	rig_serve_encrypted(f, TFTP, f->who[MIC].cert, f->who[MIC].cert);
	world_file_remove(&f->world, OWN ".enc.sgn");
	world_server(&f->world, "capf", &f->who[CAPF])->end = 0;
	f->world.servers[0].capf = true;
	assert_true(rig_boot(f));
	assert_says(f, "] " OWN ".sgn(HTTP)");
}

static void
boot_refuses_what_a_stranger_encrypted(void **state)
{
	struct rig *f = *state;

	rig_serve_itl(f, SAST_I, false);
	give_mic(f, MIC);
	rig_serve_encrypted(f, STRANGER, f->who[MIC].cert, f->who[MIC].cert);
	assert_false(rig_boot(f));
	assert_says(f, "encrypted for the MIC");
	assert_says(f, "verify FAILED");
	assert_silent(f, "RCAPF_START_MODE");
	assert_kept(f, OWN, (struct span){ 0 });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		rig_test(boot_of_a_newer_model_falls_back_to_tftp_and_stays_there),
		rig_test(boot_of_an_older_model_asks_over_tftp_alone),
		rig_test(boot_fetches_the_configuration_by_https_when_the_list_says_so),
		rig_test(boot_falls_back_from_https_to_what_is_signed),
		rig_test(boot_lets_tvs_vouch_for_the_https_server),
		rig_test(boot_takes_no_https_server_by_a_record_of_another_role),
		rig_test(boot_takes_the_default_configuration_when_it_has_none_of_its_own),
		rig_test(boot_fetches_what_the_configuration_names_when_told_so),
		rig_test(boot_decrypts_with_the_key_of_its_mic_until_it_has_an_lsc),
		rig_test(
		    boot_with_another_key_than_the_configuration_calls_capf_and_asks_again_once),
		rig_test(boot_that_cannot_decrypt_calls_capf),
		rig_test(boot_makes_do_with_the_companion_when_there_is_no_more),
		rig_test(boot_refuses_what_a_stranger_encrypted),
	};

	return cmocka_run_group_tests_name(
	    "phone files", tests, rig_setup_group, rig_teardown_group);
}
