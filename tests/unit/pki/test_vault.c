#include "../check.h"

#include "base/bytes.h"
#include "base/mem.h"
#include "pki/vault.h"

#include <stdlib.h>

#define COST  VAULT_COST_MIN
#define SMALL 100
#define LARGE (2 * VAULT_CHUNK + 5)

static const char secret[] = "correct horse battery staple";

static uint8_t
letter(size_t i)
{
	return (uint8_t)(i * 7 + i / 251);
}

/* A whole file of size bytes. */
static struct bytes
sealed(size_t size)
{
	struct bytes plain = { mem_new(size + 1, 1), size };
	struct bytes file = { mem_new(size + VAULT_HEADER + 4 * VAULT_TAG, 1), VAULT_HEADER };
	struct vault *v;
	struct err e = { 0 };
	size_t at = 0, n;
	bool more;

	for (size_t i = 0; i < size; i++)
		plain.p[i] = letter(i);
	assert_ok(vault_new(span_str(secret), size, COST, file.p, &v, &e), e);
	for (n = vault_next(v, &more); more; n = vault_next(v, &more)) {
		assert_ok(vault_seal(v, span_of(plain.p + at, n), file.p + file.n, &e), e);
		at += n;
		file.n += n + VAULT_TAG;
	}
	assert_int_equal(at, size);
	vault_free(v);
	bytes_free(&plain);
	return file;
}

/* Opens a file whole; false at the first fault. What came out is what went in. */
static bool
opens(struct span file, const char *passphrase, struct err *e)
{
	static uint8_t plain[VAULT_CHUNK];
	struct span header = span_of(file.p, file.n < VAULT_HEADER ? file.n : VAULT_HEADER);
	size_t at = VAULT_HEADER, done = 0, n;
	struct vault *v;
	bool more, ok = true;

	if (!vault_open(header, file.n, span_str(passphrase), &v, e))
		return false;
	for (n = vault_next(v, &more); ok && more; n = vault_next(v, &more)) {
		assert_true(at + n + VAULT_TAG <= file.n);
		ok = vault_unseal(v, span_of(file.p + at, n + VAULT_TAG), plain, e);
		for (size_t i = 0; ok && i < n; i++)
			assert_int_equal(plain[i], letter(done + i));
		at += n + VAULT_TAG;
		done += n;
	}
	vault_free(v);
	return ok;
}

static void
what_was_sealed_comes_out_again(void **state)
{
	static const size_t sizes[] = { 0, 1, SMALL, VAULT_CHUNK - 1, VAULT_CHUNK, VAULT_CHUNK + 1,
		LARGE };

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct bytes file = sealed(sizes[i]);
		struct err e = { 0 };

		assert_ok(opens(bytes_span(&file), secret, &e), e);
		bytes_free(&file);
	}
}

static void
every_flipped_byte_is_an_error(void **state)
{
	struct bytes file = sealed(SMALL);
	struct err e;

	(void)state;
	for (size_t i = 0; i < file.n; i++) {
		file.p[i] ^= 1;
		assert_false(opens(bytes_span(&file), secret, &e));
		file.p[i] ^= 1;
	}
	assert_true(opens(bytes_span(&file), secret, &e));
	bytes_free(&file);
}

static void
every_cut_and_whatever_is_appended_is_an_error(void **state)
{
	struct bytes file = sealed(SMALL);
	struct err e;

	(void)state;
	for (size_t n = 0; n < file.n; n++) {
		assert_false(opens(span_of(file.p, n), secret, &e));
		if (n >= VAULT_HEADER)
			assert_int_equal(e.code, ERR_IO);
	}
	file.p = mem_grow(file.p, file.n + 1, 1);
	file.p[file.n] = 0;
	assert_false(opens(span_of(file.p, file.n + 1), secret, &e));
	bytes_free(&file);
}

static void
parts_in_another_order_are_an_error(void **state)
{
	enum { PART = VAULT_CHUNK + VAULT_TAG };
	struct bytes file = sealed(LARGE);
	struct bytes first = bytes_copy(span_of(file.p + VAULT_HEADER, PART));
	struct err e;

	(void)state;
	memcpy(file.p + VAULT_HEADER, file.p + VAULT_HEADER + PART, PART);
	memcpy(file.p + VAULT_HEADER + PART, first.p, PART);
	assert_false(opens(bytes_span(&file), secret, &e));
	assert_int_equal(e.code, ERR_CRYPTO);
	bytes_free(&first);
	bytes_free(&file);
}

static void
another_passphrase_and_another_file_are_told_apart(void **state)
{
	struct bytes file = sealed(SMALL);
	struct err e;

	(void)state;
	assert_false(opens(bytes_span(&file), "another", &e));
	assert_int_equal(e.code, ERR_REFUSED);
	file.p[0] ^= 1;
	assert_false(opens(bytes_span(&file), secret, &e));
	assert_int_equal(e.code, ERR_MALFORMED);
	file.p[0] ^= 1;
	file.p[9] = 2;
	assert_false(opens(bytes_span(&file), secret, &e));
	assert_int_equal(e.code, ERR_LIMIT);
	bytes_free(&file);
}

static void
the_same_text_is_never_sealed_alike(void **state)
{
	struct bytes a = sealed(SMALL), b = sealed(SMALL);

	(void)state;
	assert_memory_not_equal(a.p + VAULT_HEADER, b.p + VAULT_HEADER, SMALL);
	bytes_free(&a);
	bytes_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_sealed_comes_out_again),
		cmocka_unit_test(every_flipped_byte_is_an_error),
		cmocka_unit_test(every_cut_and_whatever_is_appended_is_an_error),
		cmocka_unit_test(parts_in_another_order_are_an_error),
		cmocka_unit_test(another_passphrase_and_another_file_are_told_apart),
		cmocka_unit_test(the_same_text_is_never_sealed_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
