#include "../check.h"

#include "base/mem.h"
#include "base/text.h"
#include "cluster/cluster.h"
#include "keys/signer_pem.h"
#include "keys/wholefile.h"
#include "pki/digest.h"
#include "rules/signedfile.h"
#include "tempdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW      1700000000
#define DAY      86400
#define PATH_LEN 1024

/* A cluster, made once; tests that change it work on copies. */
struct fixture {
	char dir[TEMPDIR_MAX], made[PATH_LEN], path[PATH_LEN];
	struct cluster *cluster; /* of path */
};

static const char *const addresses[] = { "192.0.2.10", "2001:db8::10", NULL };

static struct cluster_create
how_for(const char *dir)
{
	return (struct cluster_create){
		.dir = dir,
		.name = "Example",
		.host = "cm1.example.com",
		.addresses = addresses,
		.base_port = 20000,
		.now = NOW,
	};
}

static int
group_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct cluster_create how;
	struct err e = { 0 };

	tempdir_make(f->dir);
	tempdir_path(f->dir, "made", f->made, sizeof f->made);
	tempdir_path(f->dir, "copy", f->path, sizeof f->path);
	how = how_for(f->made);
	assert_ok(cluster_create(&how, &e), e);
	*state = f;
	return 0;
}

static int
group_teardown(void **state)
{
	struct fixture *f = *state;

	tempdir_remove(f->dir);
	free(f);
	return 0;
}

static int
setup(void **state)
{
	struct fixture *f = *state;
	char command[3 * PATH_LEN];
	struct err e = { 0 };

	snprintf(command, sizeof command, "cp -a '%s' '%s'", f->made, f->path);
	assert_int_equal(system(command), 0);
	assert_ok(cluster_open(f->path, &f->cluster, &e), e);
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	cluster_close(f->cluster);
	f->cluster = NULL;
	tempdir_remove(f->path);
	return 0;
}

static void
reopen(struct fixture *f)
{
	struct err e = { 0 };

	cluster_close(f->cluster);
	f->cluster = NULL;
	assert_ok(cluster_open(f->path, &f->cluster, &e), e);
}

static struct trustlist
list_of(const struct cluster *c, enum store_list_kind kind, struct cluster_list *held)
{
	struct trustlist list;
	struct err e = { 0 };

	assert_true(cluster_list(c, kind, held));
	assert_ok(trustlist_parse(held->file, &list, &e), e);
	return list;
}

static size_t
count_function(const struct cluster *c, enum function function)
{
	struct cluster_list held;
	struct trustlist list = list_of(c, STORE_LIST_ITL, &held);
	size_t n = 0;

	for (size_t i = 0; i < list.count; i++)
		n += list.records[i].function == function;
	trustlist_free(&list);
	return n;
}

static uint64_t
version_of(const struct cluster *c, enum store_list_kind kind)
{
	struct cluster_list held;

	assert_true(cluster_list(c, kind, &held));
	return held.version;
}

static mode_t
mode_of(const char *dir, const char *name)
{
	char path[PATH_LEN];
	struct stat st;

	assert_int_equal(stat(tempdir_path(dir, name, path, sizeof path), &st), 0);
	return st.st_mode & 0777;
}

/* --- making --- */

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
	struct trustlist list = list_of(f->cluster, STORE_LIST_ITL, &held);
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
	list = list_of(f->cluster, STORE_LIST_EMPTY, &held);
	assert_true(held.version == 1);
	assert_int_equal(list.count, 3);
	assert_int_equal(list.records[2].function, FUNCTION_CAPF);
	assert_ok(signedfile_check_list(&list, NULL, &e), e);
	trustlist_free(&list);
	assert_false(cluster_list(f->cluster, STORE_LIST_CTL, &held));
}

/* Without our own code: what the file says is covered by the signature, under the certificate. */
static void
cluster_list_is_verified_by_openssl(void **state)
{
	const struct fixture *f = *state;
	char body[PATH_LEN], sig[PATH_LEN], pem[PATH_LEN], command[5 * PATH_LEN];
	struct cluster_list held;
	struct trustlist list = list_of(f->cluster, STORE_LIST_ITL, &held);
	char *text = cert_to_pem(cluster_cert(f->cluster, PURPOSE_ITLRECOVERY));
	size_t at = (size_t)(list.env.signature.p - held.file.p) - 3;
	size_t after = at + 3 + list.env.signature.n;
	struct bytes covered = { mem_new(held.file.n, 1), held.file.n - (after - at) };
	struct err e = { 0 };

	memcpy(covered.p, held.file.p, at);
	memcpy(covered.p + at, held.file.p + after, held.file.n - after);
	tempdir_path(f->path, "body", body, sizeof body);
	tempdir_path(f->path, "sig", sig, sizeof sig);
	tempdir_path(f->path, "pem", pem, sizeof pem);
	assert_ok(wholefile_write_new(body, bytes_span(&covered), 0600, &e), e);
	assert_ok(wholefile_write_new(sig, list.env.signature, 0600, &e), e);
	assert_ok(wholefile_write_new(pem, span_str(text), 0600, &e), e);
	snprintf(command, sizeof command,
	    "openssl x509 -in '%s' -noout -pubkey > '%s.pub' && "
	    "openssl dgst -sha1 -verify '%s.pub' -signature '%s' '%s' >/dev/null",
	    pem, pem, pem, sig, body);
	assert_int_equal(system(command), 0);
	bytes_free(&covered);
	free(text);
	trustlist_free(&list);
}

static void
cluster_create_takes_an_empty_folder_and_no_other(void **state)
{
	const struct fixture *f = *state;
	char dir[PATH_LEN], file[PATH_LEN + 8];
	struct cluster_create how = how_for(dir);
	struct cluster *c;
	struct err e = { 0 };

	tempdir_path(f->dir, "given", dir, sizeof dir);
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
		{ "cm1;x", "Example", addresses, 0, "is not a host name" },
		{ "-cm1", "Example", addresses, 0, "is not a host name" },
		{ "cm1..x", "Example", addresses, 0, "is not a host name" },
		{ "cm1.", "Example", addresses, 0, "is not a host name" },
		{ "", "Example", addresses, 0, "is not a host name" },
		{ "c\xc3\xa4", "Example", addresses, 0, "is not a host name" },
		{ "192.0.2.1", "Example", addresses, 0, "is an address" },
		{ "a23456789.b23456789.c23456789.d23456789.e23456789.abc", "x", addresses, 0,
		    "more than 52" },
		{ "cm1", "a;b", addresses, 0, "cluster name" },
		{ "cm1", "a,b", addresses, 0, "cluster name" },
		{ "cm1", "a\"b", addresses, 0, "cluster name" },
		{ "cm1", "", addresses, 0, "cluster name" },
		{ "cm1", "Example", bad_address, 0, "address 192.0.2.300" },
		{ "cm1", "Example", addresses, 65531, "base port 65531" },
	};
	const struct fixture *f = *state;
	char dir[PATH_LEN];
	int before = tempdir_count(f->dir);

	tempdir_path(f->dir, "bad", dir, sizeof dir);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct cluster_create how = how_for(dir);
		struct err e = { 0 };

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
	struct cluster_create how = how_for(dir);
	int before = tempdir_count(f->dir);
	struct err e = { 0 };

	tempdir_path(f->dir, "half", dir, sizeof dir);
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

/* --- opening --- */

static char *
key_path(const struct fixture *f, enum purpose p, char out[PATH_LEN])
{
	char *hex = text_hex(cert_key_id(cluster_cert(f->cluster, p)));

	snprintf(out, PATH_LEN, "%.500s/keys/%s.pem", f->path, hex);
	free(hex);
	return out;
}

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

	unlink(key_path(f, PURPOSE_TVS, path));
	assert_open_fails(f, ERR_IO, "tvs certificate: key");
}

static void
cluster_open_finds_a_corrupt_key(void **state)
{
	struct fixture *f = *state;
	char path[PATH_LEN];

	key_path(f, PURPOSE_CAPF, path);
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

/* --- changing --- */

static void
cluster_publish_of_the_same_publishes_nothing(void **state)
{
	struct fixture *f = *state;
	char warning[ERR_TEXT_MAX];
	bool changed = true;
	struct err e = { 0 };

	assert_ok(cluster_publish(f->cluster, NOW + 5, &changed, warning, &e), e);
	assert_false(changed);
	assert_string_equal(warning, "");
	reopen(f);
	assert_ok(cluster_publish(f->cluster, NOW + 10, &changed, warning, &e), e);
	assert_false(changed);
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 1);
	assert_true(cluster_generation(f->cluster) == 1);
}

static void
cluster_set_role_makes_the_next_list(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	assert_ok(cluster_set_role(f->cluster, "capf", false, NOW + 5, &e), e);
	assert_false(cluster_node(f->cluster)->capf);
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 2);
	assert_true(version_of(f->cluster, STORE_LIST_EMPTY) == 2);
	assert_int_equal(count_function(f->cluster, FUNCTION_CAPF), 0);
	assert_true(cluster_generation(f->cluster) == 2);
	reopen(f);
	assert_false(cluster_node(f->cluster)->capf);
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 2);
	assert_true(cluster_generation(f->cluster) == 2);
	assert_ok(cluster_set_role(f->cluster, "capf", false, NOW + 6, &e), e);
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 2);
	assert_ok(cluster_set_role(f->cluster, "tvs", false, NOW + 7, &e), e);
	assert_int_equal(count_function(f->cluster, FUNCTION_TVS), 0);
	assert_true(version_of(f->cluster, STORE_LIST_EMPTY) == 2);
	assert_ok(cluster_set_role(f->cluster, "tftp", false, NOW + 8, &e), e);
	assert_int_equal(count_function(f->cluster, FUNCTION_TFTP), 0);
	assert_fails(cluster_set_role(f->cluster, "web", false, NOW, &e), e, ERR_UNKNOWN,
	    "tftp, tvs, capf or callmanager");
}

/* The list cannot be signed: the role stays as it was, in memory and on the disk. */
static void
cluster_set_role_without_a_signer_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct bytes id = bytes_copy(cert_key_id(cluster_cert(f->cluster, PURPOSE_ITLRECOVERY)));
	char path[PATH_LEN];
	struct bytes text;
	struct err e = { 0 };

	key_path(f, PURPOSE_ITLRECOVERY, path);
	assert_ok(wholefile_read(path, 65536, &text, &e), e);
	assert_ok(signer_remove(cluster_signer(f->cluster), bytes_span(&id), &e), e);
	assert_fails(cluster_set_role(f->cluster, "capf", false, NOW + 5, &e), e, ERR_IO, path);
	assert_true(cluster_node(f->cluster)->capf);
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 1);
	assert_true(cluster_generation(f->cluster) == 1);
	assert_ok(wholefile_write_new(path, bytes_span(&text), 0600, &e), e);
	reopen(f);
	assert_true(cluster_node(f->cluster)->capf);
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 1);
	bytes_free(&text);
	bytes_free(&id);
}

static void
cluster_renew_retires_the_old_certificate_and_keeps_its_key(void **state)
{
	struct fixture *f = *state;
	struct cert *old = cert_ref(cluster_cert(f->cluster, PURPOSE_TVS));
	struct trustlist list;
	struct cluster_list held;
	struct err e = { 0 };
	bool listed = false;

	assert_ok(cluster_renew(f->cluster, PURPOSE_TVS, NOW + DAY, &e), e);
	assert_false(span_eq(cert_der(old), cert_der(cluster_cert(f->cluster, PURPOSE_TVS))));
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 2);
	assert_true(version_of(f->cluster, STORE_LIST_EMPTY) == 1);
	assert_ok(signer_has(cluster_signer(f->cluster), cert_key_id(old), &e), e);
	assert_null(trustview_find_der(cluster_view(f->cluster), cert_der(old)));
	list = list_of(f->cluster, STORE_LIST_ITL, &held);
	for (size_t i = 0; i < list.count; i++)
		listed = listed || span_eq(list.records[i].serial,
				       cert_serial(cluster_cert(f->cluster, PURPOSE_TVS)));
	assert_true(listed);
	trustlist_free(&list);
	cert_free(old);
	reopen(f);
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 2);
}

static void
cluster_renew_of_capf_goes_on_vouching_for_the_old_one(void **state)
{
	struct fixture *f = *state;
	struct cert *old = cert_ref(cluster_cert(f->cluster, PURPOSE_CAPF));
	const struct trustview_entry *entry;
	struct err e = { 0 };

	assert_ok(cluster_renew(f->cluster, PURPOSE_CAPF, NOW + DAY, &e), e);
	entry = trustview_find_der(cluster_view(f->cluster), cert_der(old));
	assert_non_null(entry);
	assert_int_equal(entry->role_count, 1);
	assert_int_equal(entry->roles[0], FUNCTION_CAPF);
	assert_string_not_equal(
	    cert_common_name(old), cert_common_name(cluster_cert(f->cluster, PURPOSE_CAPF)));
	cert_free(old);
}

static void
cluster_renew_that_fails_leaves_no_key(void **state)
{
	struct fixture *f = *state;
	char keys[PATH_LEN], path[PATH_LEN];
	struct bytes id = bytes_copy(cert_key_id(cluster_cert(f->cluster, PURPOSE_ITLRECOVERY)));
	struct err e = { 0 };
	int before;

	tempdir_path(f->path, "keys", keys, sizeof keys);
	key_path(f, PURPOSE_ITLRECOVERY, path);
	assert_ok(signer_remove(cluster_signer(f->cluster), bytes_span(&id), &e), e);
	before = tempdir_count(keys);
	assert_false(cluster_renew(f->cluster, PURPOSE_TVS, NOW + DAY, &e));
	assert_int_equal(tempdir_count(keys), before);
	bytes_free(&id);
}

static void
cluster_trust_add_and_remove_change_what_tvs_vouches_for(void **state)
{
	struct fixture *f = *state;
	struct cert *web = cert_ref(cluster_cert(f->cluster, PURPOSE_WEB));
	const struct trustview_entry *entry;
	struct err e = { 0 };

	assert_ok(cluster_trust_add(f->cluster, TRUST_PHONE_SAST, web, NOW, &e), e);
	entry = trustview_find_der(cluster_view(f->cluster), cert_der(web));
	assert_int_equal(entry->role_count, 3);
	assert_true(cluster_generation(f->cluster) == 2);
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 1);
	assert_fails(cluster_trust_add(f->cluster, TRUST_PHONE_SAST, web, NOW, &e), e, ERR_CONFLICT,
	    "phone-sast-trust");
	assert_fails(cluster_trust_remove(f->cluster, TRUST_TVS, cert_sha256(web), &e), e,
	    ERR_UNKNOWN, "tvs-trust");
	assert_ok(cluster_trust_remove(f->cluster, TRUST_PHONE_SAST, cert_sha256(web), &e), e);
	entry = trustview_find_der(cluster_view(f->cluster), cert_der(web));
	assert_int_equal(entry->role_count, 1);
	cert_free(web);
}

/* Changes a line of the copy's sealtone.conf. */
static void
edit_conf(const struct fixture *f, const char *from, const char *to)
{
	char command[2 * PATH_LEN];

	snprintf(
	    command, sizeof command, "sed -i 's/^%s$/%s/' '%s/sealtone.conf'", from, to, f->path);
	assert_int_equal(system(command), 0);
}

static void
cluster_publish_follows_generation_and_digest_of_the_configuration(void **state)
{
	struct fixture *f = *state;
	char warning[ERR_TEXT_MAX];
	struct cluster_list held;
	struct trustlist list;
	bool changed = false;
	struct err e = { 0 };

	edit_conf(f, "generation = G12", "generation = G10");
	edit_conf(f, "digest = sha1", "digest = sha512");
	reopen(f);
	assert_ok(cluster_publish(f->cluster, NOW + 5, &changed, warning, &e), e);
	assert_true(changed);
	list = list_of(f->cluster, STORE_LIST_ITL, &held);
	assert_true(held.version == 2);
	assert_int_equal(list.env.digest, ENVELOPE_SHA512);
	assert_ok(
	    signedfile_check_list(&list, cluster_cert(f->cluster, PURPOSE_CALLMANAGER), &e), e);
	trustlist_free(&list);
}

static void
cluster_reload_takes_what_needs_no_new_socket(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	edit_conf(f, "generation = G12", "generation = G10");
	edit_conf(f, "capf-port = 20004", "capf-port = 20009");
	edit_conf(f, "lsc-validity = 1825", "lsc-validity = 365");
	assert_ok(cluster_reload(f->cluster, NOW + 5, &e), e);
	assert_int_equal(cluster_conf(f->cluster)->lsc_days, 365);
	assert_int_equal(cluster_conf(f->cluster)->ports.capf, 20004);
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 2);
	assert_ok(cluster_reload(f->cluster, NOW + 6, &e), e);
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 2);
}

static void
cluster_reload_of_a_broken_file_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	edit_conf(f, "generation = G12", "generation = G10");
	edit_conf(f, "lsc-validity = 1825", "lsc-validity = 1826");
	assert_fails(cluster_reload(f->cluster, NOW + 5, &e), e, ERR_MALFORMED,
	    "[capf] lsc-validity: must be 1 to 1825 days");
	assert_int_equal(cluster_conf(f->cluster)->generation, GENERATION_G12);
	assert_true(version_of(f->cluster, STORE_LIST_ITL) == 1);
}

#define WITH_COPY(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(cluster_create_makes_the_folder_for_its_owner_alone),
		WITH_COPY(cluster_create_makes_certificates_as_a_real_cluster_has_them),
		WITH_COPY(cluster_create_publishes_version_1_signed_by_itlrecovery),
		WITH_COPY(cluster_list_is_verified_by_openssl),
		cmocka_unit_test(cluster_create_takes_an_empty_folder_and_no_other),
		cmocka_unit_test(cluster_create_refuses_bad_wishes_and_leaves_nothing),
		cmocka_unit_test(cluster_create_that_fails_half_way_leaves_nothing),
		cmocka_unit_test(cluster_create_finds_host_name_and_addresses_of_this_machine),
		WITH_COPY(cluster_open_finds_a_missing_key),
		WITH_COPY(cluster_open_finds_a_corrupt_key),
		WITH_COPY(cluster_open_finds_another_passphrase_file),
		WITH_COPY(cluster_open_finds_a_missing_certificate),
		WITH_COPY(cluster_open_says_that_a_folder_is_no_cluster),
		WITH_COPY(cluster_open_after_the_folder_was_moved),
		WITH_COPY(cluster_publish_of_the_same_publishes_nothing),
		WITH_COPY(cluster_set_role_makes_the_next_list),
		WITH_COPY(cluster_set_role_without_a_signer_changes_nothing),
		WITH_COPY(cluster_renew_retires_the_old_certificate_and_keeps_its_key),
		WITH_COPY(cluster_renew_of_capf_goes_on_vouching_for_the_old_one),
		WITH_COPY(cluster_renew_that_fails_leaves_no_key),
		WITH_COPY(cluster_trust_add_and_remove_change_what_tvs_vouches_for),
		WITH_COPY(cluster_publish_follows_generation_and_digest_of_the_configuration),
		WITH_COPY(cluster_reload_takes_what_needs_no_new_socket),
		WITH_COPY(cluster_reload_of_a_broken_file_changes_nothing),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
