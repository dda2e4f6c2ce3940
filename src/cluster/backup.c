#include "cluster/backup.h"

#include "base/mem.h"
#include "base/text.h"
#include "base/wr.h"
#include "cluster/backup_held.h"
#include "cluster/backup_open.h"
#include "cluster/backup_state.h"
#include "cluster/backup_where.h"
#include "cluster/cluster_internal.h"
#include "cluster/cluster_place.h"
#include "files/whole.h"
#include "files/wholefile.h"
#include "pki/vault.h"
#include "store/store_copy.h"
#include "wire/backupindex.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORK_NAME ".backup" /* in the cluster's folder: secrets leave it only encrypted */
#define SMALL_MAX (1024 * 1024)

struct making {
	const char *file;
	struct conf conf;
	int lock;            /* the open work folder */
	char work[PATH_MAX]; /* with copy.db, and check/ */
	char copy[PATH_MAX], check[PATH_MAX], beside[PATH_MAX];
	struct backupindex index; /* the database is the last one */
	struct bytes *small;      /* the others, read at once: their sizes cannot change any more */
	size_t small_count;
};

/* --- the work folder --- */

static bool
paths_make(struct making *m, struct err *e)
{
	int n = snprintf(m->work, sizeof m->work, "%s/" WORK_NAME, m->conf.dir);
	int k = snprintf(m->beside, sizeof m->beside, "%s.new", m->file);

	if (n < 0 || n >= PATH_MAX - 16 || k < 0 || k >= PATH_MAX)
		return err_set(e, ERR_LIMIT, "%s: the path is too long", m->file);
	snprintf(m->copy, sizeof m->copy, "%s/copy.db", m->work);
	snprintf(m->check, sizeof m->check, "%s/check", m->work);
	return true;
}

static void
work_clear(const struct making *m)
{
	static const char *const tails[] = { "", "-journal", "-wal", "-shm", ".lock" };
	char path[PATH_MAX + 16];

	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		snprintf(path, sizeof path, "%s%s", m->copy, tails[i]);
		unlink(path);
	}
	cluster_folder_remove(m->check);
}

/* What one that was killed has left is removed. */
static bool
work_open(struct making *m, struct err *e)
{
	if (mkdir(m->work, S_IRWXU) != 0 && errno != EEXIST)
		return err_sys(e, "%s", m->work);
	m->lock = open(m->work, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (m->lock < 0)
		return err_sys(e, "%s", m->work);
	if (flock(m->lock, LOCK_EX | LOCK_NB) != 0) {
		close(m->lock);
		m->lock = -1;
		return err_set(e, ERR_CONFLICT, "another backup is being made");
	}
	work_clear(m);
	return true;
}

/* The folder itself stays: its lock is what tells two backups apart. */
static void
work_close(struct making *m)
{
	if (m->lock < 0)
		return;
	work_clear(m);
	close(m->lock);
}

/* --- what goes into it --- */

static void
add(struct making *m, const char *name, struct bytes text)
{
	m->small = mem_grow(m->small, m->small_count + 1, sizeof *m->small);
	m->small[m->small_count++] = text;
	backupindex_add(&m->index, name, text.n);
}

static bool
add_file(struct making *m, const char *name, const char *path, bool must, struct err *e)
{
	struct bytes text;

	if (!must && access(path, F_OK) != 0 && errno == ENOENT)
		return true;
	if (!wholefile_read(path, SMALL_MAX, &text, e))
		return false;
	add(m, name, text);
	return true;
}

/* The begin of a line is this setting. */
static bool
line_sets(struct span line, const char *name)
{
	size_t n = strlen(name), i = 0;

	while (i < line.n && (line.p[i] == ' ' || line.p[i] == '\t'))
		i++;
	if (line.n - i <= n || memcmp(line.p + i, name, n) != 0)
		return false;
	for (i += n; i < line.n && (line.p[i] == ' ' || line.p[i] == '\t');)
		i++;
	return i < line.n && (line.p[i] == '=' || line.p[i] == ':');
}

/* The configuration as it is, but with its secrets in the folder itself: where the restored ones
 * are. The names of these settings stand in one section each. */
static void
conf_write_inner(struct span text, struct wr *w)
{
	while (text.n > 0) {
		const uint8_t *end = memchr(text.p, '\n', text.n);
		struct span line = span_of(text.p, end != NULL ? (size_t)(end - text.p) : text.n);

		if (line_sets(line, "key-file"))
			wr_text(w, "key-file = " BACKUP_KEY_FILE);
		else if (line_sets(line, "online-ca-secret-file"))
			wr_text(w, "online-ca-secret-file = " BACKUP_SECRET);
		else
			wr_span(w, line);
		wr_u8(w, '\n');
		text = span_of(text.p + line.n, text.n - line.n);
		if (end != NULL)
			text = span_of(text.p + 1, text.n - 1);
	}
}

static bool
add_conf(struct making *m, struct err *e)
{
	char path[PATH_MAX];
	struct bytes text, inner;
	struct wr w = wr_new(2 * SMALL_MAX);

	snprintf(path, sizeof path, "%s/" BACKUP_CONF, m->conf.dir);
	if (!wholefile_read(path, SMALL_MAX, &text, e))
		return false;
	conf_write_inner(bytes_span(&text), &w);
	bytes_free(&text);
	if (!wr_done(&w, &inner, e))
		return err_in(e, "%s", path);
	add(m, BACKUP_CONF, inner);
	return true;
}

static bool
add_keys(struct making *m, struct err *e)
{
	char folder[PATH_MAX], path[PATH_MAX + NAME_MAX + 2], name[NAME_MAX + 16];
	const struct dirent *entry;
	bool ok = true;
	DIR *d;

	snprintf(folder, sizeof folder, "%s/" CLUSTER_KEYS, m->conf.dir);
	d = opendir(folder);
	if (d == NULL)
		return err_sys(e, "%s", folder);
	while (ok && (entry = readdir(d)) != NULL) {
		const char *ending = strrchr(entry->d_name, '.');

		if (ending == NULL || strcmp(ending, ".pem") != 0)
			continue;
		snprintf(name, sizeof name, CLUSTER_KEYS "/%s", entry->d_name);
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		ok = backupindex_name_ok(name)
			 ? add_file(m, name, path, true, e)
			 : err_set(e, ERR_REFUSED, "%s: not the name of a key", path);
	}
	closedir(d);
	return ok;
}

static bool
name_read(struct making *m, struct err *e)
{
	struct store *s;
	char name[STORE_VALUE_MAX];
	bool found, ok;

	if (!store_open(m->copy, &s, e))
		return false;
	ok = store_setting_get(s, SETTING_NAME, name, &found, e);
	store_close(s);
	snprintf(m->index.cluster, sizeof m->index.cluster, "%s", name);
	return ok;
}

/* Keys after the database: one that is made meanwhile is in both, or only a key. */
static bool
contents_gather(struct making *m, struct err *e)
{
	char database[PATH_MAX], models[PATH_MAX];
	struct stat st;

	snprintf(database, sizeof database, "%s/" CLUSTER_DATABASE, m->conf.dir);
	snprintf(models, sizeof models, "%s/" BACKUP_MODELS, m->conf.dir);
	if (!store_copy(database, m->copy, e) || !name_read(m, e) || !add_conf(m, e) ||
	    !add_file(m, BACKUP_KEY_FILE, m->conf.key_file, true, e) || !add_keys(m, e) ||
	    !add_file(m, BACKUP_SECRET, m->conf.online_ca_secret_file, false, e) ||
	    !add_file(m, BACKUP_MODELS, models, false, e))
		return false;
	if (stat(m->copy, &st) != 0)
		return err_sys(e, "%s", m->copy);
	backupindex_add(&m->index, CLUSTER_DATABASE, (uint64_t)st.st_size);
	return true;
}

/* --- the file --- */

struct writing {
	int fd;
	struct vault *vault;
	uint8_t plain[VAULT_CHUNK], chunk[VAULT_CHUNK + VAULT_TAG];
	size_t n; /* of plain */
};

/* Seals the chunk once it is as long as it must be. */
static bool
writing_step(struct writing *w, struct err *e)
{
	bool more;
	size_t size = vault_next(w->vault, &more);

	if (more && w->n < size)
		return true;
	if (!more || w->n > size)
		return err_set(e, ERR_BUG, "the files are larger than before");
	w->n = 0;
	return vault_seal(w->vault, span_of(w->plain, size), w->chunk, e) &&
	       whole_write(w->fd, span_of(w->chunk, size + VAULT_TAG), e);
}

static bool
writing_put(struct writing *w, struct span s, struct err *e)
{
	while (s.n > 0) {
		size_t room = sizeof w->plain - w->n, n = s.n < room ? s.n : room;

		memcpy(w->plain + w->n, s.p, n);
		w->n += n;
		s = span_of(s.p + n, s.n - n);
		if (!writing_step(w, e))
			return false;
	}
	return true;
}

static bool
writing_put_copy(struct writing *w, const char *path, struct err *e)
{
	uint8_t buffer[8192];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;
	bool ok = fd >= 0;

	while (ok && (n = read(fd, buffer, sizeof buffer)) > 0)
		ok = writing_put(w, span_of(buffer, (size_t)n), e);
	if (ok && n < 0)
		ok = err_sys(e, "%s", path);
	if (fd < 0)
		return err_sys(e, "%s", path);
	close(fd);
	return ok;
}

static bool
writing_all(struct writing *w, const struct making *m, struct span index, struct err *e)
{
	bool more;

	if (!writing_put(w, index, e))
		return false;
	for (size_t i = 0; i < m->small_count; i++)
		if (!writing_put(w, bytes_span(&m->small[i]), e))
			return false;
	if (!writing_put_copy(w, m->copy, e))
		return false;
	(void)vault_next(w->vault, &more);
	return (!more && w->n == 0) || err_set(e, ERR_BUG, "the files are smaller than before");
}

static bool
file_write(struct making *m, struct span passphrase, struct err *e)
{
	struct writing *w = mem_new(1, sizeof *w);
	uint8_t header[VAULT_HEADER];
	struct bytes index;
	bool ok;

	w->fd = open(m->beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (w->fd < 0) {
		free(w);
		return err_sys(e, "%s", m->beside);
	}
	ok = backupindex_encode(&m->index, &index, e);
	if (ok) {
		ok = (fchmod(w->fd, 0600) == 0 || err_sys(e, "mode 600")) &&
		     vault_new(passphrase, index.n + backupindex_size(&m->index), VAULT_COST,
			 header, &w->vault, e) &&
		     whole_write(w->fd, span_of(header, sizeof header), e) &&
		     writing_all(w, m, bytes_span(&index), e) &&
		     (fsync(w->fd) == 0 || err_sys(e, "to the disk"));
		bytes_free(&index);
	}
	close(w->fd);
	vault_free(w->vault);
	mem_wipe_free(w, sizeof *w);
	return ok || err_in(e, "%s", m->file);
}

/* Opens it as restore would. */
static bool
file_prove(const struct making *m, struct span passphrase, struct backup_info *out, struct err *e)
{
	struct stat st;

	if (mkdir(m->check, S_IRWXU) != 0)
		return err_sys(e, "%s", m->check);
	if (!backup_extract(m->beside, passphrase, m->check, out, e) ||
	    !backup_check(m->check, out, e))
		return err_in(e, "the backup is not good");
	if (out->lacks[0] != '\0')
		return err_set(e, ERR_REFUSED,
		    "the backup is not good: the key of the earlier certificate %.200s is not "
		    "there: put it back, or give it up (sealtone cert purge)",
		    out->lacks);
	if (stat(m->beside, &st) != 0)
		return err_sys(e, "%s", m->beside);
	out->bytes = (uint64_t)st.st_size;
	return true;
}

static bool
file_place(const struct making *m, struct err *e)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(m->file, '/');
	size_t n = slash == NULL ? 0 : slash == m->file ? 1 : (size_t)(slash - m->file);

	snprintf(folder, sizeof folder, "%.*s", (int)n, m->file);
	return (rename(m->beside, m->file) == 0 || err_sys(e, "%s", m->file)) &&
	       wholefile_sync_folder(n > 0 ? folder : ".", e);
}

static bool
file_make(struct making *m, struct span passphrase, struct backup_info *out, struct err *e)
{
	bool ok =
	    file_write(m, passphrase, e) && file_prove(m, passphrase, out, e) && file_place(m, e);

	if (!ok)
		unlink(m->beside);
	return ok;
}

bool
backup_make(const char *dir, const struct backup_target *to, struct span passphrase, time_t now,
    struct backup_info *out, struct err *e)
{
	struct making m = { .file = to->file, .lock = -1, .index.made = (uint64_t)now };
	bool ok;

	*out = (struct backup_info){ 0 };
	if (!conf_read(dir, &m.conf, e) || !paths_make(&m, e) ||
	    !backup_where_check(&m.conf, m.file, &out->inside, e) ||
	    !backup_where_is_free(m.file, e) || !backup_where_is_free(m.beside, e))
		return false;
	ok = work_open(&m, e) && contents_gather(&m, e) &&
	     (to->replace || backup_where_is_own(m.file, passphrase, &m.index, e)) &&
	     file_make(&m, passphrase, out, e);
	work_close(&m);
	for (size_t i = 0; i < m.small_count; i++)
		bytes_wipe(&m.small[i]);
	free(m.small);
	backupindex_free(&m.index);
	return ok;
}

/* --- back --- */

/* The administrator's own files come back from elsewhere; their folder must be there. */
static bool
provisioning_make(const char *dir, struct err *e)
{
	struct conf conf;

	if (!conf_read(dir, &conf, e))
		return false;
	if (strncmp(conf.provisioning_dir, dir, strlen(dir)) != 0 ||
	    mkdir(conf.provisioning_dir, S_IRWXU) == 0 || errno == EEXIST)
		return true;
	return err_sys(e, "%s", conf.provisioning_dir);
}

/* One that failed before this one was made, which is good, says nothing of what is now. */
static bool
failure_forget(struct store *s, struct err *e)
{
	struct backup_schedule b;

	return backup_schedule_get(s, &b, e) &&
	       (b.failed == 0 ||
		   backup_schedule_set(s, &(struct backup_schedule){ .made = b.made }, e));
}

static bool
apply_restored(struct store *s, void *arg, struct err *e)
{
	const struct backup_info *info = arg;
	char text[64], made[TEXT_TIME_MAX];
	const struct store_event ev = { .at = time(NULL),
		.actor = "restore",
		.event = "restored",
		.object = info->cluster,
		.text = text };

	snprintf(text, sizeof text, "from the backup of %s", text_time(info->made, made));
	return store_event_add(s, &ev, e) && backup_state_note(s, info->made, info->saw, e) &&
	       failure_forget(s, e);
}

static bool
restored_note(const char *dir, struct backup_info *info, struct err *e)
{
	char database[PATH_MAX];
	struct store *s;
	bool ok;

	snprintf(database, sizeof database, "%s/" CLUSTER_DATABASE, dir);
	if (!store_open(database, &s, e))
		return false;
	ok = store_change(s, apply_restored, info, e);
	store_close(s);
	return ok;
}

static bool
last_read(const struct backup_last *last, const char *beside, const struct backup_info *info,
    struct backup_held *held, struct err *e)
{
	struct cluster *c;
	bool ok;

	if (!backup_held_open(last->dir, &c, e))
		return false;
	ok = strcmp(cluster_name(c), info->cluster) == 0
		 ? backup_held_bring(c, beside, time(NULL), held, e)
		 : err_set(e, ERR_REFUSED, "it is cluster %s, and the backup is of %s",
		       cluster_name(c), info->cluster);
	cluster_close(c);
	return ok;
}

/* Whether phones would be lost, what they hold, and keys for them. */
static bool
last_take(const struct backup_last *last, const char *beside, const struct backup_info *info,
    struct backup_held *held, struct err *e)
{
	struct err why = { 0 };

	if (last->dir == NULL)
		return true;
	if (!last_read(last, beside, info, held, &why)) {
		*held = (struct backup_held){ 0 };
		memcpy(held->unread, why.text, sizeof held->unread);
	}
	if (held->forecast.newly_lost == 0)
		return true;
	if (last->force == NULL)
		return forecast_refuse(&held->forecast, NULL, e);
	return strcmp(last->force, info->cluster) == 0 ||
	       err_set(e, ERR_REFUSED, "--force takes the name of the cluster, which is %s",
		   info->cluster);
}

bool
backup_restore(const char *file, const char *dir, struct span passphrase,
    const struct backup_last *last, struct backup_info *out, struct backup_held *held,
    struct err *e)
{
	struct cluster_place place;
	struct stat st;
	bool ok;

	*out = (struct backup_info){ 0 };
	*held = (struct backup_held){ 0 };
	if (!cluster_place_make(dir, "a backup is restored into a new or empty folder", &place, e))
		return false;
	ok = backup_extract(file, passphrase, place.beside, out, e) &&
	     (backup_check(place.beside, out, e) || err_in(e, "%s", file)) &&
	     provisioning_make(place.beside, e) && restored_note(place.beside, out, e) &&
	     last_take(last, place.beside, out, held, e) && cluster_place_take(&place, e);
	if (!ok) {
		cluster_folder_remove(place.beside);
		backup_held_free(held);
	} else if (stat(file, &st) == 0)
		out->bytes = (uint64_t)st.st_size;
	return ok;
}
