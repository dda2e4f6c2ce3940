#include "../check.h"

#include "vectors.h"
#include "rules/trustlist_build.h"
#include "wire/trustlist.h"

#include <stdlib.h>

#define STAMP 1700000000

/* The certificates of vector cucm-02, a cluster of two nodes. */
enum { RECOVERY, CALLMANAGER, EC, CAPF, TVS_PUB, TVS_SUB, CERTS };

static const char *const files[CERTS] = { "keys/cucm-a-itlrecovery.pem",
	"keys/cucm-a-callmanager.pem", "keys/cucm-a-tftp-ec.pem", "keys/cucm-a-capf.pem",
	"keys/cucm-a-tvs-pub.pem", "keys/cucm-a-tvs-sub.pem" };

struct fixture {
	struct cert *cert[CERTS];
	struct trustlist_plan plan;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct err e = { 0 };

	for (size_t i = 0; i < CERTS; i++) {
		struct bytes pem;

		assert_true(vectors_read(files[i], &pem));
		f->cert[i] = cert_from_pem(bytes_span(&pem), &e);
		if (f->cert[i] == NULL)
			fail_msg("%s: %s", files[i], e.text);
		bytes_free(&pem);
	}
	f->plan = (struct trustlist_plan){
		.generation = GENERATION_G10,
		.itlrecovery = f->cert[RECOVERY],
		.callmanager = f->cert[CALLMANAGER],
		.callmanager_ec = f->cert[EC],
		.ec_host = "ao115sub",
		.capf = f->cert[CAPF],
		.tvs = { f->cert[TVS_PUB], f->cert[TVS_SUB] },
		.tvs_count = 2,
		.tftp = true,
		.digest = ENVELOPE_SHA1,
		.timestamp = STAMP,
	};
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < CERTS; i++)
		cert_free(f->cert[i]);
	free(f);
	return 0;
}

static struct bytes
build(const struct trustlist_plan *p, struct trustlist *list)
{
	struct bytes file = { 0 };
	struct err e = { 0 };

	assert_ok(trustlist_build(p, &file, &e), e);
	assert_ok(trustlist_parse(bytes_span(&file), list, &e), e);
	return file;
}

static struct span
record_bytes(struct span file, const struct trustlist_record *r)
{
	return span_of(file.p + r->offset, r->length);
}

/* Our order is fixed and that of the vector is another; a real cluster has none. */
static void
trustlist_build_makes_the_records_of_a_real_cluster_byte_for_byte(void **state)
{
	const struct fixture *f = *state;
	struct trustlist ours, theirs;
	struct bytes built = build(&f->plan, &ours), vector;
	bool used[16] = { false };
	struct err e = { 0 };

	assert_true(vectors_read("tlv/cucm-02-itl-11.x-layout.tlv", &vector));
	assert_ok(trustlist_parse(bytes_span(&vector), &theirs, &e), e);
	assert_int_equal(ours.count, theirs.count);
	for (size_t i = 0; i < theirs.count; i++) {
		struct span want = record_bytes(bytes_span(&vector), &theirs.records[i]);
		size_t at = 0;

		while (at < ours.count &&
		       (used[at] ||
			   !span_eq(want, record_bytes(bytes_span(&built), &ours.records[at]))))
			at++;
		if (at == ours.count)
			fail_msg("record %zu of the vector is not in our list", i + 1);
		used[at] = true;
	}
	trustlist_free(&ours);
	trustlist_free(&theirs);
	bytes_free(&built);
	bytes_free(&vector);
}

/* All but the 256 bytes of signature, for which there is room. The vector's release had no tag 28;
 * nor has a list without an EC TFTP record. */
static void
trustlist_build_makes_the_header_of_a_real_cluster(void **state)
{
	const struct fixture *f = *state;
	struct trustlist_plan p = f->plan;
	struct trustlist ours, theirs;
	struct bytes built, vector;
	size_t before, after;
	struct err e = { 0 };

	p.callmanager_ec = NULL;
	built = build(&p, &ours);
	assert_true(vectors_read("tlv/cucm-02-itl-11.x-layout.tlv", &vector));
	assert_ok(trustlist_parse(bytes_span(&vector), &theirs, &e), e);
	assert_int_equal(ours.env.header_length, theirs.env.header_length);
	before = (size_t)(theirs.env.signature.p - vector.p);
	after = before + theirs.env.signature.n;
	assert_memory_equal(built.p, vector.p, before);
	assert_memory_equal(built.p + after, vector.p + after, theirs.env.header_length - after);
	assert_false(ours.env.has_signer_version);
	trustlist_free(&ours);
	trustlist_free(&theirs);
	bytes_free(&built);
	bytes_free(&vector);
}

static void
trustlist_build_says_signer_version_1_1_right_after_the_header_length_when_files_come_by_https(
    void **state)
{
	static const uint8_t want[] = { 28, 0, 2, 1, 1, 3 };
	const struct fixture *f = *state;
	struct trustlist_plan p = f->plan;
	struct trustlist list;
	struct bytes file = build(&p, &list);

	assert_true(list.env.has_signer_version);
	assert_memory_equal(file.p + 10, want, sizeof want);
	trustlist_free(&list);
	bytes_free(&file);
	p.empty = true;
	file = build(&p, &list);
	assert_false(list.env.has_signer_version);
	trustlist_free(&list);
	bytes_free(&file);
	p.empty = p.tftp = false;
	file = build(&p, &list);
	assert_false(list.env.has_signer_version);
	trustlist_free(&list);
	bytes_free(&file);
}

static void
assert_functions(const struct trustlist_plan *p, const uint16_t *want, size_t count)
{
	struct trustlist list;
	struct bytes file = build(p, &list);

	assert_int_equal(list.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(list.records[i].function, want[i]);
	trustlist_free(&list);
	bytes_free(&file);
}

static void
trustlist_build_follows_the_roles_of_the_node(void **state)
{
	static const uint16_t all[] = { 0, 0, 3, 3, 21, 21, 4 };
	static const uint16_t no_tftp[] = { 0, 0, 21, 21, 4 };
	static const uint16_t no_ec[] = { 0, 0, 3, 21, 21, 4 };
	static const uint16_t no_capf[] = { 0, 0, 3, 3, 21, 21 };
	static const uint16_t no_tvs[] = { 0, 0, 3, 3, 4 };
	static const uint16_t empty[] = { 0, 0, 4 };
	static const uint16_t bare[] = { 0, 0 };
	const struct fixture *f = *state;
	struct trustlist_plan p = f->plan;

	assert_functions(&p, all, 7);
	p.tftp = false;
	assert_functions(&p, no_tftp, 5);
	p = f->plan;
	p.callmanager_ec = NULL;
	assert_functions(&p, no_ec, 6);
	p = f->plan;
	p.capf = NULL;
	assert_functions(&p, no_capf, 6);
	p = f->plan;
	p.tvs_count = 0;
	assert_functions(&p, no_tvs, 5);
	p = f->plan;
	p.empty = true;
	assert_functions(&p, empty, 3);
	p.capf = NULL;
	assert_functions(&p, bare, 2);
}

/* Its only CallManager record is TFTP with us, CCM+TFTP in the vector. */
static void
trustlist_build_makes_the_list_of_an_8_0_cluster(void **state)
{
	static const char *const names[] = { "keys/cucm-b-callmanager.pem", "keys/cucm-b-tvs.pem",
		"keys/cucm-b-capf.pem" };
	const struct fixture *f = *state;
	struct cert *c[3];
	struct trustlist ours, theirs;
	struct bytes built, vector;
	struct err e = { 0 };

	for (size_t i = 0; i < 3; i++) {
		assert_true(vectors_read(names[i], &vector));
		assert_non_null(c[i] = cert_from_pem(bytes_span(&vector), &e));
		bytes_free(&vector);
	}
	built = build(&(struct trustlist_plan){ .generation = GENERATION_G8,
			  .itlrecovery = f->cert[RECOVERY],
			  .callmanager = c[0],
			  .callmanager_ec = f->cert[EC],
			  .ec_host = "ao115sub",
			  .tvs = { c[1] },
			  .tvs_count = 1,
			  .capf = c[2],
			  .tftp = true,
			  .digest = ENVELOPE_SHA1,
			  .timestamp = STAMP },
	    &ours);
	assert_true(vectors_read("tlv/cucm-01-itl-8.0-layout-5438.tlv", &vector));
	assert_ok(trustlist_parse(bytes_span(&vector), &theirs, &e), e);
	assert_int_equal(built.n, vector.n);
	assert_int_equal(ours.env.header_length, theirs.env.header_length);
	assert_int_equal(ours.count, 4);
	assert_int_equal(ours.records[1].function, FUNCTION_TFTP);
	for (size_t i = 0; i < 4; i++)
		if (i != 1)
			assert_span_equal(record_bytes(bytes_span(&built), &ours.records[i]),
			    record_bytes(bytes_span(&vector), &theirs.records[i]));
	trustlist_free(&ours);
	trustlist_free(&theirs);
	bytes_free(&built);
	bytes_free(&vector);
	for (size_t i = 0; i < 3; i++)
		cert_free(c[i]);
}

static void
only_g8_has_no_other_signer_and_every_generation_has_a_name(void **state)
{
	enum generation back;

	(void)state;
	for (enum generation g = GENERATION_G8; g <= GENERATION_G12; g++) {
		assert_int_equal(generation_has_other_signer(g), g != GENERATION_G8);
		assert_true(generation_from_name(generation_name(g), &back));
		assert_int_equal(back, g);
	}
	assert_int_equal(generation_signer(GENERATION_G8, false), PURPOSE_CALLMANAGER);
	assert_false(generation_from_name("G9", &back));
}

static void
trustlist_build_names_the_signer_of_the_generation(void **state)
{
	const struct fixture *f = *state;
	struct trustlist_plan p = f->plan;

	static const struct {
		enum generation generation;
		bool other;
		int signer;
	} rows[] = {
		{ GENERATION_G10, false, CALLMANAGER },
		{ GENERATION_G10, true, RECOVERY },
		{ GENERATION_G12, false, RECOVERY },
		{ GENERATION_G12, true, CALLMANAGER },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct cert *signer = f->cert[rows[i].signer];
		struct trustlist list;
		struct bytes file;

		p.generation = rows[i].generation;
		p.other_signer = rows[i].other;
		file = build(&p, &list);
		assert_ptr_equal(trustlist_plan_signer(&p), signer);
		assert_span_equal(list.env.serial, cert_serial(signer));
		assert_span_equal(list.env.issuer, span_str(cert_issuer_cucm(signer)));
		assert_span_equal(list.env.signer_name, span_str(cert_subject_cucm(signer)));
		assert_int_equal(list.records[0].function, FUNCTION_SAST);
		assert_span_equal(list.records[0].certificate, cert_der(f->cert[RECOVERY]));
		assert_int_equal(list.records[1].function, FUNCTION_SAST);
		assert_span_equal(list.records[1].certificate, cert_der(f->cert[CALLMANAGER]));
		trustlist_free(&list);
		bytes_free(&file);
	}
}

static void
trustlist_build_writes_the_digest_of_the_plan_and_hashes_records_with_sha1(void **state)
{
	const struct fixture *f = *state;
	struct trustlist_plan p = f->plan;
	struct trustlist list;
	struct bytes file;

	p.digest = ENVELOPE_SHA512;
	file = build(&p, &list);
	assert_int_equal(list.env.digest, ENVELOPE_SHA512);
	for (size_t i = 0; i < list.count; i++)
		if (trustlist_has(&list.records[i], TRUSTLIST_CERT_HASH))
			assert_int_equal(list.records[i].hash_algorithm, ENVELOPE_SHA1);
	trustlist_free(&list);
	bytes_free(&file);
}

static void
trustlist_build_fills_one_list_of_32_nodes_and_stays_below_the_warning(void **state)
{
	const struct fixture *f = *state;
	struct trustlist_plan p = f->plan;
	struct trustlist list;
	struct bytes file;

	p.tvs_count = TRUSTLIST_BUILD_NODES_MAX;
	for (size_t i = 0; i < p.tvs_count; i++)
		p.tvs[i] = f->cert[TVS_PUB];
	file = build(&p, &list);
	assert_int_equal(list.count, 5 + TRUSTLIST_BUILD_NODES_MAX);
	assert_true(file.n < TRUSTLIST_WARN_BYTES);
	trustlist_free(&list);
	bytes_free(&file);
}

static void
trustlist_build_refuses_a_signer_without_rsa(void **state)
{
	const struct fixture *f = *state;
	struct trustlist_plan p = f->plan;
	struct bytes file;
	struct err e;

	p.callmanager = f->cert[EC];
	assert_fails(trustlist_build(&p, &file, &e), e, ERR_REFUSED, "EC P-384");
}

static void
trustlist_same_looks_past_time_stamp_and_signature_alone(void **state)
{
	const struct fixture *f = *state;
	struct trustlist_plan p = f->plan;
	struct trustlist list;
	struct bytes a = build(&p, &list), b, c, d, garbage = bytes_copy(span_str("no list"));
	size_t signature = (size_t)(list.env.signature.p - a.p);

	trustlist_free(&list);
	p.timestamp = STAMP + 1;
	b = build(&p, &list);
	trustlist_free(&list);
	b.p[signature + 7] = 0x55;
	assert_true(trustlist_same(bytes_span(&a), bytes_span(&b)));
	p.capf = NULL;
	c = build(&p, &list);
	trustlist_free(&list);
	assert_false(trustlist_same(bytes_span(&a), bytes_span(&c)));
	p = f->plan;
	p.digest = ENVELOPE_SHA512;
	d = build(&p, &list);
	trustlist_free(&list);
	assert_false(trustlist_same(bytes_span(&a), bytes_span(&d)));
	bytes_free(&d);
	p = f->plan;
	p.other_signer = true; /* the records are those of a */
	d = build(&p, &list);
	trustlist_free(&list);
	assert_false(trustlist_same(bytes_span(&a), bytes_span(&d)));
	assert_false(trustlist_same(bytes_span(&a), bytes_span(&garbage)));
	assert_false(trustlist_same(bytes_span(&garbage), bytes_span(&garbage)));
	bytes_free(&a);
	bytes_free(&b);
	bytes_free(&c);
	bytes_free(&d);
	bytes_free(&garbage);
}

/* Of the list's SAST records, in their order. */
static void
assert_signers(const struct fixture *f, const struct trustlist_bridge *b, const char *want)
{
	struct trustlist list;
	struct bytes file;
	struct err e = { 0 };
	char got[8] = "";
	size_t n = 0;

	assert_ok(trustlist_build_bridge(&f->plan, b, &file, &e), e);
	assert_ok(trustlist_parse(bytes_span(&file), &list, &e), e);
	for (size_t i = 0; i < list.count; i++)
		for (size_t k = 0; k < CERTS && list.records[i].function == FUNCTION_SAST; k++)
			if (span_eq(list.records[i].certificate, cert_der(f->cert[k])))
				got[n++] = (char)('0' + k);
	assert_string_equal(got, want);
	trustlist_free(&list);
	bytes_free(&file);
}

/* Certificates by their numbers above; those of other purposes stand for old and announced ones. */
static void
trustlist_build_bridge_names_as_many_signers_as_it_may(void **state)
{
	struct fixture *f = *state;
	static const struct {
		enum generation generation;
		unsigned signers;
		bool announced;
		const char *want;
	} rows[] = {
		{ GENERATION_G12, 0, true, "30" },
		{ GENERATION_G12, 2, true, "30" },
		{ GENERATION_G12, 3, true, "301" },
		{ GENERATION_G12, 4, true, "3014" },
		{ GENERATION_G12, 5, true, "30145" },
		{ GENERATION_G12, 5, false, "301" },
		{ GENERATION_G10, 2, true, "31" },
		{ GENERATION_G10, 3, true, "310" },
		{ GENERATION_G8, 5, true, "315" },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		f->plan.generation = rows[i].generation;
		f->plan.next_itlrecovery = rows[i].announced ? f->cert[TVS_PUB] : NULL;
		f->plan.next_callmanager = rows[i].announced ? f->cert[TVS_SUB] : NULL;
		assert_signers(f,
		    &(struct trustlist_bridge){
			.signer = f->cert[CAPF], .signers = rows[i].signers },
		    rows[i].want);
	}
	f->plan.generation = GENERATION_G12;
	assert_signers(f, &(struct trustlist_bridge){ .signer = f->cert[RECOVERY] }, "0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trustlist_build_makes_the_records_of_a_real_cluster_byte_for_byte),
		cmocka_unit_test(trustlist_build_makes_the_header_of_a_real_cluster),
		cmocka_unit_test(
		    trustlist_build_says_signer_version_1_1_right_after_the_header_length_when_files_come_by_https),
		cmocka_unit_test(trustlist_build_makes_the_list_of_an_8_0_cluster),
		cmocka_unit_test(only_g8_has_no_other_signer_and_every_generation_has_a_name),
		cmocka_unit_test(trustlist_build_follows_the_roles_of_the_node),
		cmocka_unit_test(trustlist_build_names_the_signer_of_the_generation),
		cmocka_unit_test(
		    trustlist_build_writes_the_digest_of_the_plan_and_hashes_records_with_sha1),
		cmocka_unit_test(
		    trustlist_build_fills_one_list_of_32_nodes_and_stays_below_the_warning),
		cmocka_unit_test(trustlist_build_refuses_a_signer_without_rsa),
		cmocka_unit_test(trustlist_same_looks_past_time_stamp_and_signature_alone),
		cmocka_unit_test_setup_teardown(
		    trustlist_build_bridge_names_as_many_signers_as_it_may, setup, teardown),
	};

	return cmocka_run_group_tests_name("trustlist_build", tests, setup, teardown);
}
