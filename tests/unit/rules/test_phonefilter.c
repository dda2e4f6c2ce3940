#include "../check.h"

#include "rules/phonefilter.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define DAY_S    86400
#define NOW      1800000000 /* 2027-01-15T08:00:00Z */

/* With an LSC until 2027-03-01T12:00Z, or without one. */
static struct phone
phone(bool has_lsc)
{
	const struct device d = { .name = "SEP001122334455" };
	struct phone p = phone_new(&d, PHONE_ADDED);

	snprintf(p.model, sizeof p.model, "Cisco 8861");
	snprintf(p.group, sizeof p.group, "north and south");
	snprintf(p.profile, sizeof p.profile, "secure");
	snprintf(p.last_address, sizeof p.last_address, "192.0.2.7");
	snprintf(p.operation_status, sizeof p.operation_status, "Upgrade Success");
	snprintf(p.auth_string, sizeof p.auth_string, "123456");
	p.last_seen = NOW - DAY_S;
	if (has_lsc) {
		snprintf(p.lsc_serial, sizeof p.lsc_serial, "0a");
		snprintf(p.lsc_issuer, sizeof p.lsc_issuer, "CN=CAPF-1a2b;O=Example");
		p.lsc_not_after = 1803902400;
		p.lsc_issuer_not_after = NOW + 400L * DAY_S;
	}
	return p;
}

static bool
fits(const char *text, const struct phone *p)
{
	struct phonefilter *f;
	struct err e = { 0 };
	bool yes;

	if (!phonefilter_parse(text, NOW, &f, &e))
		fail_msg("%s: %s", text, e.text);
	yes = phonefilter_fits(f, p);
	phonefilter_free(f);
	return yes;
}

static void
phonefilter_takes_each_field_and_operator(void **state)
{
	static const char *const yes[] = {
		"",
		"name begins with sep0011",
		"device name ends with 4455",
		"model contains 88",
		"model is exactly cisco 8861",
		"model is Cisco 8861",
		"security profile is exactly secure",
		"template is empty",
		"profile is not empty",
		"address begins with 192.0.2.",
		"operation is exactly none",
		"operation status ends with success",
		"auth mode is exactly null-string",
		"authentication string is exactly 123456",
		"lsc status is exactly Installed",
		"lsc-issued-by contains capf-1a",
		"lsc expires is exactly 2027-03-01",
		"LSC Expires Is Before 2027-03-02",
		"lsc_expires is after 2027-02-28",
		"lsc expires is after +30d and lsc expires is before +60d",
		"lsc issuer expires by is after +365d",
		"last seen is before -12h",
		"last seen is after 2027-01-13T23:59",
	};
	static const char *const no[] = {
		"name begins with SEP1",
		"model is exactly 8861",
		"model is empty",
		"template is not empty",
		"auth string begins with 9",
		"lsc status is Pending",
		"lsc issued by is exactly NA",
		"lsc expires is exactly NA",
		"lsc expires is exactly 2027-02-28",
		"lsc expires is before 2027-03-01",
		"lsc expires is after 2027-03-01",
		"model contains 8861 and profile is exactly other",
	};
	const struct phone p = phone(true);

	(void)state;
	for (size_t i = 0; i < COUNT(yes); i++)
		if (!fits(yes[i], &p))
			fail_msg("does not fit: %s", yes[i]);
	for (size_t i = 0; i < COUNT(no); i++)
		if (fits(no[i], &p))
			fail_msg("fits: %s", no[i]);
}

static void
phonefilter_knows_na_and_unknown(void **state)
{
	struct phone with = phone(true), without = phone(false);

	(void)state;
	assert_true(fits("lsc expires is exactly NA", &without));
	assert_true(fits("lsc issued by is exactly na", &without));
	assert_true(fits("lsc issuer expires is exactly NA", &without));
	assert_false(fits("lsc issued by is exactly Unknown", &without));
	assert_false(fits("lsc expires is before 2099-01-01", &without));
	assert_false(fits("last seen is exactly NA", &without));
	with.lsc_issuer[0] = '\0';
	with.lsc_issuer_not_after = 0;
	assert_true(fits("lsc issued by is exactly Unknown", &with));
	assert_true(fits("lsc issuer expires is exactly unknown", &with));
	assert_false(fits("lsc issued by is exactly NA", &with));
	assert_false(fits("lsc expires is exactly Unknown", &with));
	with.last_seen = 0;
	assert_true(fits("last seen is exactly NA", &with));
	assert_string_equal(phonefilter_issuer(&with), "Unknown");
	assert_string_equal(phonefilter_issuer(&without), "NA");
}

static void
phonefilter_takes_anything_in_quotes(void **state)
{
	struct phone p = phone(true);

	(void)state;
	assert_true(fits("group is exactly \"north and south\" and model contains 88", &p));
	assert_true(fits("template is exactly \"\"", &p));
	snprintf(p.group, sizeof p.group, "the \"best\"");
	assert_true(fits("group is exactly \"the \"\"best\"\"\"", &p));
}

static void
phonefilter_looks_everywhere_for_other_text(void **state)
{
	const struct phone p = phone(true);
	struct phonefilter *f;
	struct err e = { 0 };

	(void)state;
	assert_true(fits("8861", &p));
	assert_true(fits("192.0.2", &p));
	assert_true(fits("installed", &p));
	assert_true(fits("none", &p));
	assert_false(fits("operation pending", &p));
	assert_false(fits("123456", &p)); /* the authentication string is none of their business */
	assert_ok(phonefilter_parse("8861", NOW, &f, &e), e);
	assert_true(phonefilter_is_plain(f));
	phonefilter_free(f);
	assert_ok(phonefilter_parse("model contains 8861", NOW, &f, &e), e);
	assert_false(phonefilter_is_plain(f));
	phonefilter_free(f);
}

static void
phonefilter_can_be_of_some_names_only(void **state)
{
	const char *const names[] = { "SEP0022", "SEP001122334455",
		"an over-long name that is no device's" };
	const struct phone p = phone(true);
	struct phonefilter *f;
	struct err e = { 0 };

	(void)state;
	assert_ok(phonefilter_parse("", NOW, &f, &e), e);
	phonefilter_only(f, names, COUNT(names));
	assert_false(phonefilter_is_plain(f));
	assert_true(phonefilter_fits(f, &p));
	phonefilter_only(f, names, 1);
	assert_false(phonefilter_fits(f, &p));
	phonefilter_only(f, names, 0);
	assert_false(phonefilter_fits(f, &p));
	phonefilter_free(f);
}

static void
phonefilter_errors_name_the_place(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "lsc expires is soon", "character 16: expected YYYY-MM-DD" },
		{ "lsc expires contains 2027", "character 13: expected is before" },
		{ "model is before 2027-01-01", "character 7: expected begins with" },
		{ "colour is exactly red", "character 1: expected a field" },
		{ "modell begins with 88", "character 1: expected a field" },
		{ "model like 8861", "character 7: expected begins with" },
		{ "model contains", "character 15: expected a value" },
		{ "model contains \"88", "character 19: expected the quote" },
		{ "model contains \"88\"61", "expected a blank" },
		{ "model contains 88 and colour is red", "character 23: expected a field" },
		{ "model contains \"88\" or 7", "character 21: expected and" },
		{ "lsc expires is exactly 2027-02-30", "expected YYYY-MM-DD" },
		{ "operation is exactly upgrade", "no such operation" },
		{ "auth mode is exactly password", "no such authentication mode" },
	};
	struct phonefilter *f;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct err e = { 0 };

		assert_fails(
		    phonefilter_parse(bad[i].text, NOW, &f, &e), e, ERR_MALFORMED, bad[i].says);
		assert_null(f);
	}
}

static void
phonefilter_has_limits(void **state)
{
	char text[2048] = "name is empty";
	struct phonefilter *f;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < PHONEFILTER_CRITERIA_MAX; i++)
		strcat(text, " and name is empty");
	assert_fails(phonefilter_parse(text, NOW, &f, &e), e, ERR_LIMIT, "more than 16");
	snprintf(text, sizeof text, "name is %0*d", PHONEFILTER_VALUE_MAX, 0);
	assert_fails(phonefilter_parse(text, NOW, &f, &e), e, ERR_LIMIT, "character");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phonefilter_takes_each_field_and_operator),
		cmocka_unit_test(phonefilter_knows_na_and_unknown),
		cmocka_unit_test(phonefilter_takes_anything_in_quotes),
		cmocka_unit_test(phonefilter_looks_everywhere_for_other_text),
		cmocka_unit_test(phonefilter_can_be_of_some_names_only),
		cmocka_unit_test(phonefilter_errors_name_the_place),
		cmocka_unit_test(phonefilter_has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
