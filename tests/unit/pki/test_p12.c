#include "fixture.h"

#include "pki/p12.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p12_write_encrypts_the_certificates_under_a_passphrase),
		cmocka_unit_test(p12_add_refuses_what_is_no_certificate),
		cmocka_unit_test(p12_write_without_a_passphrase_leaves_them_readable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
