#include "fixture.h"

#include "pki/digest.h"
#include "rules/signedfile.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static mode_t
mode_of(const char *dir, const char *name)
{
	char path[PATH_LEN];
	struct stat st;

	assert_int_equal(stat(tempdir_path(dir, name, path, sizeof path), &st), 0);
	return st.st_mode & 0777;
}

static void
cluster_create_makes_the_folder_for_its_owner_alone(void **state)
{
	const struct fixture *f = *state;

	assert_int_equal(mode_of(f->path, "."), 0700);
	assert_int_equal(mode_of(f->path, "sealtone.conf"), 0600);
	assert_int_equal(mode_of(f->path, "sealtone.db"), 0600);
	assert_int_equal(mode_of(f->path, "keys"), 0700);
	assert_int_equal(mode_of(f->path, "keys.passphrase"), 0600);
	assert_int_equal(mode_of(f->path, "tftpboot"), 0700);
	assert_int_equal(cluster_conf(f->cluster)->ports.capf, 20004);
	assert_string_equal(cluster_name(f->cluster), "Example");
	assert_string_equal(cluster_node(f->cluster)->name, "cm1.example.com");
	assert_string_equal(cluster_node(f->cluster)->addresses, "192.0.2.10 2001:db8::10");
	assert_true(cluster_generation(f->cluster) == 1);
}

static void
cluster_create_makes_certificates_as_a_real_cluster_has_them(void **state)
{
	static const struct {
		enum purpose purpose;
		const char *subject, *key;
		int days;
	} rows[] = {
		{ PURPOSE_CALLMANAGER, "CN=cm1.example.com;O=Example", "RSA 2048", 1825 },
		{ PURPOSE_CALLMANAGER_EC, "CN=cm1.example.com-EC;O=Example", "EC P-384", 1825 },
		{ PURPOSE_TVS, "CN=cm1.example.com;O=Example", "RSA 2048", 1825 },
		{ PURPOSE_CAPF, "CN=CAPF-", "RSA 2048", 1825 },
		{ PURPOSE_ITLRECOVERY, "CN=ITLRECOVERY_cm1.example.com;O=Example", "RSA 2048",
		    7305 },
		{ PURPOSE_WEB, "CN=cm1.example.com;O=Example", "RSA 2048", 1825 },
	};
	const struct fixture *f = *state;
	struct err e;

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct cert *c = cluster_cert(f->cluster, rows[i].purpose);

		if (rows[i].purpose == PURPOSE_CAPF)
			assert_memory_equal(cert_subject_cucm(c), rows[i].subject, 8);
		else
			assert_string_equal(cert_subject_cucm(c), rows[i].subject);
		assert_string_equal(cert_key_text(c), rows[i].key);
		assert_true(cert_not_before(c) == NOW - DAY);
		assert_true(cert_not_after(c) == NOW + (time_t)rows[i].days * DAY);
		assert_true(cert_serial(c).n <= 16);
		assert_ok(cert_is_issued_by(c, c, &e), e);
		assert_int_equal(cert_is_ca(c), rows[i].purpose == PURPOSE_CAPF);
	}
}

static void
cluster_create_publishes_version_1_signed_by_itlrecovery(void **state)
{
	static const uint16_t functions[] = { 0, 0, 3, 3, 21, 4 };
	const struct fixture *f = *state;
	struct cluster_list held;
	struct trustlist list = fixture_list(f->cluster, STORE_LIST_ITL, &held);
	struct digest d;
	struct err e = { 0 };

	assert_true(held.version == 1);
	assert_true(held.made == NOW);
	assert_int_equal(list.count, 6);
	for (size_t i = 0; i < list.count; i++)
		assert_int_equal(list.records[i].function, functions[i]);
	assert_ok(signedfile_check_list(&list, NULL, &e), e);
	assert_ok(
	    signedfile_check_list(&list, cluster_cert(f->cluster, PURPOSE_ITLRECOVERY), &e), e);
	assert_ok(digest_of(DIGEST_SHA256, held.file, &d, &e), e);
	assert_span_equal(held.sha256, digest_span(&d));
	trustlist_free(&list);
	list = fixture_list(f->cluster, STORE_LIST_EMPTY, &held);
	assert_true(held.version == 1);
	assert_int_equal(list.count, 3);
	assert_int_equal(list.records[2].function, FUNCTION_CAPF);
	assert_ok(signedfile_check_list(&list, NULL, &e), e);
	trustlist_free(&list);
	assert_false(cluster_list(f->cluster, STORE_LIST_CTL, ENVELOPE_SHA1, &held));
}

static void
cluster_create_takes_an_empty_folder_and_no_other(void **state)
{
	const struct fixture *f = *state;
	char dir[PATH_LEN], file[PATH_LEN + 8];
	struct cluster_create how = fixture_how;
	struct cluster *c;
	struct err e = { 0 };

	tempdir_path(f->dir, "given", dir, sizeof dir);
	how.dir = dir;
	assert_int_equal(mkdir(dir, 0755), 0);
	tempdir_path(dir, ".hidden", file, sizeof file);
	close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	assert_fails(cluster_create(&how, &e), e, ERR_CONFLICT, "is not empty");
	assert_int_equal(tempdir_count(dir), 1);
	unlink(file);
	assert_ok(cluster_create(&how, &e), e);
	assert_int_equal(mode_of(dir, "."), 0700);
	assert_ok(cluster_open(dir, &c, &e), e);
	cluster_close(c);
	assert_fails(cluster_create(&how, &e), e, ERR_CONFLICT, "is not empty");
	how.dir = "/dev/null";
	assert_fails(cluster_create(&how, &e), e, ERR_CONFLICT, "is not a folder");
	tempdir_remove(dir);
}

static void
cluster_create_refuses_bad_wishes_and_leaves_nothing(void **state)
{
	static const char *const bad_address[] = { "192.0.2.300", NULL };
	static const struct {
		const char *host, *name;
		const char *const *addresses;
		uint16_t base_port;
		const char *want;
	} rows[] = {
		{ "cm1;x", "Example", fixture_addresses, 0, "is not a host name" },
		{ "-cm1", "Example", fixture_addresses, 0, "is not a host name" },
		{ "cm1..x", "Example", fixture_addresses, 0, "is not a host name" },
		{ "cm1.", "Example", fixture_addresses, 0, "is not a host name" },
		{ "", "Example", fixture_addresses, 0, "is not a host name" },
		{ "c\xc3\xa4", "Example", fixture_addresses, 0, "is not a host name" },
		{ "192.0.2.1", "Example", fixture_addresses, 0, "is an address" },
		{ "a23456789.b23456789.c23456789.d23456789.e23456789.abc", "x", fixture_addresses,
		    0, "more than 52" },
		{ "cm1", "a;b", fixture_addresses, 0, "cluster name" },
		{ "cm1", "a,b", fixture_addresses, 0, "cluster name" },
		{ "cm1", "a\"b", fixture_addresses, 0, "cluster name" },
		{ "cm1", "", fixture_addresses, 0, "cluster name" },
		{ "cm1", "Example", bad_address, 0, "address 192.0.2.300" },
		{ "cm1", "Example", fixture_addresses, 65531, "base port 65531" },
	};
	const struct fixture *f = *state;
	char dir[PATH_LEN];
	int before = tempdir_count(f->dir);

	tempdir_path(f->dir, "bad", dir, sizeof dir);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cluster_create how = fixture_how;
		struct err e = { 0 };

		how.dir = dir;
		how.host = rows[i].host;
		how.name = rows[i].name;
		how.addresses = rows[i].addresses;
		how.base_port = rows[i].base_port;
		assert_false(cluster_create(&how, &e));
		if (strstr(e.text, rows[i].want) == NULL)
			fail_msg("row %zu: %s", i, e.text);
		assert_int_equal(tempdir_count(f->dir), before);
	}
}

/* Fails after keys and database are there. */
static void
cluster_create_that_fails_half_way_leaves_nothing(void **state)
{
	const struct fixture *f = *state;
	char dir[PATH_LEN];
	struct cluster_create how = fixture_how;
	int before = tempdir_count(f->dir);
	struct err e = { 0 };

	tempdir_path(f->dir, "half", dir, sizeof dir);
	how.dir = dir;
	how.now = (time_t)1 << 45; /* no certificate can say such a date */
	assert_false(cluster_create(&how, &e));
	assert_int_not_equal(e.code, ERR_NONE);
	assert_int_equal(tempdir_count(f->dir), before);
	tempdir_path(f->dir, "no/such/parent", dir, sizeof dir);
	assert_fails(cluster_create(&how, &e), e, ERR_IO, "parent folder");
}

static void
cluster_create_finds_host_name_and_addresses_of_this_machine(void **state)
{
	const struct fixture *f = *state;
	char dir[PATH_LEN], host[256];
	struct cluster_create how = { .dir = dir, .now = NOW };
	struct cluster *c;
	struct err e = { 0 };

	tempdir_path(f->dir, "own", dir, sizeof dir);
	assert_int_equal(gethostname(host, sizeof host), 0);
	if (!cluster_create(&how, &e)) {
		/* A machine whose name is none is told so. */
		assert_non_null(strstr(e.text, "host"));
		return;
	}
	assert_ok(cluster_open(dir, &c, &e), e);
	assert_string_equal(cluster_node(c)->name, host);
	assert_int_not_equal(strlen(cluster_node(c)->addresses), 0);
	assert_int_equal(cluster_conf(c)->ports.tftp, 69);
	cluster_close(c);
	tempdir_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(cluster_create_makes_the_folder_for_its_owner_alone),
		WITH_COPY(cluster_create_makes_certificates_as_a_real_cluster_has_them),
		WITH_COPY(cluster_create_publishes_version_1_signed_by_itlrecovery),
		cmocka_unit_test(cluster_create_takes_an_empty_folder_and_no_other),
		cmocka_unit_test(cluster_create_refuses_bad_wishes_and_leaves_nothing),
		cmocka_unit_test(cluster_create_that_fails_half_way_leaves_nothing),
		cmocka_unit_test(cluster_create_finds_host_name_and_addresses_of_this_machine),
	};

	return cmocka_run_group_tests(tests, fixture_group_setup, fixture_group_teardown);
}
