#include "daemon/guesses.h"

#include "base/mem.h"
#include "base/text.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define NETWORK_BYTES 8 /* of an IPv6 address: in a /64 hosts choose the rest as they like */

struct host {
	char key[INET6_ADDRSTRLEN];
	unsigned wrong;
	time_t since, blocked_until;
	UT_hash_handle hh;
};

struct guesses {
	struct host *hosts; /* the one that guessed longest ago first */
};

struct guesses *
guesses_new(void)
{
	return mem_new(1, sizeof(struct guesses));
}

void
guesses_free(struct guesses *g)
{
	struct host *h, *next;

	if (g == NULL)
		return;
	HASH_ITER(hh, g->hosts, h, next)
	{
		HASH_DEL(g->hosts, h);
		free(h);
	}
	free(g);
}

static void
key_of(struct span host, char key[INET6_ADDRSTRLEN])
{
	struct in6_addr a;

	text_printable(host, key, INET6_ADDRSTRLEN);
	if (inet_pton(AF_INET6, key, &a) != 1)
		return;
	memset(a.s6_addr + NETWORK_BYTES, 0, sizeof a.s6_addr - NETWORK_BYTES);
	inet_ntop(AF_INET6, &a, key, INET6_ADDRSTRLEN);
}

static struct host *
find(const struct guesses *g, struct span host)
{
	char key[INET6_ADDRSTRLEN];
	struct host *h;

	key_of(host, key);
	HASH_FIND_STR(g->hosts, key, h);
	return h;
}

/* The host as the one that guessed last; a new one takes the place of the first when all are
 * taken. */
static struct host *
bring_last(struct guesses *g, struct span host)
{
	struct host *h = find(g, host), *first = g->hosts;

	if (h != NULL) {
		HASH_DEL(g->hosts, h);
	} else if (HASH_COUNT(g->hosts) == GUESSES_ADDRESSES_MAX) {
		h = first;
		HASH_DEL(g->hosts, h);
		memset(h, 0, sizeof *h);
	} else {
		h = mem_new(1, sizeof *h);
	}
	key_of(host, h->key);
	HASH_ADD_STR(g->hosts, key, h);
	return h;
}

bool
guesses_wrong(struct guesses *g, struct span host, unsigned max, time_t now)
{
	struct host *h = bring_last(g, host);

	if (h->wrong == 0 || now - h->since >= GUESSES_WITHIN_S || now < h->since) {
		h->wrong = 0;
		h->since = now;
	}
	if (++h->wrong < max)
		return false;
	h->wrong = 0;
	h->blocked_until = now + GUESSES_BLOCKED_S;
	return true;
}

unsigned
guesses_wait(const struct guesses *g, struct span host, time_t now)
{
	const struct host *h = find(g, host);
	time_t left = h != NULL ? h->blocked_until - now : 0;

	/* A clock that was set back must not block for longer. */
	return left > 0 && left <= GUESSES_BLOCKED_S ? (unsigned)left : 0;
}

size_t
guesses_count(const struct guesses *g)
{
	return HASH_COUNT(g->hosts);
}
