#include "fixture.h"

#include "cluster/cluster_renew.h"

#include "base/text.h"

#include <stdlib.h>

const char *const fixture_addresses[] = { "192.0.2.10", "2001:db8::10", NULL };

const struct cluster_create fixture_how = {
	.name = "Example",
	.host = "cm1.example.com",
	.addresses = fixture_addresses,
	.base_port = 20000,
	.now = NOW,
};

int
fixture_group_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);
	struct cluster_create how = fixture_how;
	struct err e = { 0 };

	tempdir_make(f->dir);
	tempdir_path(f->dir, "made", f->made, sizeof f->made);
	tempdir_path(f->dir, "copy", f->path, sizeof f->path);
	how.dir = f->made;
	assert_ok(cluster_create(&how, &e), e);
	*state = f;
	return 0;
}

int
fixture_group_teardown(void **state)
{
	struct fixture *f = *state;

	tempdir_remove(f->dir);
	free(f);
	return 0;
}

int
fixture_setup(void **state)
{
	struct fixture *f = *state;
	char command[3 * PATH_LEN];
	struct err e = { 0 };

	snprintf(command, sizeof command, "cp -a '%s' '%s'", f->made, f->path);
	assert_int_equal(system(command), 0);
	assert_ok(cluster_open(f->path, &f->cluster, &e), e);
	return 0;
}

int
fixture_teardown(void **state)
{
	struct fixture *f = *state;

	cluster_close(f->cluster);
	f->cluster = NULL;
	tempdir_remove(f->path);
	return 0;
}

void
fixture_reopen(struct fixture *f)
{
	struct err e = { 0 };

	cluster_close(f->cluster);
	f->cluster = NULL;
	assert_ok(cluster_open(f->path, &f->cluster, &e), e);
}

struct trustlist
fixture_list(const struct cluster *c, enum store_list_kind kind, struct cluster_list *held)
{
	struct trustlist list;
	struct err e = { 0 };

	assert_true(cluster_list(c, kind, ENVELOPE_SHA1, held));
	assert_ok(trustlist_parse(held->file, &list, &e), e);
	return list;
}

uint64_t
fixture_version(const struct cluster *c, enum store_list_kind kind)
{
	struct cluster_list held;

	assert_true(cluster_list(c, kind, ENVELOPE_SHA1, &held));
	return held.version;
}

int64_t
fixture_list_id(const struct cluster *c)
{
	struct cluster_list held;

	assert_true(cluster_list(c, STORE_LIST_ITL, ENVELOPE_SHA1, &held));
	return held.id;
}

void
fixture_holder(struct fixture *f, const char *name, int64_t list)
{
	struct store *s = cluster_store(f->cluster);
	struct phone p = { 0 };
	struct err e = { 0 };

	assert_ok(device_parse(span_str(name), &p.device, &e), e);
	p = phone_new(&p.device, PHONE_ADDED);
	assert_ok(store_phone_put(s, &p, &e), e);
	assert_ok(store_belief_add(s, name, list, "192.0.2.7", NOW, &e), e);
}

char *
fixture_key_path(const struct fixture *f, enum purpose p, char out[PATH_LEN])
{
	char *hex = text_hex(cert_key_id(cluster_cert(f->cluster, p)));

	snprintf(out, PATH_LEN, "%.500s/keys/%s.pem", f->path, hex);
	free(hex);
	return out;
}

bool
fixture_renew(struct cluster *c, enum purpose p, time_t now, struct err *e)
{
	return cluster_renew_many(c, &p, 1, 0, now, e);
}

void
fixture_set(struct fixture *f, const char *from, const char *to)
{
	char command[2 * PATH_LEN];

	snprintf(
	    command, sizeof command, "sed -i 's/^%s$/%s/' '%s/sealtone.conf'", from, to, f->path);
	assert_int_equal(system(command), 0);
}

void
fixture_no_bridges(struct fixture *f)
{
	struct err e = { 0 };

	fixture_set(f, "bridges = yes", "bridges = no");
	assert_ok(cluster_reload(f->cluster, NOW, &e), e);
}
