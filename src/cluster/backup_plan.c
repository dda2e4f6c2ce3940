#include "cluster/backup_held.h"
#include "cluster/backup_open.h"
#include "cluster/cluster_place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PLAN_NAME ".plan" /* in the cluster's folder, where the same secrets are anyway */

static bool
plan_in(const char *file, struct span passphrase, struct cluster *last, const char *folder,
    struct backup_info *out, struct backup_held *held, struct err *e)
{
	if (mkdir(folder, S_IRWXU) != 0)
		return err_sys(e, "%s", folder);
	if (!backup_extract(file, passphrase, folder, out, e) ||
	    !(backup_check(folder, out, e) || err_in(e, "%s", file)))
		return false;
	if (strcmp(cluster_name(last), out->cluster) != 0)
		return err_set(e, ERR_REFUSED, "%s: is of cluster %s, and this is %s", file,
		    out->cluster, cluster_name(last));
	return backup_held_bring(last, folder, time(NULL), held, e);
}

/* As with .backup: the folder stays, and what one that was killed has left is removed. */
static bool
plan_beside(const char *file, struct span passphrase, struct cluster *last, struct backup_info *out,
    struct backup_held *held, struct err *e)
{
	char folder[PATH_MAX], inner[PATH_MAX + 16];
	bool ok;
	int lock;

	if (snprintf(folder, sizeof folder, "%s/" PLAN_NAME, last->conf.dir) >= PATH_MAX)
		return err_set(e, ERR_LIMIT, "%s: the path is too long", last->conf.dir);
	snprintf(inner, sizeof inner, "%s/restored", folder);
	if (mkdir(folder, S_IRWXU) != 0 && errno != EEXIST)
		return err_sys(e, "%s", folder);
	lock = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (lock < 0)
		return err_sys(e, "%s", folder);
	ok = flock(lock, LOCK_EX | LOCK_NB) == 0 ||
	     err_set(e, ERR_CONFLICT, "another plan of this is being made");
	if (ok) {
		cluster_folder_remove(inner);
		ok = plan_in(file, passphrase, last, inner, out, held, e);
		cluster_folder_remove(inner);
	}
	close(lock);
	return ok;
}

bool
backup_plan(const char *file, const char *dir, struct span passphrase, struct backup_info *out,
    struct backup_held *held, struct err *e)
{
	struct cluster *last;
	bool ok;

	*out = (struct backup_info){ 0 };
	*held = (struct backup_held){ 0 };
	if (!backup_held_open(dir, &last, e))
		return err_in(e, "what phones hold now");
	ok = plan_beside(file, passphrase, last, out, held, e);
	cluster_close(last);
	return ok;
}
