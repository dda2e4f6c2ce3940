#include "rules/captured_internal.h"

/* What there is to say of a side that has shown no certificate. */
static enum captured_sight
sight_without(const struct captured_stream *s, enum captured_direction d)
{
	const struct captured_flow *f = &s->flow[d];

	if (f->tls.has_certificate)
		return f->tls.certificate.p == NULL && d == BY_PHONE ? CAPTURED_EMPTY
								     : CAPTURED_UNREADABLE;
	if (s->flow[BY_SERVER].tls.version == TLSSEEN_1_3)
		return CAPTURED_HIDDEN;
	if (f->tls.end != TLSSEEN_READS)
		return CAPTURED_UNREADABLE;
	if (f->lost && !f->tls.encrypts)
		return CAPTURED_LOST;
	/* A phone that is not asked for a certificate sends none either. */
	if (d == BY_SERVER && f->tls.hello && f->tls.encrypts)
		return CAPTURED_RESUMED;
	return CAPTURED_NOT_SHOWN;
}

/* A TVS or CAPF server must be in a record of the lists (doc/protocols/phone.md 2.3, rows 29 and
 * 30). */
void
captured_judge(struct captured_server *s, const struct trust_eval_state *held)
{
	struct trust_eval_verdict v;

	if (s->server.cert == NULL)
		return;
	if (s->service == CAPTURED_TVS)
		trust_eval_tvs_server(held, s->server.cert, &v);
	else if (s->service == CAPTURED_CAPF)
		trust_eval_capf(held, s->server.cert, &v);
	else
		return;
	s->judged = true;
	s->matches = trust_eval_is_accepted(v.outcome);
	memcpy(s->reason, v.reason, sizeof s->reason);
}

/* A certificate once seen outlives connections that show none. */
static void
note_certificate(const struct captured *c, struct captured_stream *s, enum captured_direction d)
{
	struct captured_side *side = d == BY_PHONE ? &s->server->phone : &s->server->server;
	struct tlsseen *t = &s->flow[d].tls;
	struct cert *cert = NULL;
	struct err e;

	if (t->certificate.p != NULL)
		cert = cert_parse(bytes_span(&t->certificate), &e);
	if (cert == NULL) {
		if (side->sight != CAPTURED_SHOWN)
			side->sight = sight_without(s, d);
		return;
	}
	side->changed =
	    side->changed || (side->cert != NULL && !span_eq(cert_der(side->cert), cert_der(cert)));
	cert_free(side->cert);
	side->cert = cert;
	side->sight = CAPTURED_SHOWN;
	bytes_free(&t->certificate); /* noted once */
	if (d == BY_SERVER && c->setup.held != NULL)
		captured_judge(s->server, c->setup.held);
}

static void
note_alert(struct captured_phone *phone, struct captured_server *server, bool by_phone,
    struct tlsseen_alert alert)
{
	for (size_t i = 0; i < server->alerts; i++) {
		struct captured_alert *a = &server->alert[i];

		if (a->by_phone == by_phone && a->alert.level == alert.level &&
		    a->alert.description == alert.description) {
			a->count++;
			return;
		}
	}
	if (server->alerts == CAPTURED_ALERTS_MAX)
		phone->left_out++;
	else
		server->alert[server->alerts++] = (struct captured_alert){ by_phone, alert, 1 };
}

void
captured_tls(struct captured *c, struct captured_stream *s)
{
	for (int d = BY_PHONE; d <= BY_SERVER; d++) {
		struct captured_flow *f = &s->flow[d];

		if (f->tls.version != 0)
			s->server->version = f->tls.version;
		note_certificate(c, s, (enum captured_direction)d);
		for (; f->alerts_noted < f->tls.alerts; f->alerts_noted++)
			note_alert(
			    s->phone, s->server, d == BY_PHONE, f->tls.alert[f->alerts_noted]);
	}
}
