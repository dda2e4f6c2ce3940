#include "../check.h"

#include "base/bytes.h"
#include "files/wholefile.h"
#include "keys/signer_pem.h"
#include "tempdir.h"
#include "base/text.h"
#include "pki/key.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW      1700000000
#define PATH_LEN 512
#define FILE_LEN (64 * 1024)

/* A folder of keys with one key of TVS in it. */
struct fixture {
	char dir[TEMPDIR_MAX], keys[PATH_LEN], pass[PATH_LEN], pem[PATH_LEN];
	struct signer *signer;
	struct cert *cert;
};

static int
setup(void **state)
{
	const struct signer_template t = { .purpose = PURPOSE_TVS,
		.common_name = "tvs.example",
		.not_before = NOW,
		.not_after = NOW + 1000,
		.rsa_bits = 1024 };
	struct fixture *f = calloc(1, sizeof *f);
	struct bytes der;
	struct err e = { 0 };
	char *hex;

	tempdir_make(f->dir);
	tempdir_path(f->dir, "keys", f->keys, sizeof f->keys);
	tempdir_path(f->dir, "pass", f->pass, sizeof f->pass);
	assert_ok(signer_pem_create(f->keys, f->pass, &e), e);
	assert_ok(signer_pem_open(f->keys, f->pass, &f->signer, &e), e);
	assert_ok(signer_make(f->signer, &t, &der, &e), e);
	f->cert = cert_parse(bytes_span(&der), &e);
	assert_non_null(f->cert);
	bytes_free(&der);
	hex = text_hex(cert_key_id(f->cert));
	snprintf(f->pem, sizeof f->pem, "%.200s/%s.pem", f->keys, hex);
	free(hex);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	signer_close(f->signer);
	cert_free(f->cert);
	tempdir_remove(f->dir);
	free(f);
	return 0;
}

/* A signer that has nothing in memory yet. */
static void
reopen(struct fixture *f)
{
	struct err e = { 0 };

	signer_close(f->signer);
	f->signer = NULL;
	assert_ok(signer_pem_open(f->keys, f->pass, &f->signer, &e), e);
}

static void
replace_file(const char *path, struct span content)
{
	struct err e = { 0 };

	unlink(path);
	assert_ok(wholefile_write_new(path, content, 0600, &e), e);
}

static void
signer_pem_create_makes_folder_and_passphrase_for_the_owner_alone(void **state)
{
	const struct fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->keys, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(f->pass, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_size, 65);
	assert_int_equal(stat(f->pem, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(tempdir_count(f->keys), 1);
}

static void
signer_pem_create_overwrites_nothing(void **state)
{
	const struct fixture *f = *state;
	char other[PATH_LEN];
	struct err e;

	assert_fails(signer_pem_create(f->keys, f->pass, &e), e, ERR_CONFLICT, "exists already");
	tempdir_path(f->dir, "other", other, sizeof other);
	assert_fails(signer_pem_create(other, f->pass, &e), e, ERR_CONFLICT, "exists already");
	assert_int_equal(tempdir_count(other), -1);
}

static void
signer_pem_keeps_no_key_in_the_clear(void **state)
{
	const struct fixture *f = *state;
	struct bytes text;
	struct err e = { 0 };

	assert_ok(wholefile_read(f->pem, FILE_LEN, &text, &e), e);
	assert_memory_equal(text.p, "purpose: tvs\n", 13);
	assert_non_null(memmem(text.p, text.n, "BEGIN ENCRYPTED PRIVATE KEY", 27));
	assert_null(memmem(text.p, text.n, "BEGIN PRIVATE KEY", 17));
	assert_null(memmem(text.p, text.n, "BEGIN RSA PRIVATE KEY", 21));
	bytes_free(&text);
}

static void
signer_pem_reads_its_keys_after_a_restart(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	reopen(f);
	assert_ok(signer_has(f->signer, cert_key_id(f->cert), &e), e);
}

/* What openssl would be asked by hand. */
static void
signer_pem_writes_files_that_openssl_opens(void **state)
{
	const struct fixture *f = *state;
	char command[4 * PATH_LEN];

	snprintf(command, sizeof command,
	    "openssl pkey -in '%s' -passin 'file:%s' -noout -check >/dev/null 2>&1 && "
	    "openssl x509 -in '%s' -noout >/dev/null 2>&1",
	    f->pem, f->pass, f->pem);
	assert_int_equal(system(command), 0);
}

static void
signer_pem_open_says_what_is_wrong_with_the_passphrase_file(void **state)
{
	static const char *const bad[] = { "", "00", "zz" };
	const struct fixture *f = *state;
	struct signer *s;
	struct err e;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		replace_file(f->pass, span_str(bad[i]));
		assert_fails(signer_pem_open(f->keys, f->pass, &s, &e), e, ERR_MALFORMED,
		    "must be 64 hex digits");
	}
	assert_int_equal(chmod(f->pass, 0640), 0);
	assert_fails(signer_pem_open(f->keys, f->pass, &s, &e), e, ERR_REFUSED, "chmod 600");
	unlink(f->pass);
	assert_fails(signer_pem_open(f->keys, f->pass, &s, &e), e, ERR_IO, "No such file");
	assert_fails(signer_pem_open(f->pass, f->pass, &s, &e), e, ERR_IO, "folder of keys");
}

static void
signer_pem_refuses_a_wrong_passphrase(void **state)
{
	struct fixture *f = *state;
	char other[65];
	struct err e;

	memset(other, 'a', 64);
	other[64] = '\0';
	replace_file(f->pass, span_str(other));
	reopen(f);
	assert_fails(signer_has(f->signer, cert_key_id(f->cert), &e), e, ERR_CRYPTO, f->pem);
}

/* Its certificate as DER; for a size of 0 that of a key on a curve. */
static struct bytes
own_certificate(const struct fixture *f, enum purpose purpose, unsigned bits, struct bytes *key)
{
	const struct signer_template t = { .purpose = purpose,
		.common_name = "old.example",
		.not_before = NOW,
		.not_after = NOW + 1000,
		.rsa_bits = bits };
	char other[PATH_LEN], pass[PATH_LEN], path[2 * PATH_LEN];
	struct bytes der, text, phrase;
	struct privkey *k;
	struct signer *s;
	struct err e = { 0 };
	struct cert *c;
	char *hex;

	snprintf(other, sizeof other, "%.200s/from-%u", f->dir, bits);
	snprintf(pass, sizeof pass, "%.200s/pass-%u", f->dir, bits);
	assert_ok(signer_pem_create(other, pass, &e), e);
	assert_ok(signer_pem_open(other, pass, &s, &e), e);
	assert_ok(signer_make(s, &t, &der, &e), e);
	c = cert_parse(bytes_span(&der), &e);
	assert_non_null(c);
	hex = text_hex(cert_key_id(c));
	snprintf(path, sizeof path, "%s/%s.pem", other, hex);
	assert_ok(wholefile_read(path, FILE_LEN, &text, &e), e);
	assert_ok(wholefile_read(pass, FILE_LEN, &phrase, &e), e);
	k = key_from_locked_pem(bytes_span(&text), span_of(phrase.p, 64), &e);
	assert_non_null(k);
	assert_ok(key_to_pem(k, key, &e), e);
	key_free(k);
	bytes_free(&text);
	bytes_free(&phrase);
	cert_free(c);
	signer_close(s);
	free(hex);
	return der;
}

static void
signer_pem_keeps_the_key_of_another_cluster(void **state)
{
	struct fixture *f = *state;
	struct bytes key, der = own_certificate(f, PURPOSE_ITLRECOVERY, 1024, &key);
	struct err e = { 0 };
	struct cert *c = cert_parse(bytes_span(&der), &e);
	enum purpose purpose;

	assert_ok(
	    signer_keep(f->signer, PURPOSE_ITLRECOVERY, bytes_span(&key), bytes_span(&der), &e), e);
	reopen(f);
	assert_ok(signer_pem_purpose(f->signer, cert_key_id(c), &purpose, &e), e);
	assert_int_equal(purpose, PURPOSE_ITLRECOVERY);
	assert_fails(
	    signer_keep(f->signer, PURPOSE_ITLRECOVERY, bytes_span(&key), bytes_span(&der), &e), e,
	    ERR_CONFLICT, "the key is here already");
	assert_ok(signer_remove(f->signer, cert_key_id(c), &e), e);
	assert_fails(
	    signer_keep(f->signer, PURPOSE_ITLRECOVERY, bytes_span(&key), cert_der(f->cert), &e), e,
	    ERR_REFUSED, "the certificate is for another key");
	assert_int_equal(tempdir_count(f->keys), 1);
	cert_free(c);
	bytes_wipe(&key);
	bytes_free(&der);
}

static void
signer_pem_keeps_no_key_that_headers_of_lists_cannot_say(void **state)
{
	static const struct {
		enum purpose purpose;
		unsigned bits;
		const char *says;
	} table[] = {
		{ PURPOSE_ITLRECOVERY, 3072, "RSA 3072: headers" },
		{ PURPOSE_CALLMANAGER_EC, 0, "EC 384: headers" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
		struct bytes key, der = own_certificate(f, table[i].purpose, table[i].bits, &key);
		struct err e = { 0 };

		assert_fails(signer_keep(f->signer, PURPOSE_CALLMANAGER, bytes_span(&key),
				 bytes_span(&der), &e),
		    e, ERR_REFUSED, table[i].says);
		bytes_wipe(&key);
		bytes_free(&der);
	}
	assert_int_equal(tempdir_count(f->keys), 1);
}

static void
signer_pem_names_a_missing_key_file(void **state)
{
	struct fixture *f = *state;
	struct err e;

	unlink(f->pem);
	reopen(f);
	assert_fails(signer_has(f->signer, cert_key_id(f->cert), &e), e, ERR_IO, f->pem);
}

static void
signer_pem_refuses_a_key_file_cut_at_any_line(void **state)
{
	struct fixture *f = *state;
	struct bytes text;
	struct err e = { 0 };

	assert_ok(wholefile_read(f->pem, FILE_LEN, &text, &e), e);
	for (size_t n = 0; n + 1 < text.n; n++) {
		if (n > 0 && text.p[n - 1] != '\n')
			continue;
		replace_file(f->pem, span_of(text.p, n));
		reopen(f);
		e = (struct err){ 0 };
		if (signer_has(f->signer, cert_key_id(f->cert), &e))
			fail_msg("taken when cut after %zu bytes", n);
		assert_non_null(strstr(e.text, f->pem));
	}
	bytes_free(&text);
}

/* A change of the first line would let the key do what it may not. */
static void
signer_pem_refuses_a_key_file_without_a_known_purpose(void **state)
{
	struct fixture *f = *state;
	struct bytes text;
	struct err e = { 0 };

	assert_ok(wholefile_read(f->pem, FILE_LEN, &text, &e), e);
	text.p[10] = 'x';
	replace_file(f->pem, bytes_span(&text));
	reopen(f);
	assert_fails(signer_has(f->signer, cert_key_id(f->cert), &e), e, ERR_MALFORMED, "purpose");
	bytes_free(&text);
}

static void
signer_pem_refuses_a_key_file_under_another_name(void **state)
{
	struct fixture *f = *state;
	uint8_t id[SIGNER_KEY_ID] = { 0 };
	char name[PATH_LEN];
	struct err e;

	snprintf(name, sizeof name, "%.200s/%064d.pem", f->keys, 0);
	assert_int_equal(rename(f->pem, name), 0);
	reopen(f);
	assert_fails(
	    signer_has(f->signer, span_of(id, sizeof id), &e), e, ERR_CRYPTO, "another key");
}

/* The same public half and primes, with other private exponents. */
static EVP_PKEY *
with_other_exponents(const EVP_PKEY *k)
{
	static const char *const parts[] = { OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E,
		OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1, OSSL_PKEY_PARAM_RSA_D,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2 };
	enum { COUNT = sizeof parts / sizeof parts[0], FIRST_PRIVATE = 5 };
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
	BIGNUM *n[COUNT] = { 0 };
	EVP_PKEY *out = NULL;
	OSSL_PARAM *p;

	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(EVP_PKEY_get_bn_param(k, parts[i], &n[i]), 1);
		BN_sub_word(n[i], i < FIRST_PRIVATE ? 0 : 2);
		OSSL_PARAM_BLD_push_BN(b, parts[i], n[i]);
	}
	p = OSSL_PARAM_BLD_to_param(b);
	assert_int_equal(EVP_PKEY_fromdata_init(c), 1);
	assert_int_equal(EVP_PKEY_fromdata(c, &out, EVP_PKEY_KEYPAIR, p), 1);
	OSSL_PARAM_free(p);
	OSSL_PARAM_BLD_free(b);
	EVP_PKEY_CTX_free(c);
	for (int i = 0; i < COUNT; i++)
		BN_clear_free(n[i]);
	return out;
}

/* The key's file with that private key in place of its own. */
static void
lock_into(const struct fixture *f, EVP_PKEY *k, const struct bytes *pass)
{
	char *cert = cert_to_pem(f->cert);
	BIO *to = BIO_new(BIO_s_mem());
	char *text;
	long n;

	BIO_printf(to, "purpose: tvs\n%s", cert);
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(
			     to, k, EVP_aes_256_cbc(), (char *)pass->p, (int)pass->n, NULL, NULL),
	    1);
	n = BIO_get_mem_data(to, &text);
	replace_file(f->pem, span_of(text, (size_t)n));
	BIO_free(to);
	free(cert);
}

static void
signer_pem_refuses_a_key_that_does_not_sign_for_its_public_half(void **state)
{
	struct fixture *f = *state;
	struct bytes pass;
	struct err e = { 0 };
	EVP_PKEY *right, *wrong;
	BIO *from = BIO_new_file(f->pem, "r");

	assert_ok(wholefile_read(f->pass, PATH_LEN, &pass, &e), e);
	pass.p[--pass.n] = '\0'; /* the end of the line */
	right = PEM_read_bio_PrivateKey(from, NULL, NULL, pass.p);
	assert_non_null(right);
	wrong = with_other_exponents(right);
	lock_into(f, right, &pass);
	reopen(f);
	assert_ok(signer_has(f->signer, cert_key_id(f->cert), &e), e);
	lock_into(f, wrong, &pass);
	reopen(f);
	assert_fails(signer_has(f->signer, cert_key_id(f->cert), &e), e, ERR_CRYPTO,
	    "its private half does not fit its public one");
	EVP_PKEY_free(right);
	EVP_PKEY_free(wrong);
	BIO_free(from);
	bytes_wipe(&pass);
}

static void
signer_pem_refuses_a_key_file_that_others_may_read(void **state)
{
	struct fixture *f = *state;
	struct err e;

	assert_int_equal(chmod(f->pem, 0644), 0);
	reopen(f);
	assert_fails(signer_has(f->signer, cert_key_id(f->cert), &e), e, ERR_REFUSED, "chmod 600");
}

static void
signer_pem_tls_key_hands_out_tls_keys_only(void **state)
{
	const struct signer_template t = { .purpose = PURPOSE_ITLRECOVERY,
		.common_name = "ITLRECOVERY_x",
		.not_before = NOW,
		.not_after = NOW + 1000,
		.rsa_bits = 1024 };
	struct fixture *f = *state;
	struct bytes der = { 0 }, cert_bytes;
	struct err e = { 0 };
	struct cert *c;

	assert_ok(signer_pem_tls_key(f->signer, PURPOSE_TVS, cert_key_id(f->cert), &der, &e), e);
	assert_int_equal(der.p[0], 0x30);
	bytes_wipe(&der);
	assert_fails(signer_pem_tls_key(f->signer, PURPOSE_CAPF, cert_key_id(f->cert), &der, &e), e,
	    ERR_REFUSED, "for tvs, not for capf");
	assert_ok(signer_make(f->signer, &t, &cert_bytes, &e), e);
	c = cert_parse(bytes_span(&cert_bytes), &e);
	assert_fails(signer_pem_tls_key(f->signer, PURPOSE_ITLRECOVERY, cert_key_id(c), &der, &e),
	    e, ERR_REFUSED, "may not serve TLS");
	cert_free(c);
	bytes_free(&cert_bytes);
}

static void
signer_pem_purpose_says_what_a_key_that_opens_is_for(void **state)
{
	struct fixture *f = *state;
	enum purpose purpose = PURPOSE_COUNT;
	struct err e = { 0 };

	assert_ok(signer_pem_purpose(f->signer, cert_key_id(f->cert), &purpose, &e), e);
	assert_int_equal(purpose, PURPOSE_TVS);
	assert_int_equal(unlink(f->pem), 0);
	reopen(f);
	assert_fails(signer_pem_purpose(f->signer, cert_key_id(f->cert), &purpose, &e), e, ERR_IO,
	    "No such");
}

static void
signer_pem_make_leaves_nothing_when_the_folder_is_gone(void **state)
{
	const struct signer_template t = { .purpose = PURPOSE_TVS,
		.common_name = "x",
		.not_before = NOW,
		.not_after = NOW + 1000,
		.rsa_bits = 1024 };
	struct fixture *f = *state;
	struct bytes der = { 0 };
	struct err e;

	tempdir_remove(f->keys);
	assert_fails(signer_make(f->signer, &t, &der, &e), e, ERR_IO, f->keys);
	assert_null(der.p);
}

#define WITH_KEYS(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_KEYS(signer_pem_create_makes_folder_and_passphrase_for_the_owner_alone),
		WITH_KEYS(signer_pem_create_overwrites_nothing),
		WITH_KEYS(signer_pem_keeps_no_key_in_the_clear),
		WITH_KEYS(signer_pem_reads_its_keys_after_a_restart),
		WITH_KEYS(signer_pem_writes_files_that_openssl_opens),
		WITH_KEYS(signer_pem_open_says_what_is_wrong_with_the_passphrase_file),
		WITH_KEYS(signer_pem_refuses_a_wrong_passphrase),
		WITH_KEYS(signer_pem_keeps_the_key_of_another_cluster),
		WITH_KEYS(signer_pem_keeps_no_key_that_headers_of_lists_cannot_say),
		WITH_KEYS(signer_pem_names_a_missing_key_file),
		WITH_KEYS(signer_pem_refuses_a_key_file_cut_at_any_line),
		WITH_KEYS(signer_pem_refuses_a_key_file_without_a_known_purpose),
		WITH_KEYS(signer_pem_refuses_a_key_file_under_another_name),
		WITH_KEYS(signer_pem_refuses_a_key_that_does_not_sign_for_its_public_half),
		WITH_KEYS(signer_pem_refuses_a_key_file_that_others_may_read),
		WITH_KEYS(signer_pem_tls_key_hands_out_tls_keys_only),
		WITH_KEYS(signer_pem_purpose_says_what_a_key_that_opens_is_for),
		WITH_KEYS(signer_pem_make_leaves_nothing_when_the_folder_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
