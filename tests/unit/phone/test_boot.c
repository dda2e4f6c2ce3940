#include "../check.h"

#include "folder.h"
#include "phone/phone.h"
#include "rules/signedfile.h"
#include "world.h"

#include "base/text.h"
#include "pki/digest.h"

#include <stdlib.h>
#include <unistd.h>

#define NAME "SEP001122334455"

static const char config_text[] =
    "<device><TVS><members><member priority=\"0\"><address>tvs1</address></member>"
    "<member priority=\"1\"><address>tvs2</address></member><member priority=\"2\">"
    "<port>9</port><address>tvs3</address></member></members></TVS></device>";

static const char capf_text[] =
    "<device><capfAuthMode>%d</capfAuthMode><capfList><capf><processNodeName>capf"
    "</processNodeName></capf></capfList></device>";

enum who { SAST_C, SAST_I, CCM, TFTP, TVS, CAPF, APP, STRANGER, WHO_COUNT };

static const char *const key_names[] = { "sast", "sast2", "ccm", "tftp", "tvs", "capf", "app",
	"cucm-a-callmanager" };

struct fixture {
	struct identity who[WHO_COUNT];
	struct world world;
	struct phone_io io;
	struct phone_options options;
	char folder[FOLDER_MAX];
	char *console; /* of the last run */
	size_t console_n;
	bool lsc;
};

static struct fixture fixture;

static int
setup_group(void **state)
{
	for (enum who w = 0; w < WHO_COUNT; w++)
		fixture.who[w] = identity_load(key_names[w]);
	*state = &fixture;
	return 0;
}

static int
teardown_group(void **state)
{
	struct fixture *f = *state;

	for (enum who w = 0; w < WHO_COUNT; w++)
		identity_free(&f->who[w]);
	return 0;
}

static int
setup(void **state)
{
	struct fixture *f = *state;

	f->world = (struct world){ .now = WORLD_NOW };
	f->io = world_io(&f->world);
	f->options = (struct phone_options){ .server = "10.0.0.1",
		.device = { NAME },
		.model = "8861",
		.tvs_port = 2445,
		.capf_port = 3804,
		.retry_seconds = 30 };
	folder_make(f->folder);
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	world_free(&f->world);
	folder_remove(f->folder);
	free(f->console);
	f->console = NULL;
	return 0;
}

/* Switches the phone on; what the console said is in f->console. */
static bool
boot(struct fixture *f)
{
	struct handset h;
	struct err e = { 0 };
	FILE *out;
	bool ok;

	free(f->console);
	out = open_memstream(&f->console, &f->console_n);
	f->world.asked[0] = '\0';
	assert_ok(phone_open(&h, &f->options, &f->io, f->folder, out, &e), e);
	ok = phone_boot(&h);
	f->lsc = h.lsc != NULL;
	phone_close(&h);
	fclose(out);
	return ok;
}

static bool
opens(struct fixture *f, const char *host)
{
	struct handset h;
	struct err e = { 0 };
	FILE *out;
	bool ok;

	free(f->console);
	out = open_memstream(&f->console, &f->console_n);
	assert_ok(phone_open(&h, &f->options, &f->io, f->folder, out, &e), e);
	ok = phone_verify_https(&h, host, 8443);
	phone_close(&h);
	fclose(out);
	return ok;
}

#define assert_says(f, text) \
	do { \
		if (strstr((f)->console, (text)) == NULL) \
			fail_msg("the console lacks '%s':\n%s", (text), (f)->console); \
	} while (0)

#define assert_silent(f, text) \
	do { \
		if (strstr((f)->console, (text)) != NULL) \
			fail_msg("the console has '%s':\n%s", (text), (f)->console); \
	} while (0)

/* A cluster's ITL, signed by one of us. */
static void
serve_itl(struct fixture *f, enum who signer, bool empty)
{
	struct list_entry entries[] = { { FUNCTION_SAST, &f->who[signer], false, false },
		{ FUNCTION_CAPF, &f->who[CAPF], true, false },
		{ FUNCTION_TVS, &f->who[TVS], true, false },
		{ FUNCTION_TFTP, &f->who[TFTP], false, false } };

	world_file(&f->world, "ITL" NAME ".tlv",
	    list_make("ITLFile.tlv", &f->who[signer], entries, empty ? 2 : 4));
}

static void
serve_ctl(struct fixture *f, enum who signer)
{
	struct list_entry entries[] = { { FUNCTION_SAST, &f->who[signer], false, false },
		{ FUNCTION_CCM_TFTP, &f->who[CCM], false, false } };

	world_file(&f->world, "CTLFile.tlv", list_make("CTLFile.tlv", &f->who[signer], entries, 2));
}

static void
serve_config(struct fixture *f, enum who signer, const char *xml)
{
	world_file(&f->world, NAME ".cnf.xml.sgn",
	    file_make(NAME ".cnf.xml.sgn", &f->who[signer], span_str(xml)));
}

static void
serve_plain(struct fixture *f, const char *xml)
{
	world_file(&f->world, NAME ".cnf.xml", bytes_copy(span_str(xml)));
}

/* A phone that has come up against the cluster once. */
static void
settle(struct fixture *f)
{
	serve_itl(f, SAST_I, false);
	serve_config(f, TFTP, config_text);
	assert_true(boot(f));
}

static struct bytes
kept(struct fixture *f, const char *name)
{
	struct flash flash;
	struct bytes b = { 0 };
	struct err e;

	assert_true(flash_open(&flash, f->folder, &e));
	if (!flash_read(&flash, name, 1 << 20, &b, &e))
		b = (struct bytes){ 0 };
	flash_close(&flash);
	return b;
}

static void
assert_kept(struct fixture *f, const char *name, struct span want)
{
	struct bytes b = kept(f, name);

	assert_span_equal(bytes_span(&b), want);
	bytes_free(&b);
}

static struct world_server *
tvs(struct fixture *f, const char *host, bool valid)
{
	struct world_server *s = world_server(&f->world, host, &f->who[TVS]);

	s->valid = valid;
	s->roles[0] = 0;
	s->roles[1] = 3;
	s->role_count = 2;
	s->ttl = 86400;
	s->found = f->who[STRANGER].cert;
	return s;
}

static void
boot_of_a_new_phone_takes_the_list_and_a_signed_configuration(void **state)
{
	struct fixture *f = *state;
	struct bytes itl;

	serve_itl(f, SAST_I, false);
	serve_config(f, TFTP, config_text);
	assert_true(boot(f));
	assert_string_equal(
	    f->world.asked, "CTL" NAME ".tlv CTLFile.tlv ITL" NAME ".tlv " NAME ".cnf.xml.sgn ");
	assert_says(f, "] File Not Found <CTLFile.tlv>");
	assert_says(f, "] Trust List Updated");
	assert_says(f, "SECUREAPP-TL file updated.");
	assert_says(f, "] " NAME ".cnf.xml.sgn(TFTP)");
	itl = kept(f, "ITLFile.tlv");
	assert_true(itl.n > 0);
	bytes_free(&itl);
	assert_kept(f, NAME ".cnf.xml", span_str(config_text));
	/* The second time nothing is new. */
	assert_true(boot(f));
	assert_silent(f, "Trust List Updated");
}

static void
boot_of_a_phone_without_lists_takes_a_plain_configuration(void **state)
{
	struct fixture *f = *state;

	serve_plain(f, config_text);
	assert_true(boot(f));
	assert_string_equal(f->world.asked,
	    "CTL" NAME ".tlv CTLFile.tlv ITL" NAME ".tlv ITLFile.tlv " NAME ".cnf.xml ");
	assert_says(f, "] No Trust List Installed");
	assert_says(f, "] " NAME ".cnf.xml(TFTP)");
}

static void
boot_with_an_empty_itl_takes_either_form(void **state)
{
	struct fixture *f = *state;

	serve_itl(f, SAST_I, true);
	serve_plain(f, config_text);
	assert_true(boot(f));
	world_file_remove(&f->world, NAME ".cnf.xml");
	serve_config(f, STRANGER, config_text);
	assert_true(boot(f));
	/* And whoever's list comes next binds it. */
	serve_itl(f, STRANGER, false);
	serve_config(f, TFTP, config_text);
	assert_true(boot(f));
}

static void
boot_with_a_list_takes_no_plain_configuration(void **state)
{
	struct fixture *f = *state;

	settle(f);
	world_file_remove(&f->world, NAME ".cnf.xml.sgn");
	serve_plain(f, "<device/>");
	assert_false(boot(f));
	assert_kept(f, NAME ".cnf.xml", span_str(config_text));
}

static void
boot_refuses_a_list_with_a_flipped_byte_and_keeps_the_old_one(void **state)
{
	struct fixture *f = *state;
	struct bytes before;

	settle(f);
	before = kept(f, "ITLFile.tlv");
	for (size_t i = 0; i < f->world.file_count; i++)
		if (strncmp(f->world.files[i].name, "ITL", 3) == 0)
			f->world.files[i].body.p[f->world.files[i].body.n - 1] ^= 1;
	assert_false(boot(f));
	assert_says(f, "] Trust List Update Failed");
	assert_silent(f, "TVS Query");
	assert_kept(f, "ITLFile.tlv", bytes_span(&before));
	/* The configuration is still verified by the list that is held. */
	assert_says(f, "] " NAME ".cnf.xml.sgn(TFTP)");
	bytes_free(&before);
}

static void
boot_refuses_a_configuration_signed_by_a_stranger(void **state)
{
	struct fixture *f = *state;

	settle(f);
	serve_config(f, STRANGER, "<device/>");
	tvs(f, "tvs1", false);
	assert_false(boot(f));
	assert_says(f, "EROR:verifyFile: sgn verify file failed </usr/ram/" NAME
		       ".cnf.xml.sgn>, errclass 8, errcode 19 (signer not in CTL)");
	assert_says(f, "TVS does not trust the signer");
	assert_kept(f, NAME ".cnf.xml", span_str(config_text));
}

static void
boot_lets_tvs_vouch_for_a_new_signer_and_asks_once(void **state)
{
	struct fixture *f = *state;
	struct world_server *s;

	settle(f);
	serve_itl(f, STRANGER, false);
	serve_config(f, STRANGER, config_text);
	s = tvs(f, "tvs1", true);
	assert_true(boot(f));
	assert_says(f, "SECUREAPP-TVS added cert to TVS cache - expires in 24 hours");
	assert_int_equal(s->calls, 1);
	assert_int_equal(f->world.last_port, 2445);
}

static void
boot_goes_to_the_next_tvs_server_only_when_one_is_not_reached_or_not_known(void **state)
{
	struct fixture *f = *state;
	struct world_server *second, *third;

	settle(f);
	serve_itl(f, STRANGER, false);
	second = tvs(f, "tvs2", true);
	second->id = &f->who[APP];
	third = tvs(f, "tvs3", true);
	assert_true(boot(f));
	assert_int_equal(second->calls, 1);
	assert_int_equal(third->calls, 1);
	assert_int_equal(f->world.last_port, 9);
	/* "Not trusted" ends the search. */
	serve_itl(f, APP, false);
	second->id = &f->who[TVS];
	second->valid = false;
	assert_false(boot(f));
	assert_int_equal(second->calls, 2);
	assert_int_equal(third->calls, 1);
}

static void
boot_refuses_a_new_signer_when_tvs_is_unreachable(void **state)
{
	struct fixture *f = *state;

	settle(f);
	serve_itl(f, STRANGER, false);
	assert_false(boot(f));
	assert_says(f, "no TVS server of 3 could be asked");
	assert_says(f, "] Trust List Update Failed");
}

static void
boot_takes_a_first_ctl_from_the_signer_of_the_itl(void **state)
{
	struct fixture *f = *state;

	settle(f);
	serve_ctl(f, SAST_I);
	serve_config(f, CCM, config_text);
	assert_true(boot(f));
	assert_says(f, "Completed TVS Certificate cache flush request");
	/* From now on the CTL's signer may bring a new ITL. */
	serve_itl(f, CCM, false);
	assert_true(boot(f));
	/* A stranger may not bring a CTL. */
	serve_ctl(f, STRANGER);
	tvs(f, "tvs1", false);
	assert_false(boot(f));
}

static void
boot_with_a_ctl_only_refuses_an_unknown_itl(void **state)
{
	struct fixture *f = *state;

	serve_ctl(f, SAST_C);
	serve_config(f, CCM, config_text);
	assert_true(boot(f));
	serve_itl(f, STRANGER, false);
	tvs(f, "tvs1", true);
	assert_false(boot(f));
	assert_says(f, "no TVS record");
}

static void
boot_keeps_everything_when_the_server_is_silent(void **state)
{
	struct fixture *f = *state;

	settle(f);
	f->world.silent = true;
	assert_false(boot(f));
	assert_kept(f, NAME ".cnf.xml", span_str(config_text));
	assert_string_equal(
	    f->world.asked, "CTL" NAME ".tlv ITL" NAME ".tlv " NAME ".cnf.xml.sgn ");
}

static void
boot_counts_damaged_files_of_its_own_as_absent(void **state)
{
	struct fixture *f = *state;
	struct flash flash;
	struct err e = { 0 };

	settle(f);
	assert_ok(flash_open(&flash, f->folder, &e), e);
	assert_ok(flash_write(&flash, "ITLFile.tlv", span_str("garbage"), &e), e);
	assert_ok(flash_write(&flash, "LSC.pem", span_str("garbage"), &e), e);
	assert_ok(flash_write(&flash, "tvs-cache.txt", span_str("garbage"), &e), e);
	flash_close(&flash);
	assert_true(boot(f));
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
	struct fixture *f = *state;

	settle(f);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		serve_config(f, TFTP, bad[i]);
		assert_false(boot(f));
		assert_kept(f, NAME ".cnf.xml", span_str(config_text));
	}
}

static void
boot_speaks_the_older_console_for_older_models(void **state)
{
	struct fixture *f = *state;

	f->options.model = "7965";
	settle(f);
	assert_says(f, " NOT ");
	assert_says(f, "SECD: tlRequestFile: Request CTL" NAME ".tlv\n");
	assert_says(f, "SECD: validate_file_envelope: File sign verify SUCCESS; header length <");
	assert_says(f, "SECD: verifyFile: verify SUCCESS </usr/ram/" NAME ".cnf.xml.sgn>\n");
	assert_silent(f, "SECUREAPP");
}

/* CAPF: the configuration of a settled phone now names an operation. */
static struct world_server *
serve_capf(struct fixture *f, int mode)
{
	char xml[512];
	struct world_server *s = world_server(&f->world, "capf", &f->who[CAPF]);

	snprintf(xml, sizeof xml, capf_text, mode);
	serve_config(f, TFTP, xml);
	s->capf = true;
	s->issued_for = NAME;
	return s;
}

static void
boot_enrols_a_first_lsc(void **state)
{
	struct fixture *f = *state;

	settle(f);
	serve_capf(f, 2);
	assert_true(boot(f));
	assert_true(f->lsc);
	assert_says(f, "RCAPF_START_MODE: Start CAPF - mode:[1]([NULL_STR]), reason:[1]([AUTO])");
	assert_says(f, "] LSC: Installed");
	assert_int_equal(f->world.last_port, 3804);
}

static void
boot_refuses_an_lsc_that_is_not_its_own(void **state)
{
	struct fixture *f = *state;
	struct world_server *s;

	settle(f);
	s = serve_capf(f, 2);
	s->issued_for = "SEP001122334456";
	assert_true(boot(f));
	assert_false(f->lsc);
	assert_says(f, "for another device");
	assert_says(f, "] LSC: Failed");
	s->issued_for = NAME;
	s->key = &f->who[CAPF];
	s->id = &f->who[APP]; /* not the CAPF of the ITL */
	assert_true(boot(f));
	assert_false(f->lsc);
	assert_says(f, "] LSC: Connection failed");
}

static void
boot_tries_capf_four_times_when_nobody_is_there(void **state)
{
	struct fixture *f = *state;

	settle(f);
	serve_capf(f, 2)->id = NULL;
	assert_true(boot(f));
	assert_int_equal(f->world.waited, 90);
	assert_says(f, "] LSC: Connection failed");
}

static void
boot_calls_no_capf_server_without_a_record_of_one(void **state)
{
	struct fixture *f = *state;
	struct list_entry entries[] = { { FUNCTION_SAST, &f->who[SAST_I], false, false },
		{ FUNCTION_TFTP, &f->who[TFTP], false, false } };
	struct world_server *s;

	world_file(&f->world, "ITLFile.tlv", list_make("ITLFile.tlv", &f->who[SAST_I], entries, 2));
	s = serve_capf(f, 2);
	assert_true(boot(f));
	assert_says(f, "] No valid CAPF server");
	assert_int_equal(s->calls, 0);
}

static void
boot_types_the_authentication_string(void **state)
{
	struct fixture *f = *state;
	struct world_server *s;

	settle(f);
	s = serve_capf(f, 1);
	s->password = "123456";
	assert_true(boot(f));
	assert_int_equal(s->calls, 0);
	f->options.auth_string = "999999";
	assert_true(boot(f));
	assert_false(f->lsc);
	assert_says(f, "] LSC: Failed");
	f->options.auth_string = "123456";
	assert_true(boot(f));
	assert_true(f->lsc);
}

static void
boot_finds_the_new_key_after_a_power_cut(void **state)
{
	struct fixture *f = *state;
	struct flash flash;
	struct err e = { 0 };

	settle(f);
	serve_capf(f, 2);
	assert_true(boot(f));
	serve_config(f, TFTP, config_text);
	assert_ok(flash_open(&flash, f->folder, &e), e);
	assert_ok(flash_rename(&flash, "LSC.key", "LSC.key.next", &e), e);
	assert_true(boot(f));
	assert_true(f->lsc);
	assert_ok(flash_remove(&flash, "LSC.key", NULL, &e), e);
	assert_true(boot(f));
	assert_false(f->lsc);
	assert_says(f, "no key that fits");
	flash_close(&flash);
}

/* The stub and the whole, encrypted for cert. */
static void
serve_encrypted(struct fixture *f, const struct cert *cert, const char *xml)
{
	struct signedfile_head head = { .signer = f->who[TFTP].cert,
		.names = SIGNEDFILE_CUCM,
		.filename = NAME ".cnf.xml.enc.sgn",
		.digest = ENVELOPE_SHA1,
		.timestamp = 1700000000 };
	struct bytes draft, file;
	struct digest md5;
	char stub[512], *hex;
	struct err e = { 0 };

	assert_ok(digest_of(DIGEST_MD5, cert_der(cert), &md5, &e), e);
	hex = text_hex(digest_span(&md5));
	snprintf(stub, sizeof stub,
	    "<device><fullConfig>false</fullConfig><certHash>%s</certHash>"
	    "<encrConfig>true</encrConfig></device>",
	    hex);
	free(hex);
	serve_config(f, TFTP, stub);
	assert_ok(signedfile_encrypt(&head, span_str(xml), cert, &draft, &e), e);
	assert_ok(signedfile_sign(bytes_span(&draft), f->who[TFTP].key, &file, &e), e);
	bytes_free(&draft);
	world_file(&f->world, NAME ".cnf.xml.enc.sgn", file);
}

static void
boot_decrypts_a_configuration_that_is_for_its_lsc(void **state)
{
	struct fixture *f = *state;
	struct bytes pem;
	struct cert *lsc;
	struct err e = { 0 };

	settle(f);
	serve_capf(f, 2);
	assert_true(boot(f));
	pem = kept(f, "LSC.pem");
	lsc = cert_from_pem(bytes_span(&pem), &e);
	assert_non_null(lsc);
	serve_encrypted(f, lsc, config_text);
	assert_true(boot(f));
	assert_says(f, "] " NAME ".cnf.xml.enc.sgn(TFTP)");
	assert_kept(f, NAME ".cnf.xml", span_str(config_text));
	serve_encrypted(f, f->who[APP].cert, config_text);
	assert_true(boot(f));
	assert_says(f, "CAPF_REASON_PUBKEY_MISMATCH");
	cert_free(lsc);
	bytes_free(&pem);
}

static void
https_is_answered_by_tvs_once_a_day(void **state)
{
	struct fixture *f = *state;
	struct world_server *s;

	settle(f);
	s = tvs(f, "tvs1", true);
	world_server(&f->world, "web", &f->who[APP]);
	assert_true(opens(f, "web"));
	assert_says(f, "Authenticated the HTTPS conn via TVS");
	assert_int_equal(s->calls, 1);
	f->world.now += 86399;
	assert_true(opens(f, "web"));
	assert_int_equal(s->calls, 1);
	f->world.now += 1;
	assert_true(opens(f, "web"));
	assert_int_equal(s->calls, 2);
	/* A reset forgets. */
	assert_true(boot(f));
	assert_true(opens(f, "web"));
	assert_int_equal(s->calls, 3);
}

static void
https_is_refused_when_tvs_says_no_or_cannot_be_asked(void **state)
{
	struct fixture *f = *state;
	struct world_server *s;

	settle(f);
	world_server(&f->world, "web", &f->who[APP]);
	assert_false(opens(f, "web"));
	assert_says(f, "] Host Not Found");
	s = tvs(f, "tvs1", false);
	assert_false(opens(f, "web"));
	assert_int_equal(s->calls, 1);
	s->valid = true;
	s->id = &f->who[STRANGER];
	assert_false(opens(f, "web"));
}

static void
erasing_the_lists_lets_a_phone_take_the_next_one(void **state)
{
	struct fixture *f = *state;
	struct handset h;
	struct err e = { 0 };

	settle(f);
	serve_itl(f, STRANGER, false);
	assert_false(boot(f));
	assert_ok(phone_open(&h, &f->options, &f->io, f->folder, NULL, &e), e);
	assert_ok(phone_erase_lists(&h, &e), e);
	phone_close(&h);
	assert_true(boot(f));
}

#define with_phone(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_phone(boot_of_a_new_phone_takes_the_list_and_a_signed_configuration),
		with_phone(boot_of_a_phone_without_lists_takes_a_plain_configuration),
		with_phone(boot_with_an_empty_itl_takes_either_form),
		with_phone(boot_with_a_list_takes_no_plain_configuration),
		with_phone(boot_refuses_a_list_with_a_flipped_byte_and_keeps_the_old_one),
		with_phone(boot_refuses_a_configuration_signed_by_a_stranger),
		with_phone(boot_lets_tvs_vouch_for_a_new_signer_and_asks_once),
		with_phone(
		    boot_goes_to_the_next_tvs_server_only_when_one_is_not_reached_or_not_known),
		with_phone(boot_refuses_a_new_signer_when_tvs_is_unreachable),
		with_phone(boot_takes_a_first_ctl_from_the_signer_of_the_itl),
		with_phone(boot_with_a_ctl_only_refuses_an_unknown_itl),
		with_phone(boot_keeps_everything_when_the_server_is_silent),
		with_phone(boot_counts_damaged_files_of_its_own_as_absent),
		with_phone(boot_refuses_a_configuration_that_is_not_one),
		with_phone(boot_speaks_the_older_console_for_older_models),
		with_phone(boot_enrols_a_first_lsc),
		with_phone(boot_refuses_an_lsc_that_is_not_its_own),
		with_phone(boot_tries_capf_four_times_when_nobody_is_there),
		with_phone(boot_calls_no_capf_server_without_a_record_of_one),
		with_phone(boot_types_the_authentication_string),
		with_phone(boot_finds_the_new_key_after_a_power_cut),
		with_phone(boot_decrypts_a_configuration_that_is_for_its_lsc),
		with_phone(https_is_answered_by_tvs_once_a_day),
		with_phone(https_is_refused_when_tvs_says_no_or_cannot_be_asked),
		with_phone(erasing_the_lists_lets_a_phone_take_the_next_one),
	};

	return cmocka_run_group_tests(tests, setup_group, teardown_group);
}
