#include "daemon/ra.h"

#include "base/log.h"
#include "base/mem.h"
#include "chan/chan.h"
#include "daemon/logline.h"
#include "daemon/sandbox.h"
#include "daemon/worker.h"
#include "net/cmp_client.h"
#include "wire/ramsg.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct ra {
	struct chan *core;
	worker_gone *gone;
	void *arg;
	struct wr out; /* reused for every answer */
};

static enum ra_outcome
outcome_of(enum cmp_outcome o)
{
	switch (o) {
	case CMP_CERTIFIED:
		return RA_CERTIFIED;
	case CMP_REJECTED:
		return RA_REJECTED;
	case CMP_BAD_CREDENTIALS:
		return RA_BAD_CREDENTIALS;
	case CMP_NO_ANSWER:
		break;
	}
	return RA_NO_ANSWER;
}

static void
text_of(struct span s, char out[RAMSG_TEXT_MAX])
{
	snprintf(out, RAMSG_TEXT_MAX, "%.*s", (int)s.n, (const char *)s.p);
}

static void
certify(struct ra *ra, const struct ra_ask *ask)
{
	char url[RAMSG_TEXT_MAX], reference[RAMSG_TEXT_MAX];
	struct cmp_request r = { .url = url,
		.reference = reference,
		.secret = ask->secret,
		.csr = ask->csr,
		.trusted_count = ask->trusted_count,
		.timeout_s = ask->timeout_s };
	struct ra_answer answer = { .id = ask->id };
	struct bytes der;
	struct err e = { 0 };

	text_of(ask->url, url);
	text_of(ask->reference, reference);
	memcpy(r.trusted, ask->trusted, sizeof r.trusted);
	answer.outcome = outcome_of(cmp_certify(&r, &der, &e));
	answer.certificate = bytes_span(&der);
	if (answer.outcome != RA_CERTIFIED)
		answer.text = span_str(e.text);
	wr_reset(&ra->out);
	if (!ra_answer_encode(&answer, &ra->out, &e) ||
	    !chan_send(ra->core, CHAN_CERTIFIED, wr_view(&ra->out), -1, &e))
		log_event(LOG_ERROR, "certificate-lost reason=\"%s\"", e.text);
	bytes_free(&der);
}

static void
from_core(void *arg, enum chan_kind kind, struct span payload, int fd)
{
	struct ra *ra = arg;
	struct ra_ask ask;
	struct err e = { 0 };

	if (fd >= 0)
		close(fd);
	if (kind != CHAN_CERTIFY)
		log_event(LOG_ERROR, "ra-asked-otherwise kind=%d", (int)kind);
	else if (!ra_ask_parse(payload, &ask, &e))
		log_event(LOG_ERROR, "certify-malformed reason=\"%s\"", e.text);
	else
		certify(ra, &ask);
}

static void
core_gone(void *arg, const char *why)
{
	struct ra *ra = arg;

	ra->gone(ra->arg, why);
}

static void *
start(const void *plan, struct event_base *base, int fd, worker_gone *gone, void *arg)
{
	struct ra *ra = mem_new(1, sizeof *ra);

	(void)plan;
	*ra = (struct ra){ .gone = gone, .arg = arg, .out = wr_new(RAMSG_MAX) };
	ra->core = chan_new(base, fd, from_core, core_gone, ra);
	return ra;
}

static void
stop(void *part)
{
	struct ra *ra = part;

	chan_free(ra->core);
	wr_free(&ra->out);
	free(ra);
}

bool
ra_run(const struct options *o, struct err *e)
{
	const struct worker_part part = { start, stop, NULL };
	char name[16];

	snprintf(name, sizeof name, "ra%u", o->index);
	logline_open(name, LOG_INFO);
	return sandbox_front(e) && worker_run(o, &part, e);
}
