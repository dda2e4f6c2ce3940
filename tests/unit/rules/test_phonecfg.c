#include "../check.h"

#include "base/mem.h"
#include "rules/phonecfg.h"
#include "vectors.h"

#include <stdlib.h>

static const char whole[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<device xsi:type=\"axl:XIPPhone\" xmlns:xsi=\"urn:x\"><fullConfig>true</fullConfig>\n"
    "<deviceProtocol>SIP</deviceProtocol><deviceSecurityMode>3</deviceSecurityMode>\n"
    "<capfAuthMode> 2 </capfAuthMode><capfList><capf><phonePort>3804</phonePort>"
    "<processNodeName>10.1.1.1</processNodeName></capf><capf><processNodeName>pub.example"
    "</processNodeName></capf><capf><phonePort>1</phonePort></capf></capfList>\n"
    "<TVS><members><member priority=\"2\"><port>2445</port><address>c</address></member>"
    "<member priority=\"0\"><address>a</address></member><member priority=\"3\"><port>4</port>"
    "<address>d</address></member><member priority=\"1\"><port>2</port><address>b</address>"
    "</member><member priority=\"4\"><address/></member></members></TVS>\n"
    "<certHash>00ff</certHash><encrConfig>true</encrConfig></device>";

static void
phonecfg_parse_reads_every_element(void **state)
{
	struct phonecfg c;
	struct err e = { 0 };

	(void)state;
	assert_ok(phonecfg_parse(span_str(whole), &c, &e), e);
	assert_true(c.full_config);
	assert_true(c.encrypted);
	assert_string_equal(c.cert_hash, "00ff");
	assert_int_equal(c.capf_auth, PHONECFG_CAPF_NULL_STRING);
	assert_int_equal(c.mode, PHONECFG_ENCRYPTED);
	assert_int_equal(c.capf_count, 2);
	assert_string_equal(c.capf[0].host, "10.1.1.1");
	assert_int_equal(c.capf[0].port, 3804);
	assert_string_equal(c.capf[1].host, "pub.example");
	assert_int_equal(c.capf[1].port, 0);
	assert_int_equal(c.tvs_count, 3);
	assert_string_equal(c.tvs[0].host, "a");
	assert_int_equal(c.tvs[0].port, 0);
	assert_string_equal(c.tvs[1].host, "b");
	assert_string_equal(c.tvs[2].host, "c");
}

static void
phonecfg_parse_leaves_defaults_for_what_is_absent(void **state)
{
	struct phonecfg c;
	struct err e = { 0 };

	(void)state;
	assert_ok(phonecfg_parse(span_str("<device/>"), &c, &e), e);
	assert_true(c.full_config);
	assert_false(c.encrypted);
	assert_string_equal(c.cert_hash, "");
	assert_int_equal(c.capf_auth, PHONECFG_CAPF_NONE);
	assert_int_equal(c.capf_count, 0);
	assert_int_equal(c.tvs_count, 0);
}

static void
phonecfg_parse_reads_the_stubs_of_the_vectors(void **state)
{
	struct bytes file;
	struct phonecfg c;
	struct err e = { 0 };
	const uint8_t *xml;

	(void)state;
	assert_true(vectors_read("enc/SEP001122334455.cnf.xml.sgn", &file));
	xml = memmem(file.p, file.n, "<?xml", 5);
	assert_non_null(xml);
	assert_ok(phonecfg_parse(span_of(xml, file.n - (size_t)(xml - file.p)), &c, &e), e);
	assert_false(c.full_config);
	assert_true(c.encrypted);
	assert_int_equal(strlen(c.cert_hash), 32);
	assert_int_equal(c.capf_auth, PHONECFG_CAPF_NULL_STRING);
	bytes_free(&file);
	assert_true(vectors_read("enc/SEP001122334455.cnf.xml.plain", &file));
	assert_ok(phonecfg_parse(bytes_span(&file), &c, &e), e);
	assert_true(c.full_config);
	assert_string_equal(c.capf[0].host, "capf.example.com");
	bytes_free(&file);
}

static void
phonecfg_parse_refuses(void **state)
{
	static const struct {
		const char *xml;
		enum err_code code;
		const char *part;
	} cases[] = {
		{ "<!DOCTYPE device [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
		  "<device><certHash>&x;</certHash></device>",
		    ERR_REFUSED, "document type" },
		{ "<!DOCTYPE device SYSTEM \"http://127.0.0.1:1/x.dtd\"><device/>", ERR_REFUSED,
		    "document type" },
		{ "<!DOCTYPE d [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;\">"
		  "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY f \"&c;&c;&c;&c;&c;&c;&c;\">]>"
		  "<device><certHash>&f;</certHash></device>",
		    ERR_REFUSED, "document type" },
		{ "<device><certHash>&x;</certHash></device>", ERR_MALFORMED, "well-formed" },
		{ "", ERR_MALFORMED, "empty" },
		{ "\n<device>\n<certHash></device>", ERR_MALFORMED, "line 3" },
		{ "<phone/>", ERR_MALFORMED, "root" },
		{ "<device><encrConfig>yes</encrConfig></device>", ERR_MALFORMED, "encrConfig" },
		{ "<device><capfAuthMode>5</capfAuthMode></device>", ERR_MALFORMED, "0 to 4" },
		{ "<device><capfAuthMode>-1</capfAuthMode></device>", ERR_MALFORMED, "0 to 4" },
		{ "<device><deviceSecurityMode>4</deviceSecurityMode></device>", ERR_MALFORMED,
		    "0 to 3" },
		{ "<device><capfList><capf><phonePort>65536</phonePort><processNodeName>a"
		  "</processNodeName></capf></capfList></device>",
		    ERR_MALFORMED, "a port" },
		{ "<device><capfList><capf><processNodeName>a b</processNodeName></capf>"
		  "</capfList></device>",
		    ERR_MALFORMED, "host" },
		{ "<device><capfList><capf><processNodeName>a&#27;[2J</processNodeName></capf>"
		  "</capfList></device>",
		    ERR_MALFORMED, "well-formed" },
		{ "<device><TVS><members><member priority=\"x\"><address>a</address></member>"
		  "</members></TVS></device>",
		    ERR_MALFORMED, "priority" },
	};
	struct phonecfg c;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_fails(phonecfg_parse(span_str(cases[i].xml), &c, &e), e, cases[i].code,
		    cases[i].part);
}

static void
phonecfg_parse_caps_sizes_and_depth(void **state)
{
	char *big = mem_new(PHONECFG_MAX + 1, 1);
	struct phonecfg c;
	struct err e;

	(void)state;
	memset(big, ' ', PHONECFG_MAX + 1);
	assert_fails(
	    phonecfg_parse(span_of(big, PHONECFG_MAX + 1), &c, &e), e, ERR_LIMIT, "550001");
	for (size_t i = 0; i + 3 <= PHONECFG_MAX; i += 3)
		memcpy(big + i, "<a>", 3);
	assert_fails(phonecfg_parse(span_of(big, PHONECFG_MAX), &c, &e), e, ERR_MALFORMED, "line");
	free(big);
}

static void
phonecfg_parse_refuses_more_servers_than_phones_read(void **state)
{
	char xml[2048] = "<device><capfList>";
	struct phonecfg c;
	struct err e;

	(void)state;
	for (int i = 0; i < PHONECFG_CAPF_MAX + 1; i++)
		strcat(xml, "<capf><processNodeName>a</processNodeName></capf>");
	strcat(xml, "</capfList></device>");
	assert_fails(phonecfg_parse(span_str(xml), &c, &e), e, ERR_LIMIT, "over 5");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phonecfg_parse_reads_every_element),
		cmocka_unit_test(phonecfg_parse_leaves_defaults_for_what_is_absent),
		cmocka_unit_test(phonecfg_parse_reads_the_stubs_of_the_vectors),
		cmocka_unit_test(phonecfg_parse_refuses),
		cmocka_unit_test(phonecfg_parse_caps_sizes_and_depth),
		cmocka_unit_test(phonecfg_parse_refuses_more_servers_than_phones_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
