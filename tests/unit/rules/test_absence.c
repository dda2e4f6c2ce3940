#include "../check.h"

#include "lists.h"
#include "rules/absence.h"

enum { NONE, SIGNER, FILES };

static const struct row {
	enum handout_outcome outcome;
	int keys; /* of a bridge: none, its signer, and that of files too */
	unsigned boots;
	enum absence_needs needs;
	const char *text, *needs_name;
} rows[] = {
	{ HANDOUT_KEEPS, NONE, 1, ABSENCE_NOTHING, "whenever it comes", "nothing" },
	{ HANDOUT_CTL, NONE, 1, ABSENCE_NOTHING, "whenever it comes", "nothing" },
	{ HANDOUT_TVS, NONE, 1, ABSENCE_TVS, "must reach TVS", "tvs" },
	{ HANDOUT_RETIRED_KEY, SIGNER, 2, ABSENCE_KEYS, "Do not purge that key", "keys" },
	{ HANDOUT_RETIRED_KEY, FILES, 2, ABSENCE_KEYS, "Do not purge these keys", "keys" },
	/* it could ask TVS, and is handed a bridge so that a key stays in common */
	{ HANDOUT_TVS, FILES, 2, ABSENCE_KEYS, "Do not purge these keys", "keys" },
	{ HANDOUT_LOST, NONE, 0, ABSENCE_HANDS, "erases its lists", "hands" },
	{ HANDOUT_UNKNOWN, NONE, 0, ABSENCE_UNKNOWN, "holds no list", "unknown" },
};

static void
absence_of_each_outcome_says_what_must_be_there_when_the_phone_comes_back(void **state)
{
	struct identity signer = identity_load("sast"), files = identity_load("tftp");

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *row = &rows[i];
		struct absence got;

		absence_of(row->outcome, row->keys != NONE ? signer.cert : NULL,
		    row->keys == FILES ? files.cert : NULL, &got);
		assert_int_equal(got.boots, row->boots);
		assert_int_equal(got.needs, row->needs);
		assert_non_null(strstr(got.text, row->text));
		assert_string_equal(absence_needs_name(got.needs), row->needs_name);
		assert_int_equal(
		    strstr(got.text, cert_subject_cucm(signer.cert)) != NULL, row->keys != NONE);
		assert_int_equal(
		    strstr(got.text, cert_subject_cucm(files.cert)) != NULL, row->keys == FILES);
	}
	identity_free(&signer);
	identity_free(&files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    absence_of_each_outcome_says_what_must_be_there_when_the_phone_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
