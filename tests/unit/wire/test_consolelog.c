#include "../check.h"

#include "wire/consolelog.h"

#include <stdio.h>

struct row {
	const char *line;
	enum consolelog_kind kind;
	const char *when, *what, *other;
};

/* Lines of doc/protocols/phone.md 2.4, 7.1 and 7.3 to 7.5. */
static const struct row rows[] = {
	{ "837: NOT 09:13:17.561856 SECD: tlRequestFile: Request CTLSEP0011215A1AE3.tlv",
	    CONSOLELOG_ASKED, "09:13:17", "CTLSEP0011215A1AE3.tlv", "" },
	{ "846: NOT 09:13:17.670439 TFTP: [27]:Requesting CTLSEP0011215A1AE3.tlv from 14.48.44.80",
	    CONSOLELOG_ASKED, "09:13:17", "CTLSEP0011215A1AE3.tlv", "14.48.44.80" },
	{ "926: NOT 09:13:18.540562 TFTP: [10]:Requesting SEP0011215A1AE3.cnf.xml.sgn from "
	  "14.48.44.80 with size limit of 550001",
	    CONSOLELOG_ASKED, "09:13:18", "SEP0011215A1AE3.cnf.xml.sgn", "14.48.44.80" },
	{ "847: NOT 09:13:17.685264 TFTP: [27]:Finished --> rcvd 4762 bytes", CONSOLELOG_RECEIVED,
	    "09:13:17", "", "" },
	{ "877: NOT 09:13:17.925249 SECD: validate_file_envelope: File sign verify SUCCESS; header "
	  "length <296>",
	    CONSOLELOG_LIST_TAKEN, "09:13:17", "", "" },
	{ "937: NOT 09:13:18.656906 SECD: verifyFile: verify SUCCESS "
	  "</usr/ram/SEP0011215A1AE3.cnf.xml>",
	    CONSOLELOG_FILE_VERIFIED, "09:13:18", "SEP0011215A1AE3.cnf.xml", "" },
	{ "1715: ERR 16:59:35.170584 SECD: EROR:verifyFile: sgn verify file failed "
	  "</usr/ram/SEP00260BD749E9.cnf.xml>, errclass 8, errcode 19 (signer not in CTL)",
	    CONSOLELOG_SIGNER_UNKNOWN, "16:59:35", "SEP00260BD749E9.cnf.xml", "" },
	{ "1716: ERR 16:59:35.171327 SECD: EROR:verifyFile: verify FAILED, "
	  "</usr/ram/SEP00260BD749E9.cnf.xml>",
	    CONSOLELOG_FILE_REFUSED, "16:59:35", "SEP00260BD749E9.cnf.xml", "" },
	{ "1215: ERR 15:20:59.431314 SECD: EROR:https_cert_vfy: HTTPS cert not in CTL, "
	  "<14.48.44.80>",
	    CONSOLELOG_HTTPS_UNKNOWN, "15:20:59", "14.48.44.80", "" },
	{ "SECD: -HTTPS cert not in CTL, <192.0.2.1:8443>", CONSOLELOG_HTTPS_UNKNOWN, "",
	    "192.0.2.1:8443", "" },
	{ "1220: NOT 15:20:59.444517 SECD: processTvsClntReq: TVS Certificate Authentication "
	  "request",
	    CONSOLELOG_TVS_ASKED, "15:20:59", "", "" },
	{ "1230: NOT 15:20:59.472628 SECD: connectToTvsServer: Successfully started a TLS "
	  "connection establishment to the TVS server: IP:14.48.44.80, port:2445 (default); "
	  "Waiting for it to get connected.",
	    CONSOLELOG_TVS_CONNECT, "15:20:59", "14.48.44.80", "" },
	{ "1248: NOT 15:20:59.538726 SECD: tvs_cert_vfy: TVS cert verified with hash from TL, "
	  "<14.48.44.80>",
	    CONSOLELOG_TVS_KNOWN, "15:20:59", "14.48.44.80", "" },
	{ "1273: NOT 15:20:59.825648 SECD: processTvsSrvrResponse: Authentication Response "
	  "received, status : 0",
	    CONSOLELOG_TVS_TRUSTED, "15:20:59", "", "" },
	{ "1273: NOT 15:20:59.825648 SECD: processTvsSrvrResponse: Authentication Response "
	  "received, status : 1",
	    CONSOLELOG_TVS_REFUSED, "15:20:59", "", "" },
	{ "1287: ERR 15:20:59.859993 SECD: Authenticated the HTTPS conn via TVS",
	    CONSOLELOG_HTTPS_BY_TVS, "15:20:59", "", "" },
	{ "SECD: EROR:clpState: SSL3 alert read:fatal:handshake failure:<192.0.2.1>",
	    CONSOLELOG_TVS_FAILED, "", "192.0.2.1", "" },
	{ "EROR:clpSetupSsl: ** SSL handshake failed, <192.0.2.1> c:14 s:15", CONSOLELOG_TVS_FAILED,
	    "", "192.0.2.1", "" },
	{ "SECD: -PXY_NO_LSC: No LSC for [SCCP], will try MIC", CONSOLELOG_NO_LSC, "", "SCCP", "" },
	{ "SECD: -PXY_CERT_CIPHER: [SCCP], [TLSv1], cert [LSC], cipher [AES256-SHA:AES128-SHA]",
	    CONSOLELOG_OWN_CERT, "", "LSC", "" },
	{ "SECD: -STATE_SSL3_ALERT: SSL3 alert [read]:[fatal]:[unknown CA", CONSOLELOG_ALERT, "",
	    "unknown CA", "" },
	{ "3233 NOT Nov 29 06:33:59.033132 dgetfile(870)-GETXXTP "
	  "[GT870][src=CTLSEPB000B4BA0AEE.tlv][dest=/tmp/CTLFile.tlv][serv=][serv6=][sec=0]",
	    CONSOLELOG_ASKED, "Nov 29 06:33:59", "CTLSEPB000B4BA0AEE.tlv", "" },
	{ "3233 NOT Nov 29 06:33:59.033132 dgetfile(870)-GETXXTP [GT870][src=ITLFile.tlv] rcvd "
	  "5438 bytes",
	    CONSOLELOG_RECEIVED, "Nov 29 06:33:59", "ITLFile.tlv", "" },
	{ "3287 INF Nov 29 06:33:59.395199 SECUREAPP-Attempting connect to TVS server addr "
	  "[192.168.11.32], mode [IPv4]",
	    CONSOLELOG_TVS_CONNECT, "Nov 29 06:33:59", "192.168.11.32", "" },
	{ "3295 DEB Nov 29 06:33:59.396464 SECUREAPP-SSL session setup - cert len=785, type=LSC",
	    CONSOLELOG_OWN_CERT, "Nov 29 06:33:59", "LSC", "" },
	{ "3310 INF Nov 29 06:33:59.403731 SECUREAPP-SSL session setup Cert Verification - "
	  "Certificate is valid.",
	    CONSOLELOG_TVS_KNOWN, "Nov 29 06:33:59", "", "" },
	{ "3319 DEB Nov 29 06:33:59.908848 SECUREAPP-TVS process request - processing TVS Query "
	  "Certificate request.",
	    CONSOLELOG_TVS_ASKED, "Nov 29 06:33:59", "", "" },
	{ "3339 INF Nov 29 06:34:00.413512 SECUREAPP-TL file updated.", CONSOLELOG_LIST_TAKEN,
	    "Nov 29 06:34:00", "", "" },
	{ "0478 INF Mar 12 15:07:53.695263 dnsmasq[12864]: reply PUB11.brianw2.lab is "
	  "NXDOMAIN-IPv4",
	    CONSOLELOG_DNS_UNKNOWN, "Mar 12 15:07:53", "PUB11.brianw2.lab", "" },
	{ "0481 WRN Mar 12 15:07:53.697091 (12905:13036) JAVA-configmgr "
	  "MQThread|NetUtil.traceIPv4DNSErrors:? - DNS unknown IPv4 host PUB11.brianw2.lab",
	    CONSOLELOG_DNS_UNKNOWN, "Mar 12 15:07:53", "PUB11.brianw2.lab", "" },
	{ "0482 ERR Mar 12 15:07:53.697267 (12905:13036) JAVA-configmgr "
	  "MQThread|cip.sec.TvsProperty:? - Failed to resolve Tvs Ipv4 Address with hostname "
	  "PUB11.brianw2.lab",
	    CONSOLELOG_DNS_UNKNOWN, "Mar 12 15:07:53", "PUB11.brianw2.lab", "" },
	{ "0633 NOT Mar 12 15:07:55.761649 (322:17812) SECUREAPP-RCAPF_START_MODE: Start CAPF - "
	  "mode:[1]([NULL_STR]), reason:[1]([AUTO]) no auth-str",
	    CONSOLELOG_CAPF_START, "Mar 12 15:07:55", "NULL_STR", "[1]([AUTO])" },
	{ "0637 ERR Mar 12 15:07:55.761984 (322:17812) SECUREAPP-SEC_CAPF_BIO_F: CAPF create bio "
	  "failed",
	    CONSOLELOG_CAPF_NO_ADDRESS, "Mar 12 15:07:55", "", "" },
	{ "0638 ERR Mar 12 15:07:55.762040 (322:17812) SECUREAPP-SEC_CAPF_OP_F: CAPF operation "
	  "failed, ret -7",
	    CONSOLELOG_CAPF_FAILED, "Mar 12 15:07:55", "-7", "" },
	{ "0639 CRT Mar 12 15:07:55.863826 (12905:13036) JAVA-configmgr "
	  "MQThread|cip.sec.CertificateProperty$1:? - LSC: Connection failed",
	    CONSOLELOG_LSC_UNREACHED, "Mar 12 15:07:55", "", "" },
	{ "4291 NOT Mar 12 16:34:06.165024 (12905:13036) JAVA-configmgr "
	  "MQThread|cip.sec.TvsProperty:? - Resolve Tvs Ipv4 Address to 192.0.2.1 from hostname "
	  "PUB11.brianw2.lab",
	    CONSOLELOG_DNS_RESOLVED, "Mar 12 16:34:06", "PUB11.brianw2.lab", "" },
	{ "[11:13:27 03/12/18] LSC: Connection Failed", CONSOLELOG_LSC_UNREACHED, "11:13:27", "",
	    "" },
	{ "[11:13:27 03/12/18] SEP682C7B5C2342.cnf.xml.sgn(HTTP)", CONSOLELOG_CONFIG_TAKEN,
	    "11:13:27", "SEP682C7B5C2342.cnf.xml.sgn", "" },
	{ "SEP682C7B5C2342.cnf.xml(TFTP)", CONSOLELOG_CONFIG_TAKEN, "", "SEP682C7B5C2342.cnf.xml",
	    "" },
	{ "[09:13:17 03/12/18] SEP682C7B5C2342.cnf.xml.sgn: verification of the trust list failed",
	    CONSOLELOG_FILE_REFUSED, "09:13:17", "SEP682C7B5C2342.cnf.xml", "" },
	{ "SEP682C7B5C2342.cnf.xml.enc.sgn: verification of the trust list failed",
	    CONSOLELOG_FILE_REFUSED, "", "SEP682C7B5C2342.cnf.xml", "" },
	{ "[09:13:17 03/12/18] Trust List Updated", CONSOLELOG_LIST_TAKEN, "09:13:17", "", "" },
	{ "Trust List Update Failed", CONSOLELOG_LIST_REFUSED, "", "", "" },
	{ "Trust List update failed, verification failure", CONSOLELOG_LIST_REFUSED, "", "", "" },
	{ "No Trust List Installed", CONSOLELOG_NO_LIST, "", "", "" },
	{ "Erasing CTL and ITL files", CONSOLELOG_ERASED, "", "", "" },
	{ "File Not Found <CTLFile.tlv>", CONSOLELOG_NOT_FOUND, "", "CTLFile.tlv", "" },
	{ "Host Not Found", CONSOLELOG_HOST_NOT_FOUND, "", "", "" },
	{ "No valid CAPF server", CONSOLELOG_CAPF_NONE, "", "", "" },
	{ "LSC: Failed", CONSOLELOG_LSC_FAILED, "", "", "" },
	{ "The Security Token you have inserted does not exist in the CTL File", CONSOLELOG_TOKEN,
	    "", "", "" },
	{ "15:21:02.011 | debug tvsHandleQueryCertReq : Subject Name is: CN=a;OU=b",
	    CONSOLELOG_CERTIFICATE, "15:21:02", "CN=a;OU=b", "" },
	{ "CertificateCTLCache::getCertificateInformation(cert) : certificate not found",
	    CONSOLELOG_TVS_NOT_FOUND, "", "", "" },
	{ "ITL File not found. To generate an ITL file, activate or restart the Cisco TFTP service",
	    CONSOLELOG_ITL_ABSENT, "", "", "" },
	{ "CTL File not found. Please run CTLClient plugin", CONSOLELOG_CTL_ABSENT, "", "", "" },
	{ "Verification of the ITL file failed.", CONSOLELOG_LIST_BAD, "", "", "" },
	{ "This etoken was used to sign the ITL file.", CONSOLELOG_SAST_USED, "", "", "" },
	{ "This etoken was not used to sign the ITL file.", CONSOLELOG_SAST_UNUSED, "", "", "" },
	{ "12: ERR 09:13:17.561856 SECD: EROR:verifyFile: signer CN=a;O=b is not in the lists held "
	  "as SAST",
	    CONSOLELOG_SIGNER, "09:13:17", "CN=a;O=b", "" },
};

static void
a_line_of_either_firmware_is_an_event(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct consolelog_event ev;
		bool is_event = consolelog_line(span_str(rows[i].line), &ev);

		if (!is_event || ev.kind != rows[i].kind)
			fail_msg(
			    "row %zu is %s: %s", i, consolelog_kind_name(ev.kind), rows[i].line);
		assert_string_equal(ev.when, rows[i].when);
		assert_string_equal(ev.what, rows[i].what);
		assert_string_equal(ev.other, rows[i].other);
	}
}

static void
what_says_nothing_of_trust_is_passed_over(void **state)
{
	static const char *const lines[] = { "",
		"0634 NOT Mar 12 15:07:55.761749 (322:17812) SECUREAPP-CAPF_CLNT_INIT:CAPF clnt "
		"initialized",
		"AUTH: early exit from parser loop; old version header?",
		"AUTH: hdr ver 1.2 (knows only upto 1.1)", "[11:13:27 03/12/18] VPN not configured",
		"CertificateDBCache::getCertificateInformation - Cannot find the certificate in "
		"the "
		"cache" };
	struct consolelog_event ev;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		if (consolelog_line(span_str(lines[i]), &ev))
			fail_msg("%s: %s", consolelog_kind_name(ev.kind), lines[i]);
}

static void
events_have_the_number_of_their_line_whatever_the_line_ends(void **state)
{
	static const char text[] = "nothing\r\n\r\nLSC: Failed\r\nTrust List Updated\nHost Not "
				   "Found \r\nlast";
	struct consolelog l = consolelog_open(span_str(text));
	struct consolelog_event ev;

	(void)state;
	assert_true(consolelog_next(&l, &ev));
	assert_int_equal(ev.kind, CONSOLELOG_LSC_FAILED);
	assert_int_equal(ev.line, 3);
	assert_string_equal(ev.text, "LSC: Failed");
	assert_true(consolelog_next(&l, &ev));
	assert_int_equal(ev.line, 4);
	assert_true(consolelog_next(&l, &ev));
	assert_string_equal(ev.text, "Host Not Found");
	assert_false(consolelog_next(&l, &ev));
	assert_false(consolelog_next(&l, &ev));
}

static void
text_of_two_bytes_a_letter_is_refused(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_true(consolelog_check(span_str(""), NULL));
	assert_true(consolelog_check(span_str("\xef\xbb\xbfTrust List Updated\n"), NULL));
	assert_false(consolelog_check(span_of("\xff\xfeT\0", 4), &e));
	assert_non_null(strstr(e.text, "UTF-16"));
	assert_false(consolelog_check(span_of("\xfe\xff\0T", 4), NULL));
	assert_false(consolelog_check(span_of("T\0r\0", 4), &e));
	assert_non_null(strstr(e.text, "its byte 2 is 0"));
}

static void
strangers_bytes_become_printable_and_are_cut_off(void **state)
{
	char line[5000];
	struct consolelog_event ev;

	(void)state;
	memset(line, 'x', sizeof line);
	memcpy(line, "Requesting", 10);
	snprintf(line, sizeof line, "846: NOT TFTP: [27]:Requesting \x1b[31m\xff");
	line[strlen(line)] = 'y';
	line[sizeof line - 1] = '\0';
	assert_true(consolelog_line(span_str(line), &ev));
	assert_int_equal(ev.kind, CONSOLELOG_ASKED);
	assert_memory_equal(ev.what, "\\x1b[31m\\xffy", 12);
	assert_int_equal(strlen(ev.what), CONSOLELOG_WHAT_MAX - 1);
	assert_int_equal(strlen(ev.text), CONSOLELOG_TEXT_MAX - 1);
}

static void
every_kind_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < CONSOLELOG_KINDS; i++)
		for (int k = 0; k < i; k++)
			assert_string_not_equal(consolelog_kind_name((enum consolelog_kind)i),
			    consolelog_kind_name((enum consolelog_kind)k));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_either_firmware_is_an_event),
		cmocka_unit_test(what_says_nothing_of_trust_is_passed_over),
		cmocka_unit_test(events_have_the_number_of_their_line_whatever_the_line_ends),
		cmocka_unit_test(text_of_two_bytes_a_letter_is_refused),
		cmocka_unit_test(strangers_bytes_become_printable_and_are_cut_off),
		cmocka_unit_test(every_kind_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
