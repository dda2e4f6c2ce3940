#include "sample.h"

#include "../check.h"

#include "base/mem.h"

const char sample_xml[] =
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

struct phonecfg_wish
sample_wish(void)
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

char *
sample_built(const char *xml, const struct phonecfg_wish *w)
{
	struct bytes out;
	struct err e = { 0 };
	char *text;

	assert_ok(phonecfg_build(span_str(xml), w, &out, NULL, &e), e);
	text = mem_text(out.p, out.n);
	bytes_free(&out);
	return text;
}

void
sample_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no '%s' in %s", part, text != NULL ? text : "nothing");
}

void
sample_lacks(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("'%s' in %s", part, text != NULL ? text : "nothing");
}
