/*
 * filecache: finished copies of what phones download, kept until the file or the signing key
 * changes.
 *
 * A copy is known by the name it is asked under, the identity of the file it was made from (device,
 * inode, size, times; all zero when it was made from none) and the trust generation. Small copies
 * are memory, large ones sealed memory files that fronts map. When there is no room, those that
 * were not asked for longest go.
 */
#ifndef DAEMON_FILECACHE_H
#define DAEMON_FILECACHE_H

#include "base/bytes.h"
#include "base/err.h"

#include <sys/stat.h>

#define FILECACHE_ETAG_MAX    48
#define FILECACHE_VERSION_MAX 96

struct filecache;

/* What is told about a file besides its bytes; see the fields of the same names in wire/ask.h. */
struct filecache_facts {
	char etag[FILECACHE_ETAG_MAX];
	char version[FILECACHE_VERSION_MAX];
	uint64_t modified;
};

struct filecache_copy {
	struct span data; /* when it is small: a loan until the next call */
	int fd;           /* else a sealed memory file, -1 for a small one; stays the cache's */
	uint64_t size;
	struct filecache_facts facts;
};

/* Where a copy belongs. */
struct filecache_key {
	const char *name;
	struct stat of;
	uint64_t generation;
};

/* Of at most so many bytes. */
struct filecache *filecache_new(uint64_t bytes_max);
void filecache_free(struct filecache *c); /* safe with NULL */
void filecache_limit(struct filecache *c, uint64_t bytes_max);

/* The copy, if it still is of this file and generation. */
bool filecache_find(
    struct filecache *c, const struct filecache_key *key, struct filecache_copy *out);

/* Keeps content (taken over in any case) and gives its copy; old ones make room. A file that has
 * changed a moment before now is not found again. Errors: ERR_IO when there is no memory file to be
 * had. */
must_use bool filecache_keep(struct filecache *c, const struct filecache_key *key, time_t now,
    struct bytes *content, const struct filecache_facts *facts, struct filecache_copy *out,
    struct err *e);

/* That many more bytes fit without another copy going. */
bool filecache_has_room(const struct filecache *c, uint64_t bytes);

/* Forgets one, or everything. */
void filecache_drop(struct filecache *c, const char *name);
void filecache_clear(struct filecache *c);

#endif
