#include "admin/readfile.h"

#include "base/mem.h"
#include "files/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
read_all(int fd, struct bytes *out)
{
	size_t cap = 65536;

	*out = (struct bytes){ mem_new(cap, 1), 0 };
	for (;;) {
		ssize_t n;

		if (out->n == cap)
			out->p = mem_grow(out->p, cap *= 2, 1);
		n = read(fd, out->p + out->n, cap - out->n);
		if (n == 0)
			return true;
		if (n > 0)
			out->n += (size_t)n;
		if ((n < 0 && errno != EINTR) || out->n > READFILE_MAX) {
			if (n >= 0)
				errno = EFBIG;
			bytes_free(out);
			return false;
		}
	}
}

bool
readfile(const char *path, struct bytes *out, struct err *e)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return err_sys(e, "cannot open %s", path);
	ok = read_all(fd, out);
	if (!ok)
		err_sys(e, "cannot read %s", path);
	close(fd);
	return ok;
}

struct cert *
readfile_cert(const char *path, struct err *e)
{
	struct bytes pem;
	struct cert *c;

	if (!readfile(path, &pem, e))
		return NULL;
	c = cert_from_pem(bytes_span(&pem), e);
	if (c == NULL)
		err_in(e, "%s", path);
	bytes_wipe(&pem);
	return c;
}

/* What a program that creates a file with mode gets. */
static mode_t
masked(mode_t mode)
{
	mode_t mask = umask(0077);

	umask(mask);
	return mode & ~mask;
}

/* A new file beside path, so that path is never half written, whatever happens. */
static bool
write_beside(const char *path, struct span s, mode_t mode, bool keep, struct err *e)
{
	char temp[PATH_MAX];
	int fd;
	bool ok;

	if ((size_t)snprintf(temp, sizeof temp, "%s.XXXXXX", path) >= sizeof temp)
		return err_set(e, ERR_LIMIT, "%s: name too long", path);
	fd = mkstemp(temp);
	if (fd < 0)
		return err_sys(e, "cannot write %s", path);
	ok = whole_write(fd, s, e) || err_in(e, "%s", path);
	if (ok && (fchmod(fd, masked(mode)) != 0 || fsync(fd) != 0))
		ok = err_sys(e, "cannot write %s", path);
	if (close(fd) != 0 && ok)
		ok = err_sys(e, "cannot write %s", path);
	if (!ok) {
		unlink(temp);
		return false;
	}
	ok = keep ? link(temp, path) == 0 : rename(temp, path) == 0;
	if (!ok && errno == EEXIST)
		err_set(e, ERR_CONFLICT, "%s exists; --out names another place", path);
	else if (!ok)
		err_sys(e, "cannot write %s", path);
	if (keep || !ok)
		unlink(temp);
	return ok;
}

bool
writefile(const char *path, struct span s, mode_t mode, bool keep, struct err *e)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return whole_write(STDOUT_FILENO, s, e) || err_in(e, "standard output");
	if (!keep && stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		int fd = open(path, O_WRONLY | O_CLOEXEC);
		bool ok;

		if (fd < 0)
			return err_sys(e, "cannot write %s", path);
		ok = whole_write(fd, s, e) || err_in(e, "%s", path);
		close(fd);
		return ok;
	}
	return write_beside(path, s, mode, keep, e);
}
