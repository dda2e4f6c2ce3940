#include "net/http_get.h"

#include <event2/event.h>
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

bool
http_get(const struct http_client_wish *w, struct bytes *out, struct err *e)
{
	struct event_base *base = event_base_new();
	struct outcome o = { .body = out, .e = e };
	struct http_client *c;

	if (base == NULL)
		abort();
	if (http_client_start(base, w, on_done, &o, &c, e))
		event_base_dispatch(base);
	event_base_free(base);
	return o.ok;
}
