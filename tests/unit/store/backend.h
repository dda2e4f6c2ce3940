/*
 * backend: the stores the conformance tests run against, one per run (the program's argument).
 */
#ifndef TESTS_STORE_BACKEND_H
#define TESTS_STORE_BACKEND_H

#include "../check.h"

#include "store/store.h"

#include <limits.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define NOW      1700000000

struct backend {
	const char *name;
	bool (*open)(const char *dir, struct store **out, struct err *e); /* a new, empty one */
};

/* What a test gets as its state: a fresh store, in a folder of its own. */
struct run {
	const struct backend *backend;
	char dir[PATH_MAX];
	struct store *s;
};

/* The back end of that name; ends the program when there is none. */
struct run run_of(const char *name);

/* Setup and teardown of each test; its initial state is the struct run. */
int run_setup(void **state);
int run_teardown(void **state);

/* A test of such a run. */
#define backend_test(f, run) \
	cmocka_unit_test_prestate_setup_teardown(f, run_setup, run_teardown, run)

/* A folder of its own, and away with it and the files in it. */
void folder_make(char dir[PATH_MAX]);
void folder_remove(const char *dir);

/* Bytes that lie in a literal; good for what is only read. */
struct bytes bytes_lent(const char *literal, size_t n);
#define BYTES(literal) bytes_lent(literal, sizeof(literal) - 1)

/* Puts a node with that name; its id. */
int64_t node_put(struct store *s, const char *name, bool publisher);

/* Puts a phone an administrator added. */
void phone_put(struct store *s, const char *name);

/* Adds a list with these bytes to node; its id. */
int64_t list_add(struct store *s, int64_t node, enum store_list_kind kind, const char *text);

/* The newest one, version 0: none. Freed with store_list_free. */
struct store_list list_latest(
    struct store *s, int64_t node, enum store_list_kind kind, enum envelope_digest digest);

/* Issues an LSC; its id. key fills the hash. */
int64_t lsc_issue(struct store *s, const char *device, uint8_t key, const char *serial);

#endif
