#include "../check.h"

#include "rules/phone.h"
#include "rules/phone_status.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NOW      1700000000

static struct phone
any_phone(void)
{
	return phone_new(&(struct device){ "SEP001122334455" }, PHONE_ADDED);
}

static void
phone_new_has_the_defaults_of_unified_cm(void **state)
{
	struct phone p = any_phone();

	(void)state;
	assert_string_equal(p.device.name, "SEP001122334455");
	assert_int_equal(p.origin, PHONE_ADDED);
	assert_int_equal(p.operation, PHONE_OPERATION_NONE);
	assert_string_equal(p.operation_status, "None");
	assert_int_equal(p.auth_mode, PHONE_AUTH_NULL_STRING);
	assert_string_equal(p.auth_string, "");
	assert_int_equal(p.key_order, PHONE_KEY_RSA_ONLY);
	assert_int_equal(p.rsa_size, 2048);
	assert_int_equal(p.ec_size, 384);
	assert_string_equal(phone_lsc_status(&p), "Not Installed");
}

static void
phone_words_go_both_ways(void **state)
{
	static const char *const operations[] = { "none", "install-upgrade", "delete",
		"troubleshoot" };
	static const char *const auths[] = { "null-string", "auth-string" };
	static const char *const orders[] = { "rsa-only", "ec-only", "ec-preferred" };
	enum phone_operation o;
	enum phone_auth a;
	enum phone_key_order k;

	(void)state;
	for (size_t i = 0; i < COUNT(operations); i++) {
		assert_true(phone_operation_from_name(operations[i], &o));
		assert_int_equal(o, i);
		assert_string_equal(phone_operation_name(o), operations[i]);
	}
	for (size_t i = 0; i < COUNT(auths); i++) {
		assert_true(phone_auth_from_name(auths[i], &a));
		assert_string_equal(phone_auth_name(a), auths[i]);
	}
	for (size_t i = 0; i < COUNT(orders); i++) {
		assert_true(phone_key_order_from_name(orders[i], &k));
		assert_string_equal(phone_key_order_name(k), orders[i]);
	}
	assert_false(phone_operation_from_name("Install", &o));
	assert_false(phone_auth_from_name("", &a));
	assert_false(phone_key_order_from_name("rsa", &k));
	assert_string_equal(phone_operation_name((enum phone_operation)9), "unknown");
}

static void
phone_operation_goes_from_pending_to_success_and_spends_the_string(void **state)
{
	static const struct {
		enum phone_operation operation;
		const char *success;
	} rows[] = {
		{ PHONE_OPERATION_INSTALL, "Upgrade Success" },
		{ PHONE_OPERATION_DELETE, "Delete Success" },
		{ PHONE_OPERATION_TROUBLESHOOT, "Troubleshoot Success" },
	};
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct phone p = any_phone();

		assert_ok(phone_set(&p, "auth-mode", "auth-string", &e), e);
		assert_ok(phone_set(&p, "auth-string", "12345", &e), e);
		assert_ok(phone_set_operation(&p, rows[i].operation, NOW, &e), e);
		assert_string_equal(p.operation_status, "Operation Pending");
		assert_int_equal(p.operation_changed, NOW);
		phone_operation_succeeded(&p, NOW + 1);
		assert_string_equal(p.operation_status, rows[i].success);
		assert_int_equal(p.operation, PHONE_OPERATION_NONE);
		assert_int_equal(p.operation_changed, NOW + 1);
		assert_string_equal(p.auth_string, "");
	}
}

static void
phone_operation_failed_says_what_and_why(void **state)
{
	static const char *const texts[][5] = {
		[PHONE_OPERATION_INSTALL] = { "Upgrade Failed: Invalid Authentication String",
		    "Upgrade Failed: Phone Communication Failure",
		    "Upgrade Failed: Key Generation Failed/Timeout",
		    "Upgrade Failed: User Initiated Request Late/Timedout",
		    "Upgrade Failed: CA Rejected Connection" },
		[PHONE_OPERATION_DELETE] = { "Delete Failed: Invalid Authentication String",
		    "Delete Failed: Phone Communication Failure",
		    "Delete Failed: Key Generation Failed/Timeout",
		    "Delete Failed: User Initiated Request Late/Timedout",
		    "Delete Failed: CA Rejected Connection" },
		[PHONE_OPERATION_TROUBLESHOOT] = { "Troubleshoot Failed: Invalid Authentication "
						   "String",
		    "Troubleshoot Failed: Phone Communication Failure",
		    "Troubleshoot Failed: Key Generation Failed/Timeout",
		    "Troubleshoot Failed: User Initiated Request Late/Timedout" },
	};
	struct err e = { 0 };

	(void)state;
	for (size_t o = PHONE_OPERATION_INSTALL; o < COUNT(texts); o++)
		for (size_t why = 0; why < 5 && texts[o][why] != NULL; why++) {
			struct phone p = any_phone();
			char text[PHONE_STATUS_MAX];

			p.complete_by = NOW + 10;
			assert_ok(phone_set_operation(&p, (enum phone_operation)o, NOW, &e), e);
			assert_string_equal(
			    phone_failure_text(&p, (enum phone_failure)why, text), texts[o][why]);
			assert_string_equal(p.operation_status, "Operation Pending");
			phone_operation_failed(&p, (enum phone_failure)why, NOW + 1);
			assert_string_equal(p.operation_status, texts[o][why]);
			assert_int_equal(p.operation, PHONE_OPERATION_NONE);
			assert_int_equal(p.complete_by, 0);
		}
}

static void
phone_status_texts_are_the_34_of_unified_cm(void **state)
{
	(void)state;
	for (size_t i = 0; i < PHONE_STATUS_COUNT; i++) {
		assert_true(phone_status_text(i)[0] != '\0');
		assert_true(phone_status_is_known(phone_status_text(i)));
		assert_int_equal(phone_status_is_success(phone_status_text(i)),
		    strstr(phone_status_text(i), " Success") != NULL);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(phone_status_text(i), phone_status_text(j));
	}
	assert_string_equal(phone_status_text(PHONE_STATUS_COUNT), "");
	assert_false(phone_status_is_known("Upgrade Failed: Something Else"));
	/* a troubleshoot needs no CA, and only an upgrade makes a key */
	assert_string_equal(
	    phone_status_failure(PHONE_OPERATION_TROUBLESHOOT, PHONE_FAIL_CA_REJECTED),
	    "Troubleshoot Failed");
	assert_string_equal(
	    phone_status_failure(PHONE_OPERATION_DELETE, PHONE_FAIL_EC_ONLY), "Delete Failed");
	assert_string_equal(phone_status_failure(PHONE_OPERATION_INSTALL, PHONE_FAIL_EC_ONLY),
	    "Upgrade Failed: No Support for EC only in CAPF version 3");
	assert_string_equal(phone_status_failure(PHONE_OPERATION_NONE, PHONE_FAIL_LSC), "None");
}

static void
phone_without_an_operation_neither_succeeds_nor_fails(void **state)
{
	struct phone p = any_phone();

	(void)state;
	phone_operation_succeeded(&p, NOW);
	phone_operation_failed(&p, PHONE_FAIL_LATE, NOW);
	assert_string_equal(p.operation_status, "None");
	assert_int_equal(p.operation_changed, 0);
}

static void
phone_set_operation_needs_the_string_its_mode_asks_for(void **state)
{
	struct phone p = any_phone();
	struct err e = { 0 };

	(void)state;
	assert_ok(phone_set(&p, "auth-mode", "auth-string", &e), e);
	assert_fails(phone_set_operation(&p, PHONE_OPERATION_INSTALL, NOW, &e), e, ERR_REFUSED,
	    "SEP001122334455: authentication mode auth-string needs an auth-string");
	assert_string_equal(p.operation_status, "None");
	assert_ok(phone_set_operation(&p, PHONE_OPERATION_NONE, NOW, &e), e);
	assert_ok(phone_set(&p, "auth-string", "1234", &e), e);
	assert_ok(phone_set_operation(&p, PHONE_OPERATION_INSTALL, NOW, &e), e);
	assert_ok(phone_set_operation(&p, PHONE_OPERATION_NONE, NOW, &e), e);
	assert_string_equal(p.operation_status, "None");
}

static void
phone_lsc_status_is_pending_while_an_install_is_open(void **state)
{
	struct phone p = any_phone();
	struct err e = { 0 };

	(void)state;
	strcpy(p.lsc_serial, "0a");
	assert_string_equal(phone_lsc_status(&p), "Installed");
	assert_ok(phone_set_operation(&p, PHONE_OPERATION_INSTALL, NOW, &e), e);
	assert_string_equal(phone_lsc_status(&p), "Pending");
	assert_ok(phone_set_operation(&p, PHONE_OPERATION_DELETE, NOW, &e), e);
	assert_string_equal(phone_lsc_status(&p), "Installed");
}

/* 63 bytes, and 64. */
#define TEXT_63 "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg"
#define TEXT_64 TEXT_63 "g"

static void
phone_set_takes_what_is_allowed(void **state)
{
	static const struct {
		const char *name, *value;
	} good[] = {
		{ "model", "Cisco 8861" },
		{ "model", "" },
		{ "model", TEXT_63 },
		{ "group", "D\303\274sseldorf" },
		{ "profile", "Branch-1_a.b" },
		{ "profile", "" },
		{ "template", TEXT_63 },
		{ "auth-mode", "null-string" },
		{ "auth-mode", "auth-string" },
		{ "auth-string", "" },
		{ "auth-string", "0000" },
		{ "auth-string", "0123456789" },
		{ "key-order", "rsa-only" },
		{ "key-order", "ec-only" },
		{ "key-order", "ec-preferred" },
		{ "rsa-size", "1024" },
		{ "rsa-size", "2048" },
		{ "rsa-size", "3072" },
		{ "rsa-size", "4096" },
		{ "ec-size", "256" },
		{ "ec-size", "384" },
		{ "ec-size", "521" },
		{ "complete-by", "" },
	};
	struct phone p = any_phone();
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_ok(phone_set(&p, good[i].name, good[i].value, &e), e);
	assert_string_equal(p.model, TEXT_63);
	assert_string_equal(p.group, "D\303\274sseldorf");
	assert_int_equal(p.auth_mode, PHONE_AUTH_STRING);
	assert_string_equal(p.auth_string, "0123456789");
	assert_int_equal(p.key_order, PHONE_KEY_EC_PREFERRED);
	assert_int_equal(p.rsa_size, 4096);
	assert_int_equal(p.ec_size, 521);
	assert_ok(phone_set(&p, "auth-string", "1234", &e), e);
	assert_string_equal(p.auth_string, "1234");
}

static void
phone_set_refuses_the_rest_and_says_what_is_allowed(void **state)
{
	static const struct {
		const char *name, *value, *text;
	} bad[] = {
		{ "model", TEXT_64, "model: 64 bytes, expected at most 63" },
		{ "model", "a\nb", "model: control byte 0x0a" },
		{ "profile", "a b", "profile: expected at most 63 of letters" },
		{ "template", TEXT_64, "template: expected at most 63 of letters" },
		{ "template", "../x", "template: expected at most 63 of letters" },
		{ "group", "\377", "group: not UTF-8" },
		{ "auth-mode", "by-string",
		    "auth-mode: expected null-string, auth-string, existing-lsc or existing-mic" },
		{ "auth-string", "123", "auth-string: expected 4 to 10 digits, or nothing" },
		{ "auth-string", "12345678901", "4 to 10 digits" },
		{ "auth-string", "12a4", "4 to 10 digits" },
		{ "auth-string", "-1234", "4 to 10 digits" },
		{ "key-order", "EC", "key-order: expected rsa-only, ec-only or ec-preferred" },
		{ "rsa-size", "768", "rsa-size: expected 512, 1024, 2048, 3072 or 4096" },
		{ "rsa-size", "2048 ", "rsa-size" },
		{ "rsa-size", "", "rsa-size" },
		{ "rsa-size", "4294969344", "rsa-size" },
		{ "ec-size", "512", "ec-size: expected 256, 384 or 521" },
	};
	struct phone p = any_phone(), before = p;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_fails(
		    phone_set(&p, bad[i].name, bad[i].value, &e), e, ERR_MALFORMED, bad[i].text);
	assert_memory_equal(&p, &before, sizeof p);
	assert_fails(
	    phone_set(&p, "operation", "delete", &e), e, ERR_UNKNOWN, "no phone setting operation");
	assert_fails(phone_set(&p, "x\n", "", &e), e, ERR_UNKNOWN, "no phone setting x\\x0a");
}

static void
phone_set_reads_both_forms_of_the_deadline_in_local_time(void **state)
{
	static const struct {
		const char *value;
		time_t want;
	} rows[] = {
		{ "2026-01-02T03", 1767319200 }, /* 02:00 UTC, CET */
		{ "2026-01-02T03:45", 1767319200 + 2700 }, { "2026:01:02:03", 1767319200 },
		{ "2026-07-01T00:00", 1782856800 },      /* 22:00 UTC the day before, CEST */
		{ "2001-09-09T03:46", 1000000000 - 40 }, /* the past */
		{ "2024-02-29T12", 1709204400 },
		{ "2026-03-29T02:30", 1774747800 }, /* clocks are put forward over it */
	};
	struct phone p = any_phone();
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_ok(phone_set(&p, "complete-by", rows[i].value, &e), e);
		if (p.complete_by != rows[i].want)
			fail_msg("%s: %lld", rows[i].value, (long long)p.complete_by);
	}
	assert_ok(phone_set(&p, "complete-by", "", &e), e);
	assert_int_equal(p.complete_by, 0);
}

static void
phone_set_refuses_days_that_are_none(void **state)
{
	static const struct {
		const char *value, *text;
	} bad[] = {
		{ "2026-02-29T12", "no such day" },
		{ "2026-13-01T00", "no such day" },
		{ "2026-00-10T00", "no such day" },
		{ "2026-04-31T00", "no such day" },
		{ "2026-01-00T00", "no such day" },
		{ "2026-01-01T24", "no such day" },
		{ "2026-01-01T23:60", "no such day" },
		{ "2026:02:30:01", "no such day" },
		{ "1969-01-01T00", "no such day" },
		{ "2026-01-01", "expected YYYY-MM-DDTHH" },
		{ "2026-1-01T00", "expected YYYY" },
		{ "2026-01-01 00", "expected YYYY" },
		{ "2026-01-01T00:0", "expected YYYY" },
		{ "2026-01-01T00:00Z", "expected YYYY" },
		{ "2026:01:01:00:00", "expected YYYY" },
		{ "tomorrow", "expected YYYY" },
		{ " 2026-01-01T0", "expected YYYY" },
		{ "+026-01-01T00", "expected YYYY" },
	};
	struct phone p = any_phone();
	struct err e;

	(void)state;
	p.complete_by = 5;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_fails(
		    phone_set(&p, "complete-by", bad[i].value, &e), e, ERR_MALFORMED, bad[i].text);
	assert_int_equal(p.complete_by, 5);
}

static int
set_time_zone(void **state)
{
	(void)state;
	/* Central Europe, spelled out: no time zone files are needed. */
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	return 0;
}

static void
phone_fits_profile_keeps_ec_keys_from_encrypted_configurations(void **state)
{
	struct phone p = phone_new(&(struct device){ "SEP001122334455" }, PHONE_ADDED);
	struct profile profile = { .name = "secure", .encrypted_config = true };
	struct err e = { 0 };

	(void)state;
	assert_ok(phone_fits_profile(&p, &profile, &e), e);
	for (p.key_order = PHONE_KEY_EC_ONLY; p.key_order <= PHONE_KEY_EC_PREFERRED; p.key_order++)
		assert_fails(phone_fits_profile(&p, &profile, &e), e, ERR_REFUSED,
		    "EC LSCs and encrypted configuration do not go together");
	p.key_order = PHONE_KEY_EC_ONLY;
	profile.encrypted_config = false;
	e = (struct err){ 0 };
	assert_ok(phone_fits_profile(&p, &profile, &e), e);
}

static void
phone_value_check_takes_keys_of_templates_and_lines_of_text(void **state)
{
	static const struct {
		const char *key, *value;
		enum err_code code;
		const char *text;
	} rows[] = {
		{ "line1.name", "100", ERR_NONE, "" },
		{ "x", "", ERR_NONE, "" },
		{ TEXT_63, "D\303\274sseldorf <&>", ERR_NONE, "" },
		{ "", "1", ERR_MALFORMED, "value \"\": its name must be 1 to 63" },
		{ TEXT_64, "1", ERR_MALFORMED, "its name must be 1 to 63" },
		{ "a b", "1", ERR_MALFORMED, "value \"a b\": its name" },
		{ "mac", "1", ERR_REFUSED, "value mac: it follows from the phone's record" },
		{ "server2", "1", ERR_REFUSED, "value server2: it follows" },
		{ "a", "s3cret\n", ERR_MALFORMED, "value a: control byte 0x0a" },
		{ "a", "\xff", ERR_MALFORMED, "value a: not UTF-8" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct err e = { 0 };

		if (rows[i].code == ERR_NONE)
			assert_ok(phone_value_check(rows[i].key, rows[i].value, &e), e);
		else
			assert_fails(phone_value_check(rows[i].key, rows[i].value, &e), e,
			    rows[i].code, rows[i].text);
		assert_null(strstr(e.text, "s3cret"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phone_new_has_the_defaults_of_unified_cm),
		cmocka_unit_test(phone_words_go_both_ways),
		cmocka_unit_test(
		    phone_operation_goes_from_pending_to_success_and_spends_the_string),
		cmocka_unit_test(phone_operation_failed_says_what_and_why),
		cmocka_unit_test(phone_status_texts_are_the_34_of_unified_cm),
		cmocka_unit_test(phone_without_an_operation_neither_succeeds_nor_fails),
		cmocka_unit_test(phone_set_operation_needs_the_string_its_mode_asks_for),
		cmocka_unit_test(phone_lsc_status_is_pending_while_an_install_is_open),
		cmocka_unit_test(phone_set_takes_what_is_allowed),
		cmocka_unit_test(phone_set_refuses_the_rest_and_says_what_is_allowed),
		cmocka_unit_test(phone_set_reads_both_forms_of_the_deadline_in_local_time),
		cmocka_unit_test(phone_set_refuses_days_that_are_none),
		cmocka_unit_test(phone_fits_profile_keeps_ec_keys_from_encrypted_configurations),
		cmocka_unit_test(phone_value_check_takes_keys_of_templates_and_lines_of_text),
	};

	return cmocka_run_group_tests(tests, set_time_zone, NULL);
}
