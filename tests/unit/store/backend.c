#include "backend.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static bool
memory_open(const char *dir, struct store **out, struct err *e)
{
	(void)dir;
	return store_open(":memory:", out, e);
}

static bool
file_open(const char *dir, struct store **out, struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/sealtone.db", dir);
	return store_create(path, out, e);
}

static const struct backend backends[] = {
	{ "memory", memory_open },
	{ "file", file_open },
};

struct run
run_of(const char *name)
{
	for (size_t i = 0; i < COUNT(backends); i++)
		if (strcmp(backends[i].name, name) == 0)
			return (struct run){ .backend = &backends[i] };
	fprintf(stderr, "expected one argument, the name of a back end\n");
	exit(2);
}

void
folder_make(char dir[PATH_MAX])
{
	const char *tmp = getenv("TMPDIR");

	snprintf(dir, PATH_MAX, "%s/sealtone-store-XXXXXX", tmp != NULL ? tmp : "/tmp");
	assert_non_null(mkdtemp(dir));
}

void
folder_remove(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	char path[PATH_MAX];

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		unlink(path);
	}
	closedir(d);
	assert_int_equal(rmdir(dir), 0);
}

int
run_setup(void **state)
{
	struct run *r = *state;
	struct err e = { 0 };

	folder_make(r->dir);
	assert_ok(r->backend->open(r->dir, &r->s, &e), e);
	return 0;
}

int
run_teardown(void **state)
{
	struct run *r = *state;

	store_close(r->s);
	r->s = NULL;
	folder_remove(r->dir);
	return 0;
}

struct bytes
bytes_lent(const char *literal, size_t n)
{
	union {
		const char *lent;
		uint8_t *p;
	} u = { .lent = literal };

	return (struct bytes){ u.p, n };
}

int64_t
node_put(struct store *s, const char *name, bool publisher)
{
	struct store_node n = { .publisher = publisher, .tftp = true };
	struct err e = { 0 };

	snprintf(n.name, sizeof n.name, "%s", name);
	assert_ok(store_node_put(s, &n, &e), e);
	assert_true(n.id > 0);
	return n.id;
}

void
phone_put(struct store *s, const char *name)
{
	struct device d = { "" };
	struct err e = { 0 };
	struct phone p;

	snprintf(d.name, sizeof d.name, "%s", name);
	p = phone_new(&d, PHONE_ADDED);
	assert_ok(store_phone_put(s, &p, &e), e);
}

int64_t
list_add(struct store *s, int64_t node, enum store_list_kind kind, const char *text)
{
	struct store_list l = { .node = node, .kind = kind, .digest = ENVELOPE_SHA1, .made = NOW };
	struct err e = { 0 };

	l.file = bytes_lent(text, strlen(text));
	l.signer = BYTES("0123456789abcdef0123456789abcdef");
	assert_ok(store_list_add(s, &l, &e), e);
	assert_int_equal(l.sha256.n, 32);
	bytes_free(&l.sha256);
	return l.id;
}

struct store_list
list_latest(struct store *s, int64_t node, enum store_list_kind kind, enum envelope_digest digest)
{
	const struct store_list like = { .node = node, .kind = kind, .digest = digest };
	struct store_list l;
	struct err e = { 0 };
	bool found;

	assert_ok(store_list_latest(s, &like, &l, &found, &e), e);
	assert_true(found == (l.version > 0));
	return l;
}

int64_t
lsc_issue(struct store *s, const char *device, uint8_t key, const char *serial)
{
	uint8_t hash[32];
	struct store_lsc l = { .not_after = NOW + 86400, .issued = NOW };
	struct err e = { 0 };

	memset(hash, key, sizeof hash);
	snprintf(l.device, sizeof l.device, "%s", device);
	snprintf(l.serial, sizeof l.serial, "%s", serial);
	l.der = BYTES("a certificate");
	l.key_hash = (struct bytes){ hash, sizeof hash };
	assert_ok(store_lsc_issue(s, &l, &e), e);
	assert_int_equal(l.state, STORE_LSC_ISSUED);
	return l.id;
}
