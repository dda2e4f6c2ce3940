#include "../check.h"

#include "base/device.h"

static void
device_parse_takes_names_of_phones_and_soft_phones(void **state)
{
	static const char *const good[] = { "SEP001122334455", "CSFalice", "ATA001122334455",
		"tct_1.x" };
	struct device d;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_ok(device_parse(span_str(good[i]), &d, &e), e);
		assert_string_equal(d.name, good[i]);
	}
}

static void
device_parse_refuses_what_could_be_a_path_or_a_lower_case_mac(void **state)
{
	static const char *const bad[] = { "", "SEPaabbccddeeff", "sepaabbccddeeff",
		"sep001122334455", "SEP00112233445", "SEP0011223344556", "../x", "a/b", "a b",
		"a\nb", "01234567890123456789012345678901" };
	struct device d;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_fails(
		    device_parse(span_str(bad[i]), &d, &e), e, ERR_MALFORMED, "device name");
}

static void
device_of_presented_finds_the_phone_in_a_product_name(void **state)
{
	struct device d;

	(void)state;
	assert_true(device_of_presented(span_str("CP-8861-SEPB000B4BA0AEE"), &d));
	assert_string_equal(d.name, "SEPB000B4BA0AEE");
	assert_true(device_of_presented(span_str("CP-8845-VIDEO-SEPB000B4BA0AEE"), &d));
	assert_string_equal(d.name, "SEPB000B4BA0AEE");
	assert_true(device_of_presented(span_str("SEPB000B4BA0AEE"), &d));
	assert_false(device_of_presented(span_str("CP-8861 SEPB000B4BA0AEE"), &d));
}

static void
device_is_presented_compares_the_device_in_a_name(void **state)
{
	const char *const name = "SEP001122334455";

	(void)state;
	assert_true(device_is_presented(span_str(name), name));
	assert_true(device_is_presented(span_str("CP-8861-SEP001122334455"), name));
	assert_false(device_is_presented(span_str("CP-8861-SEP001122334456"), name));
	assert_false(device_is_presented(span_str("no name"), name));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(device_parse_takes_names_of_phones_and_soft_phones),
		cmocka_unit_test(device_parse_refuses_what_could_be_a_path_or_a_lower_case_mac),
		cmocka_unit_test(device_of_presented_finds_the_phone_in_a_product_name),
		cmocka_unit_test(device_is_presented_compares_the_device_in_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
