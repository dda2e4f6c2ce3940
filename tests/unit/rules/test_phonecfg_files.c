#include "../check.h"

#include "rules/phonecfg_files.h"

static void
check(const char *xml, const char *want)
{
	struct phonecfg_files files;
	char got[PHONECFG_FILES_MAX * PHONECFG_FILE_NAME_MAX] = "";
	struct err e = { 0 };

	assert_ok(phonecfg_files(span_str(xml), &files, &e), e);
	for (size_t i = 0; i < files.count; i++) {
		size_t n = strlen(got);

		snprintf(got + n, sizeof got - n, "%s%s ", files.file[i].name,
		    files.file[i].is_firmware ? "(firmware)" : "");
	}
	assert_string_equal(got, want);
}

static void
phonecfg_files_names_what_the_configuration_names(void **state)
{
	(void)state;
	check("<device/>", "Ringlist.xml ");
	check("<device><loadInformation>sip88xx.14-2-1</loadInformation><sipProfile>"
	      "<dialTemplate>dial.xml</dialTemplate><softKeyFile>SK1.xml</softKeyFile></sipProfile>"
	      "<featurePolicyFile>fp.xml</featurePolicyFile></device>",
	    "SK1.xml dial.xml fp.xml sip88xx.14-2-1.loads(firmware) Ringlist.xml ");
	check("<device><name>no locale</name><userLocale><uid/><name>English_United_States</name>"
	      "</userLocale><networkLocale>New_Zealand</networkLocale></device>",
	    "New_Zealand/g3-tones.xml English_United_States/mk-sip.jar Ringlist.xml ");
}

static void
phonecfg_files_leaves_out_what_is_no_file_name(void **state)
{
	char xml[400], name[200];

	(void)state;
	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = '\0';
	check("<device><softKeyFile/><dialTemplate>two words</dialTemplate>"
	      "<featurePolicyFile>\xc3\xa9\x0a</featurePolicyFile></device>",
	    "Ringlist.xml ");
	snprintf(xml, sizeof xml, "<device><softKeyFile>%s</softKeyFile></device>", name);
	check(xml, "Ringlist.xml ");
	name[120] = '\0';
	snprintf(xml, sizeof xml, "<device><networkLocale>%s</networkLocale></device>", name);
	check(xml, "Ringlist.xml ");
}

static void
phonecfg_files_reads_no_broken_xml(void **state)
{
	struct phonecfg_files files;
	struct err e;

	(void)state;
	assert_fails(phonecfg_files(span_str("<device>"), &files, &e), e, ERR_MALFORMED, "line 1");
	assert_int_equal(files.count, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phonecfg_files_names_what_the_configuration_names),
		cmocka_unit_test(phonecfg_files_leaves_out_what_is_no_file_name),
		cmocka_unit_test(phonecfg_files_reads_no_broken_xml),
	};

	return cmocka_run_group_tests_name("phonecfg_files", tests, NULL, NULL);
}
