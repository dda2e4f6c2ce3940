#include "net/hostcount.h"

#include "base/mem.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define NONE UINT32_MAX

struct host {
	uint8_t address[16];
	uint32_t next; /* in its chain, or among the unused */
	unsigned count;
};

struct hostcount {
	uint64_t seed; /* so that nobody chooses addresses that share a chain */
	uint32_t mask;
	uint32_t unused;
	uint32_t *chains;
	struct host *hosts;
};

struct hostcount *
hostcount_new(size_t connections)
{
	struct hostcount *h = mem_new(1, sizeof *h);
	uint32_t chains = 16, count = (uint32_t)connections;

	while (chains < count)
		chains *= 2;
	h->mask = chains - 1;
	h->chains = mem_new(chains, sizeof *h->chains);
	h->hosts = mem_new(count, sizeof *h->hosts);
	for (uint32_t i = 0; i < chains; i++)
		h->chains[i] = NONE;
	for (uint32_t i = 0; i < count; i++)
		h->hosts[i].next = i + 1 < count ? i + 1 : NONE;
	h->unused = count > 0 ? 0 : NONE;
	if (getrandom(&h->seed, sizeof h->seed, 0) != sizeof h->seed)
		abort();
	return h;
}

void
hostcount_free(struct hostcount *h)
{
	if (h == NULL)
		return;
	free(h->chains);
	free(h->hosts);
	free(h);
}

/* ::ffff:0:0/96, where IPv4 addresses stand. */
static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

static bool
is_mapped(const uint8_t bytes[16])
{
	return memcmp(bytes, mapped, sizeof mapped) == 0;
}

/* The address as 16 bytes, IPv4 in its mapped form. */
static void
bytes_of(const struct sockaddr *a, uint8_t key[16])
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	memset(key, 0, 16);
	if (a->sa_family == AF_INET) {
		memcpy(&in, a, sizeof in);
		memcpy(key, mapped, sizeof mapped);
		memcpy(key + 12, &in.sin_addr, 4);
	} else if (a->sa_family == AF_INET6) {
		memcpy(&in6, a, sizeof in6);
		memcpy(key, &in6.sin6_addr, 16);
	}
}

/* Whom a connection counts against. */
static void
key_of(const struct sockaddr *a, uint8_t key[16])
{
	bytes_of(a, key);
	if (!is_mapped(key))
		memset(key + 8, 0, 8);
}

static uint32_t *
chain_of(struct hostcount *h, const uint8_t key[16])
{
	uint64_t part[2], mix;

	memcpy(part, key, sizeof part);
	mix = (part[0] ^ h->seed) * 0x9e3779b97f4a7c15u;
	mix = (mix ^ (mix >> 29) ^ part[1]) * 0xbf58476d1ce4e5b9u;
	/* The last octets of an IPv4 address are the high bits of part[1]: bring them down. */
	mix = (mix ^ (mix >> 32)) * 0x94d049bb133111ebu;
	return &h->chains[(mix >> 32) & h->mask];
}

/* The link that leads to the host, or the end of its chain. */
static uint32_t *
link_of(struct hostcount *h, const uint8_t key[16])
{
	uint32_t *link = chain_of(h, key);

	while (*link != NONE && memcmp(h->hosts[*link].address, key, 16) != 0)
		link = &h->hosts[*link].next;
	return link;
}

bool
hostcount_take(struct hostcount *h, const struct sockaddr *a, unsigned limit)
{
	uint8_t key[16];
	uint32_t *link, at;

	key_of(a, key);
	link = link_of(h, key);
	at = *link;
	if (at != NONE) {
		if (h->hosts[at].count >= limit)
			return false;
		h->hosts[at].count++;
		return true;
	}
	at = h->unused;
	if (at == NONE || limit == 0)
		return false;
	h->unused = h->hosts[at].next;
	memcpy(h->hosts[at].address, key, 16);
	h->hosts[at].count = 1;
	h->hosts[at].next = NONE;
	*link = at;
	return true;
}

void
hostcount_drop(struct hostcount *h, const struct sockaddr *a)
{
	uint8_t key[16];
	uint32_t *link, at;

	key_of(a, key);
	link = link_of(h, key);
	at = *link;
	assert(at != NONE);
	if (--h->hosts[at].count > 0)
		return;
	*link = h->hosts[at].next;
	h->hosts[at].next = h->unused;
	h->unused = at;
}

void
hostcount_print(const struct sockaddr *a, char *text, size_t text_max)
{
	char host[INET6_ADDRSTRLEN] = "?";
	uint8_t bytes[16];
	uint16_t port;
	bool v4;

	bytes_of(a, bytes);
	v4 = is_mapped(bytes);
	memcpy(&port, (const uint8_t *)a + offsetof(struct sockaddr_in, sin_port), sizeof port);
	inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? bytes + 12 : bytes, host, sizeof host);
	snprintf(text, text_max, v4 ? "%s:%u" : "[%s]:%u", host, (unsigned)ntohs(port));
}
