#include "daemon/core_batch.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"

#include <event2/event.h>
#include <stdlib.h>

#define BATCH_MAX 256 /* so that a flood does not make one endless transaction */

/* A question, or an answer that waits for the commit. */
struct item {
	struct core_front *front;
	struct bytes message;
	struct fname name; /* of a question for a file */
};

struct items {
	struct item *all;
	size_t count, cap;
};

struct core_batch {
	struct core *core;
	struct core_batch_calls calls;
	struct event *run;
	struct items asks, answers;
	bool open; /* answers are held */
};

static void
items_add(
    struct items *list, struct core_front *front, struct span message, const struct fname *name)
{
	struct item *it;

	if (list->count == list->cap) {
		list->cap = list->cap > 0 ? 2 * list->cap : 16;
		list->all = mem_grow(list->all, list->cap, sizeof *list->all);
	}
	it = &list->all[list->count++];
	*it = (struct item){ .front = front, .message = bytes_copy(message) };
	if (name != NULL)
		it->name = *name;
}

/* Passwords travel in questions. */
static void
items_clear(struct items *list)
{
	for (size_t i = 0; i < list->count; i++)
		bytes_wipe(&list->all[i].message);
	list->count = 0;
}

static bool
must_be_on_disk(const struct core_batch *b)
{
	struct ask ask;

	for (size_t i = 0; i < b->asks.count; i++)
		if (!ask_parse(bytes_span(&b->asks.all[i].message), &ask, NULL) ||
		    !b->calls.may_be_lost(&ask))
			return true;
	return false;
}

/* Every question is answered, or when nothing could be stored refused; failure says why. */
static void
answer_each(struct core_batch *b, const struct err *failure)
{
	for (size_t i = 0; i < b->asks.count; i++) {
		const struct item *it = &b->asks.all[i];
		struct ask ask;
		struct err e = { 0 };

		if (!ask_parse(bytes_span(&it->message), &ask, &e))
			log_event(LOG_ERROR, "ask-malformed reason=\"%s\"", e.text);
		else if (failure == NULL)
			b->calls.answer(it->front, &ask, &it->name);
		else
			b->calls.fail(it->front, &ask, failure);
	}
}

static bool
answer_all(struct store *s, void *arg, struct err *e)
{
	(void)s;
	(void)e;
	answer_each(arg, NULL);
	return true;
}

static void
send_answers(struct core_batch *b)
{
	for (size_t i = 0; i < b->answers.count; i++) {
		const struct item *it = &b->answers.all[i];
		struct err e = { 0 };

		if (!chan_send(it->front->chan, CHAN_ANSWER, bytes_span(&it->message), -1, &e))
			log_event(LOG_ERROR, "answer-lost front=%u reason=\"%s\"", it->front->index,
			    e.text);
	}
}

static void
run(evutil_socket_t fd, short what, void *arg)
{
	struct core_batch *b = arg;
	struct err e = { 0 };
	bool stored;

	(void)fd;
	(void)what;
	if (b->asks.count == 0)
		return;
	b->open = true;
	stored = (must_be_on_disk(b) ? store_change : store_change_soon)(
	    cluster_store(b->core->cluster), answer_all, b, &e);
	b->open = false;
	if (stored)
		send_answers(b);
	else
		answer_each(b, &e);
	items_clear(&b->asks);
	items_clear(&b->answers);
}

struct core_batch *
core_batch_new(struct core *c, const struct core_batch_calls *calls)
{
	struct core_batch *b = mem_new(1, sizeof *b);

	b->core = c;
	b->calls = *calls;
	b->run = evtimer_new(c->base, run, b);
	if (b->run == NULL) {
		free(b);
		return NULL;
	}
	return b;
}

void
core_batch_free(struct core_batch *b)
{
	if (b == NULL)
		return;
	event_free(b->run);
	items_clear(&b->asks);
	items_clear(&b->answers);
	free(b->asks.all);
	free(b->answers.all);
	free(b);
}

void
core_batch_add(
    struct core_batch *b, struct core_front *from, struct span ask, const struct fname *name)
{
	items_add(&b->asks, from, ask, name);
	if (b->asks.count == BATCH_MAX)
		run(-1, 0, b);
	else
		event_active(b->run, EV_TIMEOUT, 0);
}

void
core_batch_drop(struct core_batch *b, const struct core_front *from)
{
	size_t kept = 0;

	if (b == NULL)
		return;
	for (size_t i = 0; i < b->asks.count; i++)
		if (b->asks.all[i].front == from)
			bytes_wipe(&b->asks.all[i].message);
		else
			b->asks.all[kept++] = b->asks.all[i];
	b->asks.count = kept;
}

bool
core_batch_hold(struct core_batch *b, struct core_front *to, struct span answer)
{
	if (b == NULL || !b->open)
		return false;
	items_add(&b->answers, to, answer, NULL);
	return true;
}
