#include "store/store_lock.h"

#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

/* An owner that was killed keeps its lock for as long as its end takes. */
#define TRIES      40
#define BETWEEN_MS 50

static char *
lock_path(const char *path)
{
	size_t size = strlen(path) + sizeof ".lock";
	char *out = mem_new(size, 1);

	snprintf(out, size, "%s.lock", path);
	return out;
}

static bool
in_use(const char *path, int fd, struct err *e)
{
	char text[32] = "";
	ssize_t n = pread(fd, text, sizeof text - 1, 0);
	unsigned long pid;

	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	/* The owner may not have written its number yet. */
	if (!text_number(text, 1, INT_MAX, &pid))
		return err_set(
		    e, ERR_CONFLICT, "%s: in use by another sealtoned: stop it first", path);
	return err_set(e, ERR_CONFLICT,
	    "%s: in use by another sealtoned (process %lu): stop it first", path, pid);
}

/* Locks, when need be after a short wait; errno otherwise. */
static bool
lock_soon(int fd)
{
	const struct timespec between = { .tv_nsec = BETWEEN_MS * 1000000L };

	for (int i = 1; flock(fd, LOCK_EX | LOCK_NB) != 0; i++) {
		if (errno != EWOULDBLOCK || i == TRIES)
			return false;
		nanosleep(&between, NULL);
	}
	return true;
}

bool
store_lock_take(const char *path, int *out, struct err *e)
{
	char *name = lock_path(path);
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = false;

	if (fd < 0)
		err_sys(e, "%s: cannot be made or opened for writing", name);
	else if (!lock_soon(fd) && errno == EWOULDBLOCK)
		in_use(path, fd, e);
	else if (ftruncate(fd, 0) != 0 || dprintf(fd, "%ld\n", (long)getpid()) < 0)
		err_sys(e, "%s: cannot be written", name);
	else
		ok = true;
	free(name);
	if (ok)
		*out = fd;
	else if (fd >= 0)
		close(fd);
	return ok;
}

void
store_lock_release(int lock)
{
	if (lock >= 0)
		close(lock);
}

void
store_lock_remove(const char *path, int lock)
{
	char *name = lock_path(path);

	unlink(name);
	free(name);
	store_lock_release(lock);
}
