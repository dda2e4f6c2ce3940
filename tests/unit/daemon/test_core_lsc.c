#include "core_rig.h"

#include "base/text.h"
#include "daemon/core_lsc.h"
#include "pki/key.h"

#include <stdlib.h>

#define DAY_S 86400

/* Replaces a line of sealtone.conf and has core read it. */
static void
configure(struct core_rig *r, const char *from, const char *to)
{
	char command[4096];
	struct err e = { 0 };

	snprintf(
	    command, sizeof command, "sed -i 's|^%s$|%s|' '%s/sealtone.conf'", from, to, r->path);
	assert_int_equal(system(command), 0);
	assert_ok(cluster_reload(r->core.cluster, core_now(), &e), e);
}

static struct cert *
make(struct core_rig *r, time_t now, bool *is_cut)
{
	struct err e = { 0 };
	struct privkey *key = key_make_ec(256, &e);
	struct store_lsc l;
	struct cert *c;
	char *serial;

	assert_ok(core_lsc_make(&r->core, RIG_PHONE, key_spki(key), now, &l, is_cut, &e), e);
	c = cert_parse(bytes_span(&l.der), &e);
	assert_ok(c != NULL && cert_is_issued_by(c, cluster_issuer(r->core.cluster), &e), e);
	assert_true(key_fits(key, c));
	assert_true(l.not_after == cert_not_after(c));
	serial = text_hex(cert_serial(c));
	assert_string_equal(l.serial, serial);
	free(serial);
	store_lsc_free(&l);
	key_free(key);
	return c;
}

static void
core_lsc_make_follows_the_settings(void **state)
{
	struct core_rig *r = *state;
	time_t now = core_now();
	struct cert *c;
	bool is_cut;

	configure(r, "lsc-validity = 1825", "lsc-validity = 30");
	configure(r, "lsc-organization = ", "lsc-organization = Phones");
	configure(r, "lsc-country = ", "lsc-country = US");
	c = make(r, now, &is_cut);
	assert_false(is_cut);
	assert_true(cert_not_before(c) == now - DAY_S);
	assert_true(cert_not_after(c) == now + 30 * DAY_S);
	assert_string_equal(cert_subject_cucm(c), "CN=" RIG_PHONE ";O=Phones;C=US");
	assert_int_equal(cert_serial(c).n, 16);
	cert_free(c);
}

static void
core_lsc_make_ends_no_later_than_the_issuer(void **state)
{
	struct core_rig *r = *state;
	const struct cert *issuer = cluster_issuer(r->core.cluster);
	struct cert *c;
	bool is_cut;

	c = make(r, core_now() + 10 * DAY_S, &is_cut);
	assert_true(is_cut);
	assert_true(cert_not_after(c) == cert_not_after(issuer));
	cert_free(c);
	c = make(r, cert_not_before(issuer), &is_cut);
	assert_true(cert_not_before(c) == cert_not_before(issuer));
	cert_free(c);
}

static void
core_lsc_make_issues_nothing_under_an_issuer_that_is_not_valid(void **state)
{
	struct core_rig *r = *state;
	const struct cert *issuer = cluster_issuer(r->core.cluster);
	struct err e = { 0 };
	struct privkey *key = key_make_ec(256, &e);
	struct store_lsc l;
	bool is_cut;

	assert_fails(core_lsc_make(&r->core, RIG_PHONE, key_spki(key), cert_not_after(issuer), &l,
			 &is_cut, &e),
	    e, ERR_CRYPTO, "has expired");
	assert_fails(core_lsc_make(&r->core, RIG_PHONE, key_spki(key), cert_not_before(issuer) - 1,
			 &l, &is_cut, &e),
	    e, ERR_CRYPTO, "is not valid yet");
	key_free(key);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CORE(core_lsc_make_follows_the_settings),
		WITH_CORE(core_lsc_make_ends_no_later_than_the_issuer),
		WITH_CORE(core_lsc_make_issues_nothing_under_an_issuer_that_is_not_valid),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
