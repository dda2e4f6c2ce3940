#include "../check.h"

#include "rules/keysize.h"

#include <string.h>

static const char models[] =
    "model,family,sbd,digests,tls,ec,key-max,encrypted-config,list-version,erase-lists,factory-"
    "reset\n"
    "9001,9000/d,yes/a,sha1/a,1.0/a,no/a,2048/a,no/a,1.2/a,a/a,b/a\n"
    "9002,9000/d,yes/a,sha1/a,1.0/a,no/a,1024/a,no/a,1.2/a,a/a,b/a\n"
    "9003,9000/d,yes/a,sha1/a,1.0/a,no/a,4096/a,no/a,1.2/a,a/a,b/a\n";

static void
keysize_names_the_models_that_do_not_take_a_key(void **state)
{
	static const struct {
		unsigned bits;
		const char *names[7];
		size_t count;
		const char *says; /* NULL when all take it */
	} rows[] = {
		{ 2048, { "9001", "9003" }, 2, NULL },
		{ 4096, { "9003" }, 1, NULL },
		{ 4096, { 0 }, 0, NULL },
		{ 3072, { "9001", "9003" }, 2,
		    "RSA 3072 bits is larger than phones take: at most 2048 bits by models 9001;" },
		{ 3072, { "9001", "9002" }, 2, "at most 1024 bits by models 9001, 9002;" },
		{ 2048, { "9001", "9002" }, 2, "at most 1024 bits by models 9002;" },
		{ 4096, { "7811", "7821", "7841", "7861", "8811", "8841", "8861" }, 7,
		    "by models 7811, 7821, 7841, 7861, 8811 and 2 more; --force-size" },
	};
	struct modeltable *t = modeltable_builtin();
	struct err e = { 0 };

	(void)state;
	assert_ok(modeltable_read(t, span_str(models), &e), e);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct keysize k = { .bits = rows[i].bits };

		for (size_t n = 0; n < rows[i].count; n++)
			keysize_add(&k, modeltable_find(t, rows[i].names[n]));
		if (rows[i].says == NULL)
			assert_ok(keysize_check(&k, &e), e);
		else
			assert_fails(keysize_check(&k, &e), e, ERR_REFUSED, rows[i].says);
	}
	modeltable_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keysize_names_the_models_that_do_not_take_a_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
