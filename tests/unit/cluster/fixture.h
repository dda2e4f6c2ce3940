/*
 * fixture: a cluster, made once for a group; a test that opens or changes it has a copy.
 */
#ifndef TESTS_UNIT_CLUSTER_FIXTURE_H
#define TESTS_UNIT_CLUSTER_FIXTURE_H

#include "../check.h"

#include "cluster/cluster.h"
#include "tempdir.h"
#include "wire/trustlist.h"

#define NOW      1700000000
#define DAY      86400
#define PATH_LEN 1024

struct fixture {
	char dir[TEMPDIR_MAX], made[PATH_LEN], path[PATH_LEN];
	struct cluster *cluster; /* of path, the copy */
};

/* How it was made, but for the folder. */
extern const struct cluster_create fixture_how;
extern const char *const fixture_addresses[];

/* cmocka's, for the group and for each test; *state is the fixture. */
int fixture_group_setup(void **state);
int fixture_group_teardown(void **state);
int fixture_setup(void **state);
int fixture_teardown(void **state);

#define WITH_COPY(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

/* Closes the copy and opens it again, as a restart does. */
void fixture_reopen(struct fixture *f);

/* cluster_renew_many for one purpose. */
must_use bool fixture_renew(struct cluster *c, enum purpose p, time_t now, struct err *e);

/* Changes a line of the copy's sealtone.conf. */
void fixture_set(struct fixture *f, const char *from, const char *to);

/* Phones are not helped by old keys, from now on. */
void fixture_no_bridges(struct fixture *f);

/* The list that is served now. Freed with trustlist_free. */
struct trustlist fixture_list(
    const struct cluster *c, enum store_list_kind kind, struct cluster_list *held);

/* Its version. */
uint64_t fixture_version(const struct cluster *c, enum store_list_kind kind);

/* store_list.id of the ITL that is handed out now. */
int64_t fixture_list_id(const struct cluster *c);

/* A phone that was handed this list. */
void fixture_holder(struct fixture *f, const char *name, int64_t list);

/* The file with the key of the certificate for p; returns out. */
char *fixture_key_path(const struct fixture *f, enum purpose p, char out[PATH_LEN]);

#endif
