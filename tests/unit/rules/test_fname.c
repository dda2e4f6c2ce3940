#include "../check.h"

#include "rules/fname.h"
#include "wire/httpfield.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

struct meaning {
	const char *name;
	enum fname_kind kind;
	const char *device; /* NULL: none */
	bool is_signed, is_encrypted;
	const char *plain; /* NULL: as asked */
};

static const struct meaning meanings[] = {
	{ "CTLSEP001122334455.tlv", FNAME_CTL, "SEP001122334455", false, false, NULL },
	{ "CTLFile.tlv", FNAME_CTL, NULL, false, false, NULL },
	{ "ITLSEPAABBCCDDEEFF.tlv", FNAME_ITL, "SEPAABBCCDDEEFF", false, false, NULL },
	{ "ITLFile.tlv", FNAME_ITL, NULL, false, false, NULL },
	{ "SEP001122334455.cnf.xml", FNAME_CONFIG, "SEP001122334455", false, false, NULL },
	{ "SEP001122334455.cnf.xml.sgn", FNAME_CONFIG, "SEP001122334455", true, false,
	    "SEP001122334455.cnf.xml" },
	{ "SEP001122334455.cnf.xml.enc.sgn", FNAME_CONFIG, "SEP001122334455", true, true,
	    "SEP001122334455.cnf.xml" },
	{ "ATA001122334455.cnf.xml", FNAME_CONFIG, "ATA001122334455", false, false, NULL },
	{ "CSFalice.cnf.xml.sgn", FNAME_CONFIG, "CSFalice", true, false, "CSFalice.cnf.xml" },
	{ "XMLDefault.cnf.xml", FNAME_CONFIG, NULL, false, false, NULL },
	{ "XMLDefault.cnf.xml.sgn", FNAME_CONFIG, NULL, true, false, "XMLDefault.cnf.xml" },
	{ "Ringlist.xml.sgn", FNAME_OTHER, NULL, true, false, "Ringlist.xml" },
	{ "English_United_States/g3-tones.xml.sgn", FNAME_OTHER, NULL, true, false,
	    "English_United_States/g3-tones.xml" },
	{ "Desktops/320x212x12/List.xml", FNAME_OTHER, NULL, false, false, NULL },
	{ "a b (1)%2f~$HOME.png", FNAME_OTHER, NULL, false, false, NULL },
	{ "x", FNAME_OTHER, NULL, false, false, NULL },
	{ "x.sgn.sgn", FNAME_OTHER, NULL, true, false, "x.sgn" },
	{ "sgn", FNAME_OTHER, NULL, false, false, NULL },
	/* a lower-case MAC is no phone's */
	{ "SEPaabbccddeeff.cnf.xml", FNAME_OTHER, NULL, false, false, NULL },
	{ "sepAABBCCDDEEFF.cnf.xml", FNAME_OTHER, NULL, false, false, NULL },
	{ "sep001122334455.cnf.xml", FNAME_OTHER, NULL, false, false, NULL },
	{ "ATAaabbccddeeff.cnf.xml", FNAME_OTHER, NULL, false, false, NULL },
	{ "CTLSEPaabbccddeeff.tlv", FNAME_OTHER, NULL, false, false, NULL },
	{ "ITLsep001122334455.tlv", FNAME_OTHER, NULL, false, false, NULL },
	{ "itlfile.tlv", FNAME_OTHER, NULL, false, false, NULL },
	/* nearly */
	{ "SEP00112233445.cnf.xml", FNAME_OTHER, NULL, false, false, NULL },
	{ "SEP0011223344556.cnf.xml", FNAME_OTHER, NULL, false, false, NULL },
	{ "CTL.tlv", FNAME_OTHER, NULL, false, false, NULL },
	{ "CTLSEP00112233445.tlv", FNAME_OTHER, NULL, false, false, NULL },
	{ "ITLFile.tlv.sgn", FNAME_OTHER, NULL, true, false, "ITLFile.tlv" },
	{ "backup/ITLFile.tlv", FNAME_OTHER, NULL, false, false, NULL },
	{ "a/SEP001122334455.cnf.xml", FNAME_OTHER, NULL, false, false, NULL },
	{ "SEP001122334455.cnf.xml.enc", FNAME_OTHER, NULL, false, false, NULL },
	{ "SEP001122334455.CNF.XML", FNAME_OTHER, NULL, false, false, NULL },
	{ "01234567890123456789012345678901.cnf.xml", FNAME_OTHER, NULL, false, false, NULL },
};

static void
fname_parse_tells_what_a_name_means(void **state)
{
	struct fname f;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(meanings); i++) {
		const struct meaning *m = &meanings[i];

		assert_ok(fname_parse(span_str(m->name), &f, &e), e);
		if (f.kind != m->kind || f.has_device != (m->device != NULL))
			fail_msg("%s: kind %d, device %d", m->name, f.kind, f.has_device);
		assert_string_equal(f.device.name, m->device != NULL ? m->device : "");
		assert_int_equal(f.is_signed, m->is_signed);
		assert_int_equal(f.is_encrypted, m->is_encrypted);
		assert_string_equal(f.path, m->name);
		assert_string_equal(f.plain, m->plain != NULL ? m->plain : m->name);
	}
}

#define EVIL(s, why) \
	{ \
		s, sizeof(s) - 1, why \
	}

static const struct evil {
	const char *name;
	size_t n;
	const char *why;
} evils[] = {
	EVIL("", "empty file name"),
	EVIL("/etc/passwd", "absolute"),
	EVIL("//x", "absolute"),
	EVIL("/", "absolute"),
	EVIL("..", "component .."),
	EVIL("../keys/key", "component .."),
	EVIL("a/../../x", "component .."),
	EVIL("a/..", "component .."),
	EVIL(".", "component ."),
	EVIL("./x", "component ."),
	EVIL("a/./x", "component ."),
	EVIL(".htaccess", "hidden"),
	EVIL("a/.git/config", "hidden"),
	EVIL("...", "hidden"),
	EVIL(".sgn", "hidden"),
	EVIL("a/.enc.sgn", "hidden"),
	EVIL("a//b", "empty component at character 2"),
	EVIL("a/", "empty component"),
	EVIL("..\\..\\boot.ini", "backslash at character 2"),
	EVIL("a\\b", "backslash"),
	EVIL("a\0b", "control byte 0x00 at character 1"),
	EVIL("SEP001122334455.cnf.xml\0", "control byte 0x00"),
	EVIL("a\nb", "control byte 0x0a"),
	EVIL("a\rb", "control byte 0x0d"),
	EVIL("a\033[2J", "control byte 0x1b"),
	EVIL("a\177", "control byte 0x7f"),
	EVIL("caf\303\251.xml", "non-ASCII byte 0xc3 at character 3"),
	EVIL("\300\256\300\256/x", "non-ASCII byte 0xc0"),
	EVIL("\377", "non-ASCII byte 0xff"),
};

static void
fname_parse_refuses_names_that_could_leave_the_folder(void **state)
{
	struct fname f;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(evils); i++)
		assert_fails(fname_parse(span_of(evils[i].name, evils[i].n), &f, &e), e,
		    ERR_REFUSED, evils[i].why);
}

/* What HTTP makes of a target goes the same way: one decoding, then the judgement of names. */
static void
fname_parse_judges_what_targets_of_http_name(void **state)
{
	static const struct {
		const char *target, *path; /* NULL: refused, or no target at all */
	} rows[] = {
		{ "/SEP001122334455.cnf.xml", "SEP001122334455.cnf.xml" },
		{ "/SEP00112233445%35.cnf.xml?x=/../", "SEP001122334455.cnf.xml" },
		{ "http://pub:6970/sub/file.xml", "sub/file.xml" },
		{ "/sub%2ffile.xml", "sub/file.xml" },
		{ "/file;v=1.xml", "file;v=1.xml" },
		{ "/%252e%252e%252fsealtone.conf", "%2e%2e%2fsealtone.conf" },
		{ "/a%20b", "a b" },
		{ "/", NULL },
		{ "//etc/passwd", NULL },
		{ "/%2fetc/passwd", NULL },
		{ "http://x//etc/passwd", NULL },
		{ "file:///etc/passwd", NULL },
		{ "/../sealtone.conf", NULL },
		{ "/%2e%2e/sealtone.conf", NULL },
		{ "/%2E./sealtone.conf", NULL },
		{ "/.%2e/sealtone.conf", NULL },
		{ "/..%2fsealtone.conf", NULL },
		{ "/sub/%2e%2e%2f%2e%2e%2fsealtone.conf", NULL },
		{ "/..;/sealtone.conf", NULL },
		{ "/sub/..;a=b/../x", NULL },
		{ "/..\\sealtone.conf", NULL },
		{ "/..%5csealtone.conf", NULL },
		{ "/%c0%ae%c0%ae/sealtone.conf", NULL },
		{ "/%e0%80%ae%e0%80%ae/sealtone.conf", NULL },
		{ "/..%c0%afsealtone.conf", NULL },
		{ "/%uff0e%uff0e/sealtone.conf", NULL },
		{ "/%ef%bc%8e%ef%bc%8e/sealtone.conf", NULL },
		{ "/file.xml%00.txt", NULL },
		{ "/file.xml%0a", NULL },
		{ "/file.xml%0d%0aX:%20y", NULL },
		{ "/file.xml%7f", NULL },
		{ "/sub//file.xml", NULL },
		{ "/sub/./file.xml", NULL },
		{ "/sub/", NULL },
		{ "/sub%2f", NULL },
		{ "/%2ehidden", NULL },
		{ "/file.xml%", NULL },
		{ "/file.xml%2", NULL },
	};
	struct wr path = wr_new(512);
	struct fname f;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool ok = httpfield_path(span_str(rows[i].target), &path) &&
			  fname_parse(span_str((const char *)path.p + 1), &f, &e);

		if (ok != (rows[i].path != NULL))
			fail_msg("%s", rows[i].target);
		if (ok)
			assert_string_equal(f.path, rows[i].path);
	}
	wr_free(&path);
}

static void
fname_parse_takes_names_up_to_its_limit(void **state)
{
	char name[FNAME_MAX + 1];
	struct fname f;
	struct err e = { 0 };

	(void)state;
	memset(name, 'a', sizeof name);
	assert_ok(fname_parse(span_of(name, FNAME_MAX), &f, &e), e);
	assert_int_equal(strlen(f.path), FNAME_MAX);
	assert_fails(
	    fname_parse(span_of(name, FNAME_MAX + 1), &f, &e), e, ERR_REFUSED, "201 characters");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fname_parse_tells_what_a_name_means),
		cmocka_unit_test(fname_parse_refuses_names_that_could_leave_the_folder),
		cmocka_unit_test(fname_parse_judges_what_targets_of_http_name),
		cmocka_unit_test(fname_parse_takes_names_up_to_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
