#include "fixture.h"

#include "rules/provision.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define PLAIN_NAME  "SEP001122334455.cnf.xml"
#define SIGNED_NAME PLAIN_NAME ".sgn"
#define ENC_NAME    PLAIN_NAME ".enc.sgn"

enum held { ABSENT, RSA, EC, HELD_COUNT };

struct pair {
	struct cert *lsc[HELD_COUNT], *mic[HELD_COUNT];
};

static struct pair
pair_load(void)
{
	return (struct pair){
		.lsc = { [RSA] = fixture_cert("lsc"), [EC] = fixture_cert("lsc-ec384") },
		.mic = { [RSA] = fixture_cert("mic"), [EC] = fixture_cert("tftp-ec384") },
	};
}

static void
pair_free(struct pair *p)
{
	for (int i = 0; i < HELD_COUNT; i++) {
		cert_free(p->lsc[i]);
		cert_free(p->mic[i]);
	}
}

static struct fname
named(const char *text)
{
	struct fname n;
	struct err e = { 0 };

	assert_ok(fname_parse(span_str(text), &n, &e), e);
	assert_int_equal(n.kind, FNAME_CONFIG);
	return n;
}

/* doc/protocols/files.md 4, RSA only; a stub instead of the readable file. */
static void
provision_recipient_is_the_lsc_and_then_the_mic(void **state)
{
	static const struct {
		enum held lsc, mic;
		bool going;
		char recipient; /* 'l', 'm'; 0: none */
		const char *reason;
	} rows[] = {
		{ RSA, ABSENT, false, 'l', "" },
		{ RSA, RSA, false, 'l', "" },
		{ RSA, EC, false, 'l', "" },
		{ EC, RSA, false, 'm', "" },
		{ ABSENT, RSA, false, 'm', "" },
		{ ABSENT, ABSENT, false, 0, "no LSC is confirmed and no MIC is known" },
		{ ABSENT, EC, false, 0, "no LSC is confirmed and the MIC has an EC key" },
		{ EC, ABSENT, false, 0, "the LSC has an EC key and no MIC is known" },
		{ EC, EC, false, 0, "the LSC has an EC key and the MIC has an EC key" },
		{ RSA, ABSENT, true, 0, "the LSC is to be deleted and no MIC is known" },
		{ RSA, RSA, true, 'm', "" },
		{ RSA, EC, true, 0, "the LSC is to be deleted and the MIC has an EC key" },
		{ EC, RSA, true, 'm', "" },
		{ ABSENT, RSA, true, 'm', "" },
		{ ABSENT, ABSENT, true, 0, "no LSC is confirmed" },
		{ ABSENT, EC, true, 0, "no LSC is confirmed" },
		{ EC, ABSENT, true, 0, "the LSC is to be deleted" },
		{ EC, EC, true, 0, "the LSC is to be deleted" },
	};
	struct pair p = pair_load();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct provision_facts f = { .wants_encryption = true,
			.lsc = p.lsc[rows[i].lsc],
			.lsc_going = rows[i].going,
			.mic = p.mic[rows[i].mic] };
		const struct cert *want = rows[i].recipient == 'l'   ? f.lsc
					  : rows[i].recipient == 'm' ? f.mic
								     : NULL;
		char reason[ERR_TEXT_MAX] = "left over";

		assert_ptr_equal(provision_recipient(&f, reason), want);
		if (want != NULL)
			assert_string_equal(reason, "");
		else if (strstr(reason, rows[i].reason) == NULL || !strstr(reason, "--mic"))
			fail_msg("row %zu: %s", i, reason);
	}
	pair_free(&p);
}

/* Every combination: what a name is answered with follows from two questions only. */
static void
provision_form_follows_from_name_profile_and_key(void **state)
{
	static const struct {
		const char *name;
		bool wants, usable, https;
		enum provision_form form;
	} rows[] = {
		{ PLAIN_NAME, false, false, false, PROVISION_PLAIN },
		{ PLAIN_NAME, false, false, true, PROVISION_PLAIN },
		{ PLAIN_NAME, false, true, false, PROVISION_PLAIN },
		{ PLAIN_NAME, false, true, true, PROVISION_PLAIN },
		{ PLAIN_NAME, true, false, false, PROVISION_ABSENT },
		{ PLAIN_NAME, true, false, true, PROVISION_ABSENT },
		{ PLAIN_NAME, true, true, false, PROVISION_ABSENT },
		{ PLAIN_NAME, true, true, true, PROVISION_ABSENT },
		{ SIGNED_NAME, false, false, false, PROVISION_SIGNED },
		{ SIGNED_NAME, false, false, true, PROVISION_PLAIN },
		{ SIGNED_NAME, false, true, false, PROVISION_SIGNED },
		{ SIGNED_NAME, false, true, true, PROVISION_PLAIN },
		{ SIGNED_NAME, true, false, false, PROVISION_STUB_SIGNED },
		{ SIGNED_NAME, true, false, true, PROVISION_STUB },
		{ SIGNED_NAME, true, true, false, PROVISION_STUB_SIGNED },
		{ SIGNED_NAME, true, true, true, PROVISION_STUB },
		{ ENC_NAME, false, false, false, PROVISION_ABSENT },
		{ ENC_NAME, false, false, true, PROVISION_ABSENT },
		{ ENC_NAME, false, true, false, PROVISION_ABSENT },
		{ ENC_NAME, false, true, true, PROVISION_ABSENT },
		{ ENC_NAME, true, false, false, PROVISION_ABSENT },
		{ ENC_NAME, true, false, true, PROVISION_ABSENT },
		{ ENC_NAME, true, true, false, PROVISION_ENCRYPTED },
		{ ENC_NAME, true, true, true, PROVISION_ENCRYPTED },
	};
	struct pair p = pair_load();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (int held = 0; held < HELD_COUNT * HELD_COUNT * 2; held++) {
			enum held lsc = (enum held)(held % HELD_COUNT);
			enum held mic = (enum held)(held / HELD_COUNT % HELD_COUNT);
			bool going = held >= HELD_COUNT * HELD_COUNT;
			struct provision_facts f = { .wants_encryption = rows[i].wants,
				.lsc = p.lsc[lsc],
				.lsc_going = going,
				.mic = p.mic[mic] };
			struct fname name = named(rows[i].name);

			if (((lsc == RSA && !going) || mic == RSA) != rows[i].usable)
				continue;
			if (provision_form(&f, &name, rows[i].https) != rows[i].form)
				fail_msg("row %zu, held %d: %s", i, held,
				    provision_form_name(provision_form(&f, &name, rows[i].https)));
		}
	pair_free(&p);
}

static void
provision_gives_a_model_without_encryption_the_stub(void **state)
{
	struct modeltable *t = modeltable_builtin();
	struct pair p = pair_load();
	struct provision_facts f = { .wants_encryption = true,
		.model = modeltable_find(t, "7960"),
		.lsc = p.lsc[RSA],
		.mic = p.mic[RSA] };
	struct fname sgn = named(SIGNED_NAME), enc = named(ENC_NAME);
	char reason[ERR_TEXT_MAX];

	(void)state;
	assert_null(provision_recipient(&f, reason));
	assert_string_equal(reason,
	    "model 7960 takes no encrypted configuration; give the phone a profile without");
	assert_int_equal(provision_form(&f, &sgn, false), PROVISION_STUB_SIGNED);
	assert_int_equal(provision_form(&f, &enc, false), PROVISION_ABSENT);
	f.model = modeltable_find(t, "8861");
	assert_ptr_equal(provision_recipient(&f, reason), p.lsc[RSA]);
	pair_free(&p);
	modeltable_free(t);
}

static void
provision_recipient_may_have_expired(void **state)
{
	struct pair p = pair_load();
	struct provision_facts f = { .wants_encryption = true, .mic = p.mic[RSA] };
	char reason[ERR_TEXT_MAX];

	(void)state;
	f.now = cert_not_after(f.mic) + 86400;
	assert_ptr_equal(provision_recipient(&f, reason), f.mic);
	pair_free(&p);
}

/* The companion of tests/vectors/enc/SEP001122334455 was made by other hands for this one. */
static void
provision_cert_hash_is_the_one_of_the_vectors(void **state)
{
	char hash[PROVISION_HASH_MAX];
	struct cert *c = fixture_cert("lsc1024");

	(void)state;
	provision_cert_hash(c, hash);
	assert_string_equal(hash, "d8ea1c9f39bbd083cbe6622e3cf0e4a6");
	cert_free(c);
}

static void
provision_form_names_are_words(void **state)
{
	(void)state;
	assert_string_equal(provision_form_name(PROVISION_ABSENT), "absent");
	assert_string_equal(provision_form_name(PROVISION_ENCRYPTED), "encrypted");
	assert_string_equal(provision_form_name((enum provision_form)9), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(provision_recipient_is_the_lsc_and_then_the_mic),
		cmocka_unit_test(provision_form_follows_from_name_profile_and_key),
		cmocka_unit_test(provision_gives_a_model_without_encryption_the_stub),
		cmocka_unit_test(provision_recipient_may_have_expired),
		cmocka_unit_test(provision_cert_hash_is_the_one_of_the_vectors),
		cmocka_unit_test(provision_form_names_are_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
