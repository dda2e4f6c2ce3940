#include "files/wholefile.h"

#include "base/mem.h"
#include "files/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
read_all(int fd, const char *path, size_t max, struct bytes *out, struct err *e)
{
	struct bytes b = { mem_new(max + 1, 1), 0 };

	for (;;) {
		ssize_t n = read(fd, b.p + b.n, max + 1 - b.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || b.n + (size_t)n > max) {
			bool ok = n == 0 || (n < 0 ? err_sys(e, "%s", path)
						   : err_set(e, ERR_LIMIT,
							 "%s: more than %zu bytes", path, max));

			if (ok)
				*out = b;
			else
				bytes_wipe(&b);
			return ok;
		}
		b.n += (size_t)n;
	}
}

static bool
read_checked(const char *path, size_t max, mode_t forbidden, struct bytes *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;
	bool ok;

	if (fd < 0)
		return err_sys(e, "%s", path);
	if (fstat(fd, &st) != 0)
		ok = err_sys(e, "%s", path);
	else if (!S_ISREG(st.st_mode))
		ok = err_set(e, ERR_IO, "%s: is not a regular file", path);
	else if ((st.st_mode & forbidden) != 0)
		ok = err_set(e, ERR_REFUSED,
		    "%s: others may use it (mode %03o); it holds a secret: chmod 600", path,
		    (unsigned)st.st_mode & 0777u);
	else
		ok = read_all(fd, path, max, out, e);
	close(fd);
	return ok;
}

bool
wholefile_read(const char *path, size_t max, struct bytes *out, struct err *e)
{
	return read_checked(path, max, 0, out, e);
}

bool
wholefile_read_secret(const char *path, size_t max, struct bytes *out, struct err *e)
{
	return read_checked(path, max, S_IRWXG | S_IRWXO, out, e);
}

bool
wholefile_sync_folder(const char *folder, struct err *e)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;

	if (!ok)
		err_sys(e, "%s", folder);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* The folder of a path. */
static bool
sync_around(const char *path, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	if (slash == NULL)
		return wholefile_sync_folder(".", e);
	if (slash == path)
		return wholefile_sync_folder("/", e);
	snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
	return wholefile_sync_folder(folder, e);
}

static bool
write_beside(const char *beside, struct span content, mode_t mode, struct err *e)
{
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	bool ok;

	if (fd < 0)
		return err_sys(e, "%s", beside);
	ok = fchmod(fd, mode) == 0 || err_sys(e, "mode %03o", (unsigned)mode);
	ok = ok && whole_write(fd, content, e) && (fsync(fd) == 0 || err_sys(e, "to the disk"));
	close(fd);
	return ok || err_in(e, "%s", beside);
}

bool
wholefile_write_new(const char *path, struct span content, mode_t mode, struct err *e)
{
	char beside[PATH_MAX];
	struct stat st;

	if (snprintf(beside, sizeof beside, "%s.new", path) >= (int)sizeof beside)
		return err_set(e, ERR_LIMIT, "%s: the path is too long", path);
	if (lstat(path, &st) == 0)
		return err_set(e, ERR_CONFLICT, "%s: exists already", path);
	if (!write_beside(beside, content, mode, e)) {
		unlink(beside);
		return false;
	}
	if (rename(beside, path) != 0) {
		err_sys(e, "%s", path);
		unlink(beside);
		return false;
	}
	return sync_around(path, e);
}

bool
wholefile_remove(const char *path, struct err *e)
{
	if (unlink(path) == 0)
		return sync_around(path, e);
	if (errno == ENOENT)
		return err_set(e, ERR_UNKNOWN, "%s: is not there", path);
	return err_sys(e, "%s", path);
}
