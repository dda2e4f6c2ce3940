#include "fixture.h"

#include <stdlib.h>
#include <unistd.h>

static void
assert_open_fails(struct fixture *f, enum err_code code, const char *want)
{
	struct err e;

	cluster_close(f->cluster);
	f->cluster = NULL;
	assert_fails(cluster_open(f->path, &f->cluster, &e), e, code, want);
}

static void
cluster_open_finds_a_missing_key(void **state)
{
	struct fixture *f = *state;
	char path[PATH_LEN];

	unlink(fixture_key_path(f, PURPOSE_TVS, path));
	assert_open_fails(f, ERR_IO, "tvs certificate: key");
}

static void
cluster_open_finds_a_corrupt_key(void **state)
{
	struct fixture *f = *state;
	char path[PATH_LEN];

	fixture_key_path(f, PURPOSE_CAPF, path);
	assert_int_equal(truncate(path, 1500), 0);
	assert_open_fails(f, ERR_CRYPTO, "capf certificate: key");
}

static void
cluster_open_finds_another_passphrase_file(void **state)
{
	struct fixture *f = *state;
	char path[PATH_LEN];
	FILE *out;

	tempdir_path(f->path, "keys.passphrase", path, sizeof path);
	out = fopen(path, "w");
	fprintf(out, "%064d\n", 0);
	fclose(out);
	assert_open_fails(f, ERR_CRYPTO, "callmanager certificate: key");
	unlink(path);
	assert_open_fails(f, ERR_IO, "key file");
}

static void
cluster_open_finds_a_missing_certificate(void **state)
{
	struct fixture *f = *state;
	char command[2 * PATH_LEN];

	cluster_close(f->cluster);
	f->cluster = NULL;
	snprintf(command, sizeof command,
	    "python3 -c \"import sqlite3; d = sqlite3.connect('%s/sealtone.db'); "
	    "d.execute('DELETE FROM certificates WHERE purpose = ?', ('web',)); d.commit()\"",
	    f->path);
	assert_int_equal(system(command), 0);
	assert_open_fails(f, ERR_STORE, "no active web certificate of node cm1.example.com");
}

static void
cluster_open_says_that_a_folder_is_no_cluster(void **state)
{
	struct fixture *f = *state;
	char path[PATH_LEN];

	tempdir_path(f->path, "sealtone.db", path, sizeof path);
	unlink(path);
	assert_open_fails(f, ERR_IO, "sealtone.db");
	tempdir_path(f->path, "sealtone.conf", path, sizeof path);
	unlink(path);
	assert_open_fails(f, ERR_IO, "sealtone.conf");
}

static void
cluster_open_after_the_folder_was_moved(void **state)
{
	struct fixture *f = *state;
	char moved[PATH_LEN];
	struct cluster *c;
	struct err e = { 0 };

	cluster_close(f->cluster);
	f->cluster = NULL;
	tempdir_path(f->dir, "moved", moved, sizeof moved);
	assert_int_equal(rename(f->path, moved), 0);
	assert_ok(cluster_open(moved, &c, &e), e);
	cluster_close(c);
	tempdir_remove(moved);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(cluster_open_finds_a_missing_key),
		WITH_COPY(cluster_open_finds_a_corrupt_key),
		WITH_COPY(cluster_open_finds_another_passphrase_file),
		WITH_COPY(cluster_open_finds_a_missing_certificate),
		WITH_COPY(cluster_open_says_that_a_folder_is_no_cluster),
		WITH_COPY(cluster_open_after_the_folder_was_moved),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
