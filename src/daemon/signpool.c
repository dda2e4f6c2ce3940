#include "daemon/signpool.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/sealedfile.h"
#include "wire/keymsg.h"

#include <assert.h>
#include <event2/event.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

#define KEEPERS_MAX 64
#define IN_HAND_MAX 2 /* one that is signed, and the next */
#define TRIES       3 /* keepers that may end over one file */

enum { FOR_SOMEBODY, IN_ADVANCE, QUEUES };

struct job {
	TAILQ_ENTRY(job) next;
	uint32_t id;
	unsigned queue, tries;
	uint8_t key_id[KEYMSG_KEY_ID];
	struct bytes file;
	struct err fault; /* of one that failed here */
	signpool_done *done;
	void *arg;
};

TAILQ_HEAD(jobs, job);

struct hand {
	struct signpool *pool;
	unsigned index;
	struct chan *chan; /* NULL: no such keeper now */
	struct jobs jobs;
	unsigned count;
};

struct signpool {
	struct event_base *base;
	struct jobs waiting[QUEUES];
	struct jobs failed;   /* to be told from the loop */
	size_t count[QUEUES]; /* waiting or in hand */
	struct hand hand[KEEPERS_MAX];
	struct event *later;
	uint32_t last_id;
	struct wr out; /* reused for every message */
};

static void deal(struct signpool *p);

static void
job_free(struct job *j)
{
	bytes_free(&j->file);
	free(j);
}

/* Tells whoever wanted it: the signature, or why there is none. */
static void
finish(struct signpool *p, struct job *j, struct span signature, const struct err *e)
{
	struct bytes file = j->file;
	signpool_done *done = j->done;
	void *arg = j->arg;

	p->count[j->queue]--;
	j->file = (struct bytes){ 0 };
	job_free(j);
	if (e != NULL)
		bytes_free(&file);
	done(arg, &file, signature, e);
}

static void
fail_later(struct signpool *p, struct job *j, const struct err *e)
{
	j->fault = *e;
	TAILQ_INSERT_TAIL(&p->failed, j, next);
	event_active(p->later, EV_TIMEOUT, 1);
}

static void
on_later(evutil_socket_t fd, short what, void *arg)
{
	struct signpool *p = arg;
	struct job *j;

	(void)fd, (void)what;
	while ((j = TAILQ_FIRST(&p->failed)) != NULL) {
		const struct err fault = j->fault;

		TAILQ_REMOVE(&p->failed, j, next);
		finish(p, j, (struct span){ 0 }, &fault);
	}
}

/* What it had in hand goes to others, in its old order and before what came later. */
static void
drop_keeper(struct hand *h, const char *why)
{
	struct signpool *p = h->pool;
	struct err e = { 0 };
	struct job *j;

	log_event(
	    LOG_WARNING, "keeper-gone keeper=%u files=%u why=\"%s\"", h->index, h->count, why);
	chan_free(h->chan);
	h->chan = NULL;
	h->count = 0;
	while ((j = TAILQ_LAST(&h->jobs, jobs)) != NULL) {
		TAILQ_REMOVE(&h->jobs, j, next);
		if (++j->tries < TRIES) {
			TAILQ_INSERT_HEAD(&p->waiting[j->queue], j, next);
		} else {
			err_set(&e, ERR_IO, "%d keepers ended over this file", TRIES);
			fail_later(p, j, &e);
		}
	}
}

static void
keeper_gone(void *arg, const char *why)
{
	struct hand *h = arg;
	struct signpool *p = h->pool;

	drop_keeper(h, why);
	deal(p);
}

/* Sends a file; false when this keeper cannot be reached. */
static bool
hand_over(struct hand *h, struct job *j, struct err *e)
{
	struct signpool *p = h->pool;
	struct key_sign ask = { .id = j->id,
		.key_id = span_of(j->key_id, sizeof j->key_id),
		.file = bytes_span(&j->file) };
	int fd = -1;
	bool ok;

	if (j->file.n > KEYMSG_INLINE_MAX) {
		fd = sealedfile_make(ask.file, e);
		if (fd < 0)
			return false;
		ask.file = (struct span){ 0 };
		ask.has_file = true;
		ask.file_size = j->file.n;
	}
	wr_reset(&p->out);
	ok = key_sign_encode(&ask, &p->out, e) &&
	     chan_send(h->chan, CHAN_SIGN, wr_view(&p->out), fd, e);
	if (fd >= 0)
		close(fd);
	return ok;
}

/* The keeper with the least in hand; NULL when none takes more. */
static struct hand *
freest(struct signpool *p)
{
	struct hand *best = NULL;

	for (unsigned i = 0; i < KEEPERS_MAX; i++) {
		struct hand *h = &p->hand[i];

		if (h->chan != NULL && h->count < IN_HAND_MAX &&
		    (best == NULL || h->count < best->count))
			best = h;
	}
	return best;
}

static struct job *
next_job(struct signpool *p)
{
	struct job *j = TAILQ_FIRST(&p->waiting[FOR_SOMEBODY]);

	return j != NULL ? j : TAILQ_FIRST(&p->waiting[IN_ADVANCE]);
}

static void
deal(struct signpool *p)
{
	struct hand *h;
	struct job *j;

	while ((j = next_job(p)) != NULL && (h = freest(p)) != NULL) {
		struct err e = { 0 };

		TAILQ_REMOVE(&p->waiting[j->queue], j, next);
		if (hand_over(h, j, &e)) {
			TAILQ_INSERT_TAIL(&h->jobs, j, next);
			h->count++;
		} else {
			fail_later(p, j, &e);
		}
	}
}

static struct job *
take_from(struct hand *h, uint32_t id)
{
	struct job *j;

	TAILQ_FOREACH(j, &h->jobs, next)
	if (j->id == id) {
		TAILQ_REMOVE(&h->jobs, j, next);
		h->count--;
		return j;
	}
	return NULL;
}

static void
from_keeper(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct hand *h = arg;
	struct signpool *p = h->pool;
	struct key_signed answer;
	struct job *j = NULL;
	struct err e = { 0 };

	if (fd >= 0)
		close(fd);
	if (kind != CHAN_SIGNED || !key_signed_parse(payload, &answer, &e) ||
	    (j = take_from(h, answer.id)) == NULL) {
		drop_keeper(h, e.code != ERR_NONE ? e.text : "it answered what was not asked");
	} else if (answer.code == ERR_NONE) {
		finish(p, j, answer.signature, NULL);
	} else {
		err_set(&e, answer.code, "%.*s", (int)answer.text.n, (const char *)answer.text.p);
		finish(p, j, (struct span){ 0 }, &e);
	}
	deal(p);
}

struct signpool *
signpool_new(struct event_base *base)
{
	struct signpool *p = mem_new(1, sizeof *p);

	p->base = base;
	p->out = wr_new(KEYMSG_MAX);
	TAILQ_INIT(&p->failed);
	for (size_t i = 0; i < QUEUES; i++)
		TAILQ_INIT(&p->waiting[i]);
	for (unsigned i = 0; i < KEEPERS_MAX; i++) {
		p->hand[i].pool = p;
		p->hand[i].index = i;
		TAILQ_INIT(&p->hand[i].jobs);
	}
	p->later = event_new(base, -1, 0, on_later, p);
	if (p->later == NULL)
		abort();
	return p;
}

static void
jobs_free(struct jobs *jobs)
{
	struct job *j;

	while ((j = TAILQ_FIRST(jobs)) != NULL) {
		TAILQ_REMOVE(jobs, j, next);
		job_free(j);
	}
}

void
signpool_free(struct signpool *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < KEEPERS_MAX; i++) {
		chan_free(p->hand[i].chan);
		jobs_free(&p->hand[i].jobs);
	}
	for (size_t i = 0; i < QUEUES; i++)
		jobs_free(&p->waiting[i]);
	jobs_free(&p->failed);
	event_free(p->later);
	wr_free(&p->out);
	free(p);
}

void
signpool_keeper(struct signpool *p, unsigned index, int fd)
{
	struct hand *h;

	if (index >= KEEPERS_MAX) {
		close(fd);
		return;
	}
	h = &p->hand[index];
	if (h->chan != NULL)
		drop_keeper(h, "replaced");
	h->chan = chan_new(p->base, fd, from_keeper, keeper_gone, h);
	deal(p);
}

uint32_t
signpool_sign(struct signpool *p, bool in_advance, struct span key_id, struct bytes *unsigned_file,
    signpool_done *done, void *arg)
{
	struct job *j = mem_new(1, sizeof *j);

	assert(key_id.n == sizeof j->key_id);
	*j = (struct job){ .id = ++p->last_id,
		.queue = in_advance ? IN_ADVANCE : FOR_SOMEBODY,
		.file = *unsigned_file,
		.done = done,
		.arg = arg };
	memcpy(j->key_id, key_id.p, sizeof j->key_id);
	*unsigned_file = (struct bytes){ 0 };
	p->count[j->queue]++;
	TAILQ_INSERT_TAIL(&p->waiting[j->queue], j, next);
	deal(p);
	return p->last_id;
}

void
signpool_hurry(struct signpool *p, uint32_t number)
{
	struct job *j;

	TAILQ_FOREACH(j, &p->waiting[IN_ADVANCE], next)
	if (j->id == number)
		break;
	if (j == NULL)
		return;
	TAILQ_REMOVE(&p->waiting[IN_ADVANCE], j, next);
	p->count[IN_ADVANCE]--;
	j->queue = FOR_SOMEBODY;
	p->count[FOR_SOMEBODY]++;
	TAILQ_INSERT_TAIL(&p->waiting[FOR_SOMEBODY], j, next);
}

size_t
signpool_waiting(const struct signpool *p, bool in_advance)
{
	return p->count[IN_ADVANCE] + (in_advance ? 0 : p->count[FOR_SOMEBODY]);
}
