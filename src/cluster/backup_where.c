#include "cluster/backup_where.h"

#include "base/text.h"
#include "cluster/backup_open.h"
#include "cluster/cluster_internal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEYS CLUSTER_KEYS "/"

bool
backup_where_is_within(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	return strncmp(path, folder, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

bool
backup_where_is_served(const struct conf *conf, const char *folder)
{
	char phones[PATH_MAX];

	return realpath(conf->provisioning_dir, phones) != NULL &&
	       backup_where_is_within(folder, phones);
}

/* One that is not there is for whoever opens the file to say. */
bool
backup_where_check(const struct conf *conf, const char *file, bool *inside, struct err *e)
{
	char folder[PATH_MAX], real[PATH_MAX], own[PATH_MAX];
	const char *slash = strrchr(file, '/');
	size_t n = slash == NULL ? 0 : slash == file ? 1 : (size_t)(slash - file);

	*inside = false;
	if (snprintf(folder, sizeof folder, "%.*s", (int)n, file) >= (int)sizeof folder ||
	    realpath(n > 0 ? folder : ".", real) == NULL)
		return true;
	if (backup_where_is_served(conf, real))
		return err_set(
		    e, ERR_REFUSED, "%s: what is in that folder would be served to phones", file);
	*inside = realpath(conf->dir, own) != NULL && backup_where_is_within(real, own);
	return true;
}

/* --- what is there already --- */

static bool
is_nothing(const char *file)
{
	struct stat st;

	return lstat(file, &st) != 0 || (S_ISREG(st.st_mode) && st.st_size == 0);
}

bool
backup_where_is_free(const char *file, struct err *e)
{
	return is_nothing(file) || backup_is(file) ||
	       err_set(e, ERR_CONFLICT, "%s: exists, and is not a backup", file);
}

static bool
has_file(const struct backupindex *i, const char *name)
{
	for (size_t k = 0; k < i->count; k++)
		if (strcmp(i->file[k].name, name) == 0)
			return true;
	return false;
}

/* Clusters may be called alike; a key is of one. */
static bool
has_common_key(const struct backupindex *one, const struct backupindex *other)
{
	for (size_t i = 0; i < one->count; i++)
		if (strncmp(one->file[i].name, KEYS, strlen(KEYS)) == 0 &&
		    has_file(other, one->file[i].name))
			return true;
	return false;
}

bool
backup_where_is_own(
    const char *file, struct span passphrase, const struct backupindex *own, struct err *e)
{
	struct backupindex there;
	struct err why = { 0 };
	char made[TEXT_TIME_MAX];
	bool alike, ok;

	if (is_nothing(file))
		return true;
	if (!backup_index(file, passphrase, &there, &why))
		return err_set(e, ERR_CONFLICT,
		    "%s: exists, and whose backup it is cannot be told: %s; --replace replaces it",
		    file, why.text);
	alike = strcmp(there.cluster, own->cluster) == 0;
	ok =
	    (alike && has_common_key(&there, own)) ||
	    err_set(e, ERR_CONFLICT,
		"%s: exists, and is the backup of %s cluster %s of %s; --replace replaces it", file,
		alike ? "another" : "the", there.cluster, text_time((time_t)there.made, made));
	backupindex_free(&there);
	return ok;
}
