#include "daemon/sealedfile.h"

#include "base/mem.h"
#include "files/whole.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

int
sealedfile_make(struct span content, struct err *e)
{
	int fd = memfd_create("sealtone-file", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0) {
		err_sys(e, "memory file for %zu bytes", content.n);
		return -1;
	}
	if (whole_write(fd, content, e) &&
	    (fcntl(fd, F_ADD_SEALS, SEALS) == 0 || err_sys(e, "seal")))
		return fd;
	err_in(e, "memory file for %zu bytes", content.n);
	close(fd);
	return -1;
}

static bool
check(int fd, uint64_t size, uint64_t max, struct err *e)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	if (seals < 0 || fstat(fd, &st) != 0)
		return err_sys(e, "memory file");
	if ((seals & SEALS) != SEALS)
		return err_set(e, ERR_REFUSED, "memory file: is not sealed");
	if (st.st_size < 0 || (uint64_t)st.st_size != size)
		return err_set(e, ERR_REFUSED, "memory file: has %lld bytes, not %llu",
		    (long long)st.st_size, (unsigned long long)size);
	return size <= max || err_set(e, ERR_LIMIT, "memory file: has %llu bytes, at most %llu",
				  (unsigned long long)size, (unsigned long long)max);
}

bool
sealedfile_read(int fd, uint64_t size, uint64_t max, struct bytes *out, struct err *e)
{
	size_t done = 0;

	*out = (struct bytes){ 0 };
	if (!check(fd, size, max, e))
		return false;
	*out = (struct bytes){ mem_new((size_t)size, 1), (size_t)size };
	while (done < out->n) {
		ssize_t n = pread(fd, out->p + done, out->n - done, (off_t)done);

		if (n <= 0) {
			bytes_free(out);
			return err_sys(e, "memory file");
		}
		done += (size_t)n;
	}
	return true;
}
