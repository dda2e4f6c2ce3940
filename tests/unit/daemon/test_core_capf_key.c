#include "core_rig.h"

#include "daemon/core_capf_key.h"
#include "pki/digest.h"
#include "pki/key.h"
#include "wire/capfmsg.h"

#define OTHER "SEP001122334456"
#define OLD   (CORE_CAPF_EC_VERSION - 1)
#define NEW   CORE_CAPF_EC_VERSION

/* --- what is ordered --- */

static const struct {
	enum phone_key_order order;
	unsigned version;
	bool ec_failed, can;
	uint8_t type;
} orders[] = {
	{ PHONE_KEY_RSA_ONLY, OLD, false, true, CAPFMSG_KEY_RSA },
	{ PHONE_KEY_RSA_ONLY, NEW, false, true, CAPFMSG_KEY_RSA },
	{ PHONE_KEY_EC_ONLY, OLD, false, false, CAPFMSG_KEY_EC },
	{ PHONE_KEY_EC_ONLY, NEW, false, true, CAPFMSG_KEY_EC },
	{ PHONE_KEY_EC_ONLY, NEW, true, true, CAPFMSG_KEY_EC }, /* there is nothing else */
	{ PHONE_KEY_EC_PREFERRED, OLD, false, true, CAPFMSG_KEY_RSA },
	{ PHONE_KEY_EC_PREFERRED, NEW, false, true, CAPFMSG_KEY_EC },
	{ PHONE_KEY_EC_PREFERRED, NEW, true, true, CAPFMSG_KEY_RSA },
	{ PHONE_KEY_EC_PREFERRED, NEW + 1, false, true, CAPFMSG_KEY_EC },
};

static void
core_capf_key_order_follows_the_record_the_version_and_what_failed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
		const struct phone p = {
			.key_order = orders[i].order, .rsa_size = 3072, .ec_size = 384
		};
		struct answer a = { 0 };

		assert_int_equal(
		    core_capf_key_order(&p, (uint8_t)orders[i].version, orders[i].ec_failed, &a),
		    orders[i].can);
		if (!orders[i].can)
			continue;
		assert_int_equal(a.key_type, orders[i].type);
		if (a.key_type == CAPFMSG_KEY_RSA)
			assert_int_equal(a.key_size, 3072);
		else
			assert_int_equal(a.curve, CAPFMSG_P384);
	}
}

static void
core_capf_key_order_names_each_curve(void **state)
{
	static const struct {
		unsigned bits;
		uint8_t curve;
	} rows[] = { { 256, CAPFMSG_P256 }, { 384, CAPFMSG_P384 }, { 521, CAPFMSG_P521 } };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		const struct phone p = { .key_order = PHONE_KEY_EC_ONLY, .ec_size = rows[i].bits };
		struct capf_session one = { 0 };
		struct answer a = { 0 };

		assert_true(core_capf_key_order(&p, NEW, false, &a));
		assert_int_equal(a.curve, rows[i].curve);
		core_capf_key_asked(&one, &a);
		assert_true(one.asked_ec);
		assert_int_equal(one.asked_bits, rows[i].bits);
		assert_true(one.asked_at != 0);
	}
}

static void
core_capf_key_allows_weak_keys_only_where_that_is_set(void **state)
{
	static const unsigned sizes[] = { 512, 1024, 2048, 4096 };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct phone p = { .rsa_size = sizes[i] };
		const struct conf strict = { .weak_lsc_keys = false },
				  lax = { .weak_lsc_keys = true };

		assert_ok(core_capf_key_allowed(&lax, &p, &e), e);
		if (sizes[i] >= 2048)
			assert_ok(core_capf_key_allowed(&strict, &p, &e), e);
		else
			assert_fails(core_capf_key_allowed(&strict, &p, &e), e, ERR_REFUSED,
			    "weak-lsc-keys");
	}
}

/* --- what comes --- */

static struct digest
hash_of(struct span spki)
{
	struct digest d;
	struct err e = { 0 };

	assert_ok(digest_of(DIGEST_SHA256, spki, &d, &e), e);
	return d;
}

static bool
check(struct core_rig *r, bool ec, unsigned bits, struct span spki, struct err *e)
{
	const struct capf_session one = {
		.device = { RIG_PHONE }, .asked_ec = ec, .asked_bits = bits
	};
	struct digest hash = hash_of(spki);

	return core_capf_key_check(&r->core, &one, spki, digest_span(&hash), e);
}

static void
core_capf_key_check_takes_what_was_asked_for(void **state)
{
	struct core_rig *r = *state;
	struct err e = { 0 };
	struct privkey *rsa = key_make_rsa(2048, &e), *ec = key_make_ec(256, &e);
	struct span spki = key_spki(ec);

	assert_ok(check(r, false, 2048, key_spki(rsa), &e), e);
	assert_ok(check(r, true, 256, spki, &e), e);
	assert_fails(check(r, true, 256, key_spki(rsa), &e), e, ERR_REFUSED,
	    "RSA of 2048 bits, asked for EC of 256");
	assert_fails(check(r, false, 2048, spki, &e), e, ERR_REFUSED, "EC of 256 bits");
	assert_fails(
	    check(r, false, 1024, key_spki(rsa), &e), e, ERR_REFUSED, "asked for RSA of 1024");
	assert_fails(check(r, true, 384, spki, &e), e, ERR_REFUSED, "asked for EC of 384");
	spki.n--;
	assert_fails(check(r, true, 256, spki, &e), e, ERR_REFUSED, "public key");
	key_free(ec);
	key_free(rsa);
}

static void
core_capf_key_check_refuses_the_key_of_another_phone_by_name(void **state)
{
	struct core_rig *r = *state;
	struct err e = { 0 };
	struct privkey *k = key_make_ec(256, &e);
	struct digest hash = hash_of(key_spki(k));
	struct store_lsc l = { .device = { RIG_PHONE }, .serial = "0a", .not_after = core_now() };

	l.der = bytes_copy(span_str("a certificate"));
	l.key_hash = bytes_copy(digest_span(&hash));
	assert_ok(store_lsc_issue(cluster_store(r->core.cluster), &l, &e), e);
	assert_ok(check(r, true, 256, key_spki(k), &e), e); /* its own, again */
	strcpy(l.device, OTHER);
	strcpy(l.serial, "0b");
	assert_ok(store_lsc_issue(cluster_store(r->core.cluster), &l, &e), e);
	assert_fails(check(r, true, 256, key_spki(k), &e), e, ERR_REFUSED,
	    "certified for " OTHER " already");
	store_lsc_free(&l);
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    core_capf_key_order_follows_the_record_the_version_and_what_failed),
		cmocka_unit_test(core_capf_key_order_names_each_curve),
		cmocka_unit_test(core_capf_key_allows_weak_keys_only_where_that_is_set),
		WITH_CORE(core_capf_key_check_takes_what_was_asked_for),
		WITH_CORE(core_capf_key_check_refuses_the_key_of_another_phone_by_name),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
