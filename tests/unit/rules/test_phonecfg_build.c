#include "../check.h"

#include "base/mem.h"
#include "rules/phonecfg.h"
#include "vectors.h"

#include <libxml/c14n.h>
#include <libxml/parser.h>

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* Everything that must survive: comments, instructions, CDATA, namespaces, references, order. */
static const char rich[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
    "<!-- before --><?xml-stylesheet href=\"a.xsl\"?>\n"
    "<device xmlns:axl=\"urn:axl\" axl:type=\"x &amp; &quot;y&quot; &#10;z\" b='1' a='2'>\n"
    "  <!-- a comment\n of the administrator -->\n"
    "  <deviceProtocol>SIP</deviceProtocol>\r\n"
    "  <fullConfig>maybe</fullConfig>\n"
    "  <axl:certHash>another's</axl:certHash>\n"
    "  <devicePool uuid=\"{1}\">\n"
    "    <dateTimeSetting><dateTemplate>D/M/Ya</dateTemplate></dateTimeSetting>\n"
    "    <callManagerGroup><!-- the group --><members>\n"
    "      <member priority=\"1\"><callManager><name>second</name><ports>"
    "<ethernetPhonePort>2000</ethernetPhonePort><sipPort>5070</sipPort>"
    "</ports><processNodeName>old2</processNodeName></callManager></member>\n"
    "      <member priority=\"0\"><callManager><name>first</name><ports>"
    "<sipPort>5080</sipPort><securedSipPort>5081</securedSipPort><mgcpPorts><listen>2427"
    "</listen></mgcpPorts></ports><processNodeName>old1</processNodeName></callManager>"
    "</member>\n"
    "    </members></callManagerGroup>\n"
    "  </devicePool>\n"
    "  <sipProfile><natEnabled/><phoneLabel> J\xc3\xb6rg &lt;1&gt; </phoneLabel>\n"
    "  <![CDATA[ <raw> & ]]&gt; ]]></sipProfile>\n"
    "  <certHash>ff<!-- kept --></certHash>\n"
    "  <?keep me?>\n"
    "  <vpnGroup><mtu>1290</mtu><credentials><certHash1>x</certHash1><certHash3>y</certHash3>"
    "<note/></credentials></vpnGroup>\n"
    "  <servicesURL>http://10.0.0.9/s</servicesURL>\n"
    "  <secureServicesURL>https://10.0.0.9:8443/s</secureServicesURL>\n"
    "  <capfList><capf><extra/><phonePort>1</phonePort></capf><capf/></capfList>\n"
    "  <certHash>second</certHash><encrConfig>true</encrConfig>\n"
    "</device>\n"
    "<!-- after -->\n";

/* What a wish may name: below the root, and in what is the administrator's besides. */
static const char *const named[] = { "fullConfig", "TVS", "versionStamp", "deviceSecurityMode",
	"secureAuthenticationURL", "secureDirectoryURL", "secureServicesURL", "secureMessagesURL",
	"secureInformationURL", "secureIdleURL", "transportLayerProtocol", "capfAuthMode",
	"capfList", "certHash", "encrConfig" };
static const char *const named_inside[] = { "processNodeName", "sipPort", "hashAlg", "certHash1",
	"certHash2", "certHash3" };

static struct phonecfg_wish
wish_whole(void)
{
	static const uint8_t sha1[2][20] = { { 0 }, { 0xff, 0xff } };

	return (struct phonecfg_wish){
		.capf = { { "10.0.0.1", 3804 }, { "10.0.0.2", 0 } },
		.capf_count = 2,
		.capf_auth = PHONECFG_CAPF_NULL_STRING,
		.tvs = { { "10.0.0.1", 2445 }, { "10.0.0.2", 0 }, { "10.0.0.3", 99 } },
		.tvs_count = 3,
		.manager = { { "10.0.0.1", 0 }, { "10.0.0.2", 5066 } },
		.manager_count = 2,
		.mode = PHONECFG_ENCRYPTED,
		.transport = 3,
		.encrypted = true,
		.cert_hash = "00112233445566778899aabbccddeeff",
		.vpn_sha1 = { { sha1[0], 20 }, { sha1[1], 20 } },
		.vpn_count = 2,
		.secure_url = { "https://10.0.0.1:8443/auth", "https://10.0.0.1:8443/dir" },
	};
}

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

/* Built, as a string. Owned by the caller. */
static char *
built(const char *xml, const struct phonecfg_wish *w)
{
	struct bytes out;
	struct err e = { 0 };
	char *text;

	assert_ok(phonecfg_build(span_str(xml), w, &out, &e), e);
	text = mem_text(out.p, out.n);
	bytes_free(&out);
	return text;
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no '%s' in %s", part, text != NULL ? text : "nothing");
}

static void
assert_has_not(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("'%s' in %s", part, text != NULL ? text : "nothing");
}

static void
phonecfg_build_leaves_all_else_equal(void **state)
{
	struct phonecfg_wish wishes[] = { wish_whole(), { .cert_hash = "" }, { .rollback = true } };

	(void)state;
	for (size_t i = 0; i < COUNT(wishes); i++) {
		char *out = built(rich, &wishes[i]);

		assert_same_otherwise(span_str(rich), span_str(out));
		assert_has(out, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>");
		assert_has(out, "<![CDATA[ <raw> & ]]&gt; ]]>");
		assert_has(out, "<axl:certHash>another's</axl:certHash>");
		free(out);
	}
}

static void
phonecfg_build_of_what_was_built_is_the_same(void **state)
{
	struct phonecfg_wish wishes[] = { wish_whole(), { .cert_hash = "" }, { .rollback = true },
		{ .secure_url = { "https://a:8443/x" }, .rollback = true } };
	static const char *const files[] = { rich, "<device/>", "<device></device>",
		"<device xmlns=\"urn:x\"><certHash>1</certHash></device>",
		"<device><versionStamp>old</versionStamp><n><versionStamp>00000000-0000-0000-0000-"
		"000000000000</versionStamp></n></device>" };

	(void)state;
	for (size_t f = 0; f < COUNT(files); f++)
		for (size_t i = 0; i < COUNT(wishes); i++) {
			char *once = built(files[f], &wishes[i]);
			char *twice = built(once, &wishes[i]);

			assert_string_equal(once, twice);
			assert_has_not(once, "<versionStamp/>");
			free(once);
			free(twice);
		}
}

static void
phonecfg_build_is_read_back(void **state)
{
	struct phonecfg_wish w = wish_whole();
	char *out = built(rich, &w);
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
	struct phonecfg_wish w = wish_whole();
	char *out;

	(void)state;
	w.vpn_count = 0;
	w.tvs_count = w.capf_count = w.manager_count = 1;
	out = built("<device>\n <a/>\n</device>", &w);
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
phonecfg_build_changes_in_place(void **state)
{
	static const struct {
		const char *xml;
		struct phonecfg_wish wish;
		const char *has, *has_not;
	} rows[] = {
		{ "<certHash>a<!--c-->b</certHash><z/>", { .cert_hash = "99" },
		    "<device><certHash>99<!--c--></certHash><z/>", NULL },
		{ "<certHash>a</certHash><certHash>b</certHash>", { .cert_hash = NULL },
		    "<certHash/>", "<certHash>" },
		{ "<encrConfig><x/>true</encrConfig><z/>", { .encrypted = false },
		    "<device><encrConfig>false</encrConfig><z/>", NULL },
		{ "<capfAuthMode> 4 </capfAuthMode><z/>", { .capf_auth = PHONECFG_CAPF_STRING },
		    "<capfAuthMode>1</capfAuthMode><z/>", NULL },
		{ "<capfList><capf/></capfList><TVS/><z/>", { .capf_count = 0 }, "<device><z/>",
		    "capfList" },
		{ "<deviceSecurityMode>2</deviceSecurityMode>", { .mode = PHONECFG_MODE_UNSET },
		    "<deviceSecurityMode>2</deviceSecurityMode>", NULL },
		{ "<z/>", { .mode = PHONECFG_MODE_UNSET }, "<z/>", "deviceSecurityMode" },
		{ "<deviceSecurityMode>2</deviceSecurityMode><z/>", { .mode = PHONECFG_NON_SECURE },
		    "<deviceSecurityMode>1</deviceSecurityMode><z/>", NULL },
		{ "<z/>", { .transport = 0 }, "<z/>", "transportLayerProtocol" },
		{ "<transportLayerProtocol>9</transportLayerProtocol>", { .transport = 0 },
		    "<transportLayerProtocol>9</transportLayerProtocol>", NULL },
		{ "<transportLayerProtocol>2</transportLayerProtocol><z/>", { .transport = 4 },
		    "<transportLayerProtocol>4</transportLayerProtocol><z/>", NULL },
		{ "<fullConfig>false</fullConfig><z/>", { .transport = 0 },
		    "<fullConfig>true</fullConfig><z/>", NULL },
		{ "<z/>", { .vpn_count = 0 }, "<z/>", "vpnGroup" },
		{ "<certHash>a</certHash>", { .cert_hash = "<&>" }, "<certHash>&lt;&amp;&gt;<",
		    NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char xml[400], *out;

		snprintf(xml, sizeof xml, "<device>%s</device>", rows[i].xml);
		out = built(xml, &rows[i].wish);
		assert_has(out, rows[i].has);
		if (rows[i].has_not != NULL)
			assert_has_not(out, rows[i].has_not);
		free(out);
	}
}

static void
phonecfg_build_fits_lists_and_keeps_what_else_is_in_them(void **state)
{
	struct phonecfg_wish w = wish_whole();
	char *out = built(rich, &w);

	(void)state;
	/* by priority, not by place; a port that is not wished for stays */
	assert_has(out, "<member priority=\"1\"><callManager><name>second</name><ports>"
			"<ethernetPhonePort>2000</ethernetPhonePort><sipPort>5066</sipPort></ports>"
			"<processNodeName>10.0.0.2</processNodeName></callManager></member>");
	assert_has(out, "<name>first</name><ports><sipPort>5080</sipPort>"
			"<securedSipPort>5081</securedSipPort>");
	assert_has(out, "</ports><processNodeName>10.0.0.1</processNodeName>");
	assert_has(out, "<capfList><capf><extra/><phonePort>3804</phonePort><processNodeName>"
			"10.0.0.1</processNodeName></capf><capf><phonePort>3804</phonePort>"
			"<processNodeName>10.0.0.2</processNodeName></capf></capfList>");
	free(out);
	w.manager_count = w.capf_count = 1;
	out = built(rich, &w);
	assert_has_not(out, "<name>second</name>");
	assert_has_not(out, "10.0.0.2</processNodeName>");
	free(out);
	w.manager_count = 3;
	w.manager[2] = (struct phonecfg_server){ "10.0.0.3", 0 };
	out = built(rich, &w);
	assert_has(out, "<member priority=\"2\"><callManager><ports><ethernetPhonePort>2000<");
	free(out);
	w.manager_count = 0;
	out = built(rich, &w);
	assert_has(out, "<processNodeName>old1</processNodeName>");
	free(out);
}

static void
phonecfg_build_takes_odd_lists(void **state)
{
	struct phonecfg_wish w = { .tvs = { { "a", 0 }, { "b", 0 } }, .tvs_count = 2 };
	char *out = built("<device><TVS><members><member priority=\"0\"><n>1</n></member><x/>"
			  "<member priority=\"0\"><n>2</n></member><member><n>3</n></member>"
			  "<member priority=\"no\"><n>4</n></member><member priority=\"999\"/>"
			  "</members></TVS></device>",
	    &w);

	(void)state;
	assert_has(out, "<TVS><members><member priority=\"0\"><n>1</n><port>2445</port>"
			"<address>a</address></member><x/><member priority=\"1\"><port>2445</port>"
			"<address>b</address></member></members></TVS>");
	free(out);
}

static void
phonecfg_build_writes_vpn_hashes_as_base64(void **state)
{
	struct phonecfg_wish w = wish_whole();
	char *out = built(rich, &w);

	(void)state;
	assert_has(out, "<credentials><certHash1>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</certHash1><note/>"
			"<hashAlg>0</hashAlg><certHash2>//8AAAAAAAAAAAAAAAAAAAAAAAA=</certHash2>"
			"</credentials>");
	free(out);
	out = built("<device><vpnGroup><mtu>1</mtu></vpnGroup></device>", &w);
	assert_has(out, "<vpnGroup><mtu>1</mtu><credentials><hashAlg>0</hashAlg><certHash1>AAA");
	free(out);
}

static void
phonecfg_build_sets_secure_urls(void **state)
{
	static const struct {
		const char *plain, *secure, *wish;
		bool rollback;
		const char *result; /* NULL: none */
	} rows[] = {
		{ NULL, NULL, NULL, false, NULL },
		{ NULL, NULL, NULL, true, NULL },
		{ "http://p/", NULL, NULL, true, NULL },
		{ NULL, NULL, "https://w:1/x?a&amp;b", false, "https://w:1/x?a&amp;b" },
		{ NULL, "https://s/", NULL, false, "https://s/" },
		{ NULL, "https://s/", "", false, "https://s/" },
		{ "http://p/", "https://s/", "https://w/", false, "https://w/" },
		{ "http://p/", "https://s/", "https://w/", true, "http://p/" },
		{ " http://p/\n", "https://s/", NULL, true, "http://p/" },
		{ "https://p:8443/q", "https://s/", NULL, true, "http://p/q" },
		{ "", "https://s:8443/x:9", NULL, true, "http://s/x:9" },
		{ NULL, "HTTPS://s:8443", NULL, true, "http://s" },
		{ NULL, "https://s7/", NULL, true, "http://s7/" },
		{ NULL, "https://10.0.0.1:8443?x", NULL, true, "http://10.0.0.1?x" },
		{ NULL, "https://[2001:db8::1]:8443/x", NULL, true, "http://[2001:db8::1]/x" },
		{ NULL, "https://[2001:db8::1]/x", NULL, true, "http://[2001:db8::1]/x" },
		{ NULL, "http://s:8080/", NULL, true, "http://s:8080/" },
		{ NULL, "https://", NULL, true, "http://" },
		{ NULL, "https://:1", NULL, true, "http://" },
		{ NULL, NULL, "https://w:8443/", true, "http://w/" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct phonecfg_wish w = { .rollback = rows[i].rollback };
		char xml[400], want[200], wish[64], *out;
		const char *plain = rows[i].plain, *secure = rows[i].secure;

		snprintf(xml, sizeof xml, "<device>%s%s%s%s%s%s</device>", plain ? "<idleURL>" : "",
		    plain ? plain : "", plain ? "</idleURL>" : "", secure ? "<secureIdleURL>" : "",
		    secure ? secure : "", secure ? "</secureIdleURL>" : "");
		if (rows[i].wish != NULL) {
			snprintf(wish, sizeof wish, "%s", rows[i].wish);
			if (strstr(wish, "&amp;") != NULL)
				snprintf(wish, sizeof wish, "https://w:1/x?a&b");
			w.secure_url[5] = wish;
		}
		out = built(xml, &w);
		snprintf(want, sizeof want, "<secureIdleURL>%s</secureIdleURL>",
		    rows[i].result != NULL ? rows[i].result : "");
		if (rows[i].result != NULL)
			assert_has(out, want);
		else
			assert_has_not(out, "secureIdleURL");
		free(out);
	}
}

static void
phonecfg_build_gives_xmldefault_only_servers(void **state)
{
	static const char xml[] = "<Default><callManagerGroup/><loadInformation8 model=\"x\">l"
				  "</loadInformation8></Default>";
	struct phonecfg_wish w = wish_whole();
	struct bytes out;
	struct err e;
	char *text;

	(void)state;
	assert_fails(phonecfg_build(span_str(xml), &w, &out, &e), e, ERR_MALFORMED, "'device'");
	w.is_default = true;
	assert_fails(
	    phonecfg_build(span_str("\n<device/>"), &w, &out, &e), e, ERR_MALFORMED, "line 2");
	w.tvs_count = w.manager_count = 1;
	text = built(xml, &w);
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
	struct phonecfg_wish w = wish_whole();
	struct bytes out;
	struct err e = { 0 };

	(void)state;
	w.manager_count = 0;
	assert_ok(phonecfg_build(span_str(latin1), &w, &out, &e), e);
	assert_non_null(memmem(out.p, out.n, "encoding=\"UTF-8\"", 16));
	assert_non_null(memmem(out.p, out.n, "J\xc3\xb6rg", 5));
	assert_same_otherwise(span_str(latin1), bytes_span(&out));
	bytes_free(&out);
	assert_ok(phonecfg_build(span_of(utf16, sizeof utf16), &w, &out, &e), e);
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
		{ "<device>\n<a>\n</device>", ERR_MALFORMED, "line 3" },
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
	struct phonecfg_wish w = wish_whole();
	struct bytes out;
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_fails(phonecfg_build(span_str(cases[i].xml), &w, &out, &e), e, cases[i].code,
		    cases[i].part);
}

/* A configuration of which exactly size bytes are built. */
static struct bytes
built_of_size(size_t size, bool *ok, struct err *e)
{
	struct phonecfg_wish w = { .cert_hash = "" };
	size_t frame = strlen("<device></device>"), over;
	char *small = built("<device>x</device>", &w), *xml;
	struct bytes out = { 0 };

	over = strlen(small) - 1;
	free(small);
	xml = mem_new(size, 1);
	memcpy(xml, "<device>", 8);
	memset(xml + 8, 'x', size - over);
	memcpy(xml + 8 + size - over, "</device>", 9);
	*ok = phonecfg_build(span_of(xml, size - over + frame), &w, &out, e);
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

static void
phonecfg_version_follows_from_content(void **state)
{
	struct phonecfg_wish w = wish_whole();
	char first[64], second[64], cut[8];
	char *a = built("<device><x>1</x></device>", &w);
	char *b = built("<device><x>2</x></device>", &w);
	struct err e = { 0 };

	(void)state;
	assert_ok(phonecfg_version(span_str(a), first, sizeof first, &e), e);
	assert_ok(phonecfg_version(span_str(b), second, sizeof second, &e), e);
	assert_int_equal(strlen(first), 36);
	assert_int_equal(strspn(first, "0123456789abcdef-"), 36);
	assert_string_not_equal(first, second);
	assert_ok(phonecfg_version(span_str(a), cut, sizeof cut, &e), e);
	assert_memory_equal(cut, first, 7);
	assert_ok(phonecfg_version(span_str("<device/>"), first, sizeof first, &e), e);
	assert_string_equal(first, "");
	assert_fails(phonecfg_version(span_str("<device>"), first, sizeof first, &e), e,
	    ERR_MALFORMED, "line 1");
	free(a);
	free(b);
}

/* The companions of the vectors were made by other hands. */
static void
phonecfg_stub_is_the_companion_of_the_vectors(void **state)
{
	static const char *const names[] = { "SEP001122334455", "SEP58971ECC97C1",
		"SEP58971ECC97C3", "SEPAABBCCDDEE01", "SEPAABBCCDDEEFF" };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		struct bytes full, file, stub;
		char path[80];
		struct phonecfg c;
		const uint8_t *xml;

		snprintf(path, sizeof path, "enc/%s.cnf.xml.plain", names[i]);
		assert_true(vectors_read(path, &full));
		snprintf(path, sizeof path, "enc/%s.cnf.xml.sgn", names[i]);
		assert_true(vectors_read(path, &file));
		xml = memmem(file.p, file.n, "<?xml", 5);
		assert_non_null(xml);
		assert_ok(phonecfg_parse(span_of(xml, file.n - (size_t)(xml - file.p)), &c, &e), e);
		assert_ok(phonecfg_stub(bytes_span(&full), c.cert_hash, &stub, &e), e);
		assert_span_equal(bytes_span(&stub), span_of(xml, file.n - (size_t)(xml - file.p)));
		bytes_free(&stub);
		bytes_free(&full);
		bytes_free(&file);
	}
}

static void
phonecfg_stub_shows_nothing_else(void **state)
{
	struct phonecfg_wish w = wish_whole();
	char *full = built("<device secret=\"1\"><sshPassword>s</sshPassword><capfList/>"
			   "<loadInformation> l </loadInformation><loadInformation>m"
			   "</loadInformation><!-- s --><ipAddressMode>2</ipAddressMode></device>",
	    &w);
	struct bytes stub;
	struct err e = { 0 };

	(void)state;
	assert_ok(phonecfg_stub(span_str(full), "", &stub, &e), e);
	assert_span_equal(bytes_span(&stub),
	    span_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<device>\n"
		     "  <fullConfig>false</fullConfig>\n  <capfList>\n    <capf>\n"
		     "      <phonePort>3804</phonePort>\n"
		     "      <processNodeName>10.0.0.1</processNodeName>\n    </capf>\n    <capf>\n"
		     "      <phonePort>3804</phonePort>\n"
		     "      <processNodeName>10.0.0.2</processNodeName>\n    </capf>\n"
		     "  </capfList>\n  <loadInformation> l </loadInformation>\n"
		     "  <ipAddressMode>2</ipAddressMode>\n  <capfAuthMode>2</capfAuthMode>\n"
		     "  <certHash/>\n  <encrConfig>true</encrConfig>\n</device>\n"));
	bytes_free(&stub);
	free(full);
	assert_fails(
	    phonecfg_stub(span_str("<Default/>"), "", &stub, &e), e, ERR_MALFORMED, "root");
	assert_fails(phonecfg_stub(span_str("<x"), "", &stub, &e), e, ERR_MALFORMED, "line 1");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phonecfg_build_leaves_all_else_equal),
		cmocka_unit_test(phonecfg_build_of_what_was_built_is_the_same),
		cmocka_unit_test(phonecfg_build_is_read_back),
		cmocka_unit_test(phonecfg_build_appends_what_is_missing),
		cmocka_unit_test(phonecfg_build_changes_in_place),
		cmocka_unit_test(phonecfg_build_fits_lists_and_keeps_what_else_is_in_them),
		cmocka_unit_test(phonecfg_build_takes_odd_lists),
		cmocka_unit_test(phonecfg_build_writes_vpn_hashes_as_base64),
		cmocka_unit_test(phonecfg_build_sets_secure_urls),
		cmocka_unit_test(phonecfg_build_gives_xmldefault_only_servers),
		cmocka_unit_test(phonecfg_build_writes_utf8_whatever_comes_in),
		cmocka_unit_test(phonecfg_build_refuses),
		cmocka_unit_test(phonecfg_build_allows_what_a_phone_loads_and_not_a_byte_more),
		cmocka_unit_test(phonecfg_version_follows_from_content),
		cmocka_unit_test(phonecfg_stub_is_the_companion_of_the_vectors),
		cmocka_unit_test(phonecfg_stub_shows_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
