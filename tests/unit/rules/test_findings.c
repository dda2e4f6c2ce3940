#include "../check.h"

#include "rules/findings.h"
#include "rules/phonecfg.h"

#include <stdlib.h>

#define PHONE   "SEP001122AABBCC.cnf.xml"
#define GOOD    "<device><fullConfig>true</fullConfig></device>"
#define MAX     1000000
#define FOLDER  .is_folder = true, .readable = true
#define FILE_OF .is_file = true, .readable = true, .size

/* content NULL: its size alone is judged. */
static const struct {
	struct findings_entry en;
	const char *content;
	enum findings_severity severity;
	unsigned line;
	const char *text; /* part of it; NULL: nothing is wrong */
} judged[] = {
	/* what is well */
	{ { "sub", FOLDER }, NULL, 0, 0, NULL },
	{ { "ringlist.xml", FILE_OF = 10 }, NULL, 0, 0, NULL },
	{ { "sub/term88.loads", FILE_OF = 10 }, NULL, 0, 0, NULL },
	{ { "sip88xx.sbn.sgn", FILE_OF = 10 }, NULL, 0, 0, NULL },
	{ { PHONE, FILE_OF = 10 }, GOOD, 0, 0, NULL },
	{ { PHONE, FILE_OF = PHONECFG_MAX, .is_link = true }, GOOD, 0, 0, NULL },
	{ { "XMLDefault.cnf.xml", FILE_OF = 10 }, "<Default></Default>", 0, 0, NULL },
	{ { "ATA001122AABBCC.cnf.xml", FILE_OF = 10 }, GOOD, 0, 0, NULL },
	{ { "MySoftPhone.cnf.xml", FILE_OF = 10 }, GOOD, 0, 0, NULL },
	{ { "old/sep001122aabbcc.cnf.xml", FILE_OF = 10 }, NULL, 0, 0, NULL },
	{ { "old/ITLFile.tlv", FILE_OF = 10 }, NULL, 0, 0, NULL },
	/* lists of another server */
	{ { "ITLFile.tlv", FILE_OF = 10 }, NULL, FINDINGS_NOTE, 0, "makes the trust lists itself" },
	{ { "CTLSEP001122AABBCC.tlv", FILE_OF = 10 }, NULL, FINDINGS_NOTE, 0, "never served" },
	{ { "ctlsep001122aabbcc.tlv", FILE_OF = 10 }, NULL, FINDINGS_NOTE, 0, "never served" },
	{ { "CTLSEP001122AABBCC.tlv", FILE_OF = 0 }, NULL, FINDINGS_NOTE, 0, "empty stub" },
	/* signed or encrypted by hand */
	{ { PHONE ".sgn", FILE_OF = 10, .plain_beside = true }, NULL, FINDINGS_NOTE, 0,
	    PHONE " lies beside it, and Sealtone signs that itself" },
	{ { PHONE ".sgn", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, "put " PHONE " here" },
	{ { PHONE ".enc.sgn", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, "Sealtone encrypts it" },
	{ { "sep001122aabbcc.cnf.xml.sgn", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, "put sep00" },
	{ { "ringlist.xml.sgn", FILE_OF = 10, .plain_beside = true }, NULL, FINDINGS_NOTE, 0,
	    "ringlist.xml lies beside it" },
	{ { "sub/ringlist.xml.enc.sgn", FILE_OF = 10 }, NULL, FINDINGS_NOTE, 0,
	    "encrypted elsewhere" },
	/* names in other letters, and of no phone */
	{ { "sep001122aabbcc.cnf.xml", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0,
	    "phones ask for " PHONE ": rename" },
	{ { "SEP001122aabbcc.cnf.xml", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, PHONE },
	{ { "Sep001122AABBCC.cnf.xml", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, PHONE },
	{ { "SEP001122AABBCC.CNF.XML", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, PHONE },
	{ { "SEP00:11:22:AA:BB:CC.cnf.xml", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, PHONE },
	{ { "SEP0011-22aa-bbcc.cnf.xml", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, PHONE },
	{ { "ata001122aabbcc.cnf.xml", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0,
	    "ATA001122AABBCC.cnf.xml" },
	{ { "xmldefault.cnf.xml", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, "XMLDefault.cnf.xml" },
	{ { "SEP001122AABBC.cnf.xml", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0,
	    "11 digits follow SEP, and a MAC has 12" },
	{ { "SEP001122AABBCCD.cnf.xml", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, "13 digits" },
	{ { "SEP.cnf.xml", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, "0 digits" },
	{ { "SEP001122AABBCX.cnf.xml", FILE_OF = 10 }, NULL, FINDINGS_ERROR, 0, "0 to 9 and A" },
	{ { "caf\xc3\xa9.xml", FILE_OF = 10 }, NULL, FINDINGS_NOTE, 0, "non-ASCII byte" },
	{ { "back\\slash", FOLDER }, NULL, FINDINGS_NOTE, 0, "backslash" },
	/* what cannot be served */
	{ { "sub", .is_folder = true }, NULL, FINDINGS_ERROR, 0, "chmod o+rx" },
	{ { PHONE, .is_file = true }, NULL, FINDINGS_ERROR, 0, "chmod o+r" },
	{ { "link", .is_link = true, .readable = true, .leads_out = true }, NULL, FINDINGS_ERROR, 0,
	    "leads out" },
	{ { "link", .is_link = true }, NULL, FINDINGS_ERROR, 0, "leads to nothing" },
	{ { "pipe", .readable = true }, NULL, FINDINGS_NOTE, 0, "no regular file" },
	{ { "load.sbn", FILE_OF = MAX + 1 }, NULL, FINDINGS_ERROR, 0, "max-file-size" },
	/* configurations */
	{ { PHONE, FILE_OF = PHONECFG_MAX + 1 }, NULL, FINDINGS_ERROR, 0, "550002 bytes" },
	{ { PHONE, FILE_OF = 10 }, "<device>\n<a>\n</device>", FINDINGS_ERROR, 3,
	    "not well-formed XML: Opening and ending tag mismatch: a line 2 and device; the phone "
	    "gets" },
	/* what Sealtone puts in itself may be wrong there */
	{ { PHONE, FILE_OF = 10 }, "<device><capfAuthMode>9</capfAuthMode></device>", 0, 0, NULL },
	{ { PHONE, FILE_OF = 10 }, "", FINDINGS_ERROR, 0, "empty" },
	{ { PHONE, FILE_OF = 10 }, "<Default/>", FINDINGS_ERROR, 1, "not 'device'" },
	{ { "XMLDefault.cnf.xml", FILE_OF = 10 }, GOOD, FINDINGS_ERROR, 1, "not 'Default'" },
	{ { PHONE, FILE_OF = 10 }, "<!DOCTYPE device []><device/>", FINDINGS_ERROR, 0,
	    "document type" },
};

static void
findings_judge_says_what_is_wrong_and_what_to_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof judged / sizeof judged[0]; i++) {
		struct findings_entry en = judged[i].en;
		struct finding found[FINDINGS_MAX];
		size_t n;

		en.max_size = MAX;
		if (judged[i].content != NULL)
			en.content = span_str(judged[i].content);
		n = findings_judge(&en, found);
		if (judged[i].text == NULL && n == 0)
			continue;
		if (n != 1 || judged[i].text == NULL ||
		    strstr(found[0].text, judged[i].text) == NULL ||
		    found[0].severity != judged[i].severity || found[0].line != judged[i].line)
			fail_msg("%s (row %zu): %zu findings, line %u: %s", en.path, i, n,
			    n > 0 ? found[0].line : 0, n > 0 ? found[0].text : "");
	}
}

static void
findings_judge_says_everything_about_one_entry(void **state)
{
	const struct findings_entry en = { "sep001122aabbcc.cnf.xml", .is_file = true, .size = 10,
		.max_size = MAX };
	struct finding found[FINDINGS_MAX];

	(void)state;
	assert_int_equal(findings_judge(&en, found), 2);
	assert_non_null(strstr(found[0].text, "chmod"));
	assert_non_null(strstr(found[1].text, "rename"));
}

static void
findings_ask_for_the_content_of_configurations_only(void **state)
{
	char plain[FNAME_MAX + 1];

	(void)state;
	assert_true(findings_wants_content(PHONE, PHONECFG_MAX));
	assert_true(findings_wants_content("XMLDefault.cnf.xml", 1));
	assert_false(findings_wants_content(PHONE, PHONECFG_MAX + 1));
	assert_false(findings_wants_content(PHONE ".sgn", 1));
	assert_false(findings_wants_content("ringlist.xml", 1));
	assert_false(findings_wants_content("../" PHONE, 1));
	assert_true(findings_plain("sub/x.enc.sgn", plain));
	assert_string_equal(plain, "sub/x");
	assert_false(findings_plain("sub/x", plain));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_judge_says_what_is_wrong_and_what_to_do),
		cmocka_unit_test(findings_judge_says_everything_about_one_entry),
		cmocka_unit_test(findings_ask_for_the_content_of_configurations_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
