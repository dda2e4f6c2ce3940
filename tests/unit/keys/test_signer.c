/* What every back end of pki/signer.h must do. A back end joins with a row in the table. */
#include "../check.h"

#include "base/bytes.h"
#include "keys/signer_pem.h"
#include "tempdir.h"
#include "pki/issue.h"
#include "rules/signedfile.h"
#include "rules/trustlist_build.h"

#include <openssl/x509.h>
#include <stdlib.h>

#define DAY  86400
#define NOW  1700000000
#define BITS 1024 /* quick to make */

static bool
pem_open(const char *dir, struct signer **out, struct err *e)
{
	char keys[TEMPDIR_MAX + 8], key_file[TEMPDIR_MAX + 8];

	tempdir_path(dir, "keys", keys, sizeof keys);
	tempdir_path(dir, "pass", key_file, sizeof key_file);
	return signer_pem_create(keys, key_file, e) && signer_pem_open(keys, key_file, out, e);
}

static const struct backend {
	const char *name;
	bool (*open)(const char *dir, struct signer **out, struct err *e);
} backends[] = {
	{ "pem", pem_open },
};

/* One back end with a key for each purpose. */
struct fixture {
	char dir[TEMPDIR_MAX];
	struct signer *signer;
	struct cert *cert[PURPOSE_COUNT];
};

static struct cert *
make(struct signer *s, enum purpose purpose, const char *name)
{
	const struct signer_template t = {
		.purpose = purpose,
		.common_name = name,
		.org = "Sealtone",
		.not_before = NOW - DAY,
		.not_after = NOW + 365 * DAY,
		.rsa_bits = BITS,
	};
	struct bytes der = { 0 };
	struct err e = { 0 };
	struct cert *c;

	assert_ok(signer_make(s, &t, &der, &e), e);
	c = cert_parse(bytes_span(&der), &e);
	assert_non_null(c);
	bytes_free(&der);
	return c;
}

static void
fixture_open(struct fixture *f, const struct backend *b)
{
	struct err e = { 0 };

	*f = (struct fixture){ 0 };
	tempdir_make(f->dir);
	assert_ok(b->open(f->dir, &f->signer, &e), e);
	for (int p = 0; p < PURPOSE_COUNT; p++)
		f->cert[p] = make(f->signer, (enum purpose)p, purpose_name((enum purpose)p));
}

static void
fixture_close(struct fixture *f)
{
	for (int p = 0; p < PURPOSE_COUNT; p++)
		cert_free(f->cert[p]);
	signer_close(f->signer);
	tempdir_remove(f->dir);
}

typedef void body(struct fixture *f);

static void
with_each_backend(body *run)
{
	for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
		struct fixture f;

		fixture_open(&f, &backends[i]);
		run(&f);
		fixture_close(&f);
	}
}

static struct bytes
unsigned_list(const struct fixture *f, enum generation g, enum envelope_digest digest)
{
	const struct trustlist_plan p = {
		.generation = g,
		.itlrecovery = f->cert[PURPOSE_ITLRECOVERY],
		.callmanager = f->cert[PURPOSE_CALLMANAGER],
		.tftp = true,
		.digest = digest,
		.timestamp = NOW,
	};
	struct bytes file = { 0 };
	struct err e = { 0 };

	assert_ok(trustlist_build(&p, &file, &e), e);
	return file;
}

static struct bytes
unsigned_sgn(const struct cert *signer, struct span payload)
{
	const struct signedfile_head head = {
		.signer = signer,
		.names = SIGNEDFILE_CUCM,
		.filename = "SEP001122334455.cnf.xml.sgn",
		.digest = ENVELOPE_SHA512,
		.timestamp = NOW,
	};
	struct bytes file = { 0 };
	struct err e = { 0 };

	assert_ok(signedfile_make_sgn(&head, payload, &file, &e), e);
	return file;
}

static void
list_case(struct fixture *f, enum purpose purpose, enum generation g, enum envelope_digest d)
{
	struct bytes file = unsigned_list(f, g, d), out = { 0 };
	struct trustlist list;
	struct err e = { 0 };

	assert_ok(
	    signer_sign_list(f->signer, cert_key_id(f->cert[purpose]), bytes_span(&file), &out, &e),
	    e);
	assert_int_equal(out.n, file.n);
	assert_ok(trustlist_parse(bytes_span(&out), &list, &e), e);
	assert_ok(signedfile_check_list(&list, f->cert[purpose], &e), e);
	trustlist_free(&list);
	bytes_free(&out);
	bytes_free(&file);
}

static void
lists_run(struct fixture *f)
{
	list_case(f, PURPOSE_ITLRECOVERY, GENERATION_G12, ENVELOPE_SHA1);
	list_case(f, PURPOSE_ITLRECOVERY, GENERATION_G12, ENVELOPE_SHA512);
	list_case(f, PURPOSE_CALLMANAGER, GENERATION_G10, ENVELOPE_SHA1);
}

static void
signer_sign_list_makes_a_list_that_verifies(void **state)
{
	(void)state;
	with_each_backend(lists_run);
}

static void
sgn_run(struct fixture *f)
{
	const struct cert *c = f->cert[PURPOSE_CALLMANAGER];
	struct bytes file = unsigned_sgn(c, span_str("<device/>")), out = { 0 };
	struct err e = { 0 };
	struct sgn sgn;

	assert_ok(signer_sign_file(f->signer, cert_key_id(c), bytes_span(&file), &out, &e), e);
	assert_ok(sgn_parse(bytes_span(&out), &sgn, &e), e);
	assert_ok(signedfile_check(&sgn.env, c, &e), e);
	assert_span_equal(sgn.payload, span_str("<device/>"));
	bytes_free(&out);
	bytes_free(&file);
}

static void
encrypted_run(struct fixture *f)
{
	const struct cert *c = f->cert[PURPOSE_CALLMANAGER];
	const struct signedfile_head head = { .signer = c,
		.names = SIGNEDFILE_CUCM,
		.filename = "SEP001122334455.cnf.xml.enc.sgn",
		.digest = ENVELOPE_SHA1,
		.timestamp = NOW };
	struct bytes file = { 0 }, out = { 0 };
	struct encfile enc;
	struct err e = { 0 };

	assert_ok(
	    signedfile_encrypt(&head, span_str("<device/>"), f->cert[PURPOSE_TVS], &file, &e), e);
	assert_ok(signer_sign_file(f->signer, cert_key_id(c), bytes_span(&file), &out, &e), e);
	assert_ok(encfile_parse(bytes_span(&out), &enc, &e), e);
	assert_ok(signedfile_check(&enc.env, c, &e), e);
	bytes_free(&out);
	bytes_free(&file);
}

static void
signer_sign_file_makes_files_that_verify(void **state)
{
	(void)state;
	with_each_backend(sgn_run);
	with_each_backend(encrypted_run);
}

static void
issue_run(struct fixture *f)
{
	const struct cert *capf = f->cert[PURPOSE_CAPF];
	const struct signer_lsc lsc = {
		.device = "SEP001122334455",
		.spki = cert_spki(f->cert[PURPOSE_TVS]), /* any public key */
		.not_before = NOW,
		.not_after = NOW + DAY,
	};
	struct bytes der = { 0 };
	struct err e = { 0 };
	struct cert *c;

	assert_ok(signer_issue(f->signer, cert_key_id(capf), cert_der(capf), &lsc, &der, &e), e);
	c = cert_parse(bytes_span(&der), &e);
	assert_non_null(c);
	assert_ok(cert_is_issued_by(c, capf, &e), e);
	assert_string_equal(cert_common_name(c), "SEP001122334455");
	cert_free(c);
	bytes_free(&der);
	assert_fails(signer_issue(f->signer, cert_key_id(capf), span_str("junk"), &lsc, &der, &e),
	    e, ERR_MALFORMED, "issuer");
}

static void
signer_issue_makes_an_lsc_under_the_capf_certificate(void **state)
{
	(void)state;
	with_each_backend(issue_run);
}

static void
foreign_purpose_run(struct fixture *f)
{
	struct bytes list = unsigned_list(f, GENERATION_G12, ENVELOPE_SHA1), out = { 0 };
	struct bytes file = unsigned_sgn(f->cert[PURPOSE_CALLMANAGER], span_str("<x/>"));
	const struct signer_lsc lsc = { .device = "SEP001122334455",
		.spki = cert_spki(f->cert[PURPOSE_TVS]),
		.not_before = NOW,
		.not_after = NOW + DAY };
	struct err e;

	for (int p = 0; p < PURPOSE_COUNT; p++) {
		struct span id = cert_key_id(f->cert[p]);

		if (p != PURPOSE_ITLRECOVERY && p != PURPOSE_CALLMANAGER)
			assert_fails(signer_sign_list(f->signer, id, bytes_span(&list), &out, &e),
			    e, ERR_REFUSED, "may not sign trust lists");
		if (p != PURPOSE_CALLMANAGER)
			assert_fails(signer_sign_file(f->signer, id, bytes_span(&file), &out, &e),
			    e, ERR_REFUSED, "may not sign files");
		if (p != PURPOSE_CAPF && p != PURPOSE_CAPF_ISSUER)
			assert_fails(
			    signer_issue(f->signer, id, cert_der(f->cert[p]), &lsc, &out, &e), e,
			    ERR_REFUSED, "may not issue");
	}
	bytes_free(&list);
	bytes_free(&file);
}

static void
signer_refuses_what_is_not_a_keys_purpose(void **state)
{
	(void)state;
	with_each_backend(foreign_purpose_run);
}

static void
not_a_list_run(struct fixture *f)
{
	struct span callmanager = cert_key_id(f->cert[PURPOSE_CALLMANAGER]);
	struct bytes list = unsigned_list(f, GENERATION_G10, ENVELOPE_SHA1), out = { 0 };
	struct bytes file = unsigned_sgn(f->cert[PURPOSE_CALLMANAGER], span_str("<x/>"));
	struct bytes disguised = unsigned_sgn(
	    f->cert[PURPOSE_CALLMANAGER], span_of("\x01\x00\x02\x00\x0a\x04\x00\x02\x00\x00", 10));
	struct err e;

	assert_fails(signer_sign_list(f->signer, callmanager, span_str("no list"), &out, &e), e,
	    ERR_MALFORMED, "trust list");
	assert_fails(signer_sign_list(f->signer, callmanager, bytes_span(&file), &out, &e), e,
	    ERR_MALFORMED, "trust list");
	assert_fails(
	    signer_sign_list(f->signer, callmanager, span_of(list.p, list.n - 1), &out, &e), e,
	    ERR_MALFORMED, "trust list");
	assert_fails(signer_sign_file(f->signer, callmanager, bytes_span(&list), &out, &e), e,
	    ERR_MALFORMED, "as a file");
	assert_fails(signer_sign_file(f->signer, callmanager, span_str("<x/>"), &out, &e), e,
	    ERR_MALFORMED, "as a file");
	assert_fails(signer_sign_file(f->signer, callmanager, bytes_span(&disguised), &out, &e), e,
	    ERR_REFUSED, "could be taken for a trust list");
	bytes_free(&disguised);
	bytes_free(&file);
	bytes_free(&list);
}

static void
signer_refuses_to_sign_one_thing_as_another(void **state)
{
	(void)state;
	with_each_backend(not_a_list_run);
}

static void
foreign_signer_run(struct fixture *f)
{
	struct bytes list = unsigned_list(f, GENERATION_G12, ENVELOPE_SHA1), out = { 0 };
	struct bytes file = unsigned_sgn(f->cert[PURPOSE_ITLRECOVERY], span_str("<x/>"));
	struct span callmanager = cert_key_id(f->cert[PURPOSE_CALLMANAGER]);
	struct err e;

	assert_fails(signer_sign_list(f->signer, callmanager, bytes_span(&list), &out, &e), e,
	    ERR_REFUSED, "not this key's");
	assert_fails(signer_sign_file(f->signer, callmanager, bytes_span(&file), &out, &e), e,
	    ERR_REFUSED, "not this key's");
	bytes_free(&file);
	bytes_free(&list);
}

/* What a CA, whose key is ca's, makes of the certificate's request: the certificate with another
 * issuer and serial. */
static struct cert *
signed_by_ca(const struct cert *c, const char *ca_name, long serial)
{
	const unsigned char *p = cert_der(c).p;
	X509 *x509 = d2i_X509(NULL, &p, (long)cert_der(c).n);
	EVP_PKEY *ca = EVP_EC_gen("P-256");
	X509_NAME *name = X509_NAME_new();
	unsigned char *der = NULL;
	struct cert *out;
	int n;

	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_ASC, (const unsigned char *)ca_name, -1, -1, 0);
	assert_int_equal(X509_set_issuer_name(x509, name), 1);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), serial);
	assert_true(X509_sign(x509, ca, EVP_sha256()) > 0);
	n = i2d_X509(x509, &der);
	out = cert_parse(span_of(der, (size_t)n), NULL);
	OPENSSL_free(der);
	X509_NAME_free(name);
	EVP_PKEY_free(ca);
	X509_free(x509);
	return out;
}

static void
ca_signed_run(struct fixture *f)
{
	struct span callmanager = cert_key_id(f->cert[PURPOSE_CALLMANAGER]);
	const struct cert *foreign[] = { f->cert[PURPOSE_ITLRECOVERY],
		f->cert[PURPOSE_CALLMANAGER] };
	struct bytes file, out = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < 2; i++) {
		struct cert *c = signed_by_ca(foreign[i], "Some CA", 77);

		file = unsigned_sgn(c, span_str("<x/>"));
		if (i == 1)
			assert_ok(
			    signer_sign_file(f->signer, callmanager, bytes_span(&file), &out, &e),
			    e);
		else
			assert_fails(
			    signer_sign_file(f->signer, callmanager, bytes_span(&file), &out, &e),
			    e, ERR_REFUSED, "not this key's");
		bytes_free(&out);
		bytes_free(&file);
		cert_free(c);
	}
}

static void
signer_signs_in_the_name_of_a_certificate_that_a_ca_made_for_its_key(void **state)
{
	(void)state;
	with_each_backend(ca_signed_run);
}

static void
signer_refuses_a_header_that_names_another_signer(void **state)
{
	(void)state;
	with_each_backend(foreign_signer_run);
}

static void
remove_run(struct fixture *f)
{
	struct bytes id = bytes_copy(cert_key_id(f->cert[PURPOSE_WEB]));
	const uint8_t none[SIGNER_KEY_ID] = { 0 };
	struct err e = { 0 };

	assert_ok(signer_has(f->signer, bytes_span(&id), &e), e);
	assert_ok(signer_remove(f->signer, bytes_span(&id), &e), e);
	e = (struct err){ 0 };
	assert_false(signer_has(f->signer, bytes_span(&id), &e));
	assert_int_not_equal(e.code, ERR_NONE);
	assert_false(signer_remove(f->signer, bytes_span(&id), &e));
	assert_false(signer_has(f->signer, span_of(none, sizeof none), &e));
	assert_fails(
	    signer_has(f->signer, span_str("short"), &e), e, ERR_MALFORMED, "key id of 5 bytes");
	bytes_free(&id);
}

static void
signer_remove_forgets_a_key_for_good(void **state)
{
	(void)state;
	with_each_backend(remove_run);
}

static void
bad_template_run(struct fixture *f)
{
	struct signer_template t = { .purpose = PURPOSE_TVS,
		.common_name = "a;b",
		.not_before = NOW,
		.not_after = NOW + DAY,
		.rsa_bits = BITS };
	struct bytes der = { 0 };
	struct err e;

	assert_fails(signer_make(f->signer, &t, &der, &e), e, ERR_REFUSED, "new key for tvs");
	assert_null(der.p);
}

static void
signer_make_refuses_a_name_that_lists_cannot_carry(void **state)
{
	(void)state;
	with_each_backend(bad_template_run);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signer_sign_list_makes_a_list_that_verifies),
		cmocka_unit_test(signer_sign_file_makes_files_that_verify),
		cmocka_unit_test(signer_issue_makes_an_lsc_under_the_capf_certificate),
		cmocka_unit_test(signer_refuses_what_is_not_a_keys_purpose),
		cmocka_unit_test(signer_refuses_to_sign_one_thing_as_another),
		cmocka_unit_test(
		    signer_signs_in_the_name_of_a_certificate_that_a_ca_made_for_its_key),
		cmocka_unit_test(signer_refuses_a_header_that_names_another_signer),
		cmocka_unit_test(signer_remove_forgets_a_key_for_good),
		cmocka_unit_test(signer_make_refuses_a_name_that_lists_cannot_carry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
