#include "daemon/rapool.h"

#include "base/device.h"
#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"

#include <assert.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <unistd.h>

struct job {
	TAILQ_ENTRY(job) next;
	uint32_t id;
	char device[DEVICE_NAME_MAX];
	struct bytes message;
};

TAILQ_HEAD(jobs, job);

/* One process; it has one request at a time. */
struct hand {
	struct rapool *pool;
	unsigned index;
	struct chan *chan; /* NULL: no such process now */
	struct job *job;   /* NULL: it is free */
};

struct rapool {
	struct event_base *base;
	struct jobs waiting;
	struct hand hand[RAPOOL_PROCESSES];
	rapool_done *done;
	void *arg;
	uint32_t last_id;
};

static void deal(struct rapool *p);

static void
job_free(struct job *j)
{
	if (j == NULL)
		return;
	bytes_wipe(&j->message);
	free(j);
}

static void
finish(struct rapool *p, struct job *j, const struct ra_answer *answer)
{
	char device[DEVICE_NAME_MAX];

	memcpy(device, j->device, sizeof device);
	job_free(j);
	p->done(p->arg, device, answer);
}

static void
drop(struct hand *h, const char *why)
{
	const struct ra_answer lost = { .outcome = RA_NO_ANSWER, .text = span_str(why) };
	struct job *j = h->job;

	log_event(LOG_WARNING, "ra-gone ra=%u why=\"%s\"", h->index, why);
	chan_free(h->chan);
	h->chan = NULL;
	h->job = NULL;
	if (j != NULL)
		finish(h->pool, j, &lost);
}

static void
process_gone(void *arg, const char *why)
{
	struct hand *h = arg;
	struct rapool *p = h->pool;

	drop(h, why);
	deal(p);
}

static struct hand *
free_hand(struct rapool *p)
{
	for (unsigned i = 0; i < RAPOOL_PROCESSES; i++)
		if (p->hand[i].chan != NULL && p->hand[i].job == NULL)
			return &p->hand[i];
	return NULL;
}

static void
deal(struct rapool *p)
{
	struct hand *h;
	struct job *j;

	while ((j = TAILQ_FIRST(&p->waiting)) != NULL && (h = free_hand(p)) != NULL) {
		struct err e = { 0 };

		if (!chan_send(h->chan, CHAN_CERTIFY, bytes_span(&j->message), -1, &e)) {
			drop(h, e.text);
			continue;
		}
		TAILQ_REMOVE(&p->waiting, j, next);
		h->job = j;
	}
}

static void
from_process(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct hand *h = arg;
	struct rapool *p = h->pool;
	struct job *j = h->job;
	struct ra_answer answer;
	struct err e = { 0 };

	if (fd >= 0)
		close(fd);
	if (kind != CHAN_CERTIFIED || !ra_answer_parse(payload, &answer, &e) || j == NULL ||
	    j->id != answer.id) {
		drop(h, e.code != ERR_NONE ? e.text : "it answered what was not asked");
	} else {
		h->job = NULL;
		finish(p, j, &answer);
	}
	deal(p);
}

struct rapool *
rapool_new(struct event_base *base, rapool_done *done, void *arg)
{
	struct rapool *p = mem_new(1, sizeof *p);

	*p = (struct rapool){ .base = base, .done = done, .arg = arg };
	TAILQ_INIT(&p->waiting);
	for (unsigned i = 0; i < RAPOOL_PROCESSES; i++)
		p->hand[i] = (struct hand){ .pool = p, .index = i };
	return p;
}

void
rapool_free(struct rapool *p)
{
	struct job *j;

	if (p == NULL)
		return;
	for (unsigned i = 0; i < RAPOOL_PROCESSES; i++) {
		chan_free(p->hand[i].chan);
		job_free(p->hand[i].job);
	}
	while ((j = TAILQ_FIRST(&p->waiting)) != NULL) {
		TAILQ_REMOVE(&p->waiting, j, next);
		job_free(j);
	}
	free(p);
}

void
rapool_process(struct rapool *p, unsigned index, int fd)
{
	struct hand *h;

	if (index >= RAPOOL_PROCESSES) {
		close(fd);
		return;
	}
	h = &p->hand[index];
	if (h->chan != NULL)
		drop(h, "replaced");
	h->chan = chan_new(p->base, fd, from_process, process_gone, h);
	deal(p);
}

bool
rapool_has(const struct rapool *p, const char *device)
{
	const struct job *j;

	for (unsigned i = 0; i < RAPOOL_PROCESSES; i++)
		if (p->hand[i].job != NULL && strcmp(p->hand[i].job->device, device) == 0)
			return true;
	TAILQ_FOREACH(j, &p->waiting, next)
	if (strcmp(j->device, device) == 0)
		return true;
	return false;
}

static bool
has_process(const struct rapool *p)
{
	for (unsigned i = 0; i < RAPOOL_PROCESSES; i++)
		if (p->hand[i].chan != NULL)
			return true;
	return false;
}

bool
rapool_ask(struct rapool *p, const char *device, const struct ra_ask *ask, struct err *e)
{
	struct ra_ask numbered = *ask;
	struct wr w = wr_new(RAMSG_MAX);
	struct bytes message;
	struct job *j;

	assert(!rapool_has(p, device));
	numbered.id = p->last_id + 1;
	if (!has_process(p)) {
		wr_free(&w);
		return err_set(e, ERR_UNKNOWN,
		    "no process speaks to the CA: sealtoned starts them when it starts with "
		    "lsc-issuer = online");
	}
	if (!ra_ask_encode(&numbered, &w, e)) {
		wr_free(&w);
		return false;
	}
	if (!wr_done(&w, &message, e))
		return false;
	p->last_id = numbered.id;
	j = mem_new(1, sizeof *j);
	*j = (struct job){ .id = numbered.id, .message = message };
	snprintf(j->device, sizeof j->device, "%s", device);
	TAILQ_INSERT_TAIL(&p->waiting, j, next);
	deal(p);
	return true;
}
