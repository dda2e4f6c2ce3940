#include "../check.h"

#include "vectors.h"
#include "rules/ctl_build.h"
#include "wire/trustlist.h"

#include <stdlib.h>

#define STAMP 1700000000

/* The certificates of vectors cucm-04 and cucm-05. */
enum { RECOVERY, CALLMANAGER, EC, CAPF, CAPF_B, TOKEN1, TOKEN2, CERTS };

static const char *const files[CERTS] = { "keys/cucm-a-itlrecovery.pem",
	"keys/cucm-a-callmanager.pem", "keys/cucm-a-tftp-ec.pem", "keys/cucm-a-capf.pem",
	"keys/cucm-b-capf.pem", "keys/cucm-token1.pem", "keys/cucm-token2.pem" };

#define HOST_05 "cucm-1051-a-pub"
#define IP_05 \
	{ \
		10, 0, 0, 1 \
	}

struct fixture {
	struct cert *cert[CERTS];
	struct ctl_plan plan;
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
	f->plan = (struct ctl_plan){
		.generation = GENERATION_G10,
		.itlrecovery = f->cert[RECOVERY],
		.callmanager = f->cert[CALLMANAGER],
		.node = { { .host = HOST_05, .ip = IP_05, .callmanager = f->cert[CALLMANAGER] } },
		.node_count = 1,
		.capf = f->cert[CAPF],
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
build(const struct ctl_plan *p, struct trustlist *list)
{
	struct bytes file = { 0 };
	struct err e = { 0 };

	assert_ok(ctl_build(p, &file, &e), e);
	assert_ok(trustlist_parse(bytes_span(&file), list, &e), e);
	return file;
}

static struct bytes
vector(const char *name, struct trustlist *list)
{
	struct bytes file;
	struct err e = { 0 };

	assert_true(vectors_read(name, &file));
	assert_ok(trustlist_parse(bytes_span(&file), list, &e), e);
	return file;
}

static struct span
record_bytes(const struct bytes *file, const struct trustlist *list, size_t i)
{
	return span_of(file->p + list->records[i].offset, list->records[i].length);
}

/* All but the signature, for which there is room. */
static void
assert_same_header(
    const struct bytes *built, const struct bytes *want, const struct trustlist *theirs)
{
	size_t before = (size_t)(theirs->env.signature.p - want->p);
	size_t after = before + theirs->env.signature.n;

	assert_true(built->n > theirs->env.header_length);
	assert_memory_equal(built->p, want->p, before);
	assert_memory_equal(built->p + after, want->p + after, theirs->env.header_length - after);
}

/* The release of the vector had no ITLRecovery in a tokenless CTL, and had a token trusted as SAST
 * besides, which comes last. */
static void
ctl_build_makes_the_tokenless_list_of_a_real_cluster(void **state)
{
	static const size_t ours_of_theirs[] = { 0, 2, 3 };
	const struct fixture *f = *state;
	struct trustlist ours, theirs;
	struct bytes built = build(&f->plan, &ours);
	struct bytes want = vector("tlv/cucm-05-ctl-tokenless.tlv", &theirs);

	assert_same_header(&built, &want, &theirs);
	assert_int_equal(ours.count, 4);
	for (size_t i = 0; i < 3; i++)
		assert_span_equal(record_bytes(&built, &ours, ours_of_theirs[i]),
		    record_bytes(&want, &theirs, i));
	assert_span_equal(ours.records[1].certificate, cert_der(f->cert[RECOVERY]));
	trustlist_free(&ours);
	trustlist_free(&theirs);
	bytes_free(&built);
	bytes_free(&want);
}

/* ITLRecovery is in since 11.5; the CAPF record of the vector is of an older style than ours. */
static void
ctl_build_makes_what_a_real_cluster_leaves_of_a_token_list_in_non_secure_mode(void **state)
{
	static const size_t ours_of_theirs[] = { 0, 1, 3, 4, 5 };
	const struct fixture *f = *state;
	struct ctl_plan p = f->plan;
	struct trustlist ours, theirs;
	struct bytes built, want = vector("tlv/cucm-04-ctl-token-nonsecure.tlv", &theirs);

	p.token[0] = f->cert[TOKEN1];
	p.token[1] = f->cert[TOKEN2];
	p.token_count = 2;
	p.non_secure = true;
	p.capf = f->cert[CAPF_B];
	p.node[0] = (struct ctl_node){ .host = "10.48.47.153", .ip = { 10, 48, 47, 153 } };
	p.node[1] = (struct ctl_node){ .host = "10.48.47.154", .ip = { 10, 48, 47, 154 } };
	p.node_count = 2;
	built = build(&p, &ours);
	assert_same_header(&built, &want, &theirs);
	assert_int_equal(ours.count, 6);
	for (size_t i = 0; i < theirs.count; i++) {
		if (theirs.records[i].function == FUNCTION_CAPF)
			assert_span_equal(ours.records[ours_of_theirs[i]].certificate,
			    theirs.records[i].certificate);
		else
			assert_span_equal(record_bytes(&built, &ours, ours_of_theirs[i]),
			    record_bytes(&want, &theirs, i));
	}
	assert_int_equal(ours.records[3].length, 33);
	trustlist_free(&ours);
	trustlist_free(&theirs);
	bytes_free(&built);
	bytes_free(&want);
}

/* The SAST records of a list are these certificates, the first one its signer. */
static void
assert_sast(const struct fixture *f, const struct ctl_plan *p, const int *want, size_t count)
{
	struct trustlist list;
	struct bytes file = build(p, &list);

	assert_ptr_equal(ctl_plan_signer(p), f->cert[want[0]]);
	assert_span_equal(list.env.serial, cert_serial(f->cert[want[0]]));
	assert_span_equal(list.env.signer_name, span_str(cert_subject_cucm(f->cert[want[0]])));
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(list.records[i].function, FUNCTION_SAST);
		assert_span_equal(list.records[i].certificate, cert_der(f->cert[want[i]]));
	}
	assert_int_not_equal(list.records[count].function, FUNCTION_SAST);
	trustlist_free(&list);
	bytes_free(&file);
}

static void
ctl_build_names_the_sast_keys_of_the_generation_the_signer_first(void **state)
{
	static const int g10[] = { CALLMANAGER, RECOVERY }, g12[] = { RECOVERY, CALLMANAGER };
	static const int g10_token[] = { TOKEN1, TOKEN2, RECOVERY };
	static const int g12_token[] = { TOKEN1, TOKEN2, RECOVERY, CALLMANAGER };
	const struct fixture *f = *state;
	struct ctl_plan p = f->plan;

	assert_sast(f, &p, g10, 2);
	p.generation = GENERATION_G12;
	assert_sast(f, &p, g12, 2);
	p.token[0] = f->cert[TOKEN1];
	p.token[1] = f->cert[TOKEN2];
	p.token_count = 2;
	assert_sast(f, &p, g12_token, 4);
	p.generation = GENERATION_G10;
	assert_sast(f, &p, g10_token, 3);
}

static void
assert_functions(const struct ctl_plan *p, const uint16_t *want, size_t count)
{
	struct trustlist list;
	struct bytes file = build(p, &list);

	assert_int_equal(list.count, count);
	assert_true(trustlist_is_ctl(&list));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(list.records[i].function, want[i]);
	trustlist_free(&list);
	bytes_free(&file);
}

static void
ctl_build_has_the_nodes_around_capf_and_never_tvs(void **state)
{
	static const uint16_t one[] = { 0, 0, 2, 3, 4 };
	static const uint16_t no_capf[] = { 0, 0, 2, 3 };
	static const uint16_t two[] = { 0, 0, 2, 3, 4, 2 };
	static const uint16_t emptied[] = { 0, 0, 2, 4, 2 };
	const struct fixture *f = *state;
	struct ctl_plan p = f->plan;

	p.node[0].callmanager_ec = f->cert[EC];
	assert_functions(&p, one, 5);
	p.capf = NULL;
	assert_functions(&p, no_capf, 4);
	p.capf = f->cert[CAPF];
	p.node[1] = (struct ctl_node){ .host = "two", .callmanager = f->cert[CALLMANAGER] };
	p.node_count = 2;
	assert_functions(&p, two, 6);
	p.non_secure = true;
	assert_functions(&p, emptied, 5);
}

static void
ctl_build_refuses_a_list_that_phones_would_not_load(void **state)
{
	const struct fixture *f = *state;
	struct ctl_plan p = f->plan;
	struct bytes file;
	struct err e;

	for (size_t i = 0; i < TRUSTLIST_BUILD_NODES_MAX; i++)
		p.node[i] = p.node[0];
	p.node_count = TRUSTLIST_BUILD_NODES_MAX;
	assert_true(ctl_build(&p, &file, &e));
	bytes_free(&file);
	for (size_t i = 0; i < TRUSTLIST_BUILD_NODES_MAX; i++)
		p.node[i].callmanager_ec = f->cert[EC];
	assert_fails(ctl_build(&p, &file, &e), e, ERR_LIMIT, "CTL");
}

static void
ctl_build_refuses_a_signer_without_rsa(void **state)
{
	const struct fixture *f = *state;
	struct ctl_plan p = f->plan;
	struct bytes file;
	struct err e;

	p.callmanager = f->cert[EC];
	assert_fails(ctl_build(&p, &file, &e), e, ERR_REFUSED, "EC P-384");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ctl_build_makes_the_tokenless_list_of_a_real_cluster),
		cmocka_unit_test(
		    ctl_build_makes_what_a_real_cluster_leaves_of_a_token_list_in_non_secure_mode),
		cmocka_unit_test(ctl_build_names_the_sast_keys_of_the_generation_the_signer_first),
		cmocka_unit_test(ctl_build_has_the_nodes_around_capf_and_never_tvs),
		cmocka_unit_test(ctl_build_refuses_a_list_that_phones_would_not_load),
		cmocka_unit_test(ctl_build_refuses_a_signer_without_rsa),
	};

	return cmocka_run_group_tests_name("ctl_build", tests, setup, teardown);
}
