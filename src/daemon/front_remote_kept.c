#include "daemon/front_remote_kept.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

#define KEPT_MAX 8192 /* entries, of files and of none */

struct entry {
	UT_hash_handle hh;
	TAILQ_ENTRY(entry) next; /* in the order in which they came */
	uint64_t until_ms;
	struct body *body; /* NULL: there is none */
	char *key;
};

struct front_remote_kept {
	struct entry *by_key;
	TAILQ_HEAD(, entry) oldest;
	size_t count, bytes, bytes_max;
};

static size_t
size_of(const struct body *body)
{
	return body != NULL ? body_span(body).n : 0;
}

static void
drop(struct front_remote_kept *k, struct entry *en)
{
	HASH_DEL(k->by_key, en);
	TAILQ_REMOVE(&k->oldest, en, next);
	k->count--;
	k->bytes -= size_of(en->body);
	body_unref(en->body);
	free(en->key);
	free(en);
}

struct front_remote_kept *
front_remote_kept_new(size_t bytes_max)
{
	struct front_remote_kept *k = mem_new(1, sizeof *k);

	k->bytes_max = bytes_max;
	TAILQ_INIT(&k->oldest);
	return k;
}

void
front_remote_kept_free(struct front_remote_kept *k)
{
	if (k == NULL)
		return;
	while (!TAILQ_EMPTY(&k->oldest))
		drop(k, TAILQ_FIRST(&k->oldest));
	free(k);
}

void
front_remote_kept_add(
    struct front_remote_kept *k, const char *key, struct body *body, uint64_t until_ms)
{
	struct entry *en;

	HASH_FIND_STR(k->by_key, key, en);
	if (en != NULL)
		drop(k, en);
	if (size_of(body) > k->bytes_max)
		return;
	while (k->count == KEPT_MAX || k->bytes + size_of(body) > k->bytes_max)
		drop(k, TAILQ_FIRST(&k->oldest));
	en = mem_new(1, sizeof *en);
	en->key = mem_text(key, strlen(key));
	en->until_ms = until_ms;
	en->body = body != NULL ? body_ref(body) : NULL;
	HASH_ADD_KEYPTR(hh, k->by_key, en->key, strlen(en->key), en);
	TAILQ_INSERT_TAIL(&k->oldest, en, next);
	k->count++;
	k->bytes += size_of(body);
}

bool
front_remote_kept_find(
    struct front_remote_kept *k, const char *key, uint64_t now_ms, struct body **body)
{
	struct entry *en;

	HASH_FIND_STR(k->by_key, key, en);
	if (en != NULL && now_ms >= en->until_ms) {
		drop(k, en);
		en = NULL;
	}
	*body = en != NULL ? en->body : NULL;
	return en != NULL;
}
