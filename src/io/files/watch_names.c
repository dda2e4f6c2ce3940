#include "files/watch_names.h"

#include "base/mem.h"

#include <errno.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_BYTES 65536
#define READS_MAX  64

/* --- numbers and names --- */

/* Where the number stands, or would. */
static size_t
place_of(const struct watch_names *n, int number)
{
	size_t low = 0, high = n->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (n->row[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
is_at(const struct watch_names *n, size_t at, int number)
{
	return at < n->count && n->row[at].number == number;
}

void
watch_names_put(struct watch_names *n, int number, const char *name)
{
	size_t at = place_of(n, number);
	char *copy = mem_text(name, strlen(name));

	if (is_at(n, at, number)) {
		free(n->row[at].name);
		n->row[at].name = copy;
		return;
	}
	if (n->count == n->room) {
		n->room = n->room > 0 ? n->room * 2 : 16;
		n->row = mem_grow(n->row, n->room, sizeof *n->row);
	}
	memmove(n->row + at + 1, n->row + at, (n->count - at) * sizeof *n->row);
	n->row[at] = (struct watch_name){ number, copy };
	n->count++;
}

void
watch_names_drop(struct watch_names *n, int number)
{
	size_t at = place_of(n, number);

	if (!is_at(n, at, number))
		return;
	free(n->row[at].name);
	n->count--;
	memmove(n->row + at, n->row + at + 1, (n->count - at) * sizeof *n->row);
}

void
watch_names_clear(struct watch_names *n)
{
	for (size_t i = 0; i < n->count; i++)
		free(n->row[i].name);
	free(n->row);
	*n = (struct watch_names){ 0 };
}

const char *
watch_names_find(const struct watch_names *n, int number)
{
	size_t at = place_of(n, number);

	return is_at(n, at, number) ? n->row[at].name : NULL;
}

bool
watch_names_is_below(const char *path, const char *folder)
{
	size_t n = strlen(folder);

	if (path[0] == '/')
		return false; /* on the way to it */
	return n == 0 || (strncmp(path, folder, n) == 0 && (path[n] == '\0' || path[n] == '/'));
}

/* --- events --- */

/* "/a/b" has b among its names. */
static bool
is_on_the_way(const char *names, const char *name)
{
	size_t n = strlen(name);

	if (strcmp(names, "/") == 0)
		return true;
	for (const char *at = names; at != NULL; at = strchr(at + 1, '/'))
		if (strncmp(at + 1, name, n) == 0 && (at[1 + n] == '/' || at[1 + n] == '\0'))
			return true;
	return false;
}

/* The kernel fills names up with NULs. */
static const char *
entry_of(const struct inotify_event *ev)
{
	return ev->len > 0 ? ev->name : "";
}

enum watch_news
watch_names_judge(const struct watch_names *n, const struct inotify_event *ev, char path[PATH_MAX])
{
	const char *folder = watch_names_find(n, ev->wd), *entry = entry_of(ev);
	int length;

	path[0] = '\0';
	if ((ev->mask & IN_Q_OVERFLOW) != 0)
		return WATCH_EVERYTHING;
	if (folder == NULL)
		return WATCH_UNKNOWN;
	if ((ev->mask & (IN_IGNORED | IN_UNMOUNT | IN_DELETE_SELF | IN_MOVE_SELF)) != 0) {
		snprintf(path, PATH_MAX, "%s", folder);
		return WATCH_GONE;
	}
	if (folder[0] == '/')
		return is_on_the_way(folder, entry) ? WATCH_EVERYTHING : WATCH_NOTHING;
	if (entry[0] == '.')
		return WATCH_NOTHING; /* hidden: no phone can ask for it */
	length = snprintf(path, PATH_MAX, "%s%s%s", folder,
	    folder[0] != '\0' && entry[0] != '\0' ? "/" : "", entry);
	if (length >= PATH_MAX)
		return WATCH_EVERYTHING;
	return entry[0] == '\0' || (ev->mask & IN_ISDIR) != 0 ? WATCH_FOLDER : WATCH_FILE;
}

/* Whole events only: the kernel never cuts one. */
static void
tell_each(
    const char *p, size_t n, void (*each)(void *arg, const struct inotify_event *ev), void *arg)
{
	const struct inotify_event *ev;

	for (size_t at = 0; at + sizeof *ev <= n; at += sizeof *ev + ev->len) {
		ev = (const void *)(p + at);
		if (ev->len > n - at - sizeof *ev)
			return;
		each(arg, ev);
	}
}

bool
watch_names_read(int fd, void (*each)(void *arg, const struct inotify_event *ev), void *arg)
{
	alignas(struct inotify_event) char buffer[READ_BYTES];

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = read(fd, buffer, sizeof buffer);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		tell_each(buffer, (size_t)n, each, arg);
		/* A read that left room took everything. */
		if ((size_t)n < sizeof buffer - sizeof(struct inotify_event) - NAME_MAX - 1)
			return n > 0;
	}
	return false;
}
