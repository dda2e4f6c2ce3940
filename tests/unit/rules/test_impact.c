#include "../check.h"

#include "rules/impact.h"

#include <string.h>

/* The rows of doc/protocols/certificates.md: services, records of ITL and CTL, who resets. */
static const struct row {
	const char *services; /* in order, with a comma behind each */
	const char *itl, *ctl;
	bool reset;
	const char *then; /* part of it */
} rows[PURPOSE_COUNT] = {
	[PURPOSE_CALLMANAGER] = { "Cisco CallManager,Cisco CTIManager,Cisco TVS,Cisco "
				  "TFTP,HAProxy,",
	    "SAST,TFTP or CCM+TFTP,", "SAST,TFTP or CCM+TFTP,", true, "backup" },
	[PURPOSE_CALLMANAGER_EC] = { "Cisco CallManager,HAProxy,", "TFTP or CCM+TFTP,",
	    "TFTP or CCM+TFTP,", true, "backup" },
	[PURPOSE_TVS] = { "Cisco TVS,Cisco TFTP,", "TVS,", "", true, "backup" },
	[PURPOSE_CAPF] = { "Cisco CAPF,Cisco CallManager,Cisco TVS,Cisco TFTP,", "CAPF,", "CAPF,",
	    true, "new LSCs" },
	[PURPOSE_ITLRECOVERY] = { "Cisco TVS,Cisco TFTP,", "SAST,", "SAST,", true, "SAML" },
	[PURPOSE_WEB] = { "Cisco Tomcat,Cisco SSOSP Tomcat,HAProxy,", "", "", false, "backup" },
	[PURPOSE_CAPF_ISSUER] = { "", "", "", false, "check LSCs" },
};

static void
append(char out[256], const char *name)
{
	strcat(out, name);
	strcat(out, ",");
}

static void
records(unsigned set, char out[256])
{
	out[0] = '\0';
	for (unsigned r = IMPACT_SAST; r <= IMPACT_CAPF_RECORD; r <<= 1)
		if ((set & r) != 0)
			append(out, impact_record_name((enum impact_record)r));
}

static void
impact_of_each_purpose_is_what_the_documented_row_says(void **state)
{
	(void)state;
	for (enum purpose p = 0; p < PURPOSE_COUNT; p++) {
		const struct impact *i = impact_of(p);
		char got[256] = "";

		for (int s = 0; s < IMPACT_SERVICES; s++)
			if ((i->services & 1u << s) != 0)
				append(got, impact_service_name((enum impact_service)s));
		assert_string_equal(got, rows[p].services);
		records(i->itl_records, got);
		assert_string_equal(got, rows[p].itl);
		records(i->ctl_records, got);
		assert_string_equal(got, rows[p].ctl);
		assert_int_equal(i->phones_reset, rows[p].reset);
		assert_non_null(strstr(i->then, rows[p].then));
	}
}

static void
phones_reset_exactly_when_a_list_changes(void **state)
{
	(void)state;
	for (enum purpose p = 0; p < PURPOSE_COUNT; p++) {
		const struct impact *i = impact_of(p);

		assert_int_equal(i->phones_reset, i->itl_records != 0);
		assert_true((i->ctl_records & ~i->itl_records) == 0);
	}
	assert_int_equal(impact_of(PURPOSE_TVS)->ctl_records, 0); /* TVS is never in the CTL */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(impact_of_each_purpose_is_what_the_documented_row_says),
		cmocka_unit_test(phones_reset_exactly_when_a_list_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
