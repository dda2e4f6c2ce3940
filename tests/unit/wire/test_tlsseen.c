#include "../check.h"

#include "base/mem.h"
#include "wire/tlsseen.h"

#include <stdlib.h>

#define ZERO8    0, 0, 0, 0, 0, 0, 0, 0
#define RANDOM32 ZERO8, ZERO8, ZERO8, ZERO8

/* ServerHello of TLS 1.2 without extensions, 42 bytes of message. */
#define SERVER_HELLO 2, 0, 0, 38, 3, 3, RANDOM32, 0, 0, 0x35, 0
/* Certificate with one of three bytes. */
#define CERTIFICATE 11, 0, 0, 9, 0, 0, 6, 0, 0, 3, 'c', 'r', 't'

static const uint8_t server_12[] = { 22, 3, 3, 0, 42, SERVER_HELLO, 22, 3, 3, 0, 13, CERTIFICATE,
	20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 4, 9, 9, 9, 9, 21, 3, 3, 0, 32, RANDOM32 };

static const uint8_t server_13[] = { 22, 3, 3, 0, 50, 2, 0, 0, 46, 3, 3, RANDOM32, 0, 0x13, 1, 0, 0,
	6, 0, 43, 0, 2, 3, 4, 20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 2, 7, 7 };

/* Fed in pieces of each size, and always the same is seen. */
static void
what_is_in_the_clear_is_seen_however_it_is_cut(void **state)
{
	(void)state;
	for (size_t step = 1; step <= sizeof server_12; step++) {
		struct tlsseen t;

		tlsseen_init(&t);
		for (size_t at = 0; at < sizeof server_12; at += step)
			tlsseen_feed(
			    &t, span_of(server_12 + at,
				    sizeof server_12 - at < step ? sizeof server_12 - at : step));
		assert_int_equal(t.end, TLSSEEN_READS);
		assert_int_equal(t.version, TLSSEEN_1_2);
		assert_true(t.hello && t.encrypts && t.has_certificate);
		assert_span_equal(bytes_span(&t.certificate), span_str("crt"));
		assert_int_equal(t.alerts, 1);
		assert_int_equal(t.alert[0].level, 0); /* it is encrypted */
		tlsseen_free(&t);
	}
}

static void
a_message_may_lie_in_many_records_and_many_in_one(void **state)
{
	static const uint8_t hello_and_certificate[] = { SERVER_HELLO, CERTIFICATE };
	struct tlsseen one, many;
	uint8_t whole[5 + sizeof hello_and_certificate] = { 22, 3, 1, 0,
		sizeof hello_and_certificate };

	(void)state;
	tlsseen_init(&one);
	tlsseen_init(&many);
	memcpy(whole + 5, hello_and_certificate, sizeof hello_and_certificate);
	tlsseen_feed(&one, span_of(whole, sizeof whole));
	for (size_t i = 0; i < sizeof hello_and_certificate; i++) {
		const uint8_t record[] = { 22, 3, 1, 0, 1, hello_and_certificate[i] };

		tlsseen_feed(&many, span_of(record, sizeof record));
	}
	assert_span_equal(bytes_span(&one.certificate), span_str("crt"));
	assert_span_equal(bytes_span(&many.certificate), span_str("crt"));
	tlsseen_free(&one);
	tlsseen_free(&many);
}

static void
tls_1_3_is_known_by_its_extension(void **state)
{
	struct tlsseen t;

	(void)state;
	tlsseen_init(&t);
	tlsseen_feed(&t, span_of(server_13, sizeof server_13));
	assert_int_equal(t.end, TLSSEEN_READS);
	assert_int_equal(t.version, TLSSEEN_1_3);
	assert_false(t.has_certificate);
	tlsseen_free(&t);
}

static void
alerts_in_the_clear_have_names(void **state)
{
	static const uint8_t bytes[] = { 21, 3, 1, 0, 2, 2, 48, 21, 3, 1, 0, 2, 1, 0 };
	struct tlsseen t;

	(void)state;
	tlsseen_init(&t);
	tlsseen_feed(&t, span_of(bytes, sizeof bytes));
	assert_int_equal(t.alerts, 2);
	assert_int_equal(t.alert[0].level, 2);
	assert_string_equal(tlsseen_alert_name(t.alert[0].description), "unknown CA");
	assert_string_equal(tlsseen_alert_name(t.alert[1].description), "close notify");
	assert_null(tlsseen_alert_name(99));
	assert_null(tlsseen_alert_name(255));
	for (size_t i = 0; i < 10; i++)
		tlsseen_feed(&t, span_of(bytes, 7));
	assert_int_equal(t.alerts, TLSSEEN_ALERTS_MAX);
	tlsseen_free(&t);
}

static void
a_client_without_a_certificate_sends_an_empty_message(void **state)
{
	static const uint8_t bytes[] = { 22, 3, 1, 0, 7, 11, 0, 0, 3, 0, 0, 0 };
	struct tlsseen t;

	(void)state;
	tlsseen_init(&t);
	tlsseen_feed(&t, span_of(bytes, sizeof bytes));
	assert_true(t.has_certificate);
	assert_null(t.certificate.p);
	tlsseen_free(&t);
}

static void
what_is_no_tls_is_given_up(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = { { "GET / HTTP/1.1", 14 }, { "\x16\x02\x00\x00\x01", 5 },
		{ "\x16\x03\x03\xff\xff", 5 }, { "\x80\x2e\x01\x03\x01", 5 } };

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct tlsseen t;

		tlsseen_init(&t);
		tlsseen_feed(&t, span_of(bad[i].bytes, bad[i].n));
		assert_int_equal(t.end, TLSSEEN_NOT_TLS);
		tlsseen_free(&t);
	}
}

static void
a_handshake_without_end_is_given_up(void **state)
{
	uint8_t *record = mem_new(1, 5 + 16384);
	struct tlsseen t;

	(void)state;
	record[0] = 22, record[1] = 3, record[2] = 3, record[3] = 0x40;
	record[5] = 11, record[6] = 0xff, record[7] = 0xff, record[8] = 0xff;
	tlsseen_init(&t);
	for (int i = 0; i < 4; i++)
		tlsseen_feed(&t, span_of(record, 5 + 16384));
	assert_int_equal(t.end, TLSSEEN_READS);
	tlsseen_feed(&t, span_of(record, 5 + 16384));
	assert_int_equal(t.end, TLSSEEN_TOO_MUCH);
	tlsseen_free(&t);
	free(record);
}

static void
versions_have_names(void **state)
{
	(void)state;
	assert_string_equal(tlsseen_version_name(TLSSEEN_1_0), "TLS 1.0");
	assert_string_equal(tlsseen_version_name(TLSSEEN_1_1), "TLS 1.1");
	assert_string_equal(tlsseen_version_name(TLSSEEN_1_2), "TLS 1.2");
	assert_string_equal(tlsseen_version_name(TLSSEEN_1_3), "TLS 1.3");
	assert_null(tlsseen_version_name(0x0300));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_the_clear_is_seen_however_it_is_cut),
		cmocka_unit_test(a_message_may_lie_in_many_records_and_many_in_one),
		cmocka_unit_test(tls_1_3_is_known_by_its_extension),
		cmocka_unit_test(alerts_in_the_clear_have_names),
		cmocka_unit_test(a_client_without_a_certificate_sends_an_empty_message),
		cmocka_unit_test(what_is_no_tls_is_given_up),
		cmocka_unit_test(a_handshake_without_end_is_given_up),
		cmocka_unit_test(versions_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
