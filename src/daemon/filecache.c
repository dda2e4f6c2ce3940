#include "daemon/filecache.h"

#include "base/mem.h"
#include "files/whole.h"
#include "wire/ask.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <uthash.h>

/* Two changes within a tick of the file system's clock bear the same time: a copy that was made so
 * soon after a change cannot be told from one of the file before. */
#define SETTLE_S 1

struct entry {
	char *name;     /* key */
	struct stat of; /* the file it was made from */
	bool settled;
	uint64_t generation;
	struct bytes data; /* small */
	int fd;            /* large, else -1 */
	uint64_t bytes;
	UT_hash_handle hh;
};

struct filecache {
	struct entry *entries; /* in order of insertion */
	uint64_t bytes;
};

struct filecache *
filecache_new(void)
{
	return mem_new(1, sizeof(struct filecache));
}

static void
drop(struct filecache *c, struct entry *en)
{
	HASH_DEL(c->entries, en);
	c->bytes -= en->bytes;
	if (en->fd >= 0)
		close(en->fd);
	bytes_free(&en->data);
	free(en->name);
	free(en);
}

void
filecache_clear(struct filecache *c)
{
	struct entry *en, *next;

	HASH_ITER(hh, c->entries, en, next)
	drop(c, en);
}

void
filecache_free(struct filecache *c)
{
	if (c == NULL)
		return;
	filecache_clear(c);
	free(c);
}

static bool
same_time(struct timespec a, struct timespec b)
{
	return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

bool
filecache_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       same_time(a->st_mtim, b->st_mtim) && same_time(a->st_ctim, b->st_ctim);
}

static void
give(const struct entry *en, struct filecache_copy *out)
{
	*out = (struct filecache_copy){ bytes_span(&en->data), en->fd, en->bytes };
}

bool
filecache_find(struct filecache *c, const char *name, const struct stat *st, uint64_t generation,
    struct filecache_copy *out)
{
	struct entry *en;

	HASH_FIND_STR(c->entries, name, en);
	if (en == NULL)
		return false;
	if (!en->settled || en->generation != generation || !filecache_same_file(&en->of, st)) {
		drop(c, en);
		return false;
	}
	give(en, out);
	return true;
}

/* A memory file that nobody can change or shorten any more. */
static int
sealed_file(struct span content, struct err *e)
{
	int fd = memfd_create("sealtone-file", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	bool ok = fd >= 0 || err_sys(e, "making it");

	ok = ok && whole_write(fd, content, e);
	if (ok &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) != 0)
		ok = err_sys(e, "sealing it");
	if (ok)
		return fd;
	err_in(e, "cannot keep %zu bytes in a memory file", content.n);
	if (fd >= 0)
		close(fd);
	return -1;
}

static void
make_room(struct filecache *c, uint64_t bytes)
{
	struct entry *en, *next;

	HASH_ITER(hh, c->entries, en, next)
	{
		if (c->bytes + bytes <= FILECACHE_BYTES_MAX)
			return;
		drop(c, en);
	}
}

bool
filecache_keep(struct filecache *c, const char *name, const struct stat *st, uint64_t generation,
    time_t now, struct bytes *content, struct filecache_copy *out, struct err *e)
{
	struct entry *en;
	int fd = -1;

	if (content->n > ASK_INLINE_MAX && (fd = sealed_file(bytes_span(content), e)) < 0) {
		bytes_free(content);
		return false;
	}
	HASH_FIND_STR(c->entries, name, en);
	if (en != NULL)
		drop(c, en);
	make_room(c, content->n);
	en = mem_new(1, sizeof *en);
	*en = (struct entry){ .name = mem_text(name, strlen(name)),
		.of = *st,
		.settled = now > st->st_ctim.tv_sec + SETTLE_S || now < st->st_ctim.tv_sec,
		.generation = generation,
		.fd = fd,
		.bytes = content->n };
	if (fd < 0)
		en->data = *content;
	else
		bytes_free(content);
	*content = (struct bytes){ 0 };
	HASH_ADD_KEYPTR(hh, c->entries, en->name, strlen(en->name), en);
	c->bytes += en->bytes;
	give(en, out);
	return true;
}
