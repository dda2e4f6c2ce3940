/* What is well, what was mended, and what follows from what. */
#include "diagnosis_rig.h"

static void
a_phone_with_nothing_wrong_has_no_findings(void **state)
{
	static struct rig r;

	(void)state;
	rig_init(&r);
	rig_judge(&r);
	assert_int_equal(r.found, 0);
	rig_held(&r);
	rig_judge(&r);
	assert_int_equal(r.found, 0);
	rig_pending(&r);
	rig_judge(&r);
	assert_int_equal(r.found, 0);
	rig_console(&r, "Trust List Updated\nSEP001122334455.cnf.xml.sgn(HTTPS)\nLSC: Installed\n"
			"HTTPS cert not in CTL, <a:443>\nAuthenticated the HTTPS conn via TVS\n");
	rig_judge(&r);
	assert_int_equal(r.found, 0);
	r.facts = (struct diagnosis_facts){ .now = NOW,
		.cluster = { .tftp = true, .tvs = true, .itl = { .is_there = true } } };
	rig_judge(&r);
	assert_int_equal(r.found, 0);
}

static void
what_was_mended_since_is_not_told(void **state)
{
	static struct rig r;

	(void)state;
	rig_init(&r);
	rig_tvs_alert(&r);
	r.facts.phone.contact.question_at = NOW - HOUR / 2;
	rig_judge(&r);
	assert_int_equal(r.found, 0);
	rig_init(&r);
	rig_tvs_alert(&r);
	rig_tvs_unknown(&r);
	r.phone.last_seen = NOW + 30 * HOUR;
	rig_judge(&r);
	assert_int_equal(r.found, 0);
	rig_init(&r);
	rig_foreign_by_handshake(&r);
	r.facts.phone.config_at = NOW; /* a later boot, in which HTTPS was not refused */
	rig_judge(&r);
	assert_int_equal(r.found, 0);
	rig_init(&r);
	rig_foreign_by_handshake(&r);
	r.facts.phone.contact.question_at = NOW;
	rig_judge(&r);
	assert_int_equal(r.found, 0);
}

/* The transcript of a CAPF attempt that fails on DNS (phone.md 7.4). */
static void
a_transcript_gives_the_cause_before_what_follows_from_it(void **state)
{
	static const char transcript[] =
	    "0481 WRN Mar 12 15:07:53.697091 (12905:13036) JAVA-configmgr "
	    "MQThread|NetUtil.traceIPv4DNSErrors:? - DNS unknown IPv4 host PUB11.brianw2.lab\n"
	    "0637 ERR Mar 12 15:07:55.761984 (322:17812) SECUREAPP-SEC_CAPF_BIO_F: CAPF create bio "
	    "failed\n"
	    "0638 ERR Mar 12 15:07:55.762040 (322:17812) SECUREAPP-SEC_CAPF_OP_F: CAPF operation "
	    "failed, ret -7\n"
	    "0639 CRT Mar 12 15:07:55.863826 (12905:13036) JAVA-configmgr "
	    "MQThread|cip.sec.CertificateProperty$1:? - LSC: Connection failed\n";
	static struct rig r;

	(void)state;
	rig_init(&r);
	rig_pending(&r);
	rig_console(&r, transcript);
	rig_judge(&r);
	assert_int_equal(r.found, 3); /* rows 5, 6 and 4, in this order */
	assert_int_equal(r.last.kind, DIAGNOSIS_CAPF_PENDING);
	assert_non_null(strstr(r.last.cause, "dns-unknown"));
	assert_non_null(strstr(r.last.evidence[0], "console line 4: "));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_phone_with_nothing_wrong_has_no_findings),
		cmocka_unit_test(what_was_mended_since_is_not_told),
		cmocka_unit_test(a_transcript_gives_the_cause_before_what_follows_from_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
