#include "diagnosis_rig.h"

#include <stdio.h>

/* --- what is spoilt --- */

static void
pending_without_a_record(struct rig *r)
{
	rig_pending(r);
	r->handed[0].has_capf = false;
}

static void
held_without_capf(struct rig *r)
{
	rig_held(r);
	r->facts.lists.itl.has_capf = false;
}

static void
held_with_another_capf(struct rig *r)
{
	rig_held(r);
	r->facts.lists.boot.capf.how = TRUST_BOOT_REJECTED;
}

static void
capf_off(struct rig *r)
{
	r->facts.cluster.capf = false;
	rig_console(r, "LSC: Connection failed");
}

static void
pending_and_tls_failed(struct rig *r)
{
	rig_pending(r);
	r->facts.phone.attempt_at = 0;
	r->facts.phone.contact.capf_at = NOW - HOUR;
	r->facts.phone.contact.capf_tls = true;
	r->facts.phone.contact.capf = "unknown ca";
}

static void
pending_by_lsc_without_one(struct rig *r)
{
	rig_pending(r);
	r->phone.auth_mode = PHONE_AUTH_LSC;
	r->phone.lsc_serial[0] = '\0';
	rig_console(r, "LSC: Connection failed");
}

static void
pending_and_unreached(struct rig *r)
{
	rig_pending(r);
	rig_console(r, "[11:13:27 03/12/18] LSC: Connection Failed");
}

static void
status(struct rig *r, const char *text)
{
	snprintf(r->phone.operation_status, sizeof r->phone.operation_status, "%s", text);
}

static void
late(struct rig *r)
{
	status(r, "Upgrade Failed: User Initiated Request Late/Timedout");
	rig_console(r, "[11:13:27 03/12/18] LSC: Failed");
}

static void
lsc_invalid(struct rig *r)
{
	status(r, "Upgrade Failed: Invalid LSC");
}

static void
lsc_expired_and_wanted(struct rig *r)
{
	rig_pending(r);
	r->phone.auth_mode = PHONE_AUTH_LSC;
	r->phone.lsc_not_after = NOW - 1;
}

static void
lsc_untrusted_and_wanted(struct rig *r)
{
	rig_pending(r);
	r->phone.auth_mode = PHONE_AUTH_LSC;
	r->facts.phone.lsc_trusted = DIAGNOSIS_NO;
}

static void
mic_invalid(struct rig *r)
{
	status(r, "Delete Failed: Invalid MIC");
}

static void
mic_expired_and_wanted(struct rig *r)
{
	rig_pending(r);
	r->phone.auth_mode = PHONE_AUTH_MIC;
	r->facts.phone.mic_not_after = NOW - 1;
}

static void
string_wrong(struct rig *r)
{
	rig_pending(r);
	r->phone.auth_mode = PHONE_AUTH_STRING;
	r->facts.phone.failure = "Upgrade Failed: Invalid Authentication String";
	r->facts.phone.attempt_reason = "wrong authentication string";
	r->phone.auth_failures = 5;
}

static void
key_generation(struct rig *r)
{
	status(r, "Upgrade Failed: Key Generation Failed/Timeout");
}

static void
ca_down(struct rig *r)
{
	status(r, "Upgrade Failed: CA Communication Failure");
}

static void
ca_refused(struct rig *r)
{
	status(r, "Upgrade Failed: CA Rejected Connection");
}

static void
ec_only(struct rig *r)
{
	status(r, "Upgrade Failed: No Support for EC only in CAPF version 3");
}

static void
another_mode(struct rig *r)
{
	rig_pending(r);
	r->phone.auth_mode = PHONE_AUTH_STRING;
	rig_console(r, "0633 NOT Mar 12 15:07:55.761649 (322:17812) SECUREAPP-RCAPF_START_MODE: "
		       "Start CAPF - mode:[1]([NULL_STR]), reason:[1]([AUTO]) no auth-str");
}

static void
foreign_without_a_list(struct rig *r)
{
	r->facts.phone.handed_count = 0;
}

static void
foreign_by_file(struct rig *r)
{
	rig_held(r);
	r->facts.lists.itl.version = 0;
	r->facts.lists.boot.itl.how = r->facts.lists.boot.config.how = TRUST_BOOT_REJECTED;
	snprintf(r->facts.lists.boot.itl.reason, ERR_TEXT_MAX, "signer CN=x is not in the lists");
}

static void
refused_by_file(struct rig *r)
{
	rig_held(r);
	r->facts.lists.boot.itl.how = TRUST_BOOT_REJECTED;
	snprintf(r->facts.lists.boot.itl.reason, ERR_TEXT_MAX, "no TVS");
}

static void
ignored(struct rig *r)
{
	rig_pending(r);
	r->facts.phone.attempt_at = 0;
}

static void
ignored_by_file(struct rig *r)
{
	rig_held(r);
	r->facts.lists.boot.config.how = TRUST_BOOT_REJECTED;
	snprintf(r->facts.lists.boot.config.reason, ERR_TEXT_MAX, "signer CN=x");
}

static void
no_config_with_its_lists(struct rig *r)
{
	r->facts.phone.no_config = true;
}

static void
no_config_by_file(struct rig *r)
{
	ignored_by_file(r);
	r->facts.cluster.rollback = true;
}

static void
tftp_off(struct rig *r)
{
	r->facts.cluster.tftp = false;
}

static void
no_itl(struct rig *r)
{
	r->facts.cluster.itl = (struct diagnosis_published){ 0 };
	r->facts.cluster.itl.has_capf = true;
}

static void
only_seen(struct rig *r)
{
	r->facts.phone.gets_lists = false;
	r->facts.phone.no_list = "it was only seen: lists are handed to phones that were added";
}

static void
itl_spoilt(struct rig *r)
{
	r->facts.cluster.itl.is_bad = true;
	r->facts.cluster.itl.fault = "T10: the signature does not verify";
}

static void
itl_without_signer(struct rig *r)
{
	r->facts.cluster.itl.is_bad = r->facts.cluster.itl.signer_absent = true;
}

static void
held_spoilt(struct rig *r)
{
	rig_held(r);
	r->facts.lists.is_booted = false;
	r->facts.lists.itl.is_bad = true;
	r->facts.lists.itl.fault = "T10: the signature does not verify";
}

static void
held_without_signer(struct rig *r)
{
	held_spoilt(r);
	r->facts.lists.itl.signer_absent = true;
}

static void
held_ctl(struct rig *r)
{
	r->facts.lists.ctl = (struct diagnosis_held){
		.is_given = true, .has_capf = true, .size = 5000, .version = 1
	};
}

static void
two_servers(struct rig *r)
{
	r->handed[1] = r->handed[0];
	r->handed[1].node = "sub";
	r->facts.phone.handed_count = 2;
}

static void
capf_replaced(struct rig *r)
{
	r->facts.cluster.capf_replaced = NOW - HOUR;
}

static void
capf_busy(struct rig *r)
{
	rig_pending(r);
	r->facts.phone.attempt_at = 0;
	r->facts.phone.config_at = 0;
	r->facts.cluster.capf_over_limit = 7;
}

static void
no_capf_record(struct rig *r)
{
	r->facts.cluster.itl.has_capf = false;
}

static void
itl_large(struct rig *r)
{
	r->facts.cluster.itl.size = 70000;
}

static void
signer_replaced(struct rig *r)
{
	r->facts.cluster.mixed = true;
	held_ctl(r);
	r->facts.lists.ctl.version = 0;
	r->facts.lists.ctl.signer_replaced = true;
	r->facts.lists.ctl.signer = "CN=ITLRECOVERY_pub";
	r->facts.lists.is_booted = true;
	r->facts.lists.boot.ctl.how = TRUST_BOOT_REJECTED;
}

static void
model_cannot_encrypt(struct rig *r)
{
	snprintf(r->model.cell[MODELTABLE_ENCRYPTED_CONFIG].value, MODELTABLE_CELL_MAX, "no");
	r->facts.phone.wants_encryption = true;
	r->facts.phone.no_recipient = "";
}

static void
no_recipient(struct rig *r)
{
	r->facts.phone.wants_encryption = true;
	r->facts.phone.no_recipient = "no MIC and no LSC with an RSA key is known";
}

static void
rollback(struct rig *r)
{
	r->facts.cluster.rollback = true;
	rig_console(r, "SECD: EROR:https_cert_vfy: HTTPS cert not in CTL, <192.0.2.1>");
}

static void
behind(struct rig *r)
{
	r->handed[0].is_current = false;
}

static void
tvs_off(struct rig *r)
{
	r->facts.cluster.tvs = false;
}

static void
lsc_expired(struct rig *r)
{
	r->phone.lsc_not_after = NOW - 1;
}

static void
config_fault(struct rig *r)
{
	r->facts.phone.config_fault = "SEP001122334455.cnf.xml: line 3";
}

static void
cert_expired(struct rig *r)
{
	r->expired[0] = (struct diagnosis_expired){ "tvs", NOW - 1 };
	r->facts.cluster.expired = r->expired;
	r->facts.cluster.expired_count = 1;
}

static void
never_seen(struct rig *r)
{
	r->phone.last_seen = 0;
	r->facts.phone.handed_count = 0;
	r->facts.phone.config_at = 0;
	r->facts.phone.config_form = NULL;
}

static void
session_broken(struct rig *r)
{
	status(r, "Troubleshoot Failed: Phone Communication Failure");
}

/* Rows of the troubleshooting table (doc/guide/diagnose.md), by a console or by facts. */
static const struct {
	unsigned row;
	const char *console;
	void (*spoil)(struct rig *r);
	enum diagnosis_kind kind;
} rows[] = {
	{ 1, "No valid CAPF server", NULL, DIAGNOSIS_CAPF_NOT_IN_LIST },
	{ 1, NULL, pending_without_a_record, DIAGNOSIS_CAPF_NOT_IN_LIST },
	{ 1, NULL, held_without_capf, DIAGNOSIS_CAPF_NOT_IN_LIST },
	{ 2, "LSC: Connection failed", NULL, DIAGNOSIS_CAPF_UNREACHED },
	{ 2, NULL, held_with_another_capf, DIAGNOSIS_CAPF_UNREACHED },
	{ 2, NULL, capf_off, DIAGNOSIS_CAPF_UNREACHED },
	{ 3, NULL, late, DIAGNOSIS_OPERATION_LATE },
	{ 4, NULL, pending_and_unreached, DIAGNOSIS_CAPF_PENDING },
	{ 4, NULL, pending_and_tls_failed, DIAGNOSIS_CAPF_PENDING },
	{ 4, NULL, pending_by_lsc_without_one, DIAGNOSIS_CAPF_PENDING },
	{ 5, "DNS unknown IPv4 host PUB11.brianw2.lab", NULL, DIAGNOSIS_DNS_UNKNOWN },
	{ 5, "Failed to resolve Tvs Ipv4 Address with hostname PUB11.brianw2.lab", NULL,
	    DIAGNOSIS_DNS_UNKNOWN },
	{ 6, "SEC_CAPF_BIO_F: CAPF create bio failed\nSEC_CAPF_OP_F: CAPF operation failed, ret -7",
	    NULL, DIAGNOSIS_CAPF_NO_ADDRESS },
	{ 7, NULL, lsc_invalid, DIAGNOSIS_LSC_INVALID },
	{ 7, NULL, lsc_expired_and_wanted, DIAGNOSIS_LSC_INVALID },
	{ 7, NULL, lsc_untrusted_and_wanted, DIAGNOSIS_LSC_INVALID },
	{ 8, NULL, mic_invalid, DIAGNOSIS_MIC_INVALID },
	{ 8, NULL, mic_expired_and_wanted, DIAGNOSIS_MIC_INVALID },
	{ 9, NULL, string_wrong, DIAGNOSIS_STRING_INVALID },
	{ 10, NULL, key_generation, DIAGNOSIS_KEY_GENERATION },
	{ 11, NULL, ca_down, DIAGNOSIS_CA_FAILED },
	{ 11, NULL, ca_refused, DIAGNOSIS_CA_FAILED },
	{ 12, NULL, ec_only, DIAGNOSIS_EC_ONLY },
	{ 13, NULL, another_mode, DIAGNOSIS_MODE_DIFFERS },
	{ 14, "SECD: -STATE_SSL3_ALERT: SSL3 alert [read]:[fatal]:[unknown CA", NULL,
	    DIAGNOSIS_LSC_FOREIGN },
	{ 15, "SECD: -PXY_NO_LSC: No LSC for [SCCP], will try MIC", NULL, DIAGNOSIS_LSC_NONE },
	{ 16, "Trust List Update Failed", NULL, DIAGNOSIS_LIST_REFUSED },
	{ 16,
	    "SECD: EROR:verifyFile: sgn verify file failed </usr/ram/ITLFile.tlv>, errclass 8, "
	    "errcode 19 (signer not in CTL)",
	    NULL, DIAGNOSIS_LIST_REFUSED },
	{ 16, NULL, refused_by_file, DIAGNOSIS_LIST_REFUSED },
	{ 16, NULL, foreign_by_file, DIAGNOSIS_LIST_FOREIGN },
	{ 16, NULL, foreign_without_a_list, DIAGNOSIS_LIST_FOREIGN },
	{ 16, NULL, rig_foreign_by_handshake, DIAGNOSIS_LIST_FOREIGN },
	{ 17,
	    "SECD: EROR:verifyFile: sgn verify file failed "
	    "</usr/ram/SEP00260BD749E9.cnf.xml>, errclass 8, errcode 19 (signer not in CTL)\n"
	    "SECD: EROR:verifyFile: verify FAILED, </usr/ram/SEP00260BD749E9.cnf.xml>",
	    NULL, DIAGNOSIS_FILE_REFUSED },
	{ 18, NULL, ignored, DIAGNOSIS_SETTINGS_IGNORED },
	{ 18, NULL, ignored_by_file, DIAGNOSIS_SETTINGS_IGNORED },
	{ 19, "Host Not Found", NULL, DIAGNOSIS_HOST_NOT_FOUND },
	{ 19, "SECD: EROR:https_cert_vfy: HTTPS cert not in CTL, <192.0.2.1>", NULL,
	    DIAGNOSIS_HOST_NOT_FOUND },
	{ 20, "SECD: EROR:clpState: SSL3 alert read:fatal:handshake failure:<192.0.2.1>", NULL,
	    DIAGNOSIS_TVS_HANDSHAKE },
	{ 20, NULL, rig_tvs_alert, DIAGNOSIS_TVS_HANDSHAKE },
	{ 21,
	    "ERROR:CertificateCTLCache::getCertificateInformation - Cannot find the certificate "
	    "in the cache\ngetCertificateInformation(cert) : certificate not found",
	    NULL, DIAGNOSIS_TVS_UNKNOWN },
	{ 21, NULL, rig_tvs_unknown, DIAGNOSIS_TVS_UNKNOWN },
	{ 22, "Length of ITL file: 0\nITL File not found. To generate an ITL file, activate", NULL,
	    DIAGNOSIS_ITL_ABSENT },
	{ 22, NULL, tftp_off, DIAGNOSIS_ITL_ABSENT },
	{ 22, NULL, no_itl, DIAGNOSIS_ITL_ABSENT },
	{ 22, NULL, only_seen, DIAGNOSIS_ITL_ABSENT },
	{ 23, "Verification of the ITL file failed.\nError parsing the ITL file!!", NULL,
	    DIAGNOSIS_LIST_UNVERIFIED },
	{ 23, NULL, itl_spoilt, DIAGNOSIS_LIST_UNVERIFIED },
	{ 23, NULL, held_spoilt, DIAGNOSIS_LIST_UNVERIFIED },
	{ 24,
	    "This etoken was not used to sign the ITL file.\n"
	    "This etoken was not used to sign the ITL file.",
	    NULL, DIAGNOSIS_LIST_SIGNER_ABSENT },
	{ 24, NULL, itl_without_signer, DIAGNOSIS_LIST_SIGNER_ABSENT },
	{ 24, NULL, held_without_signer, DIAGNOSIS_LIST_SIGNER_ABSENT },
	{ 26, "File Not Found <CTLFile.tlv>", NULL, DIAGNOSIS_CTL_ABSENT },
	{ 26, "CTL File not found. Please run CTLClient plugin", NULL, DIAGNOSIS_CTL_ABSENT },
	{ 27, NULL, held_ctl, DIAGNOSIS_CTL_LEFT },
	{ 27,
	    "846: NOT 09:13:17.670439 TFTP: [27]:Requesting CTLSEP0011215A1AE3.tlv from "
	    "14.48.44.80\n847: NOT 09:13:17.685264 TFTP: [27]:Finished --> rcvd 4762 bytes",
	    NULL, DIAGNOSIS_CTL_LEFT },
	{ 28, "The Security Token you have inserted does not exist in the CTL File", NULL,
	    DIAGNOSIS_TOKEN_UNKNOWN },
	{ 29, NULL, two_servers, DIAGNOSIS_LISTS_ALTERNATE },
	{ 30, "SECD: EROR:verifyFile: verify FAILED, </usr/ram/Ringlist.xml>", NULL,
	    DIAGNOSIS_COMMON_FILE_REFUSED },
	{ 31, NULL, capf_replaced, DIAGNOSIS_CAPF_REPLACED },
	{ 32, NULL, capf_busy, DIAGNOSIS_CAPF_BUSY },
	{ 33, NULL, no_capf_record, DIAGNOSIS_CAPF_RECORD_MISSING },
	{ 34, NULL, itl_large, DIAGNOSIS_LIST_TOO_LARGE },
	{ 35, NULL, signer_replaced, DIAGNOSIS_SIGNER_REPLACED },
	{ 38,
	    "TL file updated.\n926: NOT 09:13:18.540562 TFTP: [10]:Requesting "
	    "SEP0011215A1AE3.cnf.xml from 14.48.44.80",
	    NULL, DIAGNOSIS_PLAIN_ASKED },
	{ 38, NULL, model_cannot_encrypt, DIAGNOSIS_PLAIN_ASKED },
	{ 39, "CAPF_REASON_PUBKEY_MISMATCH: the configuration is encrypted for another key", NULL,
	    DIAGNOSIS_NOT_OPENED },
	{ 39, NULL, no_recipient, DIAGNOSIS_NOT_OPENED },
	{ 40, NULL, rollback, DIAGNOSIS_ROLLBACK },
	{ 0, NULL, no_config_with_its_lists, DIAGNOSIS_NO_CONFIG },
	{ 0, NULL, no_config_by_file, DIAGNOSIS_NO_CONFIG },
	{ 0, NULL, session_broken, DIAGNOSIS_SESSION_BROKEN },
	{ 0, "[11:13:27 03/12/18] LSC: Failed", NULL, DIAGNOSIS_OPERATION_FAILED },
	{ 0, NULL, behind, DIAGNOSIS_LIST_BEHIND },
	{ 0, NULL, tvs_off, DIAGNOSIS_TVS_OFF },
	{ 0, NULL, lsc_expired, DIAGNOSIS_LSC_EXPIRED },
	{ 0, NULL, config_fault, DIAGNOSIS_CONFIG_FAULT },
	{ 0, NULL, cert_expired, DIAGNOSIS_CERT_EXPIRED },
	{ 0, NULL, never_seen, DIAGNOSIS_NEVER_SEEN },
};

/* Rows that only Unified CM itself, or its administrator's computer, can show (the guide says why).
 */
static const unsigned not_here[] = { 25, 36, 37 };

static void
each_row_is_found_by_what_shows_it_and_nothing_else_is(void **state)
{
	static struct rig r;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		rig_init(&r);
		if (rows[i].console != NULL)
			rig_console(&r, rows[i].console);
		if (rows[i].spoil != NULL)
			rows[i].spoil(&r);
		rig_judge(&r);
		if (r.found != 1 || r.last.kind != rows[i].kind)
			fail_msg("case %zu, %s: %zu found, the last is %s", i,
			    diagnosis_id(rows[i].kind), r.found,
			    r.found > 0 ? diagnosis_id(r.last.kind) : "none");
		assert_int_equal(diagnosis_row(rows[i].kind), rows[i].row);
	}
}

static void
every_row_of_the_table_is_told_or_is_not_for_a_phone(void **state)
{
	bool told[41] = { false };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		told[rows[i].row] = true;
	for (size_t i = 0; i < sizeof not_here / sizeof not_here[0]; i++) {
		assert_false(told[not_here[i]]);
		told[not_here[i]] = true;
	}
	for (unsigned i = 1; i <= 40; i++)
		if (!told[i])
			fail_msg("row %u is missing", i);
}

static void
every_kind_has_an_id_of_its_own_and_a_test(void **state)
{
	bool tested[DIAGNOSIS_KINDS] = { false };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		tested[rows[i].kind] = true;
	for (int k = 0; k < DIAGNOSIS_KINDS; k++) {
		assert_true(tested[k] || k >= DIAGNOSIS_OTHER_SERVER); /* test_diagnosis_seen.c */
		assert_non_null(diagnosis_symptom((enum diagnosis_kind)k));
		for (int j = 0; j < k; j++)
			assert_string_not_equal(diagnosis_id((enum diagnosis_kind)j),
			    diagnosis_id((enum diagnosis_kind)k));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_found_by_what_shows_it_and_nothing_else_is),
		cmocka_unit_test(every_row_of_the_table_is_told_or_is_not_for_a_phone),
		cmocka_unit_test(every_kind_has_an_id_of_its_own_and_a_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
