#include "../check.h"

#include "wire/frontmsg.h"

static void
front_settings_travel_unchanged(void **state)
{
	const struct front_settings in = { 10, 30, 30, 1800, 4000, 2000, 500, 20000, 10000, 7 };
	struct front_settings out;
	struct wr w = wr_new(FRONTMSG_MAX);
	struct err e = { 0 };

	(void)state;
	assert_ok(front_settings_encode(&in, &w, &e), e);
	assert_ok(front_settings_parse(wr_view(&w), &out, &e), e);
	assert_memory_equal(&in, &out, sizeof in);
	for (size_t n = 0; n < w.n; n++)
		assert_fails(
		    front_settings_parse(span_of(w.p, n), &out, &e), e, ERR_MALFORMED, "cut short");
	wr_u8(&w, 0);
	assert_fails(front_settings_parse(wr_view(&w), &out, &e), e, ERR_MALFORMED, "too long");
	wr_free(&w);
}

static void
front_identity_travels_unchanged_and_refuses_every_cut(void **state)
{
	struct front_identity in = { .service = FRONT_CAPF, .old_tls = true, .chain_count = 2 },
			      out;
	struct wr w = wr_new(FRONTMSG_MAX);
	struct err e = { 0 };

	(void)state;
	in.chain[0] = span_str("leaf");
	in.chain[1] = span_str("root");
	in.key = span_str("key");
	in.ticket_key = span_str("ticket");
	assert_ok(front_identity_encode(&in, &w, &e), e);
	assert_ok(front_identity_parse(wr_view(&w), &out, &e), e);
	assert_int_equal(out.service, FRONT_CAPF);
	assert_true(out.old_tls);
	assert_int_equal(out.chain_count, 2);
	assert_span_equal(out.chain[1], in.chain[1]);
	assert_span_equal(out.key, in.key);
	assert_span_equal(out.ticket_key, in.ticket_key);
	for (size_t n = 0; n < w.n; n++)
		assert_false(front_identity_parse(span_of(w.p, n), &out, &e));
	w.p[0] = 9;
	assert_fails(front_identity_parse(wr_view(&w), &out, &e), e, ERR_MALFORMED, "service 9");
	wr_free(&w);
}

static void
front_counters_travel_and_add_up(void **state)
{
	struct front_counters in = { .tvs = { .accepted = UINT64_C(5000000000), .open = 3 },
		.tftp_running = 9 };
	struct front_counters out;
	struct wr w = wr_new(FRONTMSG_MAX);
	struct err e = { 0 };

	(void)state;
	assert_ok(front_counters_encode(&in, &w, &e), e);
	assert_ok(front_counters_parse(wr_view(&w), &out, &e), e);
	front_counters_add(&out, &in);
	assert_true(out.tvs.accepted == UINT64_C(10000000000));
	assert_int_equal(out.tvs.open, 6);
	assert_int_equal(out.tftp_running, 18);
	assert_false(front_counters_parse(span_of(w.p, w.n - 1), &out, &e));
	wr_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(front_settings_travel_unchanged),
		cmocka_unit_test(front_identity_travels_unchanged_and_refuses_every_cut),
		cmocka_unit_test(front_counters_travel_and_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
