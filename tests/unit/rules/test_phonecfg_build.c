#include "../check.h"

#include "base/mem.h"
#include "sample.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* What a wish may name: below the root, and in what is the administrator's besides. */
static const char *const named[] = { "fullConfig", "TVS", "versionStamp", "deviceSecurityMode",
	"secureAuthenticationURL", "secureDirectoryURL", "secureServicesURL", "secureMessagesURL",
	"secureInformationURL", "secureIdleURL", "transportLayerProtocol", "capfAuthMode",
	"capfList", "certHash", "encrConfig" };
static const char *const named_inside[] = { "processNodeName", "sipPort", "hashAlg", "certHash1",
	"certHash2", "certHash3" };

static bool
is_in(const xmlNode *n, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (n->ns == NULL && strcmp((const char *)n->name, names[i]) == 0)
			return true;
	return false;
}

static void
strip_named(xmlNode *parent, bool top)
{
	for (xmlNode *n = parent->children, *next; n != NULL; n = next) {
		next = n->next;
		if (n->type != XML_ELEMENT_NODE)
			continue;
		if (top ? is_in(n, named, COUNT(named))
			: is_in(n, named_inside, COUNT(named_inside))) {
			xmlUnlinkNode(n);
			xmlFreeNode(n);
		} else
			strip_named(n, false);
	}
}

/* Canonical XML with comments, without what a wish names. Freed with xmlFree. */
static char *
canonical(struct span xml)
{
	xmlDoc *doc = xmlReadMemory((const char *)xml.p, (int)xml.n, NULL, NULL, XML_PARSE_NONET);
	xmlChar *out = NULL;

	assert_non_null(doc);
	strip_named(xmlDocGetRootElement(doc), true);
	assert_true(xmlC14NDocDumpMemory(doc, NULL, XML_C14N_1_0, NULL, 1, &out) > 0);
	xmlFreeDoc(doc);
	return (char *)out;
}

static void
assert_same_otherwise(struct span a, struct span b)
{
	char *ca = canonical(a), *cb = canonical(b);

	assert_string_equal(ca, cb);
	xmlFree(ca);
	xmlFree(cb);
}

static void
phonecfg_build_leaves_all_else_equal(void **state)
{
	struct phonecfg_wish wishes[] = { sample_wish(), { .cert_hash = "" },
		{ .rollback = true } };

	(void)state;
	for (size_t i = 0; i < COUNT(wishes); i++) {
		char *out = sample_built(sample_xml, &wishes[i]);

		assert_same_otherwise(span_str(sample_xml), span_str(out));
		sample_has(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>");
		sample_has(out, "<![CDATA[ <raw> & ]]&gt; ]]>");
		sample_has(out, "<axl:certHash>another's</axl:certHash>");
		free(out);
	}
}

static void
phonecfg_build_of_what_was_built_is_the_same(void **state)
{
	struct phonecfg_wish wishes[] = { sample_wish(), { .cert_hash = "" }, { .rollback = true },
		{ .secure_url = { "https://a:8443/x" }, .rollback = true } };
	static const char *const files[] = { sample_xml, "<device/>", "<device></device>",
		"<device xmlns=\"urn:x\"><certHash>1</certHash></device>",
		"<device><versionStamp>old</versionStamp><n><versionStamp>00000000-0000-0000-0000-"
		"000000000000</versionStamp></n></device>" };

	(void)state;
	for (size_t f = 0; f < COUNT(files); f++)
		for (size_t i = 0; i < COUNT(wishes); i++) {
			char *once = sample_built(files[f], &wishes[i]);
			char *twice = sample_built(once, &wishes[i]);

			assert_string_equal(once, twice);
			sample_lacks(once, "<versionStamp/>");
			free(once);
			free(twice);
		}
}

static void
phonecfg_build_is_read_back(void **state)
{
	struct phonecfg_wish w = sample_wish();
	char *out = sample_built(sample_xml, &w);
	struct phonecfg c;
	struct err e = { 0 };

	(void)state;
	assert_ok(phonecfg_parse(span_str(out), &c, &e), e);
	assert_true(c.full_config);
	assert_true(c.encrypted);
	assert_int_equal(c.capf_auth, PHONECFG_CAPF_NULL_STRING);
	assert_int_equal(c.mode, PHONECFG_ENCRYPTED);
	assert_int_equal(c.capf_count, 2);
	assert_string_equal(c.capf[1].host, "10.0.0.2");
	assert_int_equal(c.capf[1].port, 3804);
	assert_int_equal(c.tvs_count, 3);
	assert_string_equal(c.tvs[0].host, "10.0.0.1");
	assert_int_equal(c.tvs[1].port, 2445);
	assert_int_equal(c.tvs[2].port, 99);
	free(out);
}

/* In the order in which Unified CM writes them, at the end, with nothing in between. */
static void
phonecfg_build_appends_what_is_missing(void **state)
{
	struct phonecfg_wish w = sample_wish();
	char *out;

	(void)state;
	w.vpn_count = 0;
	w.tvs_count = w.capf_count = w.manager_count = 1;
	out = sample_built("<device>\n <a/>\n</device>", &w);
	memset(strstr(out, "<versionStamp>") + 14, 'v', 36);
	assert_string_equal(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<device>\n <a/>\n"
	    "<fullConfig>true</fullConfig>"
	    "<devicePool><callManagerGroup><members><member priority=\"0\"><callManager><ports>"
	    "<ethernetPhonePort>2000</ethernetPhonePort><sipPort>5060</sipPort>"
	    "<securedSipPort>5061</securedSipPort></ports><processNodeName>10.0.0.1"
	    "</processNodeName></callManager></member></members></callManagerGroup></devicePool>"
	    "<TVS><members><member priority=\"0\"><port>2445</port><address>10.0.0.1</address>"
	    "</member></members></TVS>"
	    "<versionStamp>vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv</versionStamp>"
	    "<deviceSecurityMode>3</deviceSecurityMode>"
	    "<secureAuthenticationURL>https://10.0.0.1:8443/auth</secureAuthenticationURL>"
	    "<secureDirectoryURL>https://10.0.0.1:8443/dir</secureDirectoryURL>"
	    "<transportLayerProtocol>3</transportLayerProtocol>"
	    "<capfAuthMode>2</capfAuthMode>"
	    "<capfList><capf><phonePort>3804</phonePort><processNodeName>10.0.0.1"
	    "</processNodeName></capf></capfList>"
	    "<certHash>00112233445566778899aabbccddeeff</certHash>"
	    "<encrConfig>true</encrConfig></device>\n");
	free(out);
}

static void
phonecfg_build_gives_xmldefault_only_servers(void **state)
{
	static const char xml[] = "<Default><callManagerGroup/><loadInformation8 model=\"x\">l"
				  "</loadInformation8></Default>";
	struct phonecfg_wish w = sample_wish();
	struct bytes out;
	struct err e;
	char *text;

	(void)state;
	assert_fails(
	    phonecfg_build(span_str(xml), &w, &out, NULL, &e), e, ERR_MALFORMED, "'device'");
	w.is_default = true;
	assert_fails(phonecfg_build(span_str("\n<device/>"), &w, &out, NULL, &e), e, ERR_MALFORMED,
	    "line 2");
	w.tvs_count = w.manager_count = 1;
	text = sample_built(xml, &w);
	assert_string_equal(text,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Default><callManagerGroup><members>"
	    "<member priority=\"0\"><callManager><ports><ethernetPhonePort>2000"
	    "</ethernetPhonePort><sipPort>5060</sipPort><securedSipPort>5061</securedSipPort>"
	    "</ports><processNodeName>10.0.0.1</processNodeName></callManager></member></members>"
	    "</callManagerGroup><loadInformation8 model=\"x\">l</loadInformation8><TVS><members>"
	    "<member priority=\"0\"><port>2445</port><address>10.0.0.1</address></member>"
	    "</members></TVS></Default>\n");
	free(text);
}

static void
phonecfg_build_writes_utf8_whatever_comes_in(void **state)
{
	static const char latin1[] = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n"
				     "<device><l>J\xf6rg</l></device>";
	static const uint8_t utf16[] = "\xff\xfe<\0d\0e\0v\0i\0c\0e\0>\0\xf6\0<\0/\0d\0e\0v\0i\0"
				       "c\0e\0>";
	struct phonecfg_wish w = sample_wish();
	struct bytes out;
	struct err e = { 0 };

	(void)state;
	w.manager_count = 0;
	assert_ok(phonecfg_build(span_str(latin1), &w, &out, NULL, &e), e);
	assert_non_null(memmem(out.p, out.n, "encoding=\"UTF-8\"", 16));
	assert_non_null(memmem(out.p, out.n, "J\xc3\xb6rg", 5));
	assert_same_otherwise(span_str(latin1), bytes_span(&out));
	bytes_free(&out);
	assert_ok(phonecfg_build(span_of(utf16, sizeof utf16), &w, &out, NULL, &e), e);
	assert_non_null(memmem(out.p, out.n, "<device>\xc3\xb6<", 11));
	bytes_free(&out);
}

static void
phonecfg_build_refuses(void **state)
{
	static const struct {
		const char *xml;
		enum err_code code;
		const char *part;
	} cases[] = {
		{ "", ERR_MALFORMED, "empty" },
		{ "<device>\n<a>\n</device>", ERR_MALFORMED,
		    "line 3: not well-formed XML: Opening and ending tag mismatch: a line 2 and" },
		{ "<device>\n<a>\n</b>\n<c>\n</device>\n", ERR_MALFORMED, "line 3" },
		{ "<device/>\n<device/>", ERR_MALFORMED, "line 2" },
		{ "\n\n<phone/>", ERR_MALFORMED, "line 3: the root element is not 'device'" },
		{ "<!DOCTYPE device SYSTEM \"file:///etc/passwd\"><device/>", ERR_REFUSED,
		    "document type" },
		{ "<!DOCTYPE d [<!ENTITY x \"y\">]><device>&x;</device>", ERR_REFUSED,
		    "document type" },
		{ "<device>\n&x;</device>", ERR_MALFORMED, "line 2" },
		{ "<device>\xff</device>", ERR_MALFORMED, "line 1" },
		{ "<device>\n<a xmlns:x=\"urn:a&amp;b\"/></device>", ERR_REFUSED,
		    "line 2: the name" },
	};
	struct phonecfg_wish w = sample_wish();
	struct bytes out;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_fails(phonecfg_build(span_str(cases[i].xml), &w, &out, NULL, &e), e,
		    cases[i].code, cases[i].part);
}

/* A configuration of which exactly size bytes are built. */
static struct bytes
built_of_size(size_t size, bool *ok, struct err *e)
{
	struct phonecfg_wish w = { .cert_hash = "" };
	size_t frame = strlen("<device></device>"), over;
	char *small = sample_built("<device>x</device>", &w), *xml;
	struct bytes out = { 0 };

	over = strlen(small) - 1;
	free(small);
	xml = mem_new(size, 1);
	memcpy(xml, "<device>", 8);
	memset(xml + 8, 'x', size - over);
	memcpy(xml + 8 + size - over, "</device>", 9);
	*ok = phonecfg_build(span_of(xml, size - over + frame), &w, &out, NULL, e);
	free(xml);
	return out;
}

static void
phonecfg_build_allows_what_a_phone_loads_and_not_a_byte_more(void **state)
{
	struct bytes out;
	struct err e = { 0 };
	bool ok;

	(void)state;
	out = built_of_size(PHONECFG_MAX, &ok, &e);
	assert_ok(ok, e);
	assert_int_equal(out.n, 550001);
	bytes_free(&out);
	built_of_size(PHONECFG_MAX + 1, &ok, &e);
	assert_false(ok);
	assert_int_equal(e.code, ERR_LIMIT);
	assert_non_null(strstr(e.text, "550002 bytes when built"));
	assert_non_null(strstr(e.text, "phones load 550001"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phonecfg_build_leaves_all_else_equal),
		cmocka_unit_test(phonecfg_build_of_what_was_built_is_the_same),
		cmocka_unit_test(phonecfg_build_is_read_back),
		cmocka_unit_test(phonecfg_build_appends_what_is_missing),
		cmocka_unit_test(phonecfg_build_gives_xmldefault_only_servers),
		cmocka_unit_test(phonecfg_build_writes_utf8_whatever_comes_in),
		cmocka_unit_test(phonecfg_build_refuses),
		cmocka_unit_test(phonecfg_build_allows_what_a_phone_loads_and_not_a_byte_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
