#include "daemon/signatures.h"

#include "base/mem.h"
#include "pki/digest.h"

#include <assert.h>
#include <stdlib.h>

#define NAME_HASH  16
#define WINDOW     64 /* slots where a name may be, from the one its hash says */
#define SLOTS_MIN  64
#define FULL_PARTS 2 /* grows when a half is taken, so that a window is seldom full */

/* A slot is the head and the signature behind it. */
struct head {
	uint8_t name[NAME_HASH];
	struct signatures_subject of;
	uint32_t timestamp; /* 0: the slot is free */
};

struct signatures {
	size_t bytes_max;
	size_t size; /* of each signature; 0: none yet */
	size_t slots;
	size_t count;
	uint8_t *all;
};

struct signatures *
signatures_new(size_t bytes_max)
{
	struct signatures *s = mem_new(1, sizeof *s);

	s->bytes_max = bytes_max;
	return s;
}

void
signatures_free(struct signatures *s)
{
	if (s == NULL)
		return;
	free(s->all);
	free(s);
}

static size_t
slot_size(const struct signatures *s)
{
	return sizeof(struct head) + s->size;
}

static uint8_t *
slot_at(const struct signatures *s, size_t home, size_t i)
{
	return s->all + (home + i) % s->slots * slot_size(s);
}

static struct head
head_of(const uint8_t *slot)
{
	struct head h;

	memcpy(&h, slot, sizeof h);
	return h;
}

static size_t
home_of(const struct signatures *s, const uint8_t name[NAME_HASH])
{
	uint64_t hash;

	memcpy(&hash, name, sizeof hash);
	return (size_t)(hash % s->slots);
}

static bool
hash_name(const char *name, uint8_t out[NAME_HASH])
{
	struct digest d;

	if (!digest_of(DIGEST_SHA256, span_str(name), &d, NULL))
		return false;
	memcpy(out, d.p, NAME_HASH);
	return true;
}

/* Where a name is, or is to be: its own slot, else a free one, else that of the oldest. */
static uint8_t *
place(const struct signatures *s, const uint8_t name[NAME_HASH])
{
	size_t home = home_of(s, name);
	uint8_t *best = NULL;
	uint32_t oldest = UINT32_MAX;

	for (size_t i = 0; i < WINDOW; i++) {
		uint8_t *slot = slot_at(s, home, i);
		const struct head h = head_of(slot);

		if (h.timestamp == 0 || memcmp(h.name, name, NAME_HASH) == 0)
			return slot;
		if (h.timestamp <= oldest) {
			oldest = h.timestamp;
			best = slot;
		}
	}
	return best;
}

bool
signatures_find(const struct signatures *s, const char *name, const struct signatures_subject *of,
    struct signatures_one *out)
{
	uint8_t hash[NAME_HASH];
	const uint8_t *slot;
	struct head h;

	if (s->count == 0 || !hash_name(name, hash))
		return false;
	slot = place(s, hash);
	h = head_of(slot);
	if (h.timestamp == 0 || memcmp(h.name, hash, NAME_HASH) != 0 ||
	    memcmp(&h.of, of, sizeof h.of) != 0)
		return false;
	*out = (struct signatures_one){ h.timestamp, span_of(slot + sizeof h, s->size) };
	return true;
}

static void
put_slot(struct signatures *s, const struct head *h, const uint8_t *signature)
{
	uint8_t *slot = place(s, h->name);

	if (head_of(slot).timestamp == 0)
		s->count++;
	memcpy(slot, h, sizeof *h);
	memcpy(slot + sizeof *h, signature, s->size);
}

/* Twice as many slots, as far as the cap allows. */
static void
grow(struct signatures *s)
{
	struct signatures next = { .bytes_max = s->bytes_max, .size = s->size };
	size_t most = s->bytes_max / slot_size(s);

	next.slots = s->slots > 0 ? 2 * s->slots : SLOTS_MIN;
	if (next.slots > most)
		next.slots = most;
	if (next.slots <= s->slots)
		return;
	next.all = mem_new(next.slots, slot_size(s));
	for (size_t i = 0; i < s->slots; i++) {
		const uint8_t *slot = s->all + i * slot_size(s);
		const struct head h = head_of(slot);

		if (h.timestamp != 0)
			put_slot(&next, &h, slot + sizeof h);
	}
	free(s->all);
	*s = next;
}

void
signatures_put(struct signatures *s, const char *name, const struct signatures_subject *of,
    const struct signatures_one *one)
{
	struct head h = { .of = *of, .timestamp = one->timestamp };

	assert(one->signature.n > 0 && one->signature.n <= SIGNATURES_SIZE_MAX);
	assert(s->bytes_max >= SLOTS_MIN * (sizeof h + SIGNATURES_SIZE_MAX));
	if (h.timestamp == 0 || !hash_name(name, h.name))
		return;
	if (s->size != one->signature.n) {
		free(s->all);
		*s = (struct signatures){ .bytes_max = s->bytes_max, .size = one->signature.n };
	}
	if (s->count >= s->slots / FULL_PARTS)
		grow(s);
	put_slot(s, &h, one->signature.p);
}

size_t
signatures_count(const struct signatures *s)
{
	return s->count;
}
