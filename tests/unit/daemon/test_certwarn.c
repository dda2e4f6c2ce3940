#include "core_rig.h"

#include "base/log.h"
#include "daemon/certwarn.h"
#include "pki/issue.h"

#include <string.h>

#define DAY_S 86400

static size_t expired_lines, soon_lines;

static void
count_line(void *arg, enum log_level level, const char *line)
{
	(void)arg;
	if (level != LOG_WARNING)
		return;
	expired_lines += strncmp(line, "cert-expired ", 13) == 0;
	soon_lines += strncmp(line, "cert-expires ", 13) == 0;
}

/* In tvs-trust, a certificate that ends so long after now. */
static void
trust(struct core_rig *r, const char *name, time_t ends)
{
	const struct signer_template t = { .purpose = PURPOSE_WEB,
		.common_name = name,
		.not_before = core_now() - 30 * DAY_S,
		.not_after = core_now() + ends };
	struct err e = { 0 };
	struct privkey *k = key_make_ec(256, &e);
	struct bytes der;
	struct cert *c;

	assert_ok(issue_self(k, &t, &der, &e), e);
	c = cert_parse(bytes_span(&der), &e);
	assert_ok(cluster_trust_add(r->core.cluster, TRUST_TVS, &c, 1, core_now(), &e), e);
	cert_free(c);
	bytes_free(&der);
	key_free(k);
}

static void
certwarn_step_says_it_again_every_day(void **state)
{
	struct core_rig *r = *state;

	trust(r, "gone", -2 * DAY_S);
	trust(r, "soon", 9 * DAY_S);
	log_to(count_line, NULL, LOG_WARNING);
	for (size_t day = 1; day <= 3; day++) {
		certwarn_step(&r->core);
		certwarn_step(&r->core); /* within the day: nothing more */
		assert_int_equal(expired_lines, day);
		assert_int_equal(soon_lines, day);
		r->core.certs_warned_at -= DAY_S;
	}
	r->core.certs_warned_at = core_now() + 400 * (time_t)DAY_S; /* the clock was set back */
	certwarn_step(&r->core);
	assert_int_equal(expired_lines, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CORE(certwarn_step_says_it_again_every_day),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
