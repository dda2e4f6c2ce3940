#include "net/tftp_get.h"

#include "net/tftp_fetch.h"

#include <event2/event.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>

/* What is waited for. */
struct outcome {
	struct bytes *body;
	struct err *e;
	bool ok;
};

static void
on_done(void *arg, const struct err *e, struct bytes body)
{
	struct outcome *o = arg;

	o->ok = e == NULL;
	if (o->ok)
		*o->body = body;
	else if (o->e != NULL)
		*o->e = *e;
}

static bool
fetch(const struct tftp_get *get, const struct addrinfo *at, struct bytes *out, struct err *e)
{
	const struct tftp_fetch_wish wish = { .server = at->ai_addr,
		.server_n = at->ai_addrlen,
		.name = get->name,
		.size_max = get->size_max,
		.retry_ms = get->retry_ms,
		.retry_max_ms = get->retry_max_ms,
		.tries = get->tries };
	struct event_base *base = event_base_new();
	struct outcome o = { .body = out, .e = e };
	struct tftp_fetch *f;

	if (base == NULL)
		abort();
	if (tftp_fetch_start(base, &wish, on_done, &o, &f, e))
		event_base_dispatch(base);
	event_base_free(base);
	return o.ok;
}

bool
tftp_get(const struct tftp_get *get, struct bytes *out, struct err *e)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM, .ai_flags = AI_NUMERICSERV };
	struct addrinfo *list;
	char port[8];
	bool ok;
	int r;

	snprintf(port, sizeof port, "%u", (unsigned)get->port);
	r = getaddrinfo(get->host, port, &hints, &list);
	if (r != 0)
		return err_set(e, ERR_IO, "%s: %s", get->host, gai_strerror(r));
	ok = fetch(get, list, out, e);
	freeaddrinfo(list);
	return ok;
}
