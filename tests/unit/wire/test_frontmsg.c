#include "../check.h"

#include "wire/frontmsg.h"

static void
front_settings_travel_unchanged(void **state)
{
	const struct front_settings in = { 10, 30, 30, 1800, 4000, 2000, 500, 20000, 10000, 40000,
		40100, 9000, 2000, 60, 256, 512, 7 };
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
	w.p[0] = FRONT_HTTPS;
	assert_ok(front_identity_parse(wr_view(&w), &out, &e), e);
	w.p[0] = 9;
	assert_fails(front_identity_parse(wr_view(&w), &out, &e), e, ERR_MALFORMED, "service 9");
	wr_free(&w);
}

static void
front_counters_travel_and_add_up(void **state)
{
	struct front_counters in = { .tvs = { .accepted = UINT64_C(5000000000), .open = 3 },
		.https = { .served = 4 },
		.tftp_running = 9,
		.cache_bytes = 77 };
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
	assert_int_equal(out.https.served, 8);
	assert_int_equal(out.http.served, 0);
	assert_int_equal(out.cache_bytes, 154);
	assert_false(front_counters_parse(span_of(w.p, w.n - 1), &out, &e));
	wr_free(&w);
}

static void
front_forget_names_devices_or_nobody(void **state)
{
	static const char *const bad[] = { "SEP001122334455", "\n", "SEP00112233445X\n", "a b\n" };
	struct wr w = wr_new(FRONTMSG_MAX);
	struct front_forget in = { span_str("SEP001122334455\nATA0011\n") }, out;
	struct err e = { 0 };

	(void)state;
	assert_ok(front_forget_encode(&in, &w, &e), e);
	assert_ok(front_forget_parse(wr_view(&w), &out, &e), e);
	assert_span_equal(out.devices, in.devices);
	assert_ok(front_forget_parse((struct span){ 0 }, &out, &e), e);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		in.devices = span_str(bad[i]);
		assert_false(front_forget_encode(&in, &w, &e));
		assert_fails(front_forget_parse(in.devices, &out, &e), e, ERR_MALFORMED, "device");
	}
	wr_free(&w);
}

static void
front_folder_travels_with_any_path(void **state)
{
	static const char *const paths[] = { "", "sub", "Deutsch/7945 g" };
	static const uint8_t nul[] = { 0, 0, 0, 1, 'a', 0 };
	static const uint8_t large[4096] = { 1 };
	struct wr w = wr_new(FRONTMSG_MAX);
	struct front_folder out;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
		const struct front_folder in = { 0xfffffffe, span_str(paths[i]) };

		wr_reset(&w);
		assert_ok(front_folder_encode(&in, &w, &e), e);
		assert_ok(front_folder_parse(wr_view(&w), &out, &e), e);
		assert_int_equal(out.number, in.number);
		assert_span_equal(out.path, in.path);
	}
	assert_fails(front_folder_parse(span_of(nul, 3), &out, &e), e, ERR_MALFORMED, "cut short");
	assert_fails(
	    front_folder_parse(span_of(nul, sizeof nul), &out, &e), e, ERR_MALFORMED, "NUL");
	assert_fails(
	    front_folder_encode(&(struct front_folder){ 1, span_of(large, sizeof large) }, &w, &e),
	    e, ERR_LIMIT, "4096");
	wr_free(&w);
}

static const struct front_served served[] = {
	{ true, { (const uint8_t *)"192.0.2.1:50000", 15 },
	    { (const uint8_t *)"a.cnf.xml.sgn", 13 }, { (const uint8_t *)"config signed 3", 15 },
	    { 0 } },
	{ false, { (const uint8_t *)"[::1]:1", 7 }, { (const uint8_t *)"\xff", 1 }, { 0 },
	    { (const uint8_t *)"no acknowledgement", 18 } },
};

static void
front_served_travel_many_in_a_message(void **state)
{
	struct wr w = wr_new(FRONTMSG_MAX);
	struct front_served out;
	struct err e = { 0 };
	struct rd r;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_ok(front_served_encode(&served[i], &w, &e), e);
	r = rd_open(wr_view(&w));
	for (size_t i = 0; i < 2; i++) {
		assert_ok(front_served_next(&r, &out, &e), e);
		assert_int_equal(out.ok, served[i].ok);
		assert_span_equal(out.peer, served[i].peer);
		assert_span_equal(out.name, served[i].name);
		assert_span_equal(out.version, served[i].version);
		assert_span_equal(out.text, served[i].text);
	}
	assert_false(front_served_next(&r, &out, &e));
	assert_int_equal(e.code, ERR_NONE);
	for (size_t n = 1; n < w.n; n++) {
		r = rd_open(span_of(w.p, n));
		while (front_served_next(&r, &out, &e))
			;
		assert_true(rd_end(&r) || e.code == ERR_MALFORMED);
	}
	wr_free(&w);
}

static void
front_served_that_does_not_fit_leaves_the_message_whole(void **state)
{
	struct wr w = wr_new(100);
	struct front_served out;
	struct err e = { 0 };
	struct rd r;

	(void)state;
	assert_ok(front_served_encode(&served[0], &w, &e), e);
	assert_fails(front_served_encode(&served[0], &w, &e), e, ERR_LIMIT, "does not fit");
	r = rd_open(wr_view(&w));
	assert_ok(front_served_next(&r, &out, &e), e);
	assert_false(front_served_next(&r, &out, &e));
	assert_int_equal(e.code, ERR_NONE);
	wr_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(front_settings_travel_unchanged),
		cmocka_unit_test(front_identity_travels_unchanged_and_refuses_every_cut),
		cmocka_unit_test(front_counters_travel_and_add_up),
		cmocka_unit_test(front_forget_names_devices_or_nobody),
		cmocka_unit_test(front_folder_travels_with_any_path),
		cmocka_unit_test(front_served_travel_many_in_a_message),
		cmocka_unit_test(front_served_that_does_not_fit_leaves_the_message_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
