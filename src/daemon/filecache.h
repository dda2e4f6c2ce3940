/*
 * filecache: finished copies of what phones download, kept until the file or the signing key
 * changes.
 *
 * A copy is known by the name it is asked under, the identity of the file it was made from (device,
 * inode, size, times) and the trust generation. Small copies are memory, large ones sealed memory
 * files that fronts map.
 */
#ifndef DAEMON_FILECACHE_H
#define DAEMON_FILECACHE_H

#include "base/bytes.h"
#include "base/err.h"

#include <sys/stat.h>

#define FILECACHE_BYTES_MAX (256UL * 1024 * 1024)

struct filecache;

struct filecache_copy {
	struct span data; /* when it is small: a loan until the next call */
	int fd;           /* else a sealed memory file, -1 for a small one; stays the cache's */
	uint64_t size;
};

struct filecache *filecache_new(void);
void filecache_free(struct filecache *c); /* safe with NULL */

/* The copy, if it still is of this file and generation. */
bool filecache_find(struct filecache *c, const char *name, const struct stat *st,
    uint64_t generation, struct filecache_copy *out);

/* Keeps content (taken over in any case) and gives its copy; old ones make room. A file that has
 * changed a moment before now is not found again. Errors: ERR_IO when there is no memory file to be
 * had. */
must_use bool filecache_keep(struct filecache *c, const char *name, const struct stat *st,
    uint64_t generation, time_t now, struct bytes *content, struct filecache_copy *out,
    struct err *e);

/* Nothing was written to it in between, as far as the file system can tell. */
bool filecache_same_file(const struct stat *a, const struct stat *b);

/* Forgets everything. */
void filecache_clear(struct filecache *c);

#endif
