#include "net/tftpd_table.h"

#include "base/mem.h"
#include "net/hostcount.h"

#include <assert.h>
#include <stdlib.h>

#define FINISHED_KEPT 1024

/* The wheel: a deadline past one turn waits in its slot and is looked at once each turn. */
#define SLOT_MS    64
#define SLOT_COUNT 512

/* An id is a place (low bits) and how often it was used (high bits). */
#define PLACE_BITS 20
#define PLACE_MASK ((1u << PLACE_BITS) - 1)

static_assert(TFTPD_TRANSFERS_MAX + FINISHED_KEPT <= PLACE_MASK, "a place fits its bits");

struct tftpd_table {
	unsigned transfers, per_address;
	size_t open, finished;
	uint32_t bucket_mask;
	uint64_t key[2];
	struct tftpd_transfer **buckets;
	struct hostcount *hosts;
	struct tftpd_transfer **places; /* by place; grown as needed */
	uint32_t place_count, place_cap;
	uint64_t tick; /* of the wheel: all before it is done */
	struct tftpd_link free, done, due, wheel[SLOT_COUNT]; /* rings; next is the oldest */
};

static void
ring_init(struct tftpd_link *ring)
{
	ring->next = ring->prev = ring;
}

static bool
ring_is_empty(const struct tftpd_link *ring)
{
	return ring->next == ring;
}

static void
ring_put(struct tftpd_link *ring, struct tftpd_transfer *x)
{
	x->link = (struct tftpd_link){ .next = ring, .prev = ring->prev };
	ring->prev->next = &x->link;
	ring->prev = &x->link;
}

static void
ring_take(struct tftpd_transfer *x)
{
	x->link.prev->next = x->link.next;
	x->link.next->prev = x->link.prev;
}

/* Of a ring that is not empty. */
static struct tftpd_transfer *
ring_oldest(const struct tftpd_link *ring)
{
	return (struct tftpd_transfer *)ring->next;
}

/* Spreads with a key that strangers do not know, so that they cannot choose one bucket. */
static uint64_t
mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static uint32_t
peer_bucket(const struct tftpd_table *t, const union udp_address *a)
{
	uint64_t part[2] = { 0 }, h = t->key[0];

	if (a->any.sa_family == AF_INET) {
		h = mix(h, a->v4.sin_addr.s_addr);
		h = mix(h, a->v4.sin_port);
	} else {
		memcpy(part, &a->v6.sin6_addr, sizeof part);
		h = mix(mix(h, part[0]), part[1]);
		h = mix(h, a->v6.sin6_port);
	}
	return (uint32_t)(mix(h, t->key[1]) >> 32) & t->bucket_mask;
}

struct tftpd_table *
tftpd_table_new(unsigned transfers, unsigned per_address)
{
	struct tftpd_table *t = mem_new(1, sizeof *t);
	uint32_t buckets = 1024;

	assert(transfers <= TFTPD_TRANSFERS_MAX);
	while (buckets < transfers * 2)
		buckets *= 2;
	t->transfers = transfers;
	t->per_address = per_address;
	t->bucket_mask = buckets - 1;
	t->buckets = mem_new(buckets, sizeof *t->buckets);
	t->hosts = hostcount_new(transfers);
	arc4random_buf(t->key, sizeof t->key);
	ring_init(&t->free);
	ring_init(&t->done);
	ring_init(&t->due);
	for (size_t i = 0; i < SLOT_COUNT; i++)
		ring_init(&t->wheel[i]);
	return t;
}

void
tftpd_table_free(struct tftpd_table *t)
{
	if (t == NULL)
		return;
	for (uint32_t i = 0; i < t->place_count; i++) {
		body_unref(t->places[i]->body);
		free(t->places[i]);
	}
	free(t->places);
	hostcount_free(t->hosts);
	free(t->buckets);
	free(t);
}

struct tftpd_transfer *
tftpd_table_find(struct tftpd_table *t, const union udp_address *peer)
{
	struct tftpd_transfer *x = t->buckets[peer_bucket(t, peer)];

	while (x != NULL && !udp_address_equal(&x->peer, peer))
		x = x->chain;
	return x;
}

struct tftpd_transfer *
tftpd_table_by_id(struct tftpd_table *t, uint32_t id)
{
	uint32_t place = id & PLACE_MASK;
	struct tftpd_transfer *x = place < t->place_count ? t->places[place] : NULL;

	if (x == NULL || x->id != id || x->state == TFTPD_FREE || x->state == TFTPD_FINISHED)
		return NULL;
	return x;
}

static struct tftpd_transfer *
place_new(struct tftpd_table *t)
{
	struct tftpd_transfer *x = mem_new(1, sizeof *x);

	if (t->place_count == t->place_cap) {
		t->place_cap = t->place_cap > 0 ? t->place_cap * 2 : 64;
		t->places = mem_grow(t->places, t->place_cap, sizeof *t->places);
	}
	x->id = t->place_count;
	t->places[t->place_count++] = x;
	return x;
}

/* A place for a transfer: one let go, else the one that finished longest ago, else a new one. */
static struct tftpd_transfer *
place_take(struct tftpd_table *t)
{
	struct tftpd_transfer *x;

	if (ring_is_empty(&t->free) && t->finished >= FINISHED_KEPT)
		tftpd_table_drop(t, ring_oldest(&t->done));
	if (ring_is_empty(&t->free))
		return place_new(t);
	x = ring_oldest(&t->free);
	ring_take(x);
	return x;
}

/* All but the name, which the engine writes over. */
static void
place_empty(struct tftpd_transfer *x, const union udp_address *peer)
{
	uint32_t id = x->id + PLACE_MASK + 1;

	memset(x, 0, offsetof(struct tftpd_transfer, name));
	x->id = id;
	x->peer = *peer;
}

struct tftpd_transfer *
tftpd_table_add(struct tftpd_table *t, const union udp_address *peer)
{
	struct tftpd_transfer *x;

	if (t->open >= t->transfers || !hostcount_take(t->hosts, &peer->any, t->per_address))
		return NULL;
	x = place_take(t);
	place_empty(x, peer);
	x->state = TFTPD_ASKING;
	x->bucket = peer_bucket(t, peer);
	x->chain = t->buckets[x->bucket];
	t->buckets[x->bucket] = x;
	t->open++;
	return x;
}

void
tftpd_table_finish(struct tftpd_table *t, struct tftpd_transfer *x)
{
	assert(x->state == TFTPD_ASKING || x->state == TFTPD_SENDING);
	if (x->wake_ms > 0)
		ring_take(x);
	x->wake_ms = 0;
	x->state = TFTPD_FINISHED;
	ring_put(&t->done, x);
	t->finished++;
	t->open--;
	hostcount_drop(t->hosts, &x->peer.any);
}

void
tftpd_table_drop(struct tftpd_table *t, struct tftpd_transfer *x)
{
	struct tftpd_transfer **at = &t->buckets[x->bucket];

	if (x->state != TFTPD_FINISHED)
		tftpd_table_finish(t, x);
	while (*at != x)
		at = &(*at)->chain;
	*at = x->chain;
	ring_take(x);
	t->finished--;
	x->state = TFTPD_FREE;
	ring_put(&t->free, x);
}

void
tftpd_table_wake(struct tftpd_table *t, struct tftpd_transfer *x, uint64_t at_ms)
{
	uint64_t tick = at_ms / SLOT_MS;

	if (x->wake_ms > 0 && x->wake_ms <= at_ms)
		return;
	if (x->wake_ms > 0)
		ring_take(x);
	if (tick < t->tick)
		tick = t->tick;
	x->wake_ms = at_ms > 0 ? at_ms : 1;
	ring_put(&t->wheel[tick % SLOT_COUNT], x);
}

/* Moves the slot of this tick to those that are due. */
static void
slot_turn(struct tftpd_table *t)
{
	struct tftpd_link *slot = &t->wheel[t->tick % SLOT_COUNT];

	while (!ring_is_empty(slot)) {
		struct tftpd_transfer *x = ring_oldest(slot);

		ring_take(x);
		ring_put(&t->due, x);
	}
	t->tick++;
}

struct tftpd_transfer *
tftpd_table_due(struct tftpd_table *t, uint64_t now_ms)
{
	uint64_t now = now_ms / SLOT_MS;

	/* After a pause of more than a turn one turn sees every slot. */
	if (now > t->tick + SLOT_COUNT)
		t->tick = now - SLOT_COUNT;
	for (;;) {
		while (!ring_is_empty(&t->due)) {
			struct tftpd_transfer *x = ring_oldest(&t->due);
			uint64_t wake_ms = x->wake_ms;

			ring_take(x);
			x->wake_ms = 0;
			if (wake_ms <= now_ms)
				return x;
			tftpd_table_wake(t, x, wake_ms);
		}
		if (t->tick >= now)
			return NULL;
		slot_turn(t);
	}
}

size_t
tftpd_table_open(const struct tftpd_table *t)
{
	return t->open;
}
