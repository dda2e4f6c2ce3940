#include "net/tftpd_body.h"

#include "base/mem.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

static bool
descriptor_check(const struct answer *a, int fd, struct err *e)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;

	if (seals < 0 || fstat(fd, &st) != 0)
		return err_sys(e, "file that came with an answer");
	if ((seals & F_SEAL_SHRINK) == 0)
		return err_set(e, ERR_REFUSED, "the file of an answer is not sealed");
	if (st.st_size < 0 || (uint64_t)st.st_size != a->file_size || a->file_size > SIZE_MAX)
		return err_set(e, ERR_REFUSED, "the file of an answer is not as long as it says");
	return true;
}

bool
tftpd_body_take(struct tftpd_body *b, const struct answer *a, int fd, struct err *e)
{
	void *p;

	*b = (struct tftpd_body){ 0 };
	if (!a->has_file) {
		struct bytes copy = bytes_copy(a->data);

		*b = (struct tftpd_body){ .p = copy.p, .n = copy.n };
		return true;
	}
	if (!descriptor_check(a, fd, e))
		return false;
	if (a->file_size == 0)
		return true;
	p = mmap(NULL, (size_t)a->file_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return err_sys(e, "map the file of an answer");
	*b = (struct tftpd_body){ .p = p, .n = (size_t)a->file_size, .mapped = true };
	return true;
}

void
tftpd_body_free(struct tftpd_body *b)
{
	if (b->mapped)
		munmap(b->p, b->n);
	else
		free(b->p);
	*b = (struct tftpd_body){ 0 };
}
