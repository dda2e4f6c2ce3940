#include "phone/flash.h"

#include "base/mem.h"
#include "files/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_MODE 0700
#define FILE_MODE   0600
#define HALF_SUFFIX ".new" /* a file that is being written */

static bool
make_folders(const char *path, struct err *e)
{
	char part[PATH_MAX];
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof part)
		return err_set(e, ERR_MALFORMED, "state folder: name of %zu characters", n);
	memcpy(part, path, n + 1);
	for (size_t i = 1; i <= n; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, FOLDER_MODE) != 0 && errno != EEXIST)
			return err_sys(e, "state folder %s", part);
		part[i] = path[i];
	}
	return true;
}

bool
flash_open(struct flash *f, const char *path, struct err *e)
{
	f->dir = -1;
	if (!make_folders(path, e))
		return false;
	f->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return f->dir >= 0 || err_sys(e, "state folder %s", path);
}

void
flash_close(struct flash *f)
{
	if (f->dir >= 0)
		close(f->dir);
	f->dir = -1;
}

static bool
check_name(const char *name, struct err *e)
{
	if (name[0] == '\0' || name[0] == '.' || strchr(name, '/') != NULL ||
	    strlen(name) + sizeof HALF_SUFFIX > FLASH_NAME_MAX)
		return err_set(e, ERR_BUG, "'%s' is no name for a file of the phone", name);
	return true;
}

static bool
read_all(int fd, size_t max, struct bytes *out, struct err *e)
{
	uint8_t *p = mem_new(max + 1, 1);
	size_t n = 0;
	ssize_t got;

	do {
		got = read(fd, p + n, max + 1 - n);
		if (got > 0)
			n += (size_t)got;
	} while (n <= max && (got > 0 || (got < 0 && errno == EINTR)));
	if (got >= 0 && n <= max) {
		*out = bytes_copy(span_of(p, n));
		mem_wipe_free(p, max + 1);
		return true;
	}
	mem_wipe_free(p, max + 1);
	if (got < 0)
		return err_sys(e, "reading");
	return err_set(e, ERR_LIMIT, "more than %zu bytes", max);
}

bool
flash_read(const struct flash *f, const char *name, size_t max, struct bytes *out, struct err *e)
{
	int fd;
	bool ok;

	if (!check_name(name, e))
		return false;
	fd = openat(f->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return err_set(e, ERR_UNKNOWN, "%s: there is none", name);
	if (fd < 0)
		return err_sys(e, "%s", name);
	ok = read_all(fd, max, out, e);
	close(fd);
	return ok || err_in(e, "%s", name);
}

bool
flash_write(const struct flash *f, const char *name, struct span data, struct err *e)
{
	char half[FLASH_NAME_MAX];
	int fd;
	bool ok;

	if (!check_name(name, e))
		return false;
	snprintf(half, sizeof half, "%s" HALF_SUFFIX, name);
	fd = openat(f->dir, half, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (fd < 0)
		return err_sys(e, "%s", half);
	ok = whole_write(fd, data, e) && (fsync(fd) == 0 || err_sys(e, "writing"));
	close(fd);
	if (!ok) {
		unlinkat(f->dir, half, 0);
		return err_in(e, "%s", half);
	}
	return flash_rename(f, half, name, e);
}

bool
flash_rename(const struct flash *f, const char *from, const char *to, struct err *e)
{
	if (renameat(f->dir, from, f->dir, to) != 0)
		return errno == ENOENT ? err_set(e, ERR_UNKNOWN, "%s: there is none", from)
				       : err_sys(e, "%s", to);
	return fsync(f->dir) == 0 || err_sys(e, "state folder");
}

bool
flash_remove(const struct flash *f, const char *name, bool *was, struct err *e)
{
	bool there = unlinkat(f->dir, name, 0) == 0;

	if (!there && errno != ENOENT)
		return err_sys(e, "%s", name);
	if (was != NULL)
		*was = there;
	return true;
}
