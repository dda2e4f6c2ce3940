#include "daemon/servedlog.h"

#include "base/mem.h"

#include <event2/event.h>
#include <stdlib.h>

#include <uthash.h>

/* A transfer that runs, by peer, newline and name. */
struct open {
	UT_hash_handle hh;
	size_t key_n, version_n;
	uint8_t bytes[]; /* key, version */
};

struct servedlog {
	struct open *open; /* in order of beginning */
	struct wr out;     /* the message that is being collected */
	struct wr key;
	size_t count;
	struct event *timer;
	void (*send)(void *arg, struct span message);
	void *arg;
};

static void
flush(struct servedlog *l)
{
	if (l->count > 0)
		l->send(l->arg, wr_view(&l->out));
	wr_reset(&l->out);
	l->count = 0;
	event_del(l->timer);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	flush(arg);
}

struct servedlog *
servedlog_new(struct event_base *base, void (*send)(void *arg, struct span message), void *arg)
{
	struct servedlog *l = mem_new(1, sizeof *l);

	l->out = wr_new(FRONTMSG_MAX);
	l->key = wr_new(FRONTMSG_MAX);
	l->send = send;
	l->arg = arg;
	l->timer = evtimer_new(base, on_timer, l);
	if (l->timer == NULL)
		abort();
	return l;
}

static void
forget(struct servedlog *l, struct open *o)
{
	HASH_DEL(l->open, o);
	free(o);
}

void
servedlog_free(struct servedlog *l)
{
	struct open *o, *next;

	if (l == NULL)
		return;
	flush(l);
	HASH_ITER(hh, l->open, o, next)
	forget(l, o);
	event_free(l->timer);
	wr_free(&l->out);
	wr_free(&l->key);
	free(l);
}

void
servedlog_add(struct servedlog *l, const struct front_served *s)
{
	const struct timeval soon = { .tv_usec = SERVEDLOG_MS * 1000 };

	if (!front_served_encode(s, &l->out, NULL)) {
		flush(l);
		if (!front_served_encode(
			s, &l->out, NULL)) /* larger than a message: nobody's name */
			return;
	}
	if (l->count++ == 0)
		event_add(l->timer, &soon);
	if (l->count == SERVEDLOG_COUNT)
		flush(l);
}

static struct span
key_of(struct servedlog *l, struct span peer, struct span name)
{
	wr_reset(&l->key);
	wr_span(&l->key, peer);
	wr_u8(&l->key, '\n');
	wr_span(&l->key, name);
	return wr_view(&l->key);
}

static struct open *
find(struct servedlog *l, struct span key)
{
	struct open *o;

	HASH_FIND(hh, l->open, key.p, key.n, o);
	return o;
}

void
servedlog_begin(struct servedlog *l, struct span peer, struct span name, struct span version)
{
	struct span key = key_of(l, peer, name);
	struct open *o = find(l, key);

	if (o != NULL)
		forget(l, o);
	if (HASH_COUNT(l->open) >= SERVEDLOG_OPEN)
		forget(l, l->open);
	o = mem_new(1, sizeof *o + key.n + version.n);
	o->key_n = key.n;
	o->version_n = version.n;
	memcpy(o->bytes, key.p, key.n);
	if (version.n > 0)
		memcpy(o->bytes + key.n, version.p, version.n);
	HASH_ADD_KEYPTR(hh, l->open, o->bytes, o->key_n, o);
}

void
servedlog_end(struct servedlog *l, bool ok, struct span peer, struct span name, struct span text)
{
	struct open *o = find(l, key_of(l, peer, name));
	struct front_served s = { .ok = ok, .peer = peer, .name = name, .text = text };

	if (o != NULL)
		s.version = span_of(o->bytes + o->key_n, o->version_n);
	servedlog_add(l, &s);
	if (o != NULL)
		forget(l, o);
}
