#include "world.h"

#include "pki/issue.h"
#include "talk/capf.h"
#include "talk/tvs.h"
#include "wire/sgn.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
world_file_remove(struct world *w, const char *name)
{
	for (size_t i = 0; i < w->file_count; i++)
		if (strcmp(w->files[i].name, name) == 0) {
			bytes_free(&w->files[i].body);
			w->files[i] = w->files[--w->file_count];
			return;
		}
}

void
world_file(struct world *w, const char *name, struct bytes body)
{
	world_file_remove(w, name);
	if (w->file_count == WORLD_FILES)
		abort();
	snprintf(w->files[w->file_count].name, sizeof w->files[0].name, "%s", name);
	w->files[w->file_count++].body = body;
}

struct world_server *
world_server(struct world *w, const char *host, const struct identity *id)
{
	struct world_server *s = &w->servers[w->server_count++];

	if (w->server_count > WORLD_SERVERS)
		abort();
	*s = (struct world_server){ .host = host, .id = id, .end = 0xff };
	return s;
}

/* The ways in are open or not; what is served is the same, but for a signed configuration, which
 * HTTPS answers with the XML in it. */
static bool
get(void *arg, const struct phone_fetch *f, struct bytes *out, struct err *e)
{
	static const char *const prefix[] = { "https:", "http:", "" };
	struct world *w = arg;
	size_t n = strlen(w->asked);

	snprintf(w->asked + n, sizeof w->asked - n, "%s%s ", prefix[f->via], f->name);
	if (w->silent)
		return err_set(e, ERR_AGAIN, "no answer");
	if ((f->via == PHONE_VIA_HTTP && !w->http) ||
	    (f->via == PHONE_VIA_HTTPS && w->https == NULL))
		return err_set(e, ERR_IO, "no connection");
	if (f->via == PHONE_VIA_HTTPS && !f->judge(f->judge_arg, w->https->cert, e))
		return false;
	for (size_t i = 0; i < w->file_count; i++) {
		struct span body = bytes_span(&w->files[i].body);
		struct sgn sgn;

		if (strcmp(w->files[i].name, f->name) != 0)
			continue;
		if (body.n > f->size_max)
			return err_set(e, ERR_LIMIT, "too large");
		if (f->via == PHONE_VIA_HTTPS && sgn_parse(body, &sgn, NULL))
			body = sgn.payload;
		*out = bytes_copy(body);
		return true;
	}
	return err_set(e, ERR_UNKNOWN, "no such file");
}

static bool
talk_tvs(const struct world_server *s, const struct tvs_client_plan *plan)
{
	struct tvs_client_result *r = plan->result;

	*r = (struct tvs_client_result){ .answered = true, .valid = s->valid };
	if (!s->valid)
		return true;
	memcpy(r->roles, s->roles, s->role_count);
	r->role_count = s->role_count;
	r->ttl = s->ttl;
	if (plan->request.command == TVSMSG_QUERY_REQUEST)
		r->certificate = bytes_copy(cert_der(s->found));
	return true;
}

static bool
talk_capf(const struct world_server *s, const struct capf_client_plan *plan, struct err *e)
{
	const struct identity *issuer = s->key != NULL ? s->key : s->id;
	struct signer_lsc lsc = { .device = s->issued_for,
		.not_before = WORLD_NOW - 86400,
		.not_after = WORLD_NOW + 86400 };
	struct bytes spki, der;

	plan->result->ended = true;
	plan->result->reason = s->end;
	if (s->password != NULL && strcmp(plan->password, s->password) != 0)
		plan->result->reason = CAPFMSG_REASON_INVALID;
	if (plan->result->reason != 0xff)
		return true;
	if (!plan->make_key(plan->arg, CAPFMSG_KEY_RSA, 2048, 0, &spki, e))
		abort();
	lsc.spki = bytes_span(&spki);
	if (!issue_lsc(issuer->key, issuer->cert, &lsc, &der, e)) {
		fprintf(stderr, "world: %s\n", e->text);
		abort();
	}
	plan->result->installed = plan->store(plan->arg, bytes_span(&der), e);
	plan->result->reason =
	    plan->result->installed ? CAPFMSG_REASON_DONE : CAPFMSG_REASON_INVALID;
	if (s->issued != NULL) {
		struct cert *c = cert_parse(bytes_span(&der), e);

		s->issued(s->issued_arg, c);
		cert_free(c);
	}
	bytes_free(&spki);
	bytes_free(&der);
	return true;
}

static bool
talk(void *arg, const struct phone_call *call, struct err *e)
{
	struct world *w = arg;
	struct world_server *s = NULL;

	for (size_t i = 0; i < w->server_count; i++)
		if (strcmp(w->servers[i].host, call->host) == 0)
			s = &w->servers[i];
	if (s == NULL || s->id == NULL)
		return err_set(e, ERR_IO, "connect to %s: refused", call->host);
	s->calls++;
	w->last_port = call->port;
	if (!call->judge(call->judge_arg, s->id->cert, e))
		return false;
	if (call->kind == &tvs_client)
		return talk_tvs(s, call->plan);
	return call->kind != &capf_client || talk_capf(s, call->plan, e);
}

static time_t
now(void *arg)
{
	const struct world *w = arg;

	return w->now;
}

static void
wait_seconds(void *arg, unsigned seconds)
{
	struct world *w = arg;

	w->waited += seconds;
}

struct phone_io
world_io(struct world *w)
{
	return (struct phone_io){ get, talk, now, wait_seconds, w };
}

void
world_free(struct world *w)
{
	for (size_t i = 0; i < w->file_count; i++)
		bytes_free(&w->files[i].body);
	*w = (struct world){ 0 };
}
