#include "daemon/capf_sessions.h"

#include "base/mem.h"

#include <stdlib.h>
#include <uthash.h>

#define FRONT_SHIFT 32

struct entry {
	uint64_t key; /* front and session id */
	struct capf_session session;
	UT_hash_handle by_key, by_device;
};

struct capf_sessions {
	struct entry *keys, *devices; /* the same entries */
};

static uint64_t
key_of(unsigned front, uint32_t session)
{
	return (uint64_t)front << FRONT_SHIFT | session;
}

static struct entry *
entry_find(struct capf_sessions *s, unsigned front, uint32_t session)
{
	uint64_t key = key_of(front, session);
	struct entry *en;

	HASH_FIND(by_key, s->keys, &key, sizeof key, en);
	return en;
}

static void
entry_end(struct capf_sessions *s, struct entry *en)
{
	if (en == NULL)
		return;
	HASH_DELETE(by_key, s->keys, en);
	HASH_DELETE(by_device, s->devices, en);
	free(en);
}

struct capf_sessions *
capf_sessions_new(void)
{
	return mem_new(1, sizeof(struct capf_sessions));
}

void
capf_sessions_free(struct capf_sessions *s)
{
	struct entry *en, *next;

	if (s == NULL)
		return;
	HASH_ITER(by_key, s->keys, en, next)
	entry_end(s, en);
	free(s);
}

struct capf_session *
capf_sessions_begin(
    struct capf_sessions *s, unsigned front, uint32_t session, const struct device *d)
{
	size_t n = strlen(d->name);
	struct entry *en;

	entry_end(s, entry_find(s, front, session));
	HASH_FIND(by_device, s->devices, d->name, n, en);
	entry_end(s, en);
	en = mem_new(1, sizeof *en);
	en->key = key_of(front, session);
	en->session.device = *d;
	en->session.front = front;
	en->session.session = session;
	HASH_ADD(by_key, s->keys, key, sizeof en->key, en);
	HASH_ADD(by_device, s->devices, session.device.name, n, en);
	return &en->session;
}

struct capf_session *
capf_sessions_of(struct capf_sessions *s, const char *device)
{
	struct entry *en;

	HASH_FIND(by_device, s->devices, device, strlen(device), en);
	return en != NULL ? &en->session : NULL;
}

struct capf_session *
capf_sessions_find(struct capf_sessions *s, unsigned front, uint32_t session)
{
	struct entry *en = entry_find(s, front, session);

	return en != NULL ? &en->session : NULL;
}

bool
capf_sessions_each(
    struct capf_sessions *s, bool (*each)(void *arg, struct capf_session *one), void *arg)
{
	struct entry *en, *next;

	HASH_ITER(by_key, s->keys, en, next)
	if (!each(arg, &en->session))
		return false;
	return true;
}

void
capf_sessions_waiting(struct capf_sessions *s, time_t since,
    void (*each)(void *arg, struct capf_session *one), void *arg)
{
	struct entry *en, *next;

	HASH_ITER(by_key, s->keys, en, next)
	if (en->session.waiting_ask != 0 && en->session.waiting_since <= since)
		each(arg, &en->session);
}

void
capf_sessions_end(struct capf_sessions *s, unsigned front, uint32_t session)
{
	entry_end(s, entry_find(s, front, session));
}

void
capf_sessions_drop(struct capf_sessions *s, unsigned front)
{
	struct entry *en, *next;

	HASH_ITER(by_key, s->keys, en, next)
	if (en->key >> FRONT_SHIFT == front)
		entry_end(s, en);
}
