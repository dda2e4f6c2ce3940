#include "net/body.h"

#include "base/mem.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct body {
	size_t references;
	struct span data;
	void *mapping; /* NULL: data is in copy */
	uint8_t copy[];
};

struct body *
body_copy(struct span data)
{
	struct body *b = mem_new(1, sizeof *b + data.n);

	b->references = 1;
	if (data.n > 0)
		memcpy(b->copy, data.p, data.n);
	b->data = span_of(b->copy, data.n);
	return b;
}

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
body_from_answer(const struct answer *a, int fd, struct body **out, struct err *e)
{
	struct body *b;
	void *p;

	if (a->has_file && !descriptor_check(a, fd, e))
		return false;
	if (!a->has_file || a->file_size == 0) {
		*out = body_copy(a->has_file ? (struct span){ 0 } : a->data);
		return true;
	}
	p = mmap(NULL, (size_t)a->file_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return err_sys(e, "map the file of an answer");
	b = mem_new(1, sizeof *b);
	*b = (struct body){
		.references = 1, .data = span_of(p, (size_t)a->file_size), .mapping = p
	};
	*out = b;
	return true;
}

struct body *
body_ref(struct body *b)
{
	b->references++;
	return b;
}

void
body_unref(struct body *b)
{
	if (b == NULL)
		return;
	assert(b->references > 0);
	if (--b->references > 0)
		return;
	if (b->mapping != NULL)
		munmap(b->mapping, b->data.n);
	free(b);
}

struct span
body_span(const struct body *b)
{
	return b->data;
}
