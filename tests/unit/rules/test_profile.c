#include "../check.h"

#include "rules/profile.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct profile
made(void)
{
	struct profile p;
	struct err e = { 0 };

	assert_ok(profile_new("branch", &p, &e), e);
	return p;
}

static void
profile_new_keeps_everything(void **state)
{
	struct profile p = made();
	struct err e = { 0 };

	(void)state;
	assert_string_equal(p.name, "branch");
	assert_int_equal(p.mode, PROFILE_MODE_KEEP);
	assert_int_equal(p.transport, PROFILE_TRANSPORT_KEEP);
	assert_false(p.encrypted_config);
	for (size_t i = 0; i < PROFILE_URL_COUNT; i++)
		assert_string_equal(p.url[i], "");
	assert_ok(profile_check(&p, &e), e);
}

static void
profile_new_judges_names(void **state)
{
	char longest[PROFILE_NAME_MAX + 1];
	struct profile p;
	struct err e = { 0 };

	(void)state;
	memset(longest, 'a', sizeof longest);
	longest[PROFILE_NAME_MAX - 1] = '\0';
	assert_ok(profile_new(longest, &p, &e), e);
	assert_ok(profile_new("A-z_0.9", &p, &e), e);
	longest[PROFILE_NAME_MAX - 1] = 'a';
	longest[PROFILE_NAME_MAX] = '\0';
	assert_fails(profile_new(longest, &p, &e), e, ERR_MALFORMED, "64 characters");
	assert_fails(profile_new("", &p, &e), e, ERR_MALFORMED, "0 characters");
	assert_fails(profile_new("a b", &p, &e), e, ERR_MALFORMED, "character 2");
	assert_fails(profile_new("a/b", &p, &e), e, ERR_MALFORMED, "character 2");
	assert_fails(profile_new("\xc3\xa4", &p, &e), e, ERR_MALFORMED, "character 1");
}

static void
profile_set_takes_every_setting(void **state)
{
	static const char *const modes[] = { "keep", "non-secure", "authenticated", "encrypted" };
	static const char *const transports[] = { "keep", "tcp", "udp", "tls", "tcp+udp" };
	struct profile p = made();
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		assert_ok(profile_set(&p, "mode", modes[i], &e), e);
		assert_string_equal(profile_mode_name(p.mode), modes[i]);
	}
	for (size_t i = 0; i < COUNT(transports); i++) {
		assert_ok(profile_set(&p, "transport", transports[i], &e), e);
		assert_string_equal(profile_transport_name(p.transport), transports[i]);
	}
	assert_ok(profile_set(&p, "encrypted-config", "yes", &e), e);
	assert_true(p.encrypted_config);
	assert_ok(profile_set(&p, "encrypted-config", "no", &e), e);
	assert_false(p.encrypted_config);
	for (size_t i = 0; i < PROFILE_URL_COUNT; i++) {
		assert_ok(profile_set(&p, profile_url_name((enum profile_url)i),
			      "https://10.0.0.1:8443/x?a=b", &e),
		    e);
		assert_string_equal(p.url[i], "https://10.0.0.1:8443/x?a=b");
		assert_ok(profile_set(&p, profile_url_name((enum profile_url)i), "", &e), e);
		assert_string_equal(p.url[i], "");
	}
}

static void
profile_set_refuses(void **state)
{
	static const struct {
		const char *name, *value;
		enum err_code code;
		const char *part;
	} cases[] = {
		{ "mode", "secure", ERR_MALFORMED, "mode: expected keep, non-secure" },
		{ "mode", "", ERR_MALFORMED, "expected" },
		{ "transport", "sctp", ERR_MALFORMED, "transport: expected keep, tcp" },
		{ "encrypted-config", "true", ERR_MALFORMED, "yes or no" },
		{ "services-url", "http://10.0.0.1/", ERR_MALFORMED, "https://HOST" },
		{ "services-url", "https://", ERR_MALFORMED, "https://HOST" },
		{ "services-url", "https:///x", ERR_MALFORMED, "https://HOST" },
		{ "services-url", "https://:8443/", ERR_MALFORMED, "https://HOST" },
		{ "idle-url", "https://a b", ERR_MALFORMED, "idle-url: character 10" },
		{ "idle-url", "https://a\nb", ERR_MALFORMED, "character 10" },
		{ "idle-url", "https://<b", ERR_MALFORMED, "character 9" },
		{ "idle-url", "https://\xc3\xa4", ERR_MALFORMED, "character 9" },
		{ "colour", "red", ERR_UNKNOWN, "no profile setting colour" },
		{ "mo\nde", "keep", ERR_UNKNOWN, "mo\\x0ade" },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct profile p = made(), before = p;

		assert_fails(profile_set(&p, cases[i].name, cases[i].value, &e), e, cases[i].code,
		    cases[i].part);
		assert_memory_equal(&p, &before, sizeof p);
	}
}

static void
profile_set_caps_the_length_of_a_url(void **state)
{
	char url[PROFILE_URL_MAX + 1] = "https://";
	struct profile p = made();
	struct err e = { 0 };

	(void)state;
	memset(url + 8, 'a', sizeof url - 9);
	assert_fails(profile_set(&p, "idle-url", url, &e), e, ERR_MALFORMED, "at most 255");
	url[PROFILE_URL_MAX - 1] = '\0';
	assert_ok(profile_set(&p, "idle-url", url, &e), e);
}

static void
profile_check_wants_tls_for_signalling_that_is_secured(void **state)
{
	struct err e = { 0 };

	(void)state;
	for (int m = PROFILE_MODE_KEEP; m <= PROFILE_MODE_ENCRYPTED; m++)
		for (int t = PROFILE_TRANSPORT_KEEP; t <= PROFILE_TRANSPORT_TCP_UDP; t++) {
			struct profile p = made();
			bool good = m < PROFILE_MODE_AUTHENTICATED || t == PROFILE_TRANSPORT_KEEP ||
				    t == PROFILE_TRANSPORT_TLS;

			p.mode = (enum profile_mode)m;
			p.transport = (enum profile_transport)t;
			if (good)
				assert_ok(profile_check(&p, &e), e);
			else
				assert_fails(
				    profile_check(&p, &e), e, ERR_REFUSED, "transport tls");
		}
}

static void
profile_names_of_no_value_are_unknown(void **state)
{
	enum profile_mode m;
	enum profile_transport t;

	(void)state;
	assert_string_equal(profile_mode_name((enum profile_mode)9), "unknown");
	assert_string_equal(profile_transport_name((enum profile_transport)9), "unknown");
	assert_string_equal(profile_url_name(PROFILE_URL_COUNT), "unknown");
	assert_false(profile_mode_from_name("unknown", &m));
	assert_false(profile_transport_from_name("TLS", &t));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profile_new_keeps_everything),
		cmocka_unit_test(profile_new_judges_names),
		cmocka_unit_test(profile_set_takes_every_setting),
		cmocka_unit_test(profile_set_refuses),
		cmocka_unit_test(profile_set_caps_the_length_of_a_url),
		cmocka_unit_test(profile_check_wants_tls_for_signalling_that_is_secured),
		cmocka_unit_test(profile_names_of_no_value_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
