#include "daemon/front_files.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/front_remote.h"
#include "daemon/servedlog.h"
#include "files/watch_events.h"
#include "wire/tftp.h"

#include <event2/event.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <time.h>
#include <unistd.h>

#include <uthash.h>

#define PATIENCE_S 60 /* an answer that takes longer is lost */
#define CHECK_S    5

struct question;

struct front_asker {
	TAILQ_ENTRY(front_asker) next;
	struct front_files *files;
	struct question *question; /* NULL: other clusters are asked */
	bool early;                /* was there before the question was put */
	bool asking, answered;     /* front_remote is being called; and has answered at once */
	struct front_wish wish;    /* done NULL: cancelled while other clusters are asked */
	char *name;                /* of what they are asked for */
	char peer[ASK_ADDRESS_MAX];
};

TAILQ_HEAD(askers, front_asker);

struct question {
	UT_hash_handle hh;
	uint32_t id;
	time_t put;
	bool stale; /* its answer was dropped already: it is for those who wait, and not kept */
	struct askers askers;
	struct frontcache_key key;
	char name[];
};

struct front_files {
	struct front_files_config config;
	struct frontcache *cache;
	struct servedlog *served;
	struct watch_events *watch; /* NULL: nobody tells of the folder */
	struct question *questions; /* by id, in the order in which they were put */
	struct front_remote *remote;
	struct askers away; /* who waits for other clusters */
	uint32_t last_id;
	bool hearing;
	struct event *check;
};

static const struct frontcopy trouble = { .text = { (const uint8_t *)"Server error", 12 } };

static time_t
clock_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* --- what has become old --- */

static void
question_dropped(void *arg, void *question)
{
	(void)arg;
	((struct question *)question)->stale = true;
}

static void
path_changed(void *arg, const char *path)
{
	struct front_files *f = arg;

	frontcache_drop_path(f->cache, path);
}

void
front_files_hear(struct front_files *f)
{
	if (f->hearing)
		return;
	f->hearing = true;
	f->config.poll(f->config.arg);
	if (f->watch != NULL)
		watch_events_read(f->watch, path_changed, f);
	f->hearing = false;
}

void
front_files_forget(struct front_files *f, const struct front_forget *forget)
{
	frontcache_drop_devices(f->cache, forget->devices);
}

void
front_files_folder(struct front_files *f, const struct front_folder *folder, int fd)
{
	char path[PATH_MAX];

	if (fd >= 0) {
		watch_events_free(f->watch);
		f->watch = watch_events_new(fd);
		frontcache_drop_path(f->cache, "");
	}
	snprintf(path, sizeof path, "%.*s", (int)folder->path.n, (const char *)folder->path.p);
	if (f->watch != NULL)
		watch_events_folder(f->watch, (int)folder->number, path);
}

/* --- answers --- */

/* The last that is done for a wish. */
static void
wish_end(struct front_files *f, const struct front_wish *w, const struct frontcopy *copy)
{
	if (w->via == ASK_VIA_TFTP && copy->body != NULL && copy->version.n > 0)
		servedlog_begin(f->served, w->peer, w->name, copy->version);
	w->done(w->arg, w->id, copy);
}

static void
asker_free(struct front_asker *a)
{
	TAILQ_REMOVE(a->question != NULL ? &a->question->askers : &a->files->away, a, next);
	free(a->name);
	free(a);
}

void
front_files_cancel(struct front_asker *a)
{
	if (a->question != NULL)
		asker_free(a);
	else
		a->wish.done = NULL;
}

/* --- elsewhere --- */

/* Another cluster that asks here is not sent on, or a file that nobody has is asked for in circles.
 */
static bool
is_elsewhere(const struct front_wish *w, const struct frontcopy *copy)
{
	return copy->elsewhere.n > 0 && !w->passed_on &&
	       !front_remote_is_server(copy->elsewhere, w->peer);
}

static void
remote_done(void *arg, enum front_remote_end end, struct body *body)
{
	static const struct frontcopy absent = { .code = TFTP_ERR_NOT_FOUND,
		.text = { (const uint8_t *)"File not found", 14 } };
	const struct frontcopy found = { .body = body };
	struct front_asker *a = arg;

	if (a->wish.done != NULL)
		wish_end(a->files, &a->wish,
		    end == FRONT_REMOTE_FOUND    ? &found
		    : end == FRONT_REMOTE_ABSENT ? &absent
						 : &trouble);
	a->answered = true;
	if (!a->asking)
		asker_free(a);
}

/* Other clusters are asked for who waits; false: it has been answered already, and is gone. */
static bool
asker_send_away(struct front_asker *a, const struct frontcopy *copy)
{
	struct front_files *f = a->files;

	a->name = mem_text(a->wish.name.p, a->wish.name.n);
	a->wish.name.p = (const uint8_t *)a->name;
	a->question = NULL;
	TAILQ_INSERT_TAIL(&f->away, a, next);
	a->asking = true;
	front_remote_ask(f->remote, a->wish.name, copy->elsewhere, remote_done, a);
	a->asking = false;
	if (!a->answered)
		return true;
	asker_free(a);
	return false;
}

static void
asker_end(struct front_files *f, struct front_asker *a, const struct frontcopy *copy)
{
	struct front_asker gone = *a;

	if (is_elsewhere(&a->wish, copy)) {
		TAILQ_REMOVE(&a->question->askers, a, next);
		(void)asker_send_away(a, copy);
		return;
	}
	asker_free(a);
	gone.wish.peer.p = (const uint8_t *)gone.peer;
	wish_end(f, &gone.wish, copy);
}

static void
askers_end(struct front_files *f, struct question *q, const struct frontcopy *copy)
{
	struct front_asker *a;

	while ((a = TAILQ_FIRST(&q->askers)) != NULL)
		asker_end(f, a, copy);
}

/* --- questions --- */

static void
asker_join(struct front_asker *a, struct question *q, bool early)
{
	a->question = q;
	a->early = early;
	a->wish.name = q->key.name;
	TAILQ_INSERT_TAIL(&q->askers, a, next);
}

static struct front_asker *
asker_new(struct front_files *f, const struct front_wish *w)
{
	struct front_asker *a = mem_new(1, sizeof *a);

	a->files = f;
	a->wish = *w;
	if (a->wish.peer.n > sizeof a->peer)
		a->wish.peer.n = sizeof a->peer;
	if (a->wish.peer.n > 0)
		memcpy(a->peer, w->peer.p, a->wish.peer.n);
	a->wish.peer.p = (const uint8_t *)a->peer;
	return a;
}

static struct question *
question_new(struct front_files *f, const struct frontcache_key *key)
{
	struct question *q = mem_new(1, sizeof *q + key->name.n);

	if (key->name.n > 0)
		memcpy(q->name, key->name.p, key->name.n);
	q->key = (struct frontcache_key){ key->https, span_of(q->name, key->name.n) };
	q->id = ++f->last_id;
	q->put = clock_s();
	TAILQ_INIT(&q->askers);
	HASH_ADD(hh, f->questions, id, sizeof q->id, q);
	frontcache_ask(f->cache, &q->key, q);
	return q;
}

/* Nobody finds it any more. */
static void
question_close(struct front_files *f, struct question *q, const struct frontcopy *keep)
{
	HASH_DEL(f->questions, q);
	if (!q->stale)
		frontcache_answer(f->cache, &q->key, keep);
}

static void
question_fail(struct front_files *f, struct question *q)
{
	question_close(f, q, NULL);
	askers_end(f, q, &trouble);
	free(q);
}

/* Puts it to core for the first of those who wait; false: it has failed, and they are told. */
static bool
question_put(struct front_files *f, struct question *q)
{
	const struct front_asker *first = TAILQ_FIRST(&q->askers);
	const struct ask ask = { .kind = ASK_FILE,
		.id = q->id,
		.via = (uint8_t)first->wish.via,
		.peer = first->wish.peer,
		.name = q->key.name };

	if (f->config.ask(f->config.arg, &ask))
		return true;
	question_fail(f, q);
	return false;
}

struct front_asker *
front_files_get(struct front_files *f, const struct front_wish *wish)
{
	const struct frontcache_key key = { wish->via == ASK_VIA_HTTPS, wish->name };
	const struct frontcopy *copy = frontcache_find(f->cache, &key);
	struct front_asker *a;
	struct question *q;

	if (copy != NULL && !is_elsewhere(wish, copy)) {
		wish_end(f, wish, copy);
		return NULL;
	}
	a = asker_new(f, wish);
	if (copy != NULL)
		return asker_send_away(a, copy) ? a : NULL;
	q = frontcache_question(f->cache, &key);
	if (q != NULL) {
		asker_join(a, q, false);
		return a;
	}
	q = question_new(f, &key);
	asker_join(a, q, true);
	return question_put(f, q) ? a : NULL;
}

/* An answer that may not be kept may be older than those who asked while it was under way: they
 * need one of their own. */
static void
ask_again(struct front_files *f, struct question *old)
{
	const struct frontcopy *copy = frontcache_find(f->cache, &old->key);
	struct question *q = frontcache_question(f->cache, &old->key), *added = NULL;
	struct front_asker *a, *next;

	for (a = TAILQ_FIRST(&old->askers); a != NULL; a = next) {
		next = TAILQ_NEXT(a, next);
		if (a->early)
			continue;
		if (copy != NULL) {
			asker_end(f, a, copy);
			continue;
		}
		if (q == NULL)
			q = added = question_new(f, &old->key);
		TAILQ_REMOVE(&old->askers, a, next);
		asker_join(a, q, true);
	}
	if (added != NULL)
		question_put(f, added);
}

void
front_files_answer(struct front_files *f, const struct answer *a, int fd)
{
	struct frontcopy copy = { .code = a->code,
		.text = a->text,
		.etag = a->etag,
		.modified = a->modified,
		.version = a->version,
		.elsewhere = a->elsewhere };
	bool keep = a->keep;
	struct question *q;
	struct err e = { 0 };

	HASH_FIND(hh, f->questions, &a->id, sizeof a->id, q);
	if (q == NULL) /* it came too late */
		return;
	if (a->ok && !body_from_answer(a, fd, &copy.body, &e)) {
		log_event(LOG_ERROR, "answer-unusable name=%s reason=\"%s\"",
		    log_quote(q->key.name), e.text);
		copy = trouble;
		keep = false;
	}
	question_close(f, q, keep ? &copy : NULL);
	if (!keep)
		ask_again(f, q);
	askers_end(f, q, &copy);
	body_unref(copy.body);
	free(q);
}

/* An answer that was lost must not make its name unreachable. */
static void
on_check(evutil_socket_t fd, short what, void *arg)
{
	struct front_files *f = arg;
	const time_t late = clock_s() - PATIENCE_S;

	(void)fd, (void)what;
	while (f->questions != NULL && f->questions->put < late) {
		log_event(LOG_ERROR, "answer-missing name=%s", log_quote(f->questions->key.name));
		question_fail(f, f->questions);
	}
}

/* --- reports --- */

void
front_files_ended(
    struct front_files *f, bool ok, struct span peer, struct span name, struct span text)
{
	servedlog_end(f->served, ok, peer, name, text);
}

void
front_files_served(struct front_files *f, struct span peer, struct span name, struct span version)
{
	const struct front_served s = {
		.ok = true, .peer = peer, .name = name, .version = version
	};

	servedlog_add(f->served, &s);
}

struct frontcache_stats
front_files_stats(const struct front_files *f)
{
	return frontcache_stats(f->cache);
}

/* --- start and end --- */

struct front_files *
front_files_new(struct event_base *base, const struct front_files_config *config)
{
	const struct timeval often = { CHECK_S, 0 };
	const struct front_remote_config remote = { .size_max = config->file_max,
		.kept_bytes = config->cache_bytes };
	struct front_files *f = mem_new(1, sizeof *f);

	f->config = *config;
	f->cache = frontcache_new(config->cache_bytes, question_dropped, f);
	f->served = servedlog_new(base, config->served, config->arg);
	f->remote = front_remote_new(base, &remote);
	TAILQ_INIT(&f->away);
	f->check = event_new(base, -1, EV_PERSIST, on_check, f);
	if (f->check == NULL)
		abort();
	event_add(f->check, &often);
	return f;
}

void
front_files_free(struct front_files *f)
{
	struct front_asker *a;
	struct question *q, *next;

	if (f == NULL)
		return;
	HASH_ITER(hh, f->questions, q, next)
	{
		while ((a = TAILQ_FIRST(&q->askers)) != NULL)
			asker_free(a);
		HASH_DEL(f->questions, q);
		free(q);
	}
	front_remote_free(f->remote);
	while ((a = TAILQ_FIRST(&f->away)) != NULL)
		asker_free(a);
	servedlog_free(f->served);
	frontcache_free(f->cache);
	watch_events_free(f->watch);
	event_free(f->check);
	free(f);
}
