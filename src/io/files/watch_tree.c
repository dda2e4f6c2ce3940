#include "files/watch_tree.h"

#include "base/log.h"
#include "base/mem.h"
#include "files/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as in the kernel */

/* A watch that a folder already has keeps what it looked for. */
#define WATCH_FLAGS (IN_ONLYDIR | IN_EXCL_UNLINK | IN_MASK_ADD)
#define WAY_MASK    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB)
#define TREE_MASK   (WAY_MASK | IN_MODIFY | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF)

/* --- the folders that are watched --- */

/* Where the path stands, or would. */
static size_t
place_of(const struct watch *w, const char *path, size_t n)
{
	size_t low = 0, high = w->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strncmp(w->folder[middle].path, path, n) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
watch_tree_has(const struct watch *w, const char *path, size_t n)
{
	size_t at = place_of(w, path, n);

	return at < w->count && strncmp(w->folder[at].path, path, n) == 0 &&
	       w->folder[at].path[n] == '\0';
}

static void
remember(struct watch *w, const char *path, const struct stat *st)
{
	size_t n = strlen(path), at = place_of(w, path, n);

	if (!watch_tree_has(w, path, n)) {
		if (w->count == w->room) {
			w->room = w->room > 0 ? w->room * 2 : 16;
			w->folder = mem_grow(w->folder, w->room, sizeof *w->folder);
		}
		memmove(w->folder + at + 1, w->folder + at, (w->count - at) * sizeof *w->folder);
		w->folder[at].path = mem_text(path, n);
		w->count++;
	}
	w->folder[at].dev = st->st_dev;
	w->folder[at].ino = st->st_ino;
}

static void
forget(struct watch *w, const char *path)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->count; i++)
		if (watch_names_is_below(w->folder[i].path, path))
			free(w->folder[i].path);
		else
			w->folder[kept++] = w->folder[i];
	w->count = kept;
}

void
watch_tree_drop(struct watch *w, const char *path)
{
	for (struct watch_client *c = &w->own; c != NULL; c = c->next)
		for (size_t i = c->names.count; i > 0; i--) {
			const struct watch_name *row = &c->names.row[i - 1];

			if (!watch_names_is_below(row->name, path))
				continue;
			inotify_rm_watch(c->fd, row->number);
			watch_names_drop(&c->names, row->number);
		}
	forget(w, path);
}

void
watch_tree_clear(struct watch *w)
{
	forget(w, "");
	free(w->folder);
	w->folder = NULL;
	w->room = 0;
	if (w->root >= 0)
		close(w->root);
	w->root = -1;
}

/* --- adding watches --- */

/* Said once, until all could be watched again. */
static void
tell_failure(struct watch *w, const char *name)
{
	const char *reason = errno == ENOSPC ? "no watch is left: raise fs.inotify.max_user_watches"
					     : strerror(errno);

	w->failed = true;
	if (w->failure_told)
		return;
	w->failure_told = true;
	log_event(LOG_WARNING,
	    "folder-not-watched folder=%s below=%s reason=\"%s\" "
	    "effect=\"files in it are asked for anew each time\"",
	    log_quote(span_str(name)), log_quote(span_str(w->path)), reason);
}

/* One inode has one watch in an instance. The name for both of its places: two entries of one
 * folder on the way, else everything. */
static void
join_names(const char *had, const char *name, char out[PATH_MAX])
{
	size_t n = strlen(had);

	if (strcmp(had, name) == 0)
		snprintf(out, PATH_MAX, "%s", had);
	else if (had[0] != '/' || had[1] == '\0' || name[0] != '/' || n + strlen(name) >= PATH_MAX)
		snprintf(out, PATH_MAX, "/");
	else
		snprintf(out, PATH_MAX, "%s%s", had, name);
}

static bool
watch_one(struct watch_client *c, int fd, const char *name, uint32_t mask)
{
	char self[64], joined[PATH_MAX];
	const char *had;
	int number;

	/* By descriptor, so that all instances watch the same folder. */
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	number = inotify_add_watch(c->fd, self, mask | WATCH_FLAGS);
	if (number < 0) {
		tell_failure(c->watch, name);
		return false;
	}
	had = watch_names_find(&c->names, number);
	join_names(had != NULL ? had : name, name, joined);
	watch_names_put(&c->names, number, joined);
	if (c->told != NULL)
		c->told(c->arg, number, joined);
	return true;
}

/* By all instances, or one. */
static bool
watch_by(struct watch *w, struct watch_client *only, int fd, const char *name, uint32_t mask)
{
	for (struct watch_client *c = &w->own; c != NULL; c = c->next)
		if ((only == NULL || c == only) && !watch_one(c, fd, name, mask))
			return false;
	return true;
}

/* --- the way to the folder --- */

struct way {
	int dir;             /* reached so far */
	char rest[PATH_MAX]; /* of the path */
	size_t at;           /* in rest */
	unsigned links;
};

/* The next component; false at the end, or when it is too long to be one. */
static bool
way_next(struct way *way, char name[NAME_MAX + 1])
{
	size_t n;

	way->at += strspn(way->rest + way->at, "/");
	n = strcspn(way->rest + way->at, "/");
	if (n == 0 || n > NAME_MAX)
		return false;
	memcpy(name, way->rest + way->at, n);
	name[n] = '\0';
	way->at += n;
	return true;
}

static bool
way_is_at_end(const struct way *way)
{
	return way->rest[way->at + strspn(way->rest + way->at, "/")] == '\0';
}

static bool
way_go(struct way *way, int dir)
{
	if (way->dir >= 0)
		close(way->dir);
	way->dir = dir;
	return dir >= 0;
}

static bool
way_begin(struct way *way, const char *path)
{
	return way_go(way, open(path[0] == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

/* What the link says stands before the rest of the path. */
static bool
way_follow(struct way *way, int link)
{
	char target[PATH_MAX], whole[PATH_MAX];
	ssize_t n = readlinkat(link, "", target, sizeof target - 1);
	int length;

	if (n <= 0 || ++way->links > LINKS_MAX)
		return false;
	target[n] = '\0';
	length = snprintf(whole, sizeof whole, "%s/%s", target, way->rest + way->at);
	if (length < 0 || (size_t)length >= sizeof whole)
		return false;
	memcpy(way->rest, whole, (size_t)length + 1);
	way->at = 0;
	return target[0] != '/' || way_begin(way, target);
}

/* The entry is watched before it is looked at. */
static bool
way_step(struct watch *w, struct watch_client *only, struct way *way, const char *name)
{
	char entry[NAME_MAX + 2];
	struct stat st;
	int next;
	bool ok;

	if (strcmp(name, ".") == 0)
		return true;
	snprintf(entry, sizeof entry, "/%s", name);
	if (strcmp(name, "..") != 0 && !watch_by(w, only, way->dir, entry, WAY_MASK))
		return false;
	next = openat(way->dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0)
		return false;
	if (fstat(next, &st) == 0 && S_ISDIR(st.st_mode))
		return way_go(way, next);
	ok = S_ISLNK(st.st_mode) && way_follow(way, next);
	close(next);
	return ok;
}

/* The folder; -1 when it is not there or the way to it cannot be watched. */
static int
walk_way(struct watch *w, struct watch_client *only)
{
	struct way way = { .dir = -1 };
	char name[NAME_MAX + 1];
	bool ok = strlen(w->path) < sizeof way.rest && way_begin(&way, w->path);

	if (ok)
		memcpy(way.rest, w->path, strlen(w->path) + 1);
	while (ok && way_next(&way, name))
		ok = way_step(w, only, &way, name);
	if (!ok || !way_is_at_end(&way))
		way_go(&way, -1);
	return way.dir;
}

/* --- the tree --- */

static void add_folder(struct watch *w, int fd, char path[PATH_MAX], size_t depth);

static void
add_entry(struct watch *w, int dir, const struct dirent *entry, char path[PATH_MAX], size_t depth)
{
	size_t n = strlen(path);
	int fd;

	if (entry->d_name[0] == '.' || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN) ||
	    n + 1 + strlen(entry->d_name) >= PATH_MAX)
		return;
	fd = openat(dir, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return; /* no folder, gone, or not to be read */
	snprintf(path + n, PATH_MAX - n, "%s%s", n > 0 ? "/" : "", entry->d_name);
	add_folder(w, fd, path, depth + 1);
	path[n] = '\0';
}

/* Takes over fd. What appears in the folder while it is read is told by its watch. */
static void
add_folder(struct watch *w, int fd, char path[PATH_MAX], size_t depth)
{
	const struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (depth > FOLDER_DEPTH_MAX || fstat(fd, &st) != 0 ||
	    !watch_by(w, NULL, fd, path, TREE_MASK) || (dir = fdopendir(fd)) == NULL) {
		watch_tree_drop(w, path);
		close(fd);
		return;
	}
	remember(w, path, &st);
	while ((entry = readdir(dir)) != NULL)
		add_entry(w, dirfd(dir), entry, path, depth);
	closedir(dir);
}

static int
open_folder(const struct watch *w, const char *path)
{
	return openat(
	    w->root, path[0] != '\0' ? path : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void
watch_tree_add(struct watch *w, const char *path)
{
	const char *slash = strrchr(path, '/');
	char copy[PATH_MAX];
	size_t depth = path[0] != '\0';
	int fd;

	if (path[0] != '\0' && !watch_tree_has(w, path, slash != NULL ? (size_t)(slash - path) : 0))
		return;
	fd = open_folder(w, path);
	if (fd < 0)
		return;
	for (const char *p = path; *p != '\0'; p++)
		depth += *p == '/';
	snprintf(copy, sizeof copy, "%s", path);
	add_folder(w, fd, copy, depth);
}

void
watch_tree_build(struct watch *w)
{
	for (struct watch_client *c = &w->own; c != NULL; c = c->next) {
		for (size_t i = 0; i < c->names.count; i++)
			inotify_rm_watch(c->fd, c->names.row[i].number);
		watch_names_clear(&c->names);
	}
	watch_tree_clear(w);
	w->failed = false;
	w->root = walk_way(w, NULL);
	if (w->root >= 0)
		watch_tree_add(w, "");
	w->failure_told = w->failed;
}

void
watch_tree_join(struct watch *w, struct watch_client *c)
{
	int root = walk_way(w, c);

	if (root < 0)
		watch_tree_drop(w, "");
	else
		close(root);
	for (size_t i = w->count; i > 0; i--) {
		const char *path = w->folder[i - 1].path;
		int fd = open_folder(w, path);

		/* What is below it stands after it. */
		if (fd < 0 || !watch_one(c, fd, path, TREE_MASK)) {
			char copy[PATH_MAX];

			snprintf(copy, sizeof copy, "%s", path);
			watch_tree_drop(w, copy);
		}
		if (fd >= 0)
			close(fd);
	}
}

bool
watch_tree_is_same(const struct watch *w)
{
	int root = open(w->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool same = (root >= 0) == (w->root >= 0);
	struct stat st;

	for (size_t i = 0; i < w->count && same && root >= 0; i++) {
		const char *path = w->folder[i].path[0] != '\0' ? w->folder[i].path : ".";

		same = fstatat(root, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		       st.st_dev == w->folder[i].dev && st.st_ino == w->folder[i].ino;
	}
	if (root >= 0)
		close(root);
	return same;
}
