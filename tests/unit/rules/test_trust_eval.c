#include "../check.h"

#include "lists.h"
#include "rules/trust_eval.h"

#define NOW 1700000000
#define DAY 86400

/* Whose keys the cases play with. */
enum who { SAST_C, SAST_I, CCM, TFTP, TVS, CAPF, APP, STRANGER, FORGED, WHO_COUNT, NOBODY };

static const char *const key_names[] = { "sast", "sast2", "ccm", "tftp", "tvs", "capf", "app",
	"cucm-a-callmanager" };

enum held { NONE, EMPTY, LIST, NO_CAPF, WRONG_HASH, HELD_COUNT };
enum what { A_CTL, AN_ITL, A_FILE, PLAIN, HTTPS, TVS_SERVER, CAPF_SERVER };

struct fixture {
	struct identity who[WHO_COUNT];
	struct bytes ctl_file, itl_files[HELD_COUNT];
	struct trustlist ctl, itls[HELD_COUNT];
};

static struct bytes
make(struct fixture *f, const char *name, enum who signer, struct list_entry *entries, size_t n)
{
	return list_make(name, &f->who[signer], entries, n);
}

static void
make_held_lists(struct fixture *f)
{
	struct identity *w = f->who;
	struct list_entry ctl[] = { { FUNCTION_SAST, &w[SAST_C], false, false },
		{ FUNCTION_CCM_TFTP, &w[CCM], false, false } };
	struct list_entry itl[] = { { FUNCTION_SAST, &w[SAST_I], false, false },
		{ FUNCTION_CAPF, &w[CAPF], true, false }, { FUNCTION_TVS, &w[TVS], true, false },
		{ FUNCTION_TFTP, &w[TFTP], false, false } };
	struct list_entry wrong[] = { { FUNCTION_SAST, &w[SAST_I], false, false },
		{ FUNCTION_CAPF, &w[CAPF], true, true }, { FUNCTION_TVS, &w[TVS], true, true } };
	struct err e;

	f->ctl_file = make(f, "CTLFile.tlv", SAST_C, ctl, 2);
	f->itl_files[EMPTY] = make(f, "ITLFile.tlv", SAST_I, itl, 2);
	f->itl_files[LIST] = make(f, "ITLFile.tlv", SAST_I, itl, 4);
	f->itl_files[WRONG_HASH] = make(f, "ITLFile.tlv", SAST_I, wrong, 3);
	itl[1] = itl[3];
	f->itl_files[NO_CAPF] = make(f, "ITLFile.tlv", SAST_I, itl, 2);
	assert_ok(trustlist_parse(bytes_span(&f->ctl_file), &f->ctl, &e), e);
	for (enum held h = EMPTY; h < HELD_COUNT; h++)
		assert_ok(trustlist_parse(bytes_span(&f->itl_files[h]), &f->itls[h], &e), e);
}

static int
setup(void **state)
{
	static struct fixture f;

	for (enum who w = 0; w < FORGED; w++)
		f.who[w] = identity_load(key_names[w]);
	f.who[FORGED] = identity_forge(&f.who[SAST_I], &f.who[STRANGER]);
	make_held_lists(&f);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (enum who w = 0; w < WHO_COUNT; w++)
		identity_free(&f->who[w]);
	trustlist_free(&f->ctl);
	bytes_free(&f->ctl_file);
	for (enum held h = EMPTY; h < HELD_COUNT; h++) {
		trustlist_free(&f->itls[h]);
		bytes_free(&f->itl_files[h]);
	}
	return 0;
}

static struct trust_eval_state
held(struct fixture *f, enum held ctl, enum held itl)
{
	return (struct trust_eval_state){ .ctl = ctl == LIST ? &f->ctl : NULL,
		.itl = itl != NONE ? &f->itls[itl] : NULL,
		.tvs_servers = 1,
		.now = NOW };
}

/* What the phone is shown, as a file; empty for certificates. */
static struct bytes
shown(struct fixture *f, enum what what, enum who signer)
{
	struct list_entry entries[] = { { FUNCTION_SAST, &f->who[signer], false, false },
		{ FUNCTION_TFTP, &f->who[TFTP], false, false } };

	if (what == A_CTL)
		return make(f, "CTLFile.tlv", signer, entries, 2);
	if (what == AN_ITL)
		return make(f, "ITLFile.tlv", signer, entries, 2);
	if (what == A_FILE)
		return file_make(
		    "SEP001122334455.cnf.xml.sgn", &f->who[signer], span_str("<device/>"));
	return (struct bytes){ 0 };
}

static void
evaluate(const struct trust_eval_state *st, enum what what, struct span file, const struct cert *c,
    struct trust_eval_verdict *v)
{
	switch (what) {
	case A_CTL:
		trust_eval_list(st, TRUST_EVAL_CTL, file, v);
		break;
	case AN_ITL:
		trust_eval_list(st, TRUST_EVAL_ITL, file, v);
		break;
	case A_FILE:
		trust_eval_file(st, file, v);
		break;
	case PLAIN:
		trust_eval_plain(st, v);
		break;
	case HTTPS:
		trust_eval_https(st, c, v);
		break;
	case TVS_SERVER:
		trust_eval_tvs_server(st, c, v);
		break;
	case CAPF_SERVER:
		trust_eval_capf(st, c, v);
		break;
	}
}

/* phone.md 2.3; a row that has several cases stands several times. */
static const struct {
	int row;
	enum held ctl, itl;
	enum what what;
	enum who who;
	enum trust_eval_outcome want;
} rows[] = {
	{ 1, NONE, NONE, A_CTL, STRANGER, TRUST_EVAL_BLIND },
	{ 2, NONE, NONE, AN_ITL, STRANGER, TRUST_EVAL_BLIND },
	{ 3, NONE, NONE, PLAIN, NOBODY, TRUST_EVAL_BLIND },
	{ 3, NONE, NONE, A_FILE, STRANGER, TRUST_EVAL_BLIND },
	{ 4, NONE, EMPTY, A_CTL, STRANGER, TRUST_EVAL_BLIND },
	{ 5, NONE, EMPTY, AN_ITL, STRANGER, TRUST_EVAL_BLIND },
	{ 6, NONE, EMPTY, A_FILE, STRANGER, TRUST_EVAL_BLIND },
	{ 6, NONE, EMPTY, PLAIN, NOBODY, TRUST_EVAL_BLIND },
	{ 7, NONE, EMPTY, HTTPS, APP, TRUST_EVAL_REJECT },
	{ 7, NONE, NONE, HTTPS, APP, TRUST_EVAL_REJECT },
	{ 8, LIST, NONE, A_CTL, SAST_C, TRUST_EVAL_BY_CTL },
	{ 9, LIST, NONE, A_CTL, STRANGER, TRUST_EVAL_REJECT },
	{ 10, LIST, NONE, AN_ITL, CCM, TRUST_EVAL_BY_CTL },
	{ 10, LIST, NONE, AN_ITL, SAST_C, TRUST_EVAL_BY_CTL },
	{ 11, LIST, NONE, AN_ITL, STRANGER, TRUST_EVAL_REJECT },
	{ 12, LIST, NONE, A_FILE, CCM, TRUST_EVAL_BY_CTL },
	{ 13, LIST, NONE, A_FILE, STRANGER, TRUST_EVAL_REJECT },
	{ 13, LIST, NONE, PLAIN, NOBODY, TRUST_EVAL_REJECT },
	{ 14, NONE, LIST, A_CTL, SAST_I, TRUST_EVAL_BY_ITL },
	{ 15, NONE, LIST, A_CTL, STRANGER, TRUST_EVAL_ASK },
	{ 16, NONE, LIST, AN_ITL, SAST_I, TRUST_EVAL_BY_ITL },
	{ 17, NONE, LIST, AN_ITL, STRANGER, TRUST_EVAL_ASK },
	{ 17, NONE, LIST, AN_ITL, FORGED, TRUST_EVAL_ASK },
	{ 18, NONE, LIST, A_FILE, TFTP, TRUST_EVAL_BY_ITL },
	{ 19, NONE, LIST, A_FILE, STRANGER, TRUST_EVAL_ASK },
	{ 19, NONE, LIST, PLAIN, NOBODY, TRUST_EVAL_REJECT },
	{ 21, NONE, LIST, HTTPS, APP, TRUST_EVAL_ASK },
	{ 21, NONE, LIST, HTTPS, TFTP, TRUST_EVAL_BY_ITL },
	{ 21, LIST, LIST, HTTPS, CCM, TRUST_EVAL_BY_CTL },
	{ 22, LIST, LIST, A_CTL, SAST_C, TRUST_EVAL_BY_CTL },
	{ 22, LIST, LIST, A_CTL, SAST_I, TRUST_EVAL_BY_ITL },
	{ 23, LIST, LIST, A_CTL, STRANGER, TRUST_EVAL_ASK },
	{ 24, LIST, LIST, AN_ITL, CCM, TRUST_EVAL_BY_CTL },
	{ 24, LIST, LIST, AN_ITL, SAST_I, TRUST_EVAL_BY_ITL },
	{ 24, LIST, LIST, AN_ITL, STRANGER, TRUST_EVAL_ASK },
	{ 25, LIST, EMPTY, A_CTL, STRANGER, TRUST_EVAL_REJECT },
	{ 26, LIST, EMPTY, AN_ITL, SAST_C, TRUST_EVAL_BY_CTL },
	{ 26, LIST, EMPTY, AN_ITL, STRANGER, TRUST_EVAL_REJECT },
	{ 28, NONE, LIST, AN_ITL, TFTP, TRUST_EVAL_ASK },
	{ 28, NONE, LIST, A_FILE, SAST_I, TRUST_EVAL_ASK },
	{ 28, LIST, NONE, A_CTL, CCM, TRUST_EVAL_REJECT },
	{ 28, LIST, NONE, A_FILE, SAST_C, TRUST_EVAL_REJECT },
	{ 29, NONE, LIST, TVS_SERVER, TVS, TRUST_EVAL_BY_ITL },
	{ 29, NONE, WRONG_HASH, TVS_SERVER, TVS, TRUST_EVAL_REJECT },
	{ 29, NONE, LIST, TVS_SERVER, CAPF, TRUST_EVAL_REJECT },
	{ 29, NONE, EMPTY, TVS_SERVER, TVS, TRUST_EVAL_REJECT },
	{ 30, NONE, LIST, CAPF_SERVER, CAPF, TRUST_EVAL_BY_ITL },
	{ 30, LIST, LIST, CAPF_SERVER, CAPF, TRUST_EVAL_BY_ITL },
	{ 30, NONE, WRONG_HASH, CAPF_SERVER, CAPF, TRUST_EVAL_REJECT },
	{ 30, NONE, LIST, CAPF_SERVER, TVS, TRUST_EVAL_REJECT },
	{ 30, NONE, NO_CAPF, CAPF_SERVER, CAPF, TRUST_EVAL_REJECT },
};

static void
trust_eval_follows_every_row_of_the_decision_table(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct trust_eval_state st = held(f, rows[i].ctl, rows[i].itl);
		const struct cert *c = rows[i].who != NOBODY ? f->who[rows[i].who].cert : NULL;
		struct bytes file = { 0 };
		struct trust_eval_verdict v;

		if (rows[i].who != NOBODY)
			file = shown(f, rows[i].what, rows[i].who);
		evaluate(&st, rows[i].what, bytes_span(&file), c, &v);
		if (v.outcome != rows[i].want || v.damaged || v.reason[0] == '\0')
			fail_msg("case %zu, row %d: %s%s: %s", i, rows[i].row,
			    trust_eval_outcome_text(v.outcome), v.damaged ? " (damaged)" : "",
			    v.reason);
		bytes_free(&file);
	}
}

/* Row 27. */
static void
trust_eval_rejects_damage_in_every_state_without_asking(void **state)
{
	static const enum what kinds[] = { A_CTL, AN_ITL, A_FILE };
	static const enum who known[] = { SAST_I, SAST_I, TFTP };
	struct fixture *f = *state;
	struct trust_eval_verdict v;

	for (size_t i = 0; i < 3; i++) {
		struct bytes file = shown(f, kinds[i], known[i]);

		file.p[file.n - 1] ^= 1;
		for (enum held itl = NONE; itl <= LIST; itl++)
			for (int ctl = 0; ctl < 2; ctl++) {
				struct trust_eval_state st = held(f, ctl ? LIST : NONE, itl);

				if (kinds[i] == A_FILE && itl != LIST)
					continue; /* the signer is not known, nothing to judge by */
				evaluate(&st, kinds[i], bytes_span(&file), NULL, &v);
				assert_int_equal(v.outcome, TRUST_EVAL_REJECT);
				assert_true(v.damaged);
			}
		for (size_t n = 0; n < file.n; n += 97) {
			struct trust_eval_state st = held(f, NONE, NONE);

			evaluate(&st, kinds[i], span_of(file.p, n), NULL, &v);
			if (kinds[i] != A_FILE)
				assert_true(v.damaged);
		}
		bytes_free(&file);
	}
}

/* T13: nobody's word replaces the record, neither that of a list held nor that of TVS. */
static void
trust_eval_takes_no_list_that_does_not_hold_its_signer(void **state)
{
	static const enum who signers[] = { STRANGER, SAST_I, SAST_C, CCM };
	struct fixture *f = *state;
	struct list_entry entry = { FUNCTION_TFTP, &f->who[TFTP], false, false };

	for (size_t i = 0; i < sizeof signers / sizeof *signers; i++) {
		struct bytes file = list_make("ITLFile.tlv", &f->who[signers[i]], &entry, 1);

		for (int ctl = 0; ctl < 2; ctl++)
			for (enum held itl = NONE; itl <= LIST; itl++) {
				struct trust_eval_state st = held(f, ctl ? LIST : NONE, itl);
				struct trust_eval_verdict v;

				trust_eval_list(&st, TRUST_EVAL_ITL, bytes_span(&file), &v);
				assert_int_equal(v.outcome, TRUST_EVAL_REJECT);
				assert_true(v.damaged);
				assert_non_null(strstr(v.reason, "T13"));
			}
		bytes_free(&file);
	}
}

static void
trust_eval_refuses_a_list_that_phones_do_not_load(void **state)
{
	struct fixture *f = *state;
	struct bytes large = bytes_copy(bytes_span(&f->itl_files[LIST]));
	struct trust_eval_state st = held(f, NONE, NONE);
	struct trust_eval_verdict v;
	static uint8_t too_large[TRUSTLIST_PHONE_MAX + 1];

	memcpy(too_large, large.p, large.n);
	trust_eval_list(&st, TRUST_EVAL_ITL, span_of(too_large, sizeof too_large), &v);
	assert_true(v.damaged);
	assert_non_null(strstr(v.reason, "65536"));
	bytes_free(&large);
}

/* What TVS says about the signer of a new ITL (rows 15, 17, 19, 23), and what comes of it. */
static void
trust_eval_believes_tvs_about_the_certificate_only(void **state)
{
	static const uint8_t sast[] = { 3, 0 }, tftp[] = { 3 };
	struct fixture *f = *state;
	const struct {
		enum what what;
		enum who signer, sent;
		bool valid;
		struct span roles;
		enum trust_eval_outcome want;
	} cases[] = {
		{ AN_ITL, STRANGER, STRANGER, true, { sast, 2 }, TRUST_EVAL_BY_TVS },
		{ A_CTL, STRANGER, STRANGER, true, { sast, 2 }, TRUST_EVAL_BY_TVS },
		{ A_FILE, STRANGER, STRANGER, true, { tftp, 1 }, TRUST_EVAL_BY_TVS },
		{ AN_ITL, STRANGER, STRANGER, true, { tftp, 1 }, TRUST_EVAL_REJECT },
		{ AN_ITL, STRANGER, STRANGER, true, { NULL, 0 }, TRUST_EVAL_REJECT },
		{ AN_ITL, STRANGER, STRANGER, false, { sast, 2 }, TRUST_EVAL_REJECT },
		{ AN_ITL, STRANGER, TFTP, true, { sast, 2 }, TRUST_EVAL_REJECT },
		{ AN_ITL, FORGED, SAST_I, true, { sast, 2 }, TRUST_EVAL_REJECT },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct trust_eval_state st = held(f, NONE, LIST);
		struct bytes file = shown(f, cases[i].what, cases[i].signer);
		struct trust_eval_answer a = { cases[i].valid, cases[i].roles.p, cases[i].roles.n,
			DAY, cert_der(f->who[cases[i].sent].cert) };
		struct trust_eval_verdict v;

		evaluate(&st, cases[i].what, bytes_span(&file), NULL, &v);
		assert_int_equal(v.outcome, TRUST_EVAL_ASK);
		assert_false(v.question.whole_certificate);
		assert_span_equal(v.question.serial, cert_serial(f->who[cases[i].signer].cert));
		trust_eval_tvs_answer(&st, &a, bytes_span(&file), NULL, &v);
		if (v.outcome != cases[i].want)
			fail_msg(
			    "case %zu: %s: %s", i, trust_eval_outcome_text(v.outcome), v.reason);
		bytes_free(&file);
	}
}

/* Row 20 and the note on TTL below the table. */
static void
trust_eval_keeps_an_answer_of_tvs_for_as_long_as_it_said(void **state)
{
	static const uint8_t roles[] = { 7 };
	struct fixture *f = *state;
	struct trust_cache cache = { 0 };
	struct trust_eval_state st = held(f, NONE, LIST);
	struct trust_eval_answer yes = { true, roles, 1, DAY, { 0 } };
	struct trust_eval_verdict v;

	st.cache = &cache;
	trust_eval_https(&st, f->who[APP].cert, &v);
	assert_int_equal(v.outcome, TRUST_EVAL_ASK);
	assert_true(v.question.whole_certificate);
	assert_span_equal(v.question.certificate, cert_der(f->who[APP].cert));
	trust_eval_tvs_answer(&st, &yes, (struct span){ 0 }, &cache, &v);
	assert_int_equal(v.outcome, TRUST_EVAL_BY_TVS);
	st.now = NOW + DAY - 1;
	trust_eval_https(&st, f->who[APP].cert, &v);
	assert_int_equal(v.outcome, TRUST_EVAL_BY_CACHE);
	st.now = NOW + DAY;
	trust_eval_https(&st, f->who[APP].cert, &v);
	assert_int_equal(v.outcome, TRUST_EVAL_ASK);
	st.now = NOW;
	trust_cache_flush(&cache);
	trust_eval_https(&st, f->who[APP].cert, &v);
	assert_int_equal(v.outcome, TRUST_EVAL_ASK);
}

static void
trust_eval_finds_the_signer_of_a_file_in_the_cache(void **state)
{
	static const uint8_t roles[] = { 0, 3 };
	struct fixture *f = *state;
	struct trust_cache cache = { 0 };
	struct trust_eval_state st = held(f, NONE, LIST);
	struct trust_eval_answer yes = { true, roles, 2, DAY, cert_der(f->who[STRANGER].cert) };
	struct bytes list = shown(f, AN_ITL, STRANGER), file = shown(f, A_FILE, STRANGER);
	struct trust_eval_verdict v;

	st.cache = &cache;
	trust_eval_list(&st, TRUST_EVAL_ITL, bytes_span(&list), &v);
	trust_eval_tvs_answer(&st, &yes, bytes_span(&list), &cache, &v);
	assert_int_equal(v.outcome, TRUST_EVAL_BY_TVS);
	trust_eval_file(&st, bytes_span(&file), &v);
	assert_int_equal(v.outcome, TRUST_EVAL_BY_CACHE);
	file.p[file.n - 1] ^= 1;
	trust_eval_file(&st, bytes_span(&file), &v);
	assert_int_equal(v.outcome, TRUST_EVAL_REJECT);
	assert_true(v.damaged);
	trust_cache_flush(&cache);
	bytes_free(&list);
	bytes_free(&file);
}

static void
trust_eval_asks_nobody_when_the_configuration_names_no_tvs(void **state)
{
	struct fixture *f = *state;
	struct trust_eval_state st = held(f, NONE, LIST);
	struct bytes list = shown(f, AN_ITL, STRANGER);
	struct trust_eval_verdict v;

	st.tvs_servers = 0;
	trust_eval_list(&st, TRUST_EVAL_ITL, bytes_span(&list), &v);
	assert_int_equal(v.outcome, TRUST_EVAL_REJECT);
	assert_false(v.damaged);
	assert_non_null(strstr(v.reason, "names no TVS server"));
	bytes_free(&list);
}

static void
trust_eval_says_which_server_record_is_missing(void **state)
{
	struct fixture *f = *state;
	struct trust_eval_state st = held(f, NONE, NO_CAPF);
	struct trust_eval_verdict v;

	trust_eval_capf(&st, f->who[CAPF].cert, &v);
	assert_true(v.no_record);
	st = held(f, NONE, WRONG_HASH);
	trust_eval_capf(&st, f->who[CAPF].cert, &v);
	assert_false(v.no_record);
	assert_non_null(strstr(v.reason, "another certificate"));
}

static void
trust_eval_wants_signed_files_once_a_list_is_held(void **state)
{
	struct fixture *f = *state;
	struct trust_eval_state st = held(f, NONE, NONE);

	assert_false(trust_eval_wants_signed(&st));
	st = held(f, NONE, EMPTY);
	assert_false(trust_eval_wants_signed(&st));
	st = held(f, NONE, LIST);
	assert_true(trust_eval_wants_signed(&st));
	st = held(f, LIST, EMPTY);
	assert_true(trust_eval_wants_signed(&st));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_eval_follows_every_row_of_the_decision_table),
		cmocka_unit_test(trust_eval_rejects_damage_in_every_state_without_asking),
		cmocka_unit_test(trust_eval_takes_no_list_that_does_not_hold_its_signer),
		cmocka_unit_test(trust_eval_refuses_a_list_that_phones_do_not_load),
		cmocka_unit_test(trust_eval_believes_tvs_about_the_certificate_only),
		cmocka_unit_test(trust_eval_keeps_an_answer_of_tvs_for_as_long_as_it_said),
		cmocka_unit_test(trust_eval_finds_the_signer_of_a_file_in_the_cache),
		cmocka_unit_test(trust_eval_asks_nobody_when_the_configuration_names_no_tvs),
		cmocka_unit_test(trust_eval_says_which_server_record_is_missing),
		cmocka_unit_test(trust_eval_wants_signed_files_once_a_list_is_held),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
