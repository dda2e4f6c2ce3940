#include "daemon/filecache.h"

#include "base/mem.h"
#include "daemon/sealedfile.h"
#include "files/folder.h"
#include "wire/ask.h"

#include <stdlib.h>
#include <unistd.h>

#include <uthash.h>

struct entry {
	char *name;     /* key */
	struct stat of; /* the file it was made from */
	bool settled;
	uint64_t generation;
	struct bytes data; /* small */
	int fd;            /* large, else -1 */
	uint64_t bytes;
	struct filecache_facts facts;
	UT_hash_handle hh;
};

struct filecache {
	struct entry *entries; /* the one asked for last is the last */
	uint64_t bytes, bytes_max;
};

struct filecache *
filecache_new(uint64_t bytes_max)
{
	struct filecache *c = mem_new(1, sizeof *c);

	c->bytes_max = bytes_max;
	return c;
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

void
filecache_drop(struct filecache *c, const char *name)
{
	struct entry *en;

	HASH_FIND_STR(c->entries, name, en);
	if (en != NULL)
		drop(c, en);
}

static void
give(const struct entry *en, struct filecache_copy *out)
{
	*out = (struct filecache_copy){ bytes_span(&en->data), en->fd, en->bytes, en->facts };
}

bool
filecache_find(struct filecache *c, const struct filecache_key *key, struct filecache_copy *out)
{
	struct entry *en;

	HASH_FIND_STR(c->entries, key->name, en);
	if (en == NULL)
		return false;
	if (!en->settled || en->generation != key->generation ||
	    !folder_same_file(&en->of, &key->of)) {
		drop(c, en);
		return false;
	}
	HASH_DEL(c->entries, en);
	HASH_ADD_KEYPTR(hh, c->entries, en->name, strlen(en->name), en);
	give(en, out);
	return true;
}

bool
filecache_has_room(const struct filecache *c, uint64_t bytes)
{
	return bytes <= c->bytes_max && c->bytes <= c->bytes_max - bytes;
}

static void
make_room(struct filecache *c, uint64_t bytes)
{
	struct entry *en, *next;

	HASH_ITER(hh, c->entries, en, next)
	{
		if (filecache_has_room(c, bytes))
			return;
		drop(c, en);
	}
}

void
filecache_limit(struct filecache *c, uint64_t bytes_max)
{
	c->bytes_max = bytes_max;
	make_room(c, 0);
}

bool
filecache_keep(struct filecache *c, const struct filecache_key *key, time_t now,
    struct bytes *content, const struct filecache_facts *facts, struct filecache_copy *out,
    struct err *e)
{
	size_t length = strlen(key->name);
	struct entry *en;
	int fd = -1;

	if (content->n > ASK_INLINE_MAX && (fd = sealedfile_make(bytes_span(content), e)) < 0) {
		bytes_free(content);
		return false;
	}
	filecache_drop(c, key->name);
	make_room(c, content->n);
	en = mem_new(1, sizeof *en);
	*en = (struct entry){ .name = mem_text(key->name, length),
		.of = key->of,
		.settled = folder_settled(&key->of, now),
		.generation = key->generation,
		.fd = fd,
		.bytes = content->n,
		.facts = *facts };
	if (fd < 0)
		en->data = *content;
	else
		bytes_free(content);
	*content = (struct bytes){ 0 };
	HASH_ADD_KEYPTR(hh, c->entries, en->name, length, en);
	c->bytes += en->bytes;
	give(en, out);
	return true;
}
