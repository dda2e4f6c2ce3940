#include "../check.h"

#include "sample.h"

#include <stdlib.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

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
		out = sample_built(xml, &rows[i].wish);
		sample_has(out, rows[i].has);
		if (rows[i].has_not != NULL)
			sample_lacks(out, rows[i].has_not);
		free(out);
	}
}

static void
phonecfg_build_fits_lists_and_keeps_what_else_is_in_them(void **state)
{
	struct phonecfg_wish w = sample_wish();
	char *out = sample_built(sample_xml, &w);

	(void)state;
	/* by priority, not by place; a port that is not wished for stays */
	sample_has(out, "<member priority=\"1\"><callManager><name>second</name><ports>"
			"<ethernetPhonePort>2000</ethernetPhonePort><sipPort>5066</sipPort></ports>"
			"<processNodeName>10.0.0.2</processNodeName></callManager></member>");
	sample_has(out, "<name>first</name><ports><sipPort>5080</sipPort>"
			"<securedSipPort>5081</securedSipPort>");
	sample_has(out, "</ports><processNodeName>10.0.0.1</processNodeName>");
	sample_has(out, "<capfList><capf><extra/><phonePort>3804</phonePort><processNodeName>"
			"10.0.0.1</processNodeName></capf><capf><phonePort>3804</phonePort>"
			"<processNodeName>10.0.0.2</processNodeName></capf></capfList>");
	free(out);
	w.manager_count = w.capf_count = 1;
	out = sample_built(sample_xml, &w);
	sample_lacks(out, "<name>second</name>");
	sample_lacks(out, "10.0.0.2</processNodeName>");
	free(out);
	w.manager_count = 3;
	w.manager[2] = (struct phonecfg_server){ "10.0.0.3", 0 };
	out = sample_built(sample_xml, &w);
	sample_has(out, "<member priority=\"2\"><callManager><ports><ethernetPhonePort>2000<");
	free(out);
	w.manager_count = 0;
	out = sample_built(sample_xml, &w);
	sample_has(out, "<processNodeName>old1</processNodeName>");
	free(out);
}

static void
phonecfg_build_takes_odd_lists(void **state)
{
	struct phonecfg_wish w = { .tvs = { { "a", 0 }, { "b", 0 } }, .tvs_count = 2 };
	char *out =
	    sample_built("<device><TVS><members><member priority=\"0\"><n>1</n></member><x/>"
			 "<member priority=\"0\"><n>2</n></member><member><n>3</n></member>"
			 "<member priority=\"no\"><n>4</n></member><member priority=\"999\"/>"
			 "</members></TVS></device>",
		&w);

	(void)state;
	sample_has(out, "<TVS><members><member priority=\"0\"><n>1</n><port>2445</port>"
			"<address>a</address></member><x/><member priority=\"1\"><port>2445</port>"
			"<address>b</address></member></members></TVS>");
	free(out);
}

static void
phonecfg_build_writes_vpn_hashes_as_base64(void **state)
{
	struct phonecfg_wish w = sample_wish();
	char *out = sample_built(sample_xml, &w);

	(void)state;
	sample_has(out, "<credentials><certHash1>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</certHash1><note/>"
			"<hashAlg>0</hashAlg><certHash2>//8AAAAAAAAAAAAAAAAAAAAAAAA=</certHash2>"
			"</credentials>");
	free(out);
	out = sample_built("<device><vpnGroup><mtu>1</mtu></vpnGroup></device>", &w);
	sample_has(out, "<vpnGroup><mtu>1</mtu><credentials><hashAlg>0</hashAlg><certHash1>AAA");
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
		out = sample_built(xml, &w);
		snprintf(want, sizeof want, "<secureIdleURL>%s</secureIdleURL>",
		    rows[i].result != NULL ? rows[i].result : "");
		if (rows[i].result != NULL)
			sample_has(out, want);
		else
			sample_lacks(out, "secureIdleURL");
		free(out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(phonecfg_build_changes_in_place),
		cmocka_unit_test(phonecfg_build_fits_lists_and_keeps_what_else_is_in_them),
		cmocka_unit_test(phonecfg_build_takes_odd_lists),
		cmocka_unit_test(phonecfg_build_writes_vpn_hashes_as_base64),
		cmocka_unit_test(phonecfg_build_sets_secure_urls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
