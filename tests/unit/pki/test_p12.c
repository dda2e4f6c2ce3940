#include "fixture.h"

#include "pki/p12.h"
#include "vectors.h"

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <stdlib.h>

/* Whether the file proves itself with this passphrase; its certificates and their names, the names
 * joined with '|'. */
static bool
read_back(struct span file, const char *passphrase, char names[256], int *count)
{
	const unsigned char *p = file.p;
	PKCS12 *whole = d2i_PKCS12(NULL, &p, (long)file.n);
	STACK_OF(X509) *certs = NULL;
	EVP_PKEY *key = NULL;
	X509 *own = NULL;
	bool ok = PKCS12_parse(whole, passphrase, &key, &own, &certs) == 1;

	assert_null(key);
	assert_null(own);
	names[0] = '\0';
	*count = ok ? sk_X509_num(certs) : 0;
	for (int i = 0; i < *count; i++) {
		int n;
		unsigned char *name = X509_alias_get0(sk_X509_value(certs, i), &n);

		strncat(names, (const char *)name, (size_t)n);
		strncat(names, "|", 2);
	}
	sk_X509_pop_free(certs, X509_free);
	PKCS12_free(whole);
	ERR_clear_error();
	return ok;
}

static struct bytes
two_certificates(struct span passphrase)
{
	struct cert *one = fixture_cert("capf"), *two = fixture_cert("tvs");
	struct err e = { 0 };
	struct p12 *p = p12_new(&e);
	struct bytes file;
	char *pem;

	pem = cert_to_pem(one);
	assert_ok(p12_add(p, span_str(pem), "CN=CAPF \xc3\xbc", &e), e);
	free(pem);
	pem = cert_to_pem(two);
	assert_ok(p12_add(p, span_str(pem), "SEP001122334455", &e), e);
	free(pem);
	assert_ok(p12_write(p, passphrase, &file, &e), e);
	p12_free(p);
	cert_free(one);
	cert_free(two);
	return file;
}

static void
p12_write_encrypts_the_certificates_under_a_passphrase(void **state)
{
	struct bytes file = two_certificates(span_str("secret \xc3\xa9"));
	char names[256];
	int count;

	(void)state;
	assert_true(read_back(bytes_span(&file), "secret \xc3\xa9", names, &count));
	assert_int_equal(count, 2);
	assert_string_equal(names, "CN=CAPF \xc3\xbc|SEP001122334455|");
	assert_false(read_back(bytes_span(&file), "secret", names, &count));
	assert_false(read_back(bytes_span(&file), "", names, &count));
	bytes_free(&file);
}

static void
p12_write_without_a_passphrase_leaves_them_readable(void **state)
{
	struct bytes file = two_certificates((struct span){ 0 });
	struct cert *one = fixture_cert("capf");
	char names[256];
	int count;

	(void)state;
	assert_true(read_back(bytes_span(&file), "", names, &count));
	assert_int_equal(count, 2);
	assert_non_null(memmem(file.p, file.n, cert_der(one).p, cert_der(one).n));
	cert_free(one);
	bytes_free(&file);
}

static void
p12_add_refuses_what_is_no_certificate(void **state)
{
	static const char key[] = "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
	static const char half[] = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
	struct err e = { 0 };
	struct p12 *p = p12_new(&e);

	(void)state;
	assert_fails(p12_add(p, span_str(""), "one", &e), e, ERR_MALFORMED, "one: is not a PEM");
	assert_fails(p12_add(p, span_str(key), "one", &e), e, ERR_MALFORMED, "one: is not a PEM");
	assert_fails(p12_add(p, span_str(half), "one", &e), e, ERR_MALFORMED, "one: is not a PEM");
	p12_free(p);
}

/* --- reading --- */

static void
p12_read_gives_back_what_was_written(void **state)
{
	static const char *const passphrases[] = { "", "secret" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct bytes file = two_certificates(span_str(passphrases[i]));
		struct cert *one = fixture_cert("capf"), *two = fixture_cert("tvs");
		struct p12_certs certs;
		struct err e = { 0 };

		assert_ok(p12_read(bytes_span(&file), span_str(passphrases[i]), 2, &certs, &e), e);
		assert_int_equal(certs.count, 2);
		assert_int_equal(certs.keys, 0);
		assert_span_equal(cert_der(certs.item[0].cert), cert_der(one));
		assert_span_equal(cert_der(certs.item[1].cert), cert_der(two));
		assert_string_equal(certs.item[0].name, "CN=CAPF \\xc3\\xbc");
		assert_string_equal(certs.item[1].name, "SEP001122334455");
		p12_certs_free(&certs);
		assert_fails(p12_read(bytes_span(&file), span_str(passphrases[i]), 1, &certs, &e),
		    e, ERR_LIMIT, "more than 1");
		cert_free(one);
		cert_free(two);
		bytes_free(&file);
	}
}

static void
p12_read_takes_files_of_other_programs(void **state)
{
	static const struct {
		const char *path, *passphrase;
		size_t count, keys;
		const char *first; /* its label */
	} table[] = {
		{ "bulk/legacy.p12", "cisco", 1, 0, "one" },
		{ "bulk/modern.p12", "", 2, 0, "CallManager a.example" },
		{ "bulk/plain.p12", "", 1, 0, "" },
		{ "bulk/plain.p12", "any", 1, 0, "" },
		{ "bulk/once.p12", "", 1, 0, "" },
		{ "bulk/key.p12", "x", 1, 1, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct p12_certs certs;
		struct bytes file;
		struct err e = { 0 };

		assert_true(vectors_read(table[i].path, &file));
		assert_ok(
		    p12_read(bytes_span(&file), span_str(table[i].passphrase), 9, &certs, &e), e);
		assert_int_equal(certs.count, table[i].count);
		assert_int_equal(certs.keys, table[i].keys);
		assert_string_equal(certs.item[0].name, table[i].first);
		p12_certs_free(&certs);
		bytes_free(&file);
	}
}

static void
p12_read_refuses_what_it_cannot_use_with_the_reason(void **state)
{
	static const struct {
		const char *path, *passphrase;
		enum err_code code;
		const char *says;
	} table[] = {
		{ "bulk/legacy.p12", "other", ERR_CRYPTO, "its passphrase is another one" },
		{ "bulk/legacy.p12", "", ERR_CRYPTO, "has a passphrase, which is needed" },
		{ "bulk/slow.p12", "", ERR_LIMIT, "iterations" },
		{ "keys/capf.pem", "", ERR_MALFORMED, "is not PKCS#12" },
		{ "README.md", "", ERR_MALFORMED, "is not PKCS#12" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct p12_certs certs;
		struct bytes file;
		struct err e;

		assert_true(vectors_read(table[i].path, &file));
		assert_fails(
		    p12_read(bytes_span(&file), span_str(table[i].passphrase), 9, &certs, &e), e,
		    table[i].code, table[i].says);
		bytes_free(&file);
	}
}

static void
p12_read_key_gives_the_only_key_beside_its_certificate(void **state)
{
	struct p12_certs certs;
	struct privkey *key;
	struct bytes file;
	struct err e = { 0 };

	(void)state;
	assert_true(vectors_read("bulk/key.p12", &file));
	assert_ok(p12_read_key(bytes_span(&file), span_str("x"), 9, &certs, &e), e);
	key = key_from_pem(bytes_span(&certs.key), &e);
	assert_non_null(key);
	assert_true(key_fits(key, certs.item[0].cert));
	key_free(key);
	p12_certs_free(&certs);
	assert_fails(p12_read_key(bytes_span(&file), span_str("y"), 9, &certs, &e), e, ERR_CRYPTO,
	    "its passphrase is another one");
	bytes_free(&file);
	assert_true(vectors_read("bulk/plain.p12", &file));
	assert_fails(p12_read_key(bytes_span(&file), span_str(""), 9, &certs, &e), e, ERR_MALFORMED,
	    "holds no private key");
	assert_int_equal(certs.count, 0);
	bytes_free(&file);
}

/* Nothing but an error, or certificates, comes of a byte that is another one, or of an end that is
 * missing. */
static void
p12_read_survives_broken_bytes(void **state)
{
	struct bytes file;

	(void)state;
	assert_true(vectors_read("bulk/plain.p12", &file));
	for (size_t i = 0; i < file.n; i += 3) {
		struct p12_certs certs;
		struct err e;

		assert_false(p12_read(span_of(file.p, i), (struct span){ 0 }, 9, &certs, &e));
		file.p[i] ^= 0x11;
		if (p12_read(bytes_span(&file), (struct span){ 0 }, 9, &certs, &e))
			p12_certs_free(&certs);
		file.p[i] ^= 0x11;
	}
	bytes_free(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p12_write_encrypts_the_certificates_under_a_passphrase),
		cmocka_unit_test(p12_add_refuses_what_is_no_certificate),
		cmocka_unit_test(p12_write_without_a_passphrase_leaves_them_readable),
		cmocka_unit_test(p12_read_gives_back_what_was_written),
		cmocka_unit_test(p12_read_takes_files_of_other_programs),
		cmocka_unit_test(p12_read_key_gives_the_only_key_beside_its_certificate),
		cmocka_unit_test(p12_read_refuses_what_it_cannot_use_with_the_reason),
		cmocka_unit_test(p12_read_survives_broken_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
