#include "cluster/backup_open.h"

#include "base/mem.h"
#include "base/text.h"
#include "cluster/backup_state.h"
#include "cluster/cluster_internal.h"
#include "files/whole.h"
#include "files/wholefile.h"
#include "pki/vault.h"
#include "rules/usage.h"
#include "store/store_copy.h"
#include "wire/backupindex.h"
#include "wire/trustlist.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEY_ENDING ".pem"

/* --- the file --- */

/* A backup that is read from its begin to its end. */
struct reading {
	int fd;
	struct vault *vault;
	uint8_t chunk[VAULT_CHUNK + VAULT_TAG];
	uint8_t plain[VAULT_CHUNK];
	size_t at, n; /* of plain: taken, and there */
};

/* As many bytes as there are, up to n. */
static size_t
read_up_to(int fd, uint8_t *out, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t got = read(fd, out + done, n - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		done += (size_t)got;
	}
	return done;
}

bool
backup_is(const char *file)
{
	uint8_t begin[VAULT_HEADER];
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is = fd >= 0 && vault_is(span_of(begin, read_up_to(fd, begin, sizeof begin)));

	if (fd >= 0)
		close(fd);
	return is;
}

static bool
reading_open(struct reading *r, const char *file, struct span passphrase, struct err *e)
{
	uint8_t header[VAULT_HEADER];
	struct stat st;
	size_t n;

	r->fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (r->fd < 0 || fstat(r->fd, &st) != 0)
		return err_sys(e, "cannot be read");
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_MALFORMED, "not a regular file");
	n = read_up_to(r->fd, header, sizeof header);
	return vault_open(span_of(header, n), (uint64_t)st.st_size, passphrase, &r->vault, e);
}

/* The next chunk; ERR_MALFORMED behind the last one. */
static bool
reading_fill(struct reading *r, struct err *e)
{
	bool more;
	size_t n = vault_next(r->vault, &more);

	if (!more)
		return err_set(e, ERR_MALFORMED, "its index does not fit it");
	if (read_up_to(r->fd, r->chunk, n + VAULT_TAG) != n + VAULT_TAG)
		return err_set(e, ERR_IO, "not whole: it ends early");
	if (!vault_unseal(r->vault, span_of(r->chunk, n + VAULT_TAG), r->plain, e))
		return false;
	r->at = 0;
	r->n = n;
	return true;
}

/* The next bytes, at most n of them: a loan. */
static bool
reading_next(struct reading *r, uint64_t n, struct span *out, struct err *e)
{
	size_t there;

	if (r->at == r->n && !reading_fill(r, e))
		return false;
	there = r->n - r->at;
	*out = span_of(r->plain + r->at, n < there ? (size_t)n : there);
	r->at += out->n;
	return true;
}

static bool
reading_take(struct reading *r, uint8_t *out, size_t n, struct err *e)
{
	struct span part;

	for (size_t done = 0; done < n; done += part.n) {
		if (!reading_next(r, n - done, &part, e))
			return false;
		memcpy(out + done, part.p, part.n);
	}
	return true;
}

static void
reading_close(struct reading *r)
{
	if (r->fd >= 0)
		close(r->fd);
	vault_free(r->vault);
	mem_wipe_free(r, sizeof *r);
}

/* --- its files --- */

static bool
index_take(struct reading *r, struct backupindex *out, struct err *e)
{
	uint8_t length[4];
	struct bytes text;
	size_t n;
	bool ok;

	if (!reading_take(r, length, sizeof length, e))
		return false;
	n = (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 | length[3];
	if (n > BACKUPINDEX_MAX)
		return err_set(e, ERR_MALFORMED, "its index has %zu bytes", n);
	text = (struct bytes){ mem_new(n + 1, 1), n };
	ok = reading_take(r, text.p, n, e) && backupindex_parse(bytes_span(&text), out, e);
	bytes_free(&text);
	if (!ok || vault_size(r->vault) == sizeof length + n + backupindex_size(out))
		return ok;
	backupindex_free(out);
	return err_set(e, ERR_MALFORMED, "its index does not fit it");
}

static bool
file_take(struct reading *r, const struct backupindex_file *f, const char *into, struct err *e)
{
	char path[PATH_MAX];
	struct span part;
	bool ok = true;
	int fd;

	if (snprintf(path, sizeof path, "%s/%s", into, f->name) >= (int)sizeof path)
		return err_set(e, ERR_LIMIT, "%s: the path is too long", into);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return err_sys(e, "%s", path);
	for (uint64_t left = f->size; ok && left > 0; left -= part.n)
		ok = reading_next(r, left, &part, e) &&
		     (whole_write(fd, part, e) || err_in(e, "%s", path));
	ok = ok && (fsync(fd) == 0 || err_sys(e, "%s", path));
	close(fd);
	return ok;
}

static bool
files_take(struct reading *r, const char *into, struct backup_info *out, struct err *e)
{
	struct backupindex index;
	char keys[PATH_MAX];
	bool ok;

	if (!index_take(r, &index, e))
		return false;
	snprintf(keys, sizeof keys, "%s/%s", into, CLUSTER_KEYS);
	ok = mkdir(keys, S_IRWXU) == 0 || err_sys(e, "%s", keys);
	for (size_t i = 0; ok && i < index.count; i++)
		ok = file_take(r, &index.file[i], into, e);
	ok = ok && wholefile_sync_folder(keys, e) && wholefile_sync_folder(into, e);
	out->made = (time_t)index.made;
	snprintf(out->cluster, sizeof out->cluster, "%s", index.cluster);
	backupindex_free(&index);
	return ok;
}

bool
backup_index(const char *file, struct span passphrase, struct backupindex *out, struct err *e)
{
	struct reading *r = mem_new(1, sizeof *r);
	bool ok = reading_open(r, file, passphrase, e) && index_take(r, out, e);

	reading_close(r);
	return ok;
}

bool
backup_extract(const char *file, struct span passphrase, const char *into, struct backup_info *out,
    struct err *e)
{
	struct reading *r = mem_new(1, sizeof *r);
	bool ok = (reading_open(r, file, passphrase, e) && files_take(r, into, out, e)) ||
		  err_in(e, "%s", file);

	reading_close(r);
	return ok;
}

/* --- whether they make a cluster --- */

struct check {
	struct cluster *cluster;
	struct cert **own; /* of every certificate of this node, earlier ones too */
	size_t own_count;
	struct backup_info *out;
	struct err *e;
	bool ok;
};

static bool
keys_open(struct check *k, size_t *count)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	bool ok = true;
	DIR *d;

	snprintf(path, sizeof path, "%s/%s", k->cluster->conf.dir, CLUSTER_KEYS);
	d = opendir(path);
	if (d == NULL)
		return err_sys(k->e, "%s", path);
	*count = 0;
	while (ok && (entry = readdir(d)) != NULL) {
		size_t n = strlen(entry->d_name), ending = strlen(KEY_ENDING);
		struct bytes id;

		if (n <= ending || strcmp(entry->d_name + n - ending, KEY_ENDING) != 0)
			continue;
		ok = text_unhex(span_of(entry->d_name, n - ending), &id, k->e) ||
		     err_in(k->e, "the name of key %s", entry->d_name);
		if (!ok)
			break;
		ok = signer_has(k->cluster->signer, bytes_span(&id), k->e);
		bytes_free(&id);
		(*count)++;
	}
	closedir(d);
	return ok;
}

/* Bridges are signed by it; the cluster does without. */
static void
note_lack(struct check *k, const struct store_cert *c, const struct cert *cert)
{
	if (usage_allows(c->purpose, USAGE_SIGN_LIST) && !c->active && !c->staged &&
	    c->given_up == 0 && !signer_has(k->cluster->signer, cert_key_id(cert), NULL))
		snprintf(k->out->lacks, sizeof k->out->lacks, "%s %s", purpose_name(c->purpose),
		    cert_subject_cucm(cert));
}

static bool
on_cert(void *arg, const struct store_cert *c)
{
	struct check *k = arg;
	struct cert *cert;

	if (c->node != k->cluster->picture->node.id)
		return true;
	cert = cert_parse(bytes_span(&c->der), k->e);
	k->ok = cert != NULL &&
		(!c->active || signer_has(k->cluster->signer, cert_key_id(cert), k->e) ||
		    err_in(k->e, "%s certificate", purpose_name(c->purpose)));
	if (cert == NULL)
		return false;
	note_lack(k, c, cert);
	k->own = mem_grow(k->own, k->own_count + 1, sizeof *k->own);
	k->own[k->own_count++] = cert;
	return k->ok;
}

/* A certificate in a list that is our own is one whose key we have. */
static bool
record_check(const struct check *k, const struct trustlist_record *r)
{
	for (size_t i = 0; i < k->own_count; i++)
		if (span_eq(r->certificate, cert_der(k->own[i])))
			return signer_has(k->cluster->signer, cert_key_id(k->own[i]), k->e) ||
			       err_in(k->e, "trust list: %s", cert_subject_cucm(k->own[i]));
	return true;
}

static bool
list_check(const struct check *k, const struct store_list *l)
{
	struct trustlist list;
	bool ok;

	if (!trustlist_parse(bytes_span(&l->file), &list, k->e))
		return err_in(k->e, "trust list");
	/* The key of a CTL by tokens is where no backup reaches. */
	ok = (l->kind == STORE_LIST_CTL && k->cluster->picture->tokens_sign) ||
	     signer_has(k->cluster->signer, bytes_span(&l->signer), k->e) ||
	     err_in(k->e, "signer of a trust list");
	for (size_t i = 0; ok && i < list.count; i++)
		ok = record_check(k, &list.records[i]);
	trustlist_free(&list);
	return ok;
}

static bool
lists_check(struct check *k)
{
	static const enum store_list_kind kinds[] = { STORE_LIST_ITL, STORE_LIST_EMPTY,
		STORE_LIST_CTL };
	static const enum envelope_digest digests[] = { ENVELOPE_SHA1, ENVELOPE_SHA512 };
	bool found, any = false;

	for (size_t i = 0; i < 6; i++) {
		const struct store_list like = { .node = k->cluster->picture->node.id,
			.kind = kinds[i / 2],
			.digest = digests[i % 2] };
		struct store_list l;
		bool ok;

		if (like.kind == STORE_LIST_CTL &&
		    k->cluster->picture->security == CLUSTER_NEVER_MIXED)
			continue; /* one that was deleted needs its keys no more */
		if (!store_list_latest(k->cluster->store, &like, &l, &found, k->e))
			return false;
		if (!found)
			continue;
		any = true;
		ok = list_check(k, &l);
		store_list_free(&l);
		if (!ok)
			return false;
	}
	return any || err_set(k->e, ERR_MALFORMED, "there is no trust list in it");
}

static bool
cluster_check(struct check *k, struct backup_info *out)
{
	struct cluster *c = k->cluster;
	struct backup_state state;

	if (!store_check(c->store, k->e) || !cluster_models_read(&c->conf, &c->models, k->e) ||
	    !picture_load(c->store, &c->picture, k->e) || !keys_open(k, &out->keys))
		return false;
	k->ok = true;
	if (!store_cert_each(c->store, on_cert, k, k->e) || !k->ok || !lists_check(k) ||
	    !backup_state_get(c->store, &state, k->e))
		return false;
	out->saw = state.changes;
	return true;
}

bool
backup_check(const char *dir, struct backup_info *out, struct err *e)
{
	struct check k = { .out = out, .e = e };
	struct conf conf;
	bool ok = conf_read(dir, &conf, e) && cluster_attach(&conf, &k.cluster, e);

	if (!ok)
		return false;
	ok = cluster_check(&k, out);
	for (size_t i = 0; i < k.own_count; i++)
		cert_free(k.own[i]);
	free(k.own);
	cluster_close(k.cluster);
	return ok;
}
