#include "../check.h"

#include "admin/remotecheck.h"

static void
remotecheck_url_adds_what_the_address_lacks(void **state)
{
	static const struct {
		bool tftp;
		const char *address, *want;
	} cases[] = {
		{ false, "192.0.2.1", "http://192.0.2.1:6970/ITLFile.tlv" },
		{ false, "192.0.2.1:80", "http://192.0.2.1:80/ITLFile.tlv" },
		{ true, "cucm.example.test", "tftp://cucm.example.test:6970/ITLFile.tlv" },
		{ true, "2001:db8::1", "tftp://[2001:db8::1]:6970/ITLFile.tlv" },
		{ true, "[2001:db8::1]", "tftp://[2001:db8::1]:6970/ITLFile.tlv" },
		{ true, "[2001:db8::1]:69", "tftp://[2001:db8::1]:69/ITLFile.tlv" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct remotecheck check = { .tftp = cases[i].tftp, .port = 6970 };
		char url[REMOTECHECK_URL_MAX];
		struct err e = { 0 };

		assert_ok(remotecheck_url(&check, cases[i].address, "ITLFile.tlv", url, &e), e);
		assert_string_equal(url, cases[i].want);
	}
}

static void
remotecheck_run_says_that_nobody_answers(void **state)
{
	static const char *const address[] = { "127.0.0.1:1", "[::1]:1" };
	const struct remotecheck check = { .address = address, .count = 2, .port = 6970 };
	struct err e = { 0 };

	(void)state;
	assert_fails(remotecheck_run(&check, &e), e, ERR_IO, "no server of it answers");
	assert_non_null(strstr(e.text, "--no-check"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(remotecheck_url_adds_what_the_address_lacks),
		cmocka_unit_test(remotecheck_run_says_that_nobody_answers),
	};

	return cmocka_run_group_tests_name("remotecheck", tests, NULL, NULL);
}
