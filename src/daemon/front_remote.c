#include "daemon/front_remote.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/front_remote_kept.h"
#include "daemon/logbudget.h"
#include "net/clock.h"
#include "net/fetch.h"
#include "rules/fname.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <uthash.h>

#define DEAD_MAX 128 /* servers that are remembered as silent */
#define URL_MAX  80

/* Somebody who waits for a file. */
struct asker {
	STAILQ_ENTRY(asker) next;
	front_remote_done *done;
	void *arg;
};

/* One file that is looked for. */
struct search {
	UT_hash_handle hh;
	STAILQ_ENTRY(search) next; /* among those that wait for their turn */
	struct front_remote *remote;
	STAILQ_HEAD(, asker) askers;
	char *key; /* name, a line feed, servers */
	char *name;
	const char *rest;  /* of the servers in key: those that were not asked yet */
	char url[URL_MAX]; /* that is asked now */
	uint64_t asked_ms;
	struct fetch *fetch;
	bool unreached; /* a server did not answer */
};

struct dead {
	char url[URL_MAX];
	uint64_t until_ms;
};

struct front_remote {
	struct event_base *base;
	struct front_remote_config config;
	struct front_remote_kept *kept;
	struct search *by_key;
	STAILQ_HEAD(, search) waiting;
	struct dead dead[DEAD_MAX];
	size_t dead_at; /* where the next one is written */
	bool starting;  /* start_waiting is at work, further out */
	struct logbudget failures;
	struct front_remote_stats stats;
};

static void
fill(unsigned *value, unsigned otherwise)
{
	if (*value == 0)
		*value = otherwise;
}

struct front_remote *
front_remote_new(struct event_base *base, const struct front_remote_config *config)
{
	struct front_remote *r = mem_new(1, sizeof *r);
	struct front_remote_config *c = &r->config;

	r->base = base;
	*c = *config;
	fill(&c->at_once, 64);
	fill(&c->waiting, 4096);
	fill(&c->silence_ms, 3000);
	fill(&c->timeout_ms, 300000);
	fill(&c->dead_ms, 30000);
	fill(&c->absent_ms, 30000);
	fill(&c->common_ms, 60000);
	if (c->size_max == 0)
		c->size_max = 32u << 20;
	if (c->kept_bytes == 0)
		c->kept_bytes = 16u << 20;
	r->kept = front_remote_kept_new(c->kept_bytes);
	STAILQ_INIT(&r->waiting);
	return r;
}

static void
search_free(struct search *s)
{
	struct asker *a;

	while ((a = STAILQ_FIRST(&s->askers)) != NULL) {
		STAILQ_REMOVE_HEAD(&s->askers, next);
		free(a);
	}
	if (s->fetch != NULL)
		fetch_cancel(s->fetch);
	free(s->key);
	free(s->name);
	free(s);
}

void
front_remote_free(struct front_remote *r)
{
	struct search *s, *tmp;

	if (r == NULL)
		return;
	HASH_ITER(hh, r->by_key, s, tmp)
	{
		HASH_DEL(r->by_key, s);
		search_free(s);
	}
	front_remote_kept_free(r->kept);
	free(r);
}

/* --- servers --- */

static bool
is_dead(const struct front_remote *r, const char *url)
{
	for (size_t i = 0; i < DEAD_MAX; i++)
		if (strcmp(r->dead[i].url, url) == 0 && clock_ms() < r->dead[i].until_ms)
			return true;
	return false;
}

static void
note_dead(struct front_remote *r, const char *url, const struct err *e)
{
	struct dead *d = &r->dead[r->dead_at];

	log_event(LOG_WARNING, "remote-silent server=%s reason=\"%s\"", url, e->text);
	r->dead_at = (r->dead_at + 1) % DEAD_MAX;
	memcpy(d->url, url, sizeof d->url);
	d->until_ms = clock_ms() + r->config.dead_ms;
}

/* Takes the next server out of a text of lines; false: there is none. */
static bool
next_url(const char **rest, char url[URL_MAX])
{
	size_t n = strcspn(*rest, "\n");
	bool fits = n > 0 && n < URL_MAX;

	if (n == 0)
		return false;
	snprintf(url, URL_MAX, "%.*s", fits ? (int)n : 0, *rest);
	*rest += n + ((*rest)[n] == '\n');
	return true;
}

/* --- the end of a search --- */

static void search_next(struct search *s);

static void
start_waiting(struct front_remote *r)
{
	struct search *s;

	if (r->starting)
		return;
	r->starting = true;
	while (r->stats.running < r->config.at_once && (s = STAILQ_FIRST(&r->waiting)) != NULL) {
		STAILQ_REMOVE_HEAD(&r->waiting, next);
		r->stats.waiting--;
		r->stats.running++;
		search_next(s);
	}
	r->starting = false;
}

/* What it is called decides whether everybody asks for it. */
static bool
is_common(const char *name)
{
	struct fname f;

	return fname_parse(span_str(name), &f, NULL) && !f.has_device;
}

static void
remember(const struct search *s, enum front_remote_end end, struct body *body)
{
	struct front_remote *r = s->remote;

	if (end == FRONT_REMOTE_UNREACHED || !is_common(s->name))
		return;
	front_remote_kept_add(r->kept, s->key, body,
	    clock_ms() + (body != NULL ? r->config.common_ms : r->config.absent_ms));
}

/* Askers may ask again while they are told. */
static void
search_end(struct search *s, enum front_remote_end end, struct body *body)
{
	struct front_remote *r = s->remote;
	struct asker *a;

	r->stats.running--;
	HASH_DEL(r->by_key, s);
	remember(s, end, body);
	while ((a = STAILQ_FIRST(&s->askers)) != NULL) {
		STAILQ_REMOVE_HEAD(&s->askers, next);
		a->done(a->arg, end, body);
		free(a);
	}
	search_free(s);
	start_waiting(r);
}

/* --- a search --- */

/* It kept somebody waiting; how long depends on who gives up first, we or the kernel. One that
 * refuses at once, as while it starts again, costs no time, and is asked the next time. */
static bool
was_silent(const struct search *s, const struct err *e)
{
	return (e->code == ERR_AGAIN || e->code == ERR_IO) &&
	       clock_ms() - s->asked_ms >= s->remote->config.silence_ms / 4;
}

/* Only who says so has no such file. A server that answers is alive, whatever ails this file. */
static void
note_failure(struct search *s, const struct err *e)
{
	if (e->code == ERR_UNKNOWN)
		return;
	s->unreached = true;
	if (was_silent(s, e))
		note_dead(s->remote, s->url, e);
	else if (logbudget_take(&s->remote->failures, (time_t)(clock_ms() / 1000)))
		log_event(LOG_INFO, "remote-failed server=%s name=%s reason=\"%s\"", s->url,
		    log_quote(span_str(s->name)), e->text);
}

static void
on_fetched(void *arg, const struct err *e, struct bytes file)
{
	struct search *s = arg;
	struct body *body;

	s->fetch = NULL;
	if (e == NULL) {
		body = body_copy(bytes_span(&file));
		bytes_free(&file);
		s->remote->stats.found++;
		search_end(s, FRONT_REMOTE_FOUND, body);
		body_unref(body);
		return;
	}
	note_failure(s, e);
	search_next(s);
}

/* Asks the next server that is not known to be silent; ends when there is none. */
static void
search_next(struct search *s)
{
	struct front_remote *r = s->remote;
	struct fetch_wish wish = { .url = s->url,
		.name = s->name,
		.via = FRONT_REMOTE_VIA,
		.size_max = r->config.size_max,
		.timeout_ms = r->config.timeout_ms,
		.silence_ms = r->config.silence_ms };
	struct err e;

	while (next_url(&s->rest, s->url)) {
		s->asked_ms = clock_ms();
		if (is_dead(r, s->url))
			s->unreached = true;
		else if (fetch_start(r->base, &wish, on_fetched, s, &s->fetch, &e))
			return;
		else
			note_failure(s, &e);
	}
	if (s->unreached)
		r->stats.unreached++;
	else
		r->stats.absent++;
	search_end(s, s->unreached ? FRONT_REMOTE_UNREACHED : FRONT_REMOTE_ABSENT, NULL);
}

/* key: name, a line feed, the servers. */
static struct search *
search_new(struct front_remote *r, char *key, size_t name_n)
{
	struct search *s = mem_new(1, sizeof *s);

	s->remote = r;
	s->key = key;
	s->name = mem_text(key, name_n);
	s->rest = key + name_n + 1;
	STAILQ_INIT(&s->askers);
	HASH_ADD_KEYPTR(hh, r->by_key, s->key, strlen(s->key), s);
	return s;
}

static void
search_join(struct search *s, front_remote_done *done, void *arg)
{
	struct asker *a = mem_new(1, sizeof *a);

	a->done = done;
	a->arg = arg;
	STAILQ_INSERT_TAIL(&s->askers, a, next);
}

static char *
key_make(struct span name, struct span elsewhere)
{
	char *key = mem_new(name.n + elsewhere.n + 2, 1);

	memcpy(key, name.p, name.n);
	key[name.n] = '\n';
	memcpy(key + name.n + 1, elsewhere.p, elsewhere.n);
	return key;
}

void
front_remote_ask(struct front_remote *r, struct span name, struct span elsewhere,
    front_remote_done *done, void *arg)
{
	char *key = key_make(name, elsewhere);
	struct body *body;
	struct search *s;

	HASH_FIND_STR(r->by_key, key, s);
	if (s != NULL) {
		search_join(s, done, arg);
		free(key);
	} else if (front_remote_kept_find(r->kept, key, clock_ms(), &body)) {
		done(arg, body != NULL ? FRONT_REMOTE_FOUND : FRONT_REMOTE_ABSENT, body);
		free(key);
	} else if (r->stats.waiting >= r->config.waiting) {
		done(arg, FRONT_REMOTE_UNREACHED, NULL);
		free(key);
	} else {
		s = search_new(r, key, name.n);
		search_join(s, done, arg);
		STAILQ_INSERT_TAIL(&r->waiting, s, next);
		r->stats.waiting++;
		start_waiting(r);
	}
}

/* An address with its port is cut down to the address. */
static struct span
host_of(struct span s)
{
	size_t n = s.n;

	while (n > 0 && s.p[n - 1] != ':')
		n--;
	return span_of(s.p, n > 0 ? n - 1 : s.n);
}

bool
front_remote_is_server(struct span elsewhere, struct span peer)
{
	struct span asker = host_of(peer);

	while (elsewhere.n > 0) {
		const uint8_t *end = memchr(elsewhere.p, '\n', elsewhere.n);
		size_t n = end != NULL ? (size_t)(end - elsewhere.p) : elsewhere.n;
		struct span url = span_of(elsewhere.p, n);
		size_t scheme = strlen("http://"); /* as long as tftp:// */

		if (n > scheme && span_eq(host_of(span_of(url.p + scheme, n - scheme)), asker))
			return true;
		n += end != NULL;
		elsewhere = span_of(elsewhere.p + n, elsewhere.n - n);
	}
	return false;
}

struct front_remote_stats
front_remote_stats(const struct front_remote *r)
{
	return r->stats;
}
