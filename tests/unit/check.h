/*
 * check.h: what every unit test includes first. cmocka for groups, fixtures and TAP; its mocks are
 * not used (fakes stand behind our own interfaces).
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/span.h"

/* The call succeeds; else the test fails and prints the error's text. */
#define assert_ok(call, e) \
	do { \
		if (!(call)) \
			fail_msg("%s: %s", #call, (e).text); \
	} while (0)

/* The call fails with this code, and its text contains part. */
#define assert_fails(call, e, want, part) \
	do { \
		(e) = (struct err){ 0 }; \
		if (call) \
			fail_msg("%s succeeded", #call); \
		if ((e).code != (want) || strstr((e).text, (part)) == NULL) \
			fail_msg("%s: %s: %s", #call, err_code_name((e).code), (e).text); \
	} while (0)

#define assert_span_equal(a, b) \
	do { \
		struct span assert_a_ = (a), assert_b_ = (b); \
		assert_int_equal(assert_a_.n, assert_b_.n); \
		if (assert_a_.n > 0) \
			assert_memory_equal(assert_a_.p, assert_b_.p, assert_a_.n); \
	} while (0)

#endif
