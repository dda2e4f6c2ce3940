#include "daemon/core_builds.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/core_files.h"
#include "daemon/core_product.h"
#include "daemon/signpool.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <uthash.h>

#define IN_HAND_MAX 64 /* files made and waiting for a signature; more wait to be made */

struct waiter {
	struct core_front *from;
	uint32_t id;
};

struct build {
	struct core_builds *all;
	char key[CORE_SOURCE_KEY_MAX];
	char peer[ASK_ADDRESS_MAX]; /* who was the first to ask */
	struct core_wanted wanted;
	struct waiter *waiter; /* in order of their questions */
	size_t count, cap;
	size_t early;   /* of them asked before what is being signed was read */
	bool is_queued; /* else it is being signed, or it is this one's turn */
	bool is_in_advance;
	uint32_t signing;        /* its number in the pool */
	bool is_stale;           /* what was read is not good any more */
	struct filecache_key of; /* what was read; name is key */
	bool is_told;
	bool is_current; /* the current key signs it */
	uint64_t generation;
	struct core_product product;
	TAILQ_ENTRY(build) next; /* in the queue */
	UT_hash_handle hh;
};

struct core_builds {
	struct core *core;
	struct build *by_key;
	TAILQ_HEAD(, build) queue;
};

static signpool_done on_signed;

struct core_builds *
core_builds_new(struct core *c)
{
	struct core_builds *b = mem_new(1, sizeof *b);

	b->core = c;
	TAILQ_INIT(&b->queue);
	return b;
}

static void
end(struct build *one)
{
	struct core_builds *b = one->all;

	if (one->is_queued)
		TAILQ_REMOVE(&b->queue, one, next);
	HASH_DEL(b->by_key, one);
	core_product_free(&one->product);
	free(one->waiter);
	free(one);
}

void
core_builds_free(struct core_builds *b)
{
	struct build *one, *next;

	if (b == NULL)
		return;
	HASH_ITER(hh, b->by_key, one, next)
	end(one);
	free(b);
}

size_t
core_builds_count(const struct core_builds *b)
{
	return HASH_COUNT(b->by_key);
}

/* --- answers --- */

/* The first n have been answered. */
static void
let_go(struct build *one, size_t n)
{
	one->count -= n;
	if (one->count > 0)
		memmove(one->waiter, one->waiter + n, one->count * sizeof *one->waiter);
}

static void
fail(struct build *one, const struct err *e)
{
	const char *name = log_quote(span_str(one->wanted.name.path));

	if (one->count == 0)
		log_event(LOG_ERROR, "not-prepared name=%s reason=\"%s\"", name, e->text);
	else if (logbudget_take(&one->all->core->strangers, core_now()))
		log_event(LOG_ERROR, "file-failed peer=%s name=%s reason=\"%s\"", one->peer, name,
		    e->text);
	for (size_t i = 0; i < one->count; i++)
		core_files_broken(one->waiter[i].from, one->waiter[i].id);
	let_go(one, one->count);
}

static void
answer(struct build *one, size_t n, const struct filecache_copy *copy, bool keep)
{
	for (size_t i = 0; i < n; i++)
		if (copy != NULL)
			core_files_send(one->waiter[i].from, one->waiter[i].id, copy, keep);
		else
			core_files_absent(
			    one->waiter[i].from, one->waiter[i].id, &one->wanted, keep);
	let_go(one, n);
}

/* Nobody waits for what was made in advance: it is kept only where it pushes nothing out. */
static bool
is_worth_keeping(const struct build *one)
{
	return one->count > 0 || filecache_has_room(one->all->core->files, one->product.content.n);
}

static bool
deliver(struct build *one, bool is_fresh, struct err *e)
{
	struct core *c = one->all->core;
	size_t n = is_fresh ? one->count : one->early;
	bool keep =
	    is_fresh && one->is_told && one->is_current && folder_settled(&one->of.of, core_now());
	struct filecache_copy copy;

	if (!one->product.is_found) {
		answer(one, n, NULL, keep);
		return true;
	}
	if (!is_worth_keeping(one))
		return true;
	if (!core_product_finish(&one->product, e) ||
	    !filecache_keep(c->files, &one->of, core_now(), &one->product.content,
		&one->product.facts, &copy, e))
		return false;
	answer(one, n, &copy, keep);
	if (!is_fresh)
		filecache_drop(c->files, one->key);
	return true;
}

/* --- making --- */

/* Nothing of what the file was made from has changed since. */
static bool
is_fresh(struct build *one)
{
	struct core *c = one->all->core;
	char name[CORE_SOURCE_KEY_MAX];
	struct core_source now;
	struct filecache_key key;

	if (one->is_stale || !core_source_open(c, &one->wanted, &now, NULL))
		return false;
	key = core_source_key(c, &one->wanted, &now, name);
	core_source_close(&now);
	return key.generation == one->of.generation && folder_same_file(&key.of, &one->of.of);
}

static bool
make(struct build *one, struct core_source *source, struct err *e)
{
	struct core *c = one->all->core;
	bool ok;

	core_product_free(&one->product);
	one->is_stale = false;
	one->early = one->count;
	ok = core_product_make(c, &one->wanted, source, &one->product, e);
	one->of = core_source_key(c, &one->wanted, source, one->key);
	one->is_told = source->is_told;
	one->is_current = source->signer == NULL;
	one->generation = cluster_generation(c->cluster);
	core_source_close(source);
	return ok;
}

static void
sign(struct build *one)
{
	struct core *c = one->all->core;
	struct bytes file = one->product.content;

	one->product.content = (struct bytes){ 0 };
	one->signing = signpool_sign(c->signpool, one->is_in_advance,
	    cert_key_id(one->product.signer), &file, on_signed, one);
}

/* true: it waits for its signature. */
static bool
make_and_answer(struct build *one, struct core_source *source)
{
	struct err e = { 0 };

	if (!make(one, source, &e)) {
		fail(one, &e);
		return false;
	}
	if (one->product.is_unsigned) {
		sign(one);
		return true;
	}
	if (!deliver(one, true, &e))
		fail(one, &e);
	return false;
}

static void
start(struct build *one)
{
	struct core_source source;
	struct err e = { 0 };

	if (!core_source_open(one->all->core, &one->wanted, &source, &e))
		fail(one, &e);
	else if (make_and_answer(one, &source))
		return;
	end(one);
}

static void
enqueue(struct build *one)
{
	one->is_queued = true;
	TAILQ_INSERT_TAIL(&one->all->queue, one, next);
}

static bool
has_room(const struct core_builds *b)
{
	const struct signpool *p = b->core->signpool;

	return signpool_waiting(p, false) - signpool_waiting(p, true) < IN_HAND_MAX;
}

static void
go_on(struct core_builds *b)
{
	struct build *one;

	while ((one = TAILQ_FIRST(&b->queue)) != NULL && has_room(b)) {
		TAILQ_REMOVE(&b->queue, one, next);
		one->is_queued = false;
		start(one);
	}
}

static void
on_signed(void *arg, struct bytes *file, struct span signature, const struct err *why)
{
	struct build *one = arg;
	struct core_builds *b = one->all;
	struct core *c = b->core;
	struct err e = { 0 };

	if (one->generation != cluster_generation(c->cluster))
		bytes_free(file); /* by a key of before: nobody is given it */
	else if (why != NULL)
		fail(one, why);
	else if (!core_product_signed(c, &one->wanted, &one->product, file, signature, &e) ||
		 !deliver(one, is_fresh(one), &e))
		fail(one, &e);
	if (one->count > 0)
		enqueue(one);
	else
		end(one);
	go_on(b);
}

/* --- questions --- */

static struct build *
add(struct core_builds *b, const struct core_wanted *wanted, const char *key)
{
	struct build *one = mem_new(1, sizeof *one);

	one->all = b;
	one->wanted = *wanted;
	snprintf(one->key, sizeof one->key, "%s", key);
	HASH_ADD_STR(b->by_key, key, one);
	return one;
}

static void
wait_for(struct build *one, struct core_front *from, const struct ask *ask)
{
	if (one->peer[0] == '\0')
		snprintf(one->peer, sizeof one->peer, "%.*s", (int)ask->peer.n,
		    (const char *)ask->peer.p);
	if (one->count == one->cap) {
		one->cap = one->cap > 0 ? 2 * one->cap : 2;
		one->waiter = mem_grow(one->waiter, one->cap, sizeof *one->waiter);
	}
	one->waiter[one->count++] = (struct waiter){ from, ask->id };
	if (one->is_in_advance)
		signpool_hurry(one->all->core->signpool, one->signing);
	one->is_in_advance = false;
}

void
core_builds_ask(struct core_builds *b, struct core_front *from, const struct ask *ask,
    const struct core_wanted *wanted, struct core_source *source)
{
	char key[CORE_SOURCE_KEY_MAX];
	struct build *one;

	(void)core_source_key(b->core, wanted, source, key);
	HASH_FIND_STR(b->by_key, key, one);
	if (one != NULL) {
		wait_for(one, from, ask);
		core_source_close(source);
		return;
	}
	one = add(b, wanted, key);
	wait_for(one, from, ask);
	if (source->is_signed_by_us && !has_room(b)) {
		core_source_close(source);
		enqueue(one);
	} else if (!make_and_answer(one, source)) {
		end(one);
	}
}

/* --- in advance --- */

static bool
is_kept(struct core_builds *b, const struct core_wanted *wanted, struct core_source *source)
{
	char name[CORE_SOURCE_KEY_MAX];
	const struct filecache_key key = core_source_key(b->core, wanted, source, name);
	struct filecache_copy copy;

	return filecache_find(b->core->files, &key, &copy);
}

/* Gives whether the phone is given the companion stub, which is not all then. */
static bool
prepare(struct core_builds *b, const char *path)
{
	struct core_wanted wanted = { 0 };
	struct core_source source;
	struct build *one;
	struct err e = { 0 };
	bool waits, is_stub;

	HASH_FIND_STR(b->by_key, path, one);
	if (one != NULL || !fname_parse(span_str(path), &wanted.name, NULL))
		return false;
	if (!core_source_open(b->core, &wanted, &source, &e)) {
		log_event(LOG_ERROR, "not-prepared name=%s reason=\"%s\"", path, e.text);
		return false;
	}
	if (is_kept(b, &wanted, &source)) {
		core_source_close(&source);
		return false;
	}
	one = add(b, &wanted, path);
	one->is_in_advance = true;
	waits = make_and_answer(one, &source);
	is_stub = one->product.is_stub;
	if (!waits)
		end(one);
	return is_stub;
}

void
core_builds_prepare(struct core_builds *b, const char *device)
{
	char path[DEVICE_NAME_MAX + 16];

	snprintf(path, sizeof path, "%s.cnf.xml.sgn", device);
	if (!prepare(b, path) || !filecache_has_room(b->core->files, ASK_INLINE_MAX))
		return;
	snprintf(path, sizeof path, "%s.cnf.xml.enc.sgn", device);
	(void)prepare(b, path);
}

void
core_builds_drop(struct core_builds *b, const struct core_front *from)
{
	struct build *one, *next;

	if (b == NULL)
		return;
	HASH_ITER(hh, b->by_key, one, next)
	{
		size_t kept = 0, early = 0;

		for (size_t i = 0; i < one->count; i++)
			if (one->waiter[i].from != from) {
				early += i < one->early;
				one->waiter[kept++] = one->waiter[i];
			}
		one->count = kept;
		one->early = early;
	}
}

void
core_builds_stale(struct core_builds *b, const char *device)
{
	struct build *one, *next;

	HASH_ITER(hh, b->by_key, one, next)
	{
		if (device == NULL || strcmp(one->wanted.name.device.name, device) == 0)
			one->is_stale = true;
	}
}
