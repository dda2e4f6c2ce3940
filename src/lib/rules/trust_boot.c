#include "rules/trust_boot.h"

#include <stdio.h>

#define TTL_S 86400 /* of every answer (tvs.md) */

/* A boot under way. */
struct boot {
	const struct trust_boot_world *world;
	const struct trust_boot_tvs *tvs; /* st.tvs_servers of them */
	struct trust_eval_state st;       /* what is held by now */
	struct trust_eval_offer ctl, itl; /* when the world has not read them */
};

const char *
trust_boot_how_name(enum trust_boot_how how)
{
	static const char *const names[] = { "none", "rejected", "blind", "record", "tvs" };

	return names[how];
}

bool
trust_boot_is_taken(const struct trust_boot_step *s)
{
	return s->how >= TRUST_BOOT_BLIND;
}

/* --- TVS --- */

static const struct trustview_entry *
look_up(const struct trustview *view, const struct trust_eval_question *q)
{
	return q->whole_certificate ? trustview_find_der(view, q->certificate)
				    : trustview_find(view, q->subject, q->issuer, q->serial);
}

static struct trust_eval_answer
answer_of(const struct trustview *view, const struct trust_eval_question *q)
{
	const struct trustview_entry *found = look_up(view, q);

	if (found == NULL)
		return (struct trust_eval_answer){ 0 };
	return (struct trust_eval_answer){ .valid = true,
		.roles = found->roles,
		.role_count = found->role_count,
		.ttl = TTL_S,
		.certificate = cert_der(found->cert) };
}

static bool
is_believed(const struct boot *b, const struct trust_boot_tvs *server)
{
	struct trust_eval_verdict v;

	if (!server->reachable)
		return false;
	trust_eval_tvs_server(&b->st, server->cert, &v);
	return trust_eval_is_accepted(v.outcome);
}

/* The first server that is reached and believed decides (phone.md 2.2, ASK_TVS). *which: it. */
static void
settle(const struct boot *b, struct span file, struct trust_eval_verdict *v, size_t *which)
{
	const size_t count = b->st.tvs_servers;

	*which = 0;
	if (v->outcome != TRUST_EVAL_ASK)
		return;
	while (*which < count && !is_believed(b, &b->tvs[*which]))
		(*which)++;
	if (*which < count) {
		struct trust_eval_answer a = answer_of(b->tvs[*which].vouch, &v->question);

		trust_eval_tvs_answer(&b->st, &a, file, NULL, v);
		return;
	}
	v->outcome = TRUST_EVAL_REJECT;
	snprintf(v->reason, sizeof v->reason,
	    "none of %zu TVS servers is reached and has the certificate of its record", count);
}

static enum trust_boot_how
how_of(enum trust_eval_outcome outcome)
{
	switch (outcome) {
	case TRUST_EVAL_BLIND:
		return TRUST_BOOT_BLIND;
	case TRUST_EVAL_BY_CTL:
	case TRUST_EVAL_BY_ITL:
		return TRUST_BOOT_BY_RECORD;
	case TRUST_EVAL_BY_TVS:
	case TRUST_EVAL_BY_CACHE:
		return TRUST_BOOT_BY_TVS;
	case TRUST_EVAL_REJECT:
	case TRUST_EVAL_ASK:
		break;
	}
	return TRUST_BOOT_REJECTED;
}

static void
note(const struct boot *b, struct span file, struct trust_eval_verdict *v,
    struct trust_boot_step *out)
{
	settle(b, file, v, &out->tvs);
	out->how = how_of(v->outcome);
	out->by_ctl = v->outcome == TRUST_EVAL_BY_CTL;
	snprintf(out->reason, sizeof out->reason, "%s", v->reason);
}

/* --- the steps --- */

/* own is read when nobody has. */
static void
take_list(struct boot *b, enum trust_eval_kind kind, const struct trust_eval_offer *read,
    struct trust_eval_offer *own, struct trust_boot_step *out)
{
	const struct span file = kind == TRUST_EVAL_CTL ? b->world->ctl : b->world->itl;
	struct trust_eval_verdict v;

	if (file.n == 0)
		return;
	if (read == NULL) {
		trust_eval_offer_read(file, own);
		read = own;
	}
	trust_eval_offered(&b->st, kind, read, &v);
	note(b, file, &v, out);
	if (trust_boot_is_taken(out))
		*(kind == TRUST_EVAL_CTL ? &b->st.ctl : &b->st.itl) = &read->list;
}

static void
take_config(struct boot *b, struct trust_boot_step *out)
{
	struct trust_eval_verdict v;

	if (b->world->config.n == 0)
		return;
	trust_eval_file(&b->st, b->world->config, &v);
	note(b, b->world->config, &v, out);
	if (!trust_boot_is_taken(out))
		return;
	b->tvs = b->world->next_tvs;
	b->st.tvs_servers = b->world->next_tvs_count;
}

static void
call(const struct boot *b, const struct cert *c,
    void (*judge)(
	const struct trust_eval_state *st, const struct cert *c, struct trust_eval_verdict *out),
    struct trust_boot_step *out)
{
	struct trust_eval_verdict v;

	if (c == NULL)
		return;
	judge(&b->st, c, &v);
	note(b, (struct span){ 0 }, &v, out);
}

static bool
was_there_and_refused(const struct trust_boot_step *s)
{
	return s->how == TRUST_BOOT_REJECTED;
}

void
trust_boot(const struct trustlist *ctl, const struct trustlist *itl,
    const struct trust_boot_world *w, struct trust_boot *out)
{
	struct boot b = { .world = w,
		.tvs = w->tvs,
		.st = { .ctl = ctl, .itl = itl, .tvs_servers = w->tvs_count, .now = w->now } };

	*out = (struct trust_boot){ 0 };
	take_list(&b, TRUST_EVAL_CTL, w->ctl_read, &b.ctl, &out->ctl);
	take_list(&b, TRUST_EVAL_ITL, w->itl_read, &b.itl, &out->itl);
	take_config(&b, &out->config);
	call(&b, w->https, trust_eval_https, &out->https);
	call(&b, w->capf, trust_eval_capf, &out->capf);
	out->lost = was_there_and_refused(&out->itl) && was_there_and_refused(&out->config);
	trust_eval_offer_free(&b.ctl);
	trust_eval_offer_free(&b.itl);
}
