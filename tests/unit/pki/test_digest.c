#include "../check.h"

#include "base/text.h"
#include "pki/digest.h"

#include <stdlib.h>

/* FIPS 180 and RFC 1321 examples. */
static const struct {
	enum digest_kind kind;
	const char *text, *hex;
} examples[] = {
	{ DIGEST_MD5, "", "d41d8cd98f00b204e9800998ecf8427e" },
	{ DIGEST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
	{ DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ DIGEST_SHA256, "abc",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ DIGEST_SHA512, "abc",
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
	    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
};

static void
digest_gives_published_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
		struct digest d;
		struct err e = { 0 };
		char *hex;

		assert_ok(digest_of(examples[i].kind, span_str(examples[i].text), &d, &e), e);
		hex = text_hex(digest_span(&d));
		assert_string_equal(hex, examples[i].hex);
		free(hex);
	}
}

static void
digest_of_parts_is_that_of_the_whole(void **state)
{
	const struct span parts[] = { span_str("a"), span_of(NULL, 0), span_str("bc") };
	struct digest whole, split, none;
	struct err e = { 0 };

	(void)state;
	assert_ok(digest_of(DIGEST_SHA512, span_str("abc"), &whole, &e), e);
	assert_ok(digest_spans(DIGEST_SHA512, parts, 3, &split, &e), e);
	assert_span_equal(digest_span(&whole), digest_span(&split));
	assert_ok(digest_spans(DIGEST_SHA1, NULL, 0, &none, &e), e);
	assert_int_equal(none.n, 20);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digest_gives_published_values),
		cmocka_unit_test(digest_of_parts_is_that_of_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
