#include "daemon/frontcache.h"

#include "base/mem.h"
#include "base/rd.h"
#include "rules/fname.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

#include <uthash.h>

#define KEY_MAX       (FNAME_MAX + 1) /* a byte for HTTPS before the name */
#define ENTRY_BYTES   512             /* what one costs beside its body */
#define REFUSED_SHARE 8               /* refusals may take one part in so many */

/* In the lists of what is kept, or under way. */
struct entry {
	UT_hash_handle hh;
	TAILQ_ENTRY(entry) next;
	void *question; /* NULL: kept */
	struct frontcopy copy;
	uint64_t bytes;
	size_t key_n;
	char key[KEY_MAX];
	uint8_t words[]; /* of the copy */
};

TAILQ_HEAD(entries, entry);

/* One kind of what is kept, least recently used first. */
struct shelf {
	struct entries entries;
	uint64_t bytes, bytes_max;
	size_t count;
};

struct frontcache {
	struct entry *by_key;
	struct shelf files, refusals;
	uint64_t hits, misses;
	void (*dropped)(void *arg, void *question);
	void *arg;
};

struct frontcache *
frontcache_new(uint64_t bytes_max, void (*dropped)(void *arg, void *question), void *arg)
{
	struct frontcache *c = mem_new(1, sizeof *c);

	c->dropped = dropped;
	c->arg = arg;
	c->refusals.bytes_max = bytes_max / REFUSED_SHARE;
	c->files.bytes_max = bytes_max - c->refusals.bytes_max;
	TAILQ_INIT(&c->files.entries);
	TAILQ_INIT(&c->refusals.entries);
	return c;
}

static struct shelf *
shelf_of(struct frontcache *c, const struct entry *en)
{
	return en->copy.body != NULL ? &c->files : &c->refusals;
}

static void
entry_remove(struct frontcache *c, struct entry *en)
{
	struct shelf *s = shelf_of(c, en);

	HASH_DEL(c->by_key, en);
	if (en->question == NULL) {
		TAILQ_REMOVE(&s->entries, en, next);
		s->bytes -= en->bytes;
		s->count--;
	}
	body_unref(en->copy.body);
	free(en);
}

void
frontcache_free(struct frontcache *c)
{
	struct entry *en, *next;

	if (c == NULL)
		return;
	HASH_ITER(hh, c->by_key, en, next)
	entry_remove(c, en);
	free(c);
}

/* Length of the key, 0: there is none. */
static size_t
key_write(const struct frontcache_key *key, char out[KEY_MAX])
{
	if (key->name.n == 0 || key->name.n >= KEY_MAX)
		return 0;
	out[0] = key->https ? 's' : 'p';
	memcpy(out + 1, key->name.p, key->name.n);
	return 1 + key->name.n;
}

static struct entry *
entry_find(struct frontcache *c, const struct frontcache_key *key)
{
	struct entry *en = NULL;
	char text[KEY_MAX];
	size_t n = key_write(key, text);

	if (n > 0)
		HASH_FIND(hh, c->by_key, text, n, en);
	return en;
}

const struct frontcopy *
frontcache_find(struct frontcache *c, const struct frontcache_key *key)
{
	struct entry *en = entry_find(c, key);
	struct shelf *s;

	if (en == NULL || en->question != NULL) {
		c->misses++;
		return NULL;
	}
	c->hits++;
	s = shelf_of(c, en);
	TAILQ_REMOVE(&s->entries, en, next);
	TAILQ_INSERT_TAIL(&s->entries, en, next);
	return &en->copy;
}

void *
frontcache_question(struct frontcache *c, const struct frontcache_key *key)
{
	const struct entry *en = entry_find(c, key);

	return en != NULL ? en->question : NULL;
}

static struct entry *
entry_add(struct frontcache *c, const struct frontcache_key *key, size_t words)
{
	struct entry *en = mem_new(1, sizeof *en + words);

	en->key_n = key_write(key, en->key);
	HASH_ADD_KEYPTR(hh, c->by_key, en->key, en->key_n, en);
	return en;
}

void
frontcache_ask(struct frontcache *c, const struct frontcache_key *key, void *question)
{
	char text[KEY_MAX];

	assert(entry_find(c, key) == NULL);
	if (key_write(key, text) > 0)
		entry_add(c, key, 0)->question = question;
}

static struct span
words_add(struct entry *en, size_t *used, struct span s)
{
	struct span copy = { en->words + *used, s.n };

	if (s.n > 0)
		memcpy(en->words + *used, s.p, s.n);
	*used += s.n;
	return copy;
}

static void
make_room(struct frontcache *c, struct shelf *s, uint64_t bytes)
{
	struct entry *oldest;

	while (s->bytes + bytes > s->bytes_max && (oldest = TAILQ_FIRST(&s->entries)) != NULL)
		entry_remove(c, oldest);
}

static void
keep(struct frontcache *c, const struct frontcache_key *key, const struct frontcopy *copy)
{
	const size_t words = copy->text.n + copy->etag.n + copy->version.n + copy->elsewhere.n;
	struct shelf *s = copy->body != NULL ? &c->files : &c->refusals;
	uint64_t bytes = ENTRY_BYTES + words;
	struct entry *en;
	size_t used = 0;

	if (copy->body != NULL)
		bytes += body_span(copy->body).n;
	if (bytes > s->bytes_max)
		return;
	make_room(c, s, bytes);
	en = entry_add(c, key, words);
	en->bytes = bytes;
	en->copy = (struct frontcopy){ .body = copy->body != NULL ? body_ref(copy->body) : NULL,
		.code = copy->code,
		.text = words_add(en, &used, copy->text),
		.etag = words_add(en, &used, copy->etag),
		.modified = copy->modified,
		.version = words_add(en, &used, copy->version),
		.elsewhere = words_add(en, &used, copy->elsewhere) };
	TAILQ_INSERT_TAIL(&s->entries, en, next);
	s->bytes += bytes;
	s->count++;
}

void
frontcache_answer(
    struct frontcache *c, const struct frontcache_key *key, const struct frontcopy *copy)
{
	struct entry *en = entry_find(c, key);

	if (en == NULL) /* a name that is never known */
		return;
	assert(en->question != NULL);
	entry_remove(c, en);
	if (copy != NULL)
		keep(c, key, copy);
}

static void
drop(struct frontcache *c, struct entry *en)
{
	void *question = en->question;

	entry_remove(c, en);
	if (question != NULL)
		c->dropped(c->arg, question);
}

static void
drop_all(struct frontcache *c)
{
	struct entry *en, *next;

	HASH_ITER(hh, c->by_key, en, next)
	drop(c, en);
}

static void
drop_name(struct frontcache *c, struct span stem, const char *before, const char *after)
{
	char name[KEY_MAX + 1];
	int n = snprintf(
	    name, sizeof name, "%s%.*s%s", before, (int)stem.n, (const char *)stem.p, after);

	if (n < 0 || n >= KEY_MAX)
		return;
	for (int https = 0; https <= 1; https++) {
		const struct frontcache_key key = { https != 0, span_of(name, (size_t)n) };
		struct entry *en = entry_find(c, &key);

		if (en != NULL)
			drop(c, en);
	}
}

void
frontcache_drop_path(struct frontcache *c, const char *path)
{
	static const char sgn[] = ".sgn";
	const struct span whole = span_str(path);
	const size_t tail = sizeof sgn - 1;

	if (whole.n == 0) {
		drop_all(c);
		return;
	}
	if (whole.n >= KEY_MAX)
		return;
	drop_name(c, whole, "", "");
	drop_name(c, whole, "", ".sgn");
	drop_name(c, whole, "", ".enc.sgn");
	if (whole.n > tail && memcmp(whole.p + whole.n - tail, sgn, tail) == 0)
		drop_name(c, span_of(whole.p, whole.n - tail), "", "");
}

void
frontcache_drop_devices(struct frontcache *c, struct span names)
{
	struct rd r = rd_open(names);
	struct span device;

	if (names.n == 0)
		drop_all(c);
	while (rd_until(&r, '\n', &device)) {
		if (device.n >= DEVICE_NAME_MAX)
			continue;
		drop_name(c, device, "CTL", ".tlv");
		drop_name(c, device, "ITL", ".tlv");
		drop_name(c, device, "", ".cnf.xml");
		drop_name(c, device, "", ".cnf.xml.sgn");
		drop_name(c, device, "", ".cnf.xml.enc.sgn");
	}
}

struct frontcache_stats
frontcache_stats(const struct frontcache *c)
{
	return (struct frontcache_stats){ .hits = c->hits,
		.misses = c->misses,
		.bytes = c->files.bytes + c->refusals.bytes,
		.kept = c->files.count + c->refusals.count,
		.refusals = c->refusals.count };
}
