#include "cluster/backup_rotate.h"

#include "base/mem.h"
#include "base/passphrase.h"
#include "cluster/backup_open.h"
#include "cluster/backup_where.h"
#include "cluster/cluster_internal.h"
#include "files/wholefile.h"
#include "rules/backuprota.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_FILE_MAX 4096

struct rotating {
	struct conf conf;
	char folder[PATH_MAX]; /* of backups, without links */
	char cluster[STORE_VALUE_MAX];
	struct bytes passphrase;
};

/* --- whether it can be --- */

/* A folder that is made when it is missing would be filled below a disk that is not mounted. */
static bool
folder_find(struct rotating *r, struct err *e)
{
	struct stat st;

	if (r->conf.backup_folder[0] == '\0')
		return err_set(e, ERR_MALFORMED, "[backup] folder: nothing is set");
	if (realpath(r->conf.backup_folder, r->folder) == NULL || stat(r->folder, &st) != 0)
		return err_sys(e, "[backup] folder %.300s", r->conf.backup_folder);
	if (!S_ISDIR(st.st_mode))
		return err_set(
		    e, ERR_REFUSED, "[backup] folder %.300s: not a folder", r->conf.backup_folder);
	if (backup_where_is_served(&r->conf, r->folder))
		return err_set(e, ERR_REFUSED,
		    "[backup] folder %.300s: what is in it would be served to phones",
		    r->conf.backup_folder);
	return true;
}

static bool
passphrase_read(struct rotating *r, struct err *e)
{
	const char *file = r->conf.backup_passphrase;
	char real[PATH_MAX];
	struct bytes text;
	struct span line;
	bool ok;

	if (file[0] == '\0')
		return err_set(e, ERR_MALFORMED,
		    "[backup] passphrase-file: nothing is set; a backup needs a passphrase");
	if (realpath(file, real) == NULL)
		return err_sys(e, "[backup] passphrase-file %.300s", file);
	if (backup_where_is_within(real, r->folder))
		return err_set(e, ERR_REFUSED,
		    "[backup] passphrase-file %.300s: whoever gets at the backups would have it",
		    file);
	if (!wholefile_read_secret(real, SECRET_FILE_MAX, &text, e))
		return err_in(e, "[backup] passphrase-file");
	ok = passphrase_line(bytes_span(&text), &line, e);
	if (ok)
		r->passphrase = bytes_copy(line);
	else
		err_in(e, "[backup] passphrase-file %.300s", file);
	bytes_wipe(&text);
	return ok;
}

static bool
cluster_find(struct rotating *r, struct err *e)
{
	char database[PATH_MAX];
	struct store *s;
	bool found, ok;

	snprintf(database, sizeof database, "%s/" CLUSTER_DATABASE, r->conf.dir);
	if (!store_open_to_read(database, &s, e))
		return false;
	ok = store_setting_get(s, SETTING_NAME, r->cluster, &found, e);
	store_close(s);
	return ok;
}

/* --- old ones --- */

struct old {
	char (*name)[NAME_MAX + 1];
	time_t *made;
	size_t count;
};

static void
old_free(struct old *o)
{
	free(o->name);
	free(o->made);
}

/* The files of the folder that are called as ours, with that ending. */
static bool
old_list(const struct rotating *r, const char *ending, struct old *out, struct err *e)
{
	const struct dirent *entry;
	DIR *d = opendir(r->folder);
	time_t made;

	*out = (struct old){ 0 };
	if (d == NULL)
		return err_sys(e, "%s", r->folder);
	while ((entry = readdir(d)) != NULL) {
		if (!backuprota_is_name(r->cluster, entry->d_name, ending, &made))
			continue;
		out->name = mem_grow(out->name, out->count + 1, sizeof *out->name);
		out->made = mem_grow(out->made, out->count + 1, sizeof *out->made);
		snprintf(out->name[out->count], NAME_MAX + 1, "%s", entry->d_name);
		out->made[out->count++] = made;
	}
	closedir(d);
	return true;
}

/* One that was killed can have left it at any length. */
static void
unfinished_remove(const struct rotating *r)
{
	char path[PATH_MAX + NAME_MAX + 2];
	struct old o;

	if (!old_list(r, ".new", &o, NULL))
		return;
	for (size_t i = 0; i < o.count; i++) {
		snprintf(path, sizeof path, "%s/%s", r->folder, o.name[i]);
		unlink(path);
	}
	old_free(&o);
}

static bool
old_remove(const struct rotating *r, const char *name, struct err *e)
{
	char path[PATH_MAX + NAME_MAX + 2];

	snprintf(path, sizeof path, "%s/%s", r->folder, name);
	if (!backup_is(path))
		return err_set(e, ERR_REFUSED, "%s: is not a backup", path);
	return unlink(path) == 0 || err_sys(e, "%s", path);
}

static void
old_rotate(const struct rotating *r, time_t now, struct backup_rotation *out)
{
	struct err e = { 0 };
	struct old o;
	bool *old;

	if (!old_list(r, "", &o, &e)) {
		snprintf(out->stays, sizeof out->stays, "%s", e.text);
		return;
	}
	old = mem_new(o.count + 1, sizeof *old);
	backuprota_old(
	    o.made, o.count, now, r->conf.backup_keep_days, r->conf.backup_keep_least, old);
	for (size_t i = 0; i < o.count; i++) {
		if (!old[i])
			continue;
		if (old_remove(r, o.name[i], &e))
			out->deleted++;
		else
			snprintf(out->stays, sizeof out->stays, "%s", e.text);
	}
	free(old);
	old_free(&o);
}

bool
backup_rotate(const char *dir, time_t now, struct backup_rotation *out, struct err *e)
{
	struct rotating *r = mem_new(1, sizeof *r);
	char name[BACKUPROTA_NAME_MAX];
	bool ok;

	*out = (struct backup_rotation){ 0 };
	ok = conf_read(dir, &r->conf, e) && folder_find(r, e) && passphrase_read(r, e) &&
	     cluster_find(r, e);
	if (ok) {
		unfinished_remove(r);
		backuprota_name(r->cluster, now, name);
		if (snprintf(out->file, sizeof out->file, "%s/%s", r->folder, name) >=
		    (int)sizeof out->file)
			ok = err_set(e, ERR_LIMIT, "%.300s: the path is too long", r->folder);
	}
	ok = ok && backup_make(dir, &(struct backup_target){ .file = out->file },
		       bytes_span(&r->passphrase), now, &out->info, e);
	if (ok)
		old_rotate(r, now, out);
	bytes_wipe(&r->passphrase);
	free(r);
	return ok;
}
