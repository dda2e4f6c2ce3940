#include "files/folder.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

struct walk {
	bool (*each)(void *arg, const struct folder_entry *entry);
	void *arg;
	bool stopped;
	size_t depth;
	const char *after;   /* what of it lies below the folder at hand; NULL: it is passed */
	char path[PATH_MAX]; /* of the entry at hand; "" for the folder itself */
};

struct names {
	char **name;
	size_t count, room;
};

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
names_read(struct names *all, DIR *dir)
{
	const struct dirent *entry;

	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (all->count == all->room) {
			all->room = all->room > 0 ? all->room * 2 : 64;
			all->name = mem_grow(all->name, all->room, sizeof *all->name);
		}
		all->name[all->count++] = mem_text(entry->d_name, strlen(entry->d_name));
	}
	if (all->count > 0)
		qsort(all->name, all->count, sizeof *all->name, by_name);
}

static void
names_free(struct names *all)
{
	for (size_t i = 0; i < all->count; i++)
		free(all->name[i]);
	free(all->name);
}

static void walk_folder(struct walk *w, int fd);

/* Where an entry stands to the first component of what is passed over. */
static int
compare_after(const char *name, const char *after)
{
	size_t n = strcspn(after, "/");
	int order = strncmp(name, after, n);

	return order != 0 ? order : name[n] != '\0';
}

/* Whether the entry was told before; what it may hold was not all. */
static bool
was_told(struct walk *w, const char *name)
{
	const char *slash;

	if (w->after == NULL)
		return false;
	if (compare_after(name, w->after) > 0) {
		w->after = NULL;
		return false;
	}
	slash = strchr(w->after, '/');
	w->after = slash != NULL ? slash + 1 : NULL;
	return true;
}

/* A folder is opened before it is told of, so that what is told of its rights is what happens. */
static void
walk_entry(struct walk *w, int dir, const char *name)
{
	struct stat st;
	struct folder_entry entry = { .path = w->path, .st = &st };
	bool told;
	int fd = -1;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return; /* gone meanwhile */
	entry.is_folder = S_ISDIR(st.st_mode);
	entry.is_link = S_ISLNK(st.st_mode);
	if (entry.is_folder)
		fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	entry.readable = entry.is_folder ? fd >= 0 && faccessat(fd, ".", X_OK, AT_EACCESS) == 0
					 : faccessat(dir, name, R_OK, AT_EACCESS) == 0;
	told = was_told(w, name);
	w->stopped = !told && !w->each(w->arg, &entry);
	if (fd >= 0 && !w->stopped && w->depth < FOLDER_DEPTH_MAX)
		walk_folder(w, fd);
	else if (fd >= 0)
		close(fd);
	if (told)
		w->after = NULL; /* whatever comes now was not told */
}

/* Takes over fd. */
static void
walk_folder(struct walk *w, int fd)
{
	size_t end = strlen(w->path), from = end > 0 ? end + 1 : 0;
	DIR *dir = fdopendir(fd);
	struct names all = { 0 };

	if (dir == NULL) {
		close(fd);
		return;
	}
	names_read(&all, dir);
	w->depth++;
	for (size_t i = 0; i < all.count && !w->stopped; i++) {
		size_t n = strlen(all.name[i]);

		if (from + n >= sizeof w->path ||
		    (w->after != NULL && compare_after(all.name[i], w->after) < 0))
			continue;
		if (end > 0)
			w->path[end] = '/';
		memcpy(w->path + from, all.name[i], n + 1);
		walk_entry(w, dirfd(dir), all.name[i]);
	}
	w->depth--;
	w->path[end] = '\0';
	names_free(&all);
	closedir(dir);
}

bool
folder_walk(struct folder *f, const char *after,
    bool (*each)(void *arg, const struct folder_entry *entry), void *arg, struct err *e)
{
	struct walk *w;
	int fd = open(folder_path(f), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "cannot open the provisioning folder %s", folder_path(f));
	w = mem_new(1, sizeof *w);
	w->each = each;
	w->arg = arg;
	w->after = after[0] != '\0' ? after : NULL;
	walk_folder(w, fd);
	free(w);
	return true;
}
