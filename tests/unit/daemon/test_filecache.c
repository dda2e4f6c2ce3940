#include "../check.h"

#include "base/mem.h"
#include "daemon/filecache.h"
#include "wire/ask.h"

#include <stdlib.h>
#include <unistd.h>

#define NOW       1700000000
#define CACHE_MAX (1024 * 1024)

static const struct stat file = { .st_ino = 7, .st_size = 5, .st_ctim = { NOW - 60, 1 } };

static void
keep_named(
    struct filecache *cache, const char *name, const struct stat *st, uint64_t generation, size_t n)
{
	const struct filecache_key key = { name, *st, generation };
	const struct filecache_facts facts = { .etag = "e", .version = "config plain 1" };
	struct bytes content = { mem_new(n, 1), n };
	struct filecache_copy copy;
	struct err e = { 0 };

	assert_ok(filecache_keep(cache, &key, NOW, &content, &facts, &copy, &e), e);
	assert_null(content.p);
	assert_int_equal(copy.size, n);
	assert_string_equal(copy.facts.version, "config plain 1");
}

static void
keep(struct filecache *cache, const struct stat *st, uint64_t generation, size_t n)
{
	keep_named(cache, "a.cnf.xml", st, generation, n);
}

static bool
is_kept(struct filecache *cache, const struct stat *st, uint64_t generation)
{
	const struct filecache_key key = { "a.cnf.xml", *st, generation };
	struct filecache_copy copy;

	return filecache_find(cache, &key, &copy);
}

static void
filecache_find_knows_a_file_by_everything_that_a_change_touches(void **state)
{
	struct stat other[5];
	struct filecache *cache = filecache_new(CACHE_MAX);

	(void)state;
	for (size_t i = 0; i < 5; i++)
		other[i] = file;
	other[0].st_ino++;
	other[1].st_size++;
	other[2].st_mtim.tv_nsec++;
	other[3].st_ctim.tv_nsec++;
	other[4].st_dev++;
	for (size_t i = 0; i < 5; i++) {
		keep(cache, &file, 1, 5);
		assert_true(is_kept(cache, &file, 1));
		assert_false(is_kept(cache, &other[i], 1));
		assert_false(is_kept(cache, &file, 1)); /* a stale copy is gone */
	}
	filecache_free(cache);
}

static void
filecache_find_gives_no_copy_of_another_generation(void **state)
{
	struct filecache *cache = filecache_new(CACHE_MAX);

	(void)state;
	keep(cache, &file, 1, 5);
	assert_false(is_kept(cache, &file, 0));
	keep(cache, &file, 1, 5);
	assert_false(is_kept(cache, &file, 2));
	filecache_free(cache);
}

static void
filecache_keep_does_not_trust_a_file_that_has_just_changed(void **state)
{
	struct stat fresh = file, ahead = file;
	struct filecache *cache = filecache_new(CACHE_MAX);

	(void)state;
	fresh.st_ctim.tv_sec = NOW;
	keep(cache, &fresh, 1, 5);
	assert_false(is_kept(cache, &fresh, 1));
	ahead.st_ctim.tv_sec = NOW + 3600;
	keep(cache, &ahead, 1, 5);
	assert_true(is_kept(cache, &ahead, 1));
	filecache_free(cache);
}

static void
filecache_keep_puts_large_files_into_sealed_memory(void **state)
{
	const struct filecache_key key = { "a.cnf.xml", file, 1 };
	struct filecache *cache = filecache_new(CACHE_MAX);
	struct filecache_copy copy;

	(void)state;
	keep(cache, &file, 1, ASK_INLINE_MAX);
	assert_true(filecache_find(cache, &key, &copy));
	assert_int_equal(copy.fd, -1);
	assert_string_equal(copy.facts.etag, "e");
	keep(cache, &file, 1, ASK_INLINE_MAX + 1);
	assert_true(filecache_find(cache, &key, &copy));
	assert_true(copy.fd >= 0);
	assert_int_equal(write(copy.fd, "x", 1), -1);
	filecache_free(cache);
}

static bool
is_there(struct filecache *cache, const char *name)
{
	const struct filecache_key key = { name, file, 1 };
	struct filecache_copy copy;

	return filecache_find(cache, &key, &copy);
}

static void
filecache_keep_lets_the_copy_go_that_was_not_asked_for_longest(void **state)
{
	struct filecache *cache = filecache_new(3000);

	(void)state;
	keep_named(cache, "a", &file, 1, 1000);
	keep_named(cache, "b", &file, 1, 1000);
	keep_named(cache, "c", &file, 1, 1000);
	assert_false(filecache_has_room(cache, 1));
	assert_true(is_there(cache, "a"));
	keep_named(cache, "d", &file, 1, 1000);
	assert_false(is_there(cache, "b"));
	assert_true(is_there(cache, "a") && is_there(cache, "c") && is_there(cache, "d"));
	filecache_limit(cache, 1000);
	assert_true(is_there(cache, "d"));
	assert_false(is_there(cache, "a") || is_there(cache, "c"));
	filecache_drop(cache, "d");
	assert_false(is_there(cache, "d"));
	assert_true(filecache_has_room(cache, 1000));
	assert_false(filecache_has_room(cache, 1001));
	filecache_free(cache);
}

/* XML from a template has no file; that one appears is seen as a change. */
static void
filecache_find_takes_no_file_for_one_of_its_own(void **state)
{
	const struct stat none = { 0 };
	struct filecache *cache = filecache_new(CACHE_MAX);

	(void)state;
	keep(cache, &none, 1, 5);
	assert_true(is_kept(cache, &none, 1));
	assert_false(is_kept(cache, &file, 1));
	filecache_free(cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filecache_find_knows_a_file_by_everything_that_a_change_touches),
		cmocka_unit_test(filecache_find_gives_no_copy_of_another_generation),
		cmocka_unit_test(filecache_keep_does_not_trust_a_file_that_has_just_changed),
		cmocka_unit_test(filecache_keep_puts_large_files_into_sealed_memory),
		cmocka_unit_test(filecache_keep_lets_the_copy_go_that_was_not_asked_for_longest),
		cmocka_unit_test(filecache_find_takes_no_file_for_one_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
