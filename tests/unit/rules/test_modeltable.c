#include "../check.h"

#include "rules/modeltable.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define HEADER \
	"model,family,sbd,digests,tls,ec,key-max,encrypted-config,list-version,erase-lists," \
	"factory-reset\n"
#define ROW(name) name ",9000/d,yes/d,sha1/a,1.2/d,no/a,2048/d,yes/a,1.2/d,keys/a,hold/a\n"

static const char *
value(const struct modeltable *t, const char *model, enum modeltable_column c)
{
	const struct model *m = modeltable_find(t, model);

	assert_non_null(m);
	return m->cell[c].value;
}

static bool
documented(const struct modeltable *t, const char *model, enum modeltable_column c)
{
	return modeltable_find(t, model)->cell[c].documented;
}

static void
modeltable_builtin_has_every_family_in_order_of_name(void **state)
{
	static const char *const models[] = { "3905", "6901", "6921", "6961", "7811", "7841",
		"7861", "7902", "7906", "7911", "7921", "7937", "7940", "7945", "7960", "7962",
		"7965", "7970", "7975", "8811", "8821", "8831", "8832", "8841", "8845", "8851",
		"8861", "8865", "8941", "8945", "8961", "9951", "9971", "ATA186", "ATA190",
		"DX650" };
	struct modeltable *t = modeltable_builtin();

	(void)state;
	assert_true(modeltable_count(t) > 50);
	for (size_t i = 0; i < COUNT(models); i++)
		assert_string_equal(modeltable_find(t, models[i])->name, models[i]);
	for (size_t i = 1; i < modeltable_count(t); i++)
		assert_true(strcmp(modeltable_at(t, i - 1)->name, modeltable_at(t, i)->name) < 0);
	assert_null(modeltable_at(t, modeltable_count(t)));
	modeltable_free(t);
}

/* doc/protocols/capf-operation.md 3.7, tls.md 9. */
static void
modeltable_builtin_says_what_is_documented(void **state)
{
	static const char *const without[] = { "7940", "7960", "7935", "7936", "7937" };
	static const char *const old[] = { "7960", "7965", "6921", "8941", "8961", "9971" };
	static const char *const new[] = { "7841", "8841", "8861" };
	struct modeltable *t = modeltable_builtin();

	(void)state;
	for (size_t i = 0; i < COUNT(without); i++) {
		assert_string_equal(value(t, without[i], MODELTABLE_SBD), "no");
		assert_true(documented(t, without[i], MODELTABLE_SBD));
	}
	for (size_t i = 0; i < COUNT(old); i++) {
		assert_string_equal(value(t, old[i], MODELTABLE_TLS), "1.0");
		assert_true(documented(t, old[i], MODELTABLE_TLS));
		assert_string_equal(value(t, old[i], MODELTABLE_KEY_MAX), "2048");
		assert_true(documented(t, old[i], MODELTABLE_KEY_MAX));
	}
	for (size_t i = 0; i < COUNT(new); i++) {
		assert_string_equal(value(t, new[i], MODELTABLE_TLS), "1.2");
		assert_true(documented(t, new[i], MODELTABLE_TLS));
		assert_string_equal(value(t, new[i], MODELTABLE_DIGESTS), "sha1+sha512");
		assert_false(documented(t, new[i], MODELTABLE_DIGESTS));
		assert_string_equal(value(t, new[i], MODELTABLE_ERASE),
		    "Settings > Admin settings > Reset settings > Security settings");
	}
	assert_string_equal(
	    value(t, "7965", MODELTABLE_ERASE), "Settings > Security > Trust List > **# > Erase");
	modeltable_free(t);
}

static void
modeltable_find_takes_what_people_and_phones_write(void **state)
{
	static const struct {
		const char *written, *name;
	} cases[] = {
		{ "8861", "8861" },
		{ "Cisco 8861", "8861" },
		{ "cisco 8861", "8861" },
		{ "CP-8861", "8861" },
		{ "cp-8861-K9", "8861" },
		{ "CP-8861-K9=", "8861" },
		{ "8861NR", "8861" },
		{ "CP-7965G", "7965" },
		{ "7965G", "7965" },
		{ "7941G-GE", "7941" },
		{ "Cisco IP Phone 7945", "7945" },
		{ "Cisco Unified IP Phone 7945G", "7945" },
		{ "Cisco CP-7811-3PCC-K9=", "7811" },
		{ "ATA 190", "ATA190" },
		{ "Cisco ATA 191", "ATA191" },
		{ "ata191-K9", "ATA191" },
		{ "CP-DX80-K9", "DX80" },
		{ "Cisco Jabber", "JABBER" },
		{ "Cisco IP Communicator", "IPCOMMUNICATOR" },
		{ "", NULL },
		{ "Cisco", NULL },
		{ "CP-", NULL },
		{ "1234", NULL },
		{ "886", NULL },
		{ "88611", NULL },
		{ "DX80X", NULL },
		{ "8861\n", NULL },
		{ "8861,", NULL },
		{ "88618861886188618861886188618861", NULL },
	};
	struct modeltable *t = modeltable_builtin();

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct model *m = modeltable_find(t, cases[i].written);

		if ((m == NULL) != (cases[i].name == NULL) ||
		    (m != NULL && strcmp(m->name, cases[i].name) != 0))
			fail_msg("'%s': %s", cases[i].written, m != NULL ? m->name : "unknown");
	}
	modeltable_free(t);
}

static void
modeltable_read_adds_and_replaces(void **state)
{
	static const char csv[] = "# our own\r\n\n" HEADER ROW("8861")
	    ROW("newone") "8811,x/d,no/a,sha1+sha512/d,1.3/a,yes/a,4096/d,no/d,1.0/a,a > b/d,c/d";
	struct modeltable *t = modeltable_builtin();
	size_t before = modeltable_count(t);
	struct err e = { 0 };

	(void)state;
	assert_ok(modeltable_read(t, span_str(csv), &e), e);
	assert_int_equal(modeltable_count(t), before + 1);
	assert_string_equal(value(t, "8861", MODELTABLE_FAMILY), "9000");
	assert_string_equal(value(t, "NEWONE", MODELTABLE_RESET), "hold");
	assert_string_equal(value(t, "8811", MODELTABLE_TLS), "1.3");
	assert_true(documented(t, "8811", MODELTABLE_ERASE));
	assert_false(documented(t, "8811", MODELTABLE_SBD));
	modeltable_free(t);
}

static void
modeltable_read_takes_columns_in_any_order(void **state)
{
	static const char csv[] =
	    "family,factory-reset,sbd,digests,tls,ec,key-max,encrypted-config,list-version,"
	    "erase-lists,model\r\nf/a,r/d,no/a,sha1/a,1.0/a,no/a,1024/a,no/a,1.1/a,e/a,x1\r\n";
	struct modeltable *t = modeltable_builtin();
	struct err e = { 0 };

	(void)state;
	assert_fails(modeltable_read(t, span_str("model\n"), &e), e, ERR_MALFORMED, "1 columns");
	assert_ok(modeltable_read(t, span_str(csv), &e), e);
	assert_string_equal(value(t, "X1", MODELTABLE_RESET), "r");
	assert_string_equal(value(t, "X1", MODELTABLE_FAMILY), "f");
	modeltable_free(t);
}

static void
modeltable_read_refuses_and_changes_nothing(void **state)
{
	static const struct {
		const char *csv, *part;
	} cases[] = {
		{ "", "line 1: no header" },
		{ "# only words\n\n", "no header" },
		{ "8861,9000\n", "line 1: 2 columns, expected 11" },
		{ "model,family,sbd,digests,tls,ec,key-max,encrypted-config,list-version,"
		  "erase-lists,colour\n",
		    "header: 'colour' is not a column" },
		{ "model,family,sbd,digests,tls,ec,key-max,encrypted-config,list-version,"
		  "erase-lists,tls\n",
		    "header: 'tls' is not named once" },
		{ HEADER ROW("") "\n", "line 2: model: ''" },
		{ HEADER ROW("a b") "\n", "line 2: model: 'a b'" },
		{ HEADER ROW("123456789012345678901234"), "line 2: model" },
		{ HEADER ROW("1000") "\n#\n" ROW("1000"), "line 5: model: 1000 twice" },
		{ HEADER ROW("x9") ROW("X9"), "line 3: model: X9 twice" },
		{ HEADER ROW("8861") "8811,f/d\n", "line 3: 2 columns" },
		{ HEADER "8861,f,yes/d,sha1/a,1.2/d,no/a,2048/d,yes/a,1.2/d,k/a,h/a\n",
		    "family: 'f' is not marked" },
		{ HEADER "8861,f/d,yes/x,sha1/a,1.2/d,no/a,2048/d,yes/a,1.2/d,k/a,h/a\n",
		    "line 2: sbd: 'yes/x' is not marked /d" },
		{ HEADER "8861,f/d,yes,sha1/a,1.2/d,no/a,2048/d,yes/a,1.2/d,k/a,h/a\n",
		    "sbd: 'yes' is not marked" },
		{ HEADER "8861,f/d,may/d,sha1/a,1.2/d,no/a,2048/d,yes/a,1.2/d,k/a,h/a\n",
		    "sbd: 'may' is not yes or no" },
		{ HEADER "8861,f/d,yes/d,md5/a,1.2/d,no/a,2048/d,yes/a,1.2/d,k/a,h/a\n",
		    "digests" },
		{ HEADER "8861,f/d,yes/d,sha1/a,2.0/d,no/a,2048/d,yes/a,1.2/d,k/a,h/a\n", "tls" },
		{ HEADER "8861,f/d,yes/d,sha1/a,1.2/d,no/a,02048/d,yes/a,1.2/d,k/a,h/a\n",
		    "key-max" },
		{ HEADER "8861,f/d,yes/d,sha1/a,1.2/d,no/a,2048/d,yes/a,2.0/d,k/a,h/a\n",
		    "list-version" },
		{ HEADER "8861,f/d,yes/d,sha1/a,1.2/d,no/a,2048/d,yes/a,1.2/d,/a,h/a\n",
		    "erase-lists" },
		{ HEADER "8861,f/d,yes/d,sha1/a,1.2/d,no/a,2048/d,yes/a,1.2/d,k\t/a,h/a\n",
		    "erase-lists" },
		{ HEADER "8861,f/d,yes/d,sha1/a,1.2/d,no/a,2048/d,yes/a,1.2/d,k/a,a\n",
		    "factory-reset" },
		{ HEADER "8861,f/d,yes/d,sha1/a,1.2/d,no/a,2048/d,yes/a,1.2/d,k/a,"
			 "1234567890123456789012345678901234567890123456789012345678901234567890"
			 "12345678901234567890123456/a\n",
		    "at most 95" },
	};
	struct modeltable *t = modeltable_builtin();
	size_t before = modeltable_count(t);
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_fails(modeltable_read(t, span_str(cases[i].csv), &e), e, ERR_MALFORMED,
		    cases[i].part);
	assert_int_equal(modeltable_count(t), before);
	assert_string_equal(value(t, "8861", MODELTABLE_FAMILY), "8800");
	assert_null(modeltable_find(t, "1000"));
	modeltable_free(t);
}

static void
model_answers_what_hurts_least_when_it_is_unknown(void **state)
{
	struct modeltable *t = modeltable_builtin();

	(void)state;
	assert_true(model_has_lists(NULL));
	assert_true(model_takes_encrypted_config(NULL));
	assert_int_equal(model_digest(NULL, ENVELOPE_SHA512), ENVELOPE_SHA1);
	assert_int_equal(model_digest(NULL, ENVELOPE_SHA1), ENVELOPE_SHA1);
	assert_false(model_has_lists(modeltable_find(t, "7960")));
	assert_true(model_has_lists(modeltable_find(t, "7965")));
	assert_false(model_takes_encrypted_config(modeltable_find(t, "7960")));
	assert_true(model_takes_encrypted_config(modeltable_find(t, "8861")));
	assert_int_equal(model_digest(modeltable_find(t, "7965"), ENVELOPE_SHA512), ENVELOPE_SHA1);
	assert_int_equal(
	    model_digest(modeltable_find(t, "8861"), ENVELOPE_SHA512), ENVELOPE_SHA512);
	assert_int_equal(model_digest(modeltable_find(t, "8861"), ENVELOPE_SHA1), ENVELOPE_SHA1);
	modeltable_free(t);
	modeltable_free(NULL);
}

static void
modeltable_column_names_are_those_of_the_header(void **state)
{
	char line[sizeof HEADER] = "model";

	(void)state;
	for (int c = 0; c < MODELTABLE_COLUMNS; c++) {
		strcat(line, ",");
		strcat(line, modeltable_column_name((enum modeltable_column)c));
	}
	strcat(line, "\n");
	assert_string_equal(line, HEADER);
	assert_string_equal(modeltable_column_name(MODELTABLE_COLUMNS), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modeltable_builtin_has_every_family_in_order_of_name),
		cmocka_unit_test(modeltable_builtin_says_what_is_documented),
		cmocka_unit_test(modeltable_find_takes_what_people_and_phones_write),
		cmocka_unit_test(modeltable_read_adds_and_replaces),
		cmocka_unit_test(modeltable_read_takes_columns_in_any_order),
		cmocka_unit_test(modeltable_read_refuses_and_changes_nothing),
		cmocka_unit_test(model_answers_what_hurts_least_when_it_is_unknown),
		cmocka_unit_test(modeltable_column_names_are_those_of_the_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
