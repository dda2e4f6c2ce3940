#include "files/folder.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define OPEN_ATTEMPTS 3
#define READ_ATTEMPTS 2

/* Two changes within a tick of the file system's clock bear the same time. */
#define SETTLE_S 1

/* File systems that others may change without this machine being told; linux/magic.h and the
 * sources of those that it leaves out. */
static const unsigned long silent[] = {
	0x6969,     /* NFS */
	0x517b,     /* SMB */
	0xff534d42, /* CIFS */
	0xfe534d42, /* SMB2 */
	0x65735546, /* FUSE */
	0x01021997, /* 9p */
	0x00c36400, /* Ceph */
	0x5346414f, /* AFS, OpenAFS */
	0x6b414653, /* AFS, kAFS */
	0x73757245, /* Coda */
	0x7461636f, /* OCFS2 */
	0x01161970, /* GFS2 */
	0x0bd00bd0, /* Lustre */
	0x786f4256, /* VirtualBox shared folders */
};

struct folder {
	char *path;
};

struct folder *
folder_new(const char *path)
{
	struct folder *f = mem_new(1, sizeof *f);

	f->path = mem_text(path, strlen(path));
	return f;
}

void
folder_free(struct folder *f)
{
	if (f == NULL)
		return;
	free(f->path);
	free(f);
}

const char *
folder_path(const struct folder *f)
{
	return f->path;
}

/* --- opening --- */

static bool
tells_of_changes(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++)
		if (((unsigned long)fs.f_type & 0xffffffff) == silent[i])
			return false;
	return true;
}

/* The descriptor, or -1 with errno. */
static int
open_below(int dir, const char *path, uint64_t flags, uint64_t resolve)
{
	const struct open_how how = { .flags = flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	long fd = -1;

	/* A rename somewhere on the way makes the kernel give up on RESOLVE_BENEATH. */
	for (int attempt = 0; attempt < OPEN_ATTEMPTS; attempt++) {
		fd = syscall(SYS_openat2, dir, path, &how, sizeof how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return (int)fd;
}

/* What is there and is none of the files: nothing, a folder on the way that is none, a socket. */
static bool
is_no_file(int fault)
{
	return fault == ENOENT || fault == ENOTDIR || fault == ELOOP || fault == ENXIO ||
	       fault == ENODEV || fault == ENAMETOOLONG;
}

/* The folders of a path that is not there, as far as they are there: reached without a link, on a
 * file system that tells of changes. */
static bool
way_is_watchable(int dir, const char *path)
{
	char part[PATH_MAX];
	char *slash;
	int fd;
	bool ok;

	if (strlen(path) >= sizeof part)
		return false;
	memcpy(part, path, strlen(path) + 1);
	while ((slash = strrchr(part, '/')) != NULL) {
		*slash = '\0';
		fd = open_below(dir, part, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
		if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
			return false;
		if (fd >= 0) {
			ok = tells_of_changes(fd);
			close(fd);
			return ok;
		}
	}
	return tells_of_changes(dir);
}

/* The first way takes no link, so that it says whether there is one. */
static int
open_either_way(int dir, const char *path, bool *linked)
{
	const uint64_t flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
	int fd = open_below(dir, path, flags, RESOLVE_NO_SYMLINKS);

	*linked = fd < 0 && errno == ELOOP;
	return *linked ? open_below(dir, path, flags, 0) : fd;
}

static bool
open_file(int dir, const char *path, struct folder_file *out, struct err *e)
{
	bool linked;
	int fd = open_either_way(dir, path, &linked);

	if (fd < 0 && errno == EXDEV)
		out->fault = FOLDER_LEADS_OUT;
	else if (fd < 0 && errno == EACCES)
		out->fault = FOLDER_UNREADABLE;
	else if (fd < 0 && !is_no_file(errno))
		return err_sys(e, "cannot open %s in the provisioning folder", path);
	if (fd >= 0 && (fstat(fd, &out->st) != 0 || !S_ISREG(out->st.st_mode))) {
		close(fd);
		fd = -1;
	}
	out->fd = fd;
	if (fd < 0)
		out->watchable = !linked && way_is_watchable(dir, path);
	else
		out->watchable = !linked && out->st.st_nlink == 1 && tells_of_changes(fd);
	return true;
}

bool
folder_open(struct folder *f, const char *path, struct folder_file *out, struct err *e)
{
	int dir = open(f->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool ok;

	*out = (struct folder_file){ .fd = -1 };
	if (dir < 0)
		return err_sys(e, "cannot open the provisioning folder %s", f->path);
	ok = open_file(dir, path, out, e);
	close(dir);
	return ok;
}

void
folder_close(struct folder_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

/* --- reading --- */

static bool
read_once(int fd, size_t size, struct bytes *out, struct err *e)
{
	*out = (struct bytes){ mem_new(size > 0 ? size : 1, 1), 0 };
	while (out->n < size) {
		ssize_t got = pread(fd, out->p + out->n, size - out->n, (off_t)out->n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			bytes_free(out);
			return err_sys(e, "cannot read the file");
		}
		if (got == 0) /* it shrank, and is not the same any more */
			return true;
		out->n += (size_t)got;
	}
	return true;
}

bool
folder_read(struct folder_file *file, uint64_t max, struct bytes *out, struct err *e)
{
	*out = (struct bytes){ 0 };
	for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
		struct stat before = file->st;

		if ((uint64_t)before.st_size > max)
			return err_set(e, ERR_LIMIT, "file of %lld bytes, at most %llu",
			    (long long)before.st_size, (unsigned long long)max);
		if (!read_once(file->fd, (size_t)before.st_size, out, e))
			return false;
		if (fstat(file->fd, &file->st) == 0 && folder_same_file(&before, &file->st))
			return true;
		bytes_free(out);
	}
	return err_set(e, ERR_AGAIN, "the file changed while it was read");
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool
folder_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

/* The seconds that programs are told turn a little later than those of the file system. A time
 * further ahead of the clock than that is one that the next change will not bear either. */
bool
folder_settled(const struct stat *st, time_t now)
{
	return now > st->st_ctim.tv_sec + SETTLE_S || now + SETTLE_S < st->st_ctim.tv_sec;
}
