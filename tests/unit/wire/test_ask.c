#include "../check.h"

#include "wire/ask.h"

#include "base/bytes.h"

static const struct ask full_ask = {
	.kind = ASK_CAPF_FINISH,
	.id = 0x01020304,
	.peer = { (const uint8_t *)"[::1]:50000", 11 },
	.name = { (const uint8_t *)"SEP001122334455", 15 },
	.certificate = { (const uint8_t *)"0\x01\x02", 3 },
	.subject = { (const uint8_t *)"CN=a", 4 },
	.issuer = { (const uint8_t *)"CN=b", 4 },
	.serial = { (const uint8_t *)"\x00\xff", 2 },
	.password = { (const uint8_t *)"1234", 4 },
	.public_key = { (const uint8_t *)"0\x00", 2 },
	.session = 0xfffffffe,
	.report = REPORT_BAD_MESSAGE,
	.via = ASK_VIA_HTTPS,
	.capf_end = CAPF_END_BROKEN,
	.capf_version = 3,
	.cert_type = 2,
	.text = { (const uint8_t *)"why", 3 },
};

static const struct answer full_answer = {
	.kind = ASK_FILE,
	.id = 7,
	.ok = true,
	.code = 0xfffe,
	.text = { (const uint8_t *)"no", 2 },
	.data = { (const uint8_t *)"\x00<xml>", 6 },
	.has_file = true,
	.file_size = 0x0102030405060708,
	.certificate = { (const uint8_t *)"0\x01", 2 },
	.roles = { (const uint8_t *)"\x00\x15", 2 },
	.ttl = 86400,
	.capf = ANSWER_CAPF_FETCH,
	.reason = 9,
	.key_type = 1,
	.curve = 2,
	.key_size = 4096,
	.keep = true,
	.etag = { (const uint8_t *)"5f3a-17", 7 },
	.modified = 0x1112131415161718,
	.version = { (const uint8_t *)"list 17", 7 },
	.elsewhere = { (const uint8_t *)"tftp://192.0.2.1:69\n", 20 },
};

static struct bytes
ask_bytes(const struct ask *a)
{
	struct wr w = wr_new(ASK_MESSAGE_MAX);
	struct bytes out;
	struct err e = { 0 };

	assert_ok(ask_encode(a, &w, &e), e);
	assert_ok(wr_done(&w, &out, &e), e);
	return out;
}

static struct bytes
answer_bytes(const struct answer *a)
{
	struct wr w = wr_new(ASK_MESSAGE_MAX);
	struct bytes out;
	struct err e = { 0 };

	assert_ok(answer_encode(a, &w, &e), e);
	assert_ok(wr_done(&w, &out, &e), e);
	return out;
}

static void
ask_comes_back_as_it_was(void **state)
{
	struct bytes wire = ask_bytes(&full_ask);
	struct err e = { 0 };
	struct ask a;

	(void)state;
	assert_ok(ask_parse(bytes_span(&wire), &a, &e), e);
	assert_int_equal(a.kind, full_ask.kind);
	assert_int_equal(a.id, full_ask.id);
	assert_int_equal(a.session, full_ask.session);
	assert_int_equal(a.report, full_ask.report);
	assert_int_equal(a.via, full_ask.via);
	assert_int_equal(a.capf_end, full_ask.capf_end);
	assert_int_equal(a.capf_version, full_ask.capf_version);
	assert_int_equal(a.cert_type, full_ask.cert_type);
	assert_span_equal(a.peer, full_ask.peer);
	assert_span_equal(a.name, full_ask.name);
	assert_span_equal(a.certificate, full_ask.certificate);
	assert_span_equal(a.subject, full_ask.subject);
	assert_span_equal(a.issuer, full_ask.issuer);
	assert_span_equal(a.serial, full_ask.serial);
	assert_span_equal(a.password, full_ask.password);
	assert_span_equal(a.public_key, full_ask.public_key);
	assert_span_equal(a.text, full_ask.text);
	bytes_free(&wire);
}

static void
answer_comes_back_as_it_was(void **state)
{
	struct bytes wire = answer_bytes(&full_answer);
	struct err e = { 0 };
	struct answer a;

	(void)state;
	assert_ok(answer_parse(bytes_span(&wire), &a, &e), e);
	assert_int_equal(a.kind, full_answer.kind);
	assert_int_equal(a.id, full_answer.id);
	assert_int_equal(a.ok, full_answer.ok);
	assert_int_equal(a.code, full_answer.code);
	assert_int_equal(a.has_file, full_answer.has_file);
	assert_true(a.file_size == full_answer.file_size);
	assert_int_equal(a.ttl, full_answer.ttl);
	assert_int_equal(a.capf, full_answer.capf);
	assert_int_equal(a.reason, full_answer.reason);
	assert_int_equal(a.key_type, full_answer.key_type);
	assert_int_equal(a.curve, full_answer.curve);
	assert_int_equal(a.key_size, full_answer.key_size);
	assert_int_equal(a.keep, full_answer.keep);
	assert_true(a.modified == full_answer.modified);
	assert_span_equal(a.etag, full_answer.etag);
	assert_span_equal(a.version, full_answer.version);
	assert_span_equal(a.elsewhere, full_answer.elsewhere);
	assert_span_equal(a.text, full_answer.text);
	assert_span_equal(a.data, full_answer.data);
	assert_span_equal(a.certificate, full_answer.certificate);
	assert_span_equal(a.roles, full_answer.roles);
	bytes_free(&wire);
}

static void
ask_and_answer_of_every_kind_may_be_empty_otherwise(void **state)
{
	(void)state;
	for (unsigned kind = ASK_FILE; kind <= ASK_OCSP; kind++) {
		struct bytes q = ask_bytes(&(struct ask){ .kind = kind });
		struct bytes a = answer_bytes(&(struct answer){ .kind = kind });
		struct answer answer;
		struct ask ask;
		struct err e = { 0 };

		assert_ok(ask_parse(bytes_span(&q), &ask, &e), e);
		assert_ok(answer_parse(bytes_span(&a), &answer, &e), e);
		assert_null(ask.certificate.p);
		assert_null(answer.certificate.p);
		bytes_free(&q);
		bytes_free(&a);
	}
}

static void
ask_parse_refuses_cuts_leftovers_and_answers(void **state)
{
	struct bytes q = ask_bytes(&full_ask), a = answer_bytes(&full_answer);
	struct answer answer;
	struct ask ask;
	struct err e;

	(void)state;
	for (size_t n = 0; n < q.n; n++) {
		struct bytes cut = bytes_copy(span_of(q.p, n));

		assert_fails(ask_parse(bytes_span(&cut), &ask, &e), e, ERR_MALFORMED, "question");
		bytes_free(&cut);
	}
	for (size_t n = 0; n < a.n; n++) {
		struct bytes cut = bytes_copy(span_of(a.p, n));

		assert_fails(
		    answer_parse(bytes_span(&cut), &answer, &e), e, ERR_MALFORMED, "answer");
		bytes_free(&cut);
	}
	assert_fails(ask_parse(bytes_span(&a), &ask, &e), e, ERR_MALFORMED, "head");
	assert_fails(answer_parse(bytes_span(&q), &answer, &e), e, ERR_MALFORMED, "head");
	bytes_free(&q);
	bytes_free(&a);
}

static void
ask_parse_refuses_bytes_after_the_end(void **state)
{
	struct wr w = wr_new(ASK_MESSAGE_MAX);
	struct answer answer;
	struct ask ask;
	struct err e = { 0 };

	(void)state;
	assert_ok(ask_encode(&full_ask, &w, &e), e);
	wr_u8(&w, 0);
	assert_fails(ask_parse(wr_view(&w), &ask, &e), e, ERR_MALFORMED, "left over");
	wr_reset(&w);
	assert_ok(answer_encode(&full_answer, &w, &e), e);
	wr_u8(&w, 0);
	assert_fails(answer_parse(wr_view(&w), &answer, &e), e, ERR_MALFORMED, "left over");
	wr_free(&w);
}

/* Offsets as ask_encode writes them: type, kind, id, session, report, way, capf end,
 * capf version, certificate type, spans. */
static void
ask_parse_refuses_numbers_that_mean_nothing(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		const char *part;
	} cases[] = {
		{ 0, 'A', "head" },
		{ 1, 0, "kind" },
		{ 1, ASK_OCSP + 1, "kind" },
		{ 10, REPORT_SILENT + 1, "report" },
		{ 11, ASK_VIA_HTTPS + 1, "way" },
		{ 12, CAPF_END_REFUSED + 1, "capf end" },
		{ 15, 0xff, "part 1" },
		{ 17, 0xff, "part 1" },
		{ 19, '\n', "printable" },
	};
	struct bytes q = ask_bytes(&full_ask);
	struct ask ask;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t was = q.p[cases[i].at];

		q.p[cases[i].at] = cases[i].value;
		assert_fails(ask_parse(bytes_span(&q), &ask, &e), e, ERR_MALFORMED, cases[i].part);
		q.p[cases[i].at] = was;
	}
	bytes_free(&q);
}

/* Offsets as answer_encode writes them: type, kind, id, ok, code, has_file, file_size, keep,
 * modified, ttl, capf; spans begin at 37. */
static void
answer_parse_refuses_numbers_that_mean_nothing(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		const char *part;
	} cases[] = {
		{ 0, 'Q', "head" },
		{ 1, 0, "kind" },
		{ 1, ASK_OCSP + 1, "kind" },
		{ 6, 2, "head" },
		{ 9, 2, "head" },
		{ 18, 2, "head" },
		{ 31, ANSWER_CAPF_STORE + 1, "capf action" },
		{ 37, 0xff, "part 1" },
	};
	struct bytes a = answer_bytes(&full_answer);
	struct answer answer;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t was = a.p[cases[i].at];

		a.p[cases[i].at] = cases[i].value;
		assert_fails(
		    answer_parse(bytes_span(&a), &answer, &e), e, ERR_MALFORMED, cases[i].part);
		a.p[cases[i].at] = was;
	}
	bytes_free(&a);
}

static void
ask_and_answer_keep_their_limits(void **state)
{
	static const uint8_t large[ASK_MESSAGE_MAX + 1];
	static const char address[] =
	    "0123456789012345678901234567890123456789012345678901234567890123";
	struct wr w = wr_new(2 * ASK_MESSAGE_MAX);
	struct ask ask = { .kind = ASK_TVS_VERIFY, .certificate = span_of(large, 65535) };
	struct answer answer = { .kind = ASK_FILE, .data = span_of(large, ASK_INLINE_MAX) };
	struct err e = { 0 };

	(void)state;
	assert_ok(ask_encode(&ask, &w, &e), e);
	assert_ok(answer_encode(&answer, &w, &e), e);
	wr_reset(&w);
	ask.certificate = span_of(large, ASK_MESSAGE_MAX);
	assert_fails(ask_encode(&ask, &w, &e), e, ERR_LIMIT, "question");
	answer.data = span_of(large, ASK_INLINE_MAX + 1);
	assert_fails(answer_encode(&answer, &w, &e), e, ERR_LIMIT, "answer");
	assert_fails(ask_parse(span_of(large, sizeof large), &ask, &e), e, ERR_LIMIT, "question");
	assert_fails(
	    answer_parse(span_of(large, sizeof large), &answer, &e), e, ERR_LIMIT, "answer");
	ask = (struct ask){ .kind = ASK_FILE, .peer = span_str(address) };
	assert_fails(ask_encode(&ask, &w, &e), e, ERR_LIMIT, "peer");
	ask.peer.n--;
	wr_reset(&w);
	assert_ok(ask_encode(&ask, &w, &e), e);
	answer = (struct answer){ .kind = ASK_FILE, .etag = span_of(large, 65) };
	assert_fails(answer_encode(&answer, &w, &e), e, ERR_LIMIT, "etag");
	answer.etag = span_str("a\n");
	assert_fails(answer_encode(&answer, &w, &e), e, ERR_MALFORMED, "etag");
	answer = (struct answer){ .kind = ASK_FILE, .version = span_of(large, 201) };
	assert_fails(answer_encode(&answer, &w, &e), e, ERR_LIMIT, "version");
	wr_free(&w);
	w = wr_new(20);
	assert_fails(ask_encode(&ask, &w, &e), e, ERR_LIMIT, "20 bytes");
	wr_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ask_comes_back_as_it_was),
		cmocka_unit_test(answer_comes_back_as_it_was),
		cmocka_unit_test(ask_and_answer_of_every_kind_may_be_empty_otherwise),
		cmocka_unit_test(ask_parse_refuses_cuts_leftovers_and_answers),
		cmocka_unit_test(ask_parse_refuses_bytes_after_the_end),
		cmocka_unit_test(ask_parse_refuses_numbers_that_mean_nothing),
		cmocka_unit_test(answer_parse_refuses_numbers_that_mean_nothing),
		cmocka_unit_test(ask_and_answer_keep_their_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
