#include "../check.h"

#include "rules/modeltable.h"
#include "rules/phonecfg.h"
#include "rules/templates.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* What core fills in for every phone, and the least that an administrator gives. */
struct value {
	const char *key, *value;
};

static const struct value least[] = {
	{ "server", "192.0.2.1" },
	{ "line1.name", "4711" },
	{ "line1.password", "p<w&\"'d" },
	{ NULL, NULL },
};

static bool
lookup(void *arg, const char *key, char value[PHONECFG_VALUE_MAX])
{
	for (const struct value *v = arg; v->key != NULL; v++)
		if (strcmp(v->key, key) == 0) {
			snprintf(value, PHONECFG_VALUE_MAX, "%s", v->value);
			return true;
		}
	return false;
}

static struct phonecfg_wish
wish(struct value *values)
{
	return (struct phonecfg_wish){ .lookup = lookup,
		.arg = values,
		.capf = { { "192.0.2.1", 3804 } },
		.capf_count = 1,
		.capf_auth = PHONECFG_CAPF_NULL_STRING,
		.tvs = { { "192.0.2.1", 2445 } },
		.tvs_count = 1,
		.mode = PHONECFG_NON_SECURE,
		.cert_hash = "" };
}

static void
templates_are_complete_with_the_least_values(void **state)
{
	static const char *const parts[] = { "<deviceProtocol>SIP</deviceProtocol>",
		"<dateTimeSetting>", "<ntp>", "<name>192.0.2.1</name>",
		"<processNodeName>192.0.2.1</processNodeName>", "<sipPort>5060</sipPort>",
		"<sipProxies>", "<registerWithProxy>true</registerWithProxy>", "<sipCallFeatures>",
		"<sipStack>", "<line button=\"1\"", "<featureID>9</featureID>",
		"<featureLabel>4711</featureLabel>", "<proxy>USECALLMANAGER</proxy>",
		"<name>4711</name>", "<displayName>4711</displayName>", "<authName>4711</authName>",
		"<authPassword>p&lt;w&amp;\"'d</authPassword>", "<phoneLabel>4711</phoneLabel>",
		"<loadInformation/>", "<vendorConfig>", "<userLocale>", "<networkLocale>",
		"<fullConfig>true</fullConfig>", "<capfAuthMode>2</capfAuthMode>",
		"<transportLayerProtocol>2</transportLayerProtocol>" };
	struct value values[COUNT(least)];

	(void)state;
	memcpy(values, least, sizeof least);
	for (size_t i = 0; i < templates_count(); i++) {
		struct template_builtin t = templates_at(i);
		struct phonecfg_wish w = wish(values);
		struct bytes out;
		struct phonecfg c;
		struct err e = { 0 };

		assert_ok(phonecfg_build(t.xml, &w, &out, NULL, &e), e);
		for (size_t p = 0; p < COUNT(parts); p++)
			if (memmem(out.p, out.n, parts[p], strlen(parts[p])) == NULL)
				fail_msg("%s: no %s", t.name, parts[p]);
		assert_null(memmem(out.p, out.n, "{{", 2));
		assert_null(memmem(out.p, out.n, "}}", 2));
		assert_ok(phonecfg_parse(bytes_span(&out), &c, &e), e);
		assert_int_equal(c.tvs_count, 1);
		assert_int_equal(c.mode, PHONECFG_NON_SECURE);
		assert_true(out.n < PHONECFG_MAX / 20);
		bytes_free(&out);
	}
}

static void
templates_ask_for_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < templates_count(); i++)
		for (size_t skip = 0; skip + 1 < COUNT(least); skip++) {
			struct value values[COUNT(least)];
			struct phonecfg_wish w = wish(values);
			struct bytes out;
			struct err e;

			memcpy(values, least, sizeof least);
			values[skip].key = "another";
			assert_fails(phonecfg_build(templates_at(i).xml, &w, &out, NULL, &e), e,
			    ERR_UNKNOWN, least[skip].key);
		}
}

static void
templates_take_every_value(void **state)
{
	static const struct {
		struct value value;
		const char *part;
	} rows[] = {
		{ { "line1.user", "auth" }, "<authName>auth</authName>" },
		{ { "line1.label", "Reception" }, "<featureLabel>Reception</featureLabel>" },
		{ { "line1.label", "Reception" }, "<phoneLabel>Reception</phoneLabel>" },
		{ { "line1.display", "Desk" }, "<displayName>Desk</displayName>" },
		{ { "load", "sip88xx.14-3-1" }, "<loadInformation>sip88xx.14-3-1<" },
		{ { "ntp", "192.0.2.9" }, "<name>192.0.2.9</name>" },
		{ { "sip.port", "5080" }, "<sipPort>5080</sipPort>" },
		{ { "url.services", "http://192.0.2.1/s" }, "<servicesURL>http://192.0.2.1/s<" },
		{ { "timezone", "W. Europe Standard/Daylight Time" }, "<timeZone>W. Europe" },
		{ { "ssh-access", "0" }, "<sshAccess>0</sshAccess>" },
	};

	(void)state;
	for (size_t i = 0; i < templates_count(); i++)
		for (size_t r = 0; r < COUNT(rows); r++) {
			struct value values[COUNT(least) + 1] = { rows[r].value };
			struct phonecfg_wish w = wish(values);
			struct bytes out;
			struct err e = { 0 };

			memcpy(values + 1, least, sizeof least);
			assert_ok(phonecfg_build(templates_at(i).xml, &w, &out, NULL, &e), e);
			if (memmem(out.p, out.n, rows[r].part, strlen(rows[r].part)) == NULL)
				fail_msg("%s: no %s", templates_at(i).name, rows[r].part);
			bytes_free(&out);
		}
}

static void
templates_are_found_by_name_and_family(void **state)
{
	static const char *const families[] = { "6900", "7800", "7900", "8800", "8900", "9900" };
	struct template_builtin t;

	(void)state;
	for (size_t i = 0; i < templates_count(); i++) {
		assert_true(templates_find(templates_at(i).name, &t));
		assert_span_equal(t.xml, templates_at(i).xml);
		if (i > 0)
			assert_true(strcmp(templates_at(i - 1).name, t.name) < 0);
	}
	for (size_t i = 0; i < COUNT(families); i++) {
		assert_true(templates_for_family(families[i], &t));
		assert_non_null(strstr(t.families, families[i]));
		assert_non_null(memmem(t.xml.p, t.xml.n, families[i], 4));
	}
	assert_false(templates_find("cisco-sip", &t));
	assert_false(templates_for_family("ATA", &t));
	assert_false(templates_for_family("", &t));
	assert_false(templates_for_family("990", &t));
}

/* Every family of the table that takes a SIP configuration of this kind has one. */
static void
templates_fit_the_model_table(void **state)
{
	struct modeltable *table = modeltable_builtin();

	(void)state;
	for (size_t i = 0; i < modeltable_count(table); i++) {
		const char *family = modeltable_at(table, i)->cell[MODELTABLE_FAMILY].value;
		struct template_builtin t;

		if (strlen(family) == 4 && strcmp(family, "3900") != 0 &&
		    strcmp(family, "soft") != 0)
			assert_true(templates_for_family(family, &t));
	}
	modeltable_free(table);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates_are_complete_with_the_least_values),
		cmocka_unit_test(templates_ask_for_nothing_else),
		cmocka_unit_test(templates_take_every_value),
		cmocka_unit_test(templates_are_found_by_name_and_family),
		cmocka_unit_test(templates_fit_the_model_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
