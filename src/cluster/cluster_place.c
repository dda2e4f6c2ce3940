#include "cluster/cluster_place.h"

#include "files/wholefile.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TREE_DEPTH 8

static bool
folder_is_free(const char *path, const char *why, struct err *e)
{
	DIR *d = opendir(path);
	const struct dirent *entry;
	bool empty = true;

	if (d == NULL && errno == ENOENT)
		return true;
	if (d == NULL && errno == ENOTDIR)
		return err_set(e, ERR_CONFLICT, "%s: exists and is not a folder", path);
	if (d == NULL)
		return err_sys(e, "%s", path);
	while (empty && (entry = readdir(d)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(d);
	return empty || err_set(e, ERR_CONFLICT, "%s: is not empty; %s", path, why);
}

/* The real path of a folder that may not be there yet. */
static bool
target_resolve(const char *dir, char out[PATH_MAX], struct err *e)
{
	char parent[PATH_MAX], whole[PATH_MAX];
	size_t n = strlen(dir);
	const char *base;

	if (realpath(dir, out) != NULL)
		return true;
	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (errno != ENOENT || n == 0 || n >= PATH_MAX - 1)
		return err_sys(e, "%s", dir);
	snprintf(whole, sizeof whole, "%.*s", (int)n, dir);
	base = strrchr(whole, '/');
	base = base != NULL ? base + 1 : whole;
	snprintf(parent, sizeof parent, "%.*s", (int)(base - whole), whole);
	if (realpath(parent[0] != '\0' ? parent : ".", out) == NULL)
		return err_sys(e, "%s: its parent folder", dir);
	n = strlen(out);
	if (n + strlen(base) + 2 > PATH_MAX)
		return err_set(e, ERR_LIMIT, "%s: the path is too long", dir);
	snprintf(out + n, PATH_MAX - n, "/%s", base);
	return true;
}

bool
cluster_place_make(const char *dir, const char *why, struct cluster_place *out, struct err *e)
{
	if (!target_resolve(dir, out->target, e) || !folder_is_free(out->target, why, e))
		return false;
	if (snprintf(out->beside, PATH_MAX, "%s.new-XXXXXX", out->target) >= PATH_MAX)
		return err_set(e, ERR_LIMIT, "%s: the path is too long", out->target);
	if (mkdtemp(out->beside) != NULL)
		return true;
	err_sys(e, "%s: cannot make a folder beside it", out->target);
	out->beside[0] = '\0';
	return false;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	return remove(path);
}

void
cluster_folder_remove(const char *path)
{
	nftw(path, remove_one, TREE_DEPTH, FTW_DEPTH | FTW_PHYS);
}

bool
cluster_place_take(const struct cluster_place *m, struct err *e)
{
	char parent[PATH_MAX];
	const char *slash = strrchr(m->target, '/');

	if (!wholefile_sync_folder(m->beside, e))
		return false;
	if (rename(m->beside, m->target) != 0)
		return errno == ENOTEMPTY || errno == EEXIST
			   ? err_set(e, ERR_CONFLICT, "%s: is not empty any more", m->target)
			   : err_sys(e, "%s: cannot be put there", m->target);
	snprintf(parent, sizeof parent, "%.*s", slash == m->target ? 1 : (int)(slash - m->target),
	    m->target);
	return wholefile_sync_folder(parent, e);
}
