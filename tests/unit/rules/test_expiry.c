#include "../check.h"

#include "rules/expiry.h"

#include <stdlib.h>
#include <time.h>

/* The rows of doc/protocols/certificates.md, "When a certificate expires": what still stands, or
 * does not. */
static const char *const own[PURPOSE_COUNT] = {
	[PURPOSE_CALLMANAGER] = "configurations that it signs stay good",
	[PURPOSE_CALLMANAGER_EC] = "TLS with EC keys fails",
	[PURPOSE_TVS] = "depends on their firmware",
	[PURPOSE_CAPF] = "LSCs that it issued end with it",
	[PURPOSE_ITLRECOVERY] = "lists that it signs stay good",
	[PURPOSE_WEB] = "TVS speaks for it all the same",
	[PURPOSE_CAPF_ISSUER] = "LSCs that it issued end with it",
};

static void
expiry_of_each_certificate_is_what_the_documented_row_says(void **state)
{
	(void)state;
	for (enum purpose p = 0; p < PURPOSE_COUNT; p++)
		assert_non_null(strstr(expiry_of(p), own[p]));
	for (enum trust_store s = 0; s < TRUST_STORE_COUNT; s++)
		assert_non_null(strstr(expiry_of_trusted(s), "TVS speaks for it all the same"));
	assert_non_null(strstr(expiry_of_trusted(TRUST_CAPF), "RADIUS"));
	assert_non_null(strstr(expiry_of_lsc(), "still open"));
	assert_non_null(strstr(expiry_of_tvs_answer(), "firmware"));
}

static void
expiry_date_is_the_end_of_what_is_named(void **state)
{
	static const struct {
		const char *text;
		time_t want; /* 0: refused */
	} rows[] = {
		{ "1970-01-02", 2 * 86400 },
		{ "1970-01-02T03", 86400 + 4 * 3600 },
		{ "1970-01-02T03:04", 86400 + 3 * 3600 + 5 * 60 },
		{ "+1d", 1000 + 86400 + 1 },
		{ "", 0 },
		{ "tomorrow", 0 },
		{ "NA", 0 },
		{ "1970-02-30", 0 },
		{ "1970-01-02T03:04:05:06:07:08:09:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24:25:"
		  "26:27:28:29:30:31:32:33:34:35:36:37:38:39:40:41:42:43:44:45:46:47:48:49:50:51:"
		  "52:53:54:55:56:57:58:59:60:61:62:63:64:65:66:67:68:69:70:71:72:73:74:75:76:77:"
		  "78:79:80:81:82:83:84:85:86:87:88:89:90",
		    0 },
	};
	struct err e = { 0 };
	time_t got;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (rows[i].want == 0) {
			assert_fails(expiry_date(rows[i].text, 1000, &got, &e), e, ERR_MALFORMED,
			    "YYYY-MM-DD");
			continue;
		}
		assert_ok(expiry_date(rows[i].text, 1000, &got, &e), e);
		assert_true(got == rows[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expiry_of_each_certificate_is_what_the_documented_row_says),
		cmocka_unit_test(expiry_date_is_the_end_of_what_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
