#include "daemon/capf_peers.h"

#include "base/mem.h"
#include "base/text.h"
#include "wire/ask.h"

#include <stdlib.h>
#include <string.h>

#define PEERS_MAX 512

struct entry {
	char address[ASK_ADDRESS_MAX];
	struct capf_peer peer;
};

struct capf_peers {
	struct entry all[PEERS_MAX];
	size_t count, oldest; /* a ring once it is full */
};

struct capf_peers *
capf_peers_new(void)
{
	return mem_new(1, sizeof(struct capf_peers));
}

void
capf_peers_free(struct capf_peers *s)
{
	free(s);
}

static struct entry *
find(const struct capf_peers *s, const char *address)
{
	for (size_t i = 0; i < s->count; i++)
		if (strcmp(s->all[i].address, address) == 0)
			return (struct entry *)(uintptr_t)&s->all[i];
	return NULL;
}

static struct entry *
place(struct capf_peers *s, const char *address)
{
	struct entry *en = find(s, address);

	if (en != NULL)
		return en;
	if (s->count < PEERS_MAX)
		return &s->all[s->count++];
	en = &s->all[s->oldest];
	s->oldest = (s->oldest + 1) % PEERS_MAX;
	return en;
}

void
capf_peers_note(struct capf_peers *s, struct span address, bool tls, struct span text, time_t now)
{
	char host[ASK_ADDRESS_MAX];
	struct entry *en;

	text_printable(ask_host(address), host, sizeof host);
	en = place(s, host);
	memcpy(en->address, host, sizeof host);
	en->peer.at = now;
	en->peer.tls = tls;
	text_printable(text, en->peer.text, sizeof en->peer.text);
}

const struct capf_peer *
capf_peers_find(const struct capf_peers *s, const char *address)
{
	const struct entry *en = find(s, address);

	return en != NULL ? &en->peer : NULL;
}
