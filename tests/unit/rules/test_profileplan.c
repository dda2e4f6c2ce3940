#include "../check.h"

#include "rules/profileplan.h"

#define MAX 3

/* Settings by name and value. */
struct settings {
	const char *set[MAX][2];
};

#define SECURE \
	{ \
		{ \
			{ "mode", "encrypted" }, \
			{ \
				"transport", "tls" \
			} \
		} \
	}
#define CLOSED \
	{ \
		{ \
			{ \
				"encrypted-config", "yes" \
			} \
		} \
	}
#define PLAIN \
	{ \
		{ \
			{ \
				"mode", "non-secure" \
			} \
		} \
	}

static const struct row {
	const char *says;
	struct settings before, after;
	struct profileplan_phone phone; /* opens, model_encrypts, has_lsc, has_ctl */
	const char *effects;
} rows[] = {
	{ "what stays has no effect", SECURE, SECURE, { false, false, false, false }, "" },
	{ "encryption for who opens it", PLAIN, CLOSED, { true, true, true, false }, "encrypted " },
	{ "encryption without a certificate", PLAIN, CLOSED, { false, true, false, false },
	    "waits " },
	{ "encryption for a model without", PLAIN, CLOSED, { true, false, true, false }, "never " },
	{ "no encryption any more", CLOSED, PLAIN, { false, false, false, false }, "readable " },
	{ "TLS with all that it needs", PLAIN, SECURE, { false, true, true, true }, "tls " },
	{ "TLS without LSC", PLAIN, SECURE, { false, true, false, true }, "no-lsc " },
	{ "TLS without LSC and CTL", PLAIN, SECURE, { false, true, false, false },
	    "no-lsc no-ctl " },
	{ "authenticated after encrypted changes nothing", SECURE,
	    { { { "mode", "authenticated" }, { "transport", "tls" } } },
	    { false, true, false, false }, "" },
	{ "no TLS any more", SECURE, PLAIN, { false, true, true, true }, "no-tls " },
	{ "a secure URL", PLAIN, { { { "directory-url", "https://dir.example.com/d" } } },
	    { true, true, true, true }, "urls " },
	{ "a URL that is taken away", { { { "directory-url", "https://dir.example.com/d" } } },
	    PLAIN, { true, true, true, true }, "" },
	{ "several at once", PLAIN,
	    { { { "mode", "encrypted" }, { "transport", "tls" }, { "encrypted-config", "yes" } } },
	    { false, true, false, true }, "waits no-lsc " },
};

static struct profile
profile_of(const struct settings *s)
{
	struct profile p;
	struct err e = { 0 };

	assert_ok(profile_new("P", &p, &e), e);
	for (size_t i = 0; i < MAX && s->set[i][0] != NULL; i++)
		assert_ok(profile_set(&p, s->set[i][0], s->set[i][1], &e), e);
	assert_ok(profile_check(&p, &e), e);
	return p;
}

static void
profileplan_of_a_change_says_what_it_comes_to_for_the_phone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct profile before = profile_of(&row->before), after = profile_of(&row->after);
		unsigned got = profileplan_of(&before, &after, &row->phone);
		char names[128] = "";

		print_message("# %s\n", row->says);
		for (int f = 0; f < PROFILEPLAN_EFFECTS; f++)
			if ((got & 1u << f) != 0) {
				strcat(names, profileplan_name((enum profileplan_effect)f));
				strcat(names, " ");
			}
		assert_string_equal(names, row->effects);
	}
}

static void
profileplan_names_a_remedy_for_all_that_is_bad(void **state)
{
	(void)state;
	for (int i = 0; i < PROFILEPLAN_EFFECTS; i++) {
		enum profileplan_effect f = (enum profileplan_effect)i;

		assert_true(profileplan_text(f)[0] != '\0');
		assert_true(!profileplan_is_bad(f) || profileplan_remedy(f)[0] != '\0');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(profileplan_of_a_change_says_what_it_comes_to_for_the_phone),
		cmocka_unit_test(profileplan_names_a_remedy_for_all_that_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
