#include "rules/explain.h"

#include "base/text.h"
#include "rules/signedfile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define NAME_SHOWN 120
#define TTL_S      86400 /* of every answer of TVS (doc/protocols/tvs.md) */

static void add(struct explain *out, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
add(struct explain *out, const char *name, const char *fmt, ...)
{
	struct explain_step *s;
	va_list ap;

	if (out->count == EXPLAIN_STEPS_MAX)
		return;
	s = &out->step[out->count++];
	s->name = name;
	va_start(ap, fmt);
	vsnprintf(s->text, sizeof s->text, fmt, ap);
	va_end(ap);
}

bool
explain_is_list(struct span file)
{
	enum signedfile_kind kind;

	return signedfile_kind(file, &kind, NULL) && kind == SIGNEDFILE_LIST;
}

/* --- reading --- */

static void
say_file(struct span file, const char *name, struct explain *out)
{
	char signer[NAME_SHOWN];
	struct envelope env;
	struct err e = { 0 };
	char *serial;

	if (!envelope_parse(file, &env, NULL, &e)) {
		add(out, name, "The file cannot be read: %s.", e.text);
		return;
	}
	serial = text_hex_sep(env.serial, ':');
	add(out, name, "It is signed with %s by %s, serial %.80s.",
	    envelope_digest_name(env.digest),
	    text_printable(env.signer_name, signer, sizeof signer), serial);
	free(serial);
}

static void
say_held(const struct trust_eval_state *st, struct explain *out, const char *name)
{
	add(out, name, "The phone holds %s and %s.", st->ctl != NULL ? "a CTL" : "no CTL",
	    st->itl == NULL                     ? "no ITL"
	    : trust_eval_list_is_empty(st->itl) ? "an empty ITL"
						: "an ITL");
}

/* --- TVS --- */

static const struct trustview_entry *
look_up(const struct trust_boot_tvs *s, const struct trust_eval_question *q)
{
	if (s->vouch == NULL)
		return NULL;
	return q->whole_certificate ? trustview_find_der(s->vouch, q->certificate)
				    : trustview_find(s->vouch, q->subject, q->issuer, q->serial);
}

static void
roles_text(const struct trustview_entry *found, char *out, size_t max)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < found->role_count && n < max; i++) {
		const char *role = function_name(found->roles[i]);

		n += (size_t)snprintf(
		    out + n, max - n, "%s%s", i > 0 ? ", " : "", role != NULL ? role : "?");
	}
}

/* The one that is reached and believed; NULL: none is. */
static const struct trust_boot_tvs *
say_servers(const struct explain_case *c, const struct trust_eval_state *st, struct explain *out)
{
	for (size_t i = 0; i < c->tvs_count; i++) {
		const char *name = c->tvs_name[i] != NULL ? c->tvs_name[i] : "?";
		struct trust_eval_verdict v;

		if (!c->tvs[i].reachable) {
			add(out, "ASK_TVS 3", "TVS %zu, %s: not reached.", i + 1, name);
			continue;
		}
		trust_eval_tvs_server(st, c->tvs[i].cert, &v);
		add(out, "ASK_TVS 3", "TVS %zu, %s: %s.", i + 1, name, v.reason);
		if (trust_eval_is_accepted(v.outcome))
			return &c->tvs[i];
	}
	return NULL;
}

static void
ask_tvs(const struct explain_case *c, const struct trust_eval_state *st,
    struct trust_eval_verdict *v, struct explain *out)
{
	const struct trustview_entry *found;
	const struct trust_boot_tvs *server;
	struct trust_eval_answer a = { 0 };
	char roles[NAME_SHOWN];

	add(out, "ASK_TVS 1", "Nothing is cached at a boot; it asks for the certificate as %s.",
	    function_name(v->question.function));
	if (c->tvs_count == 0)
		add(out, "ASK_TVS 2", "Its configuration names no TVS server.");
	server = say_servers(c, st, out);
	if (server == NULL) {
		add(out, "ASK_TVS 7", "No server is left: the signer is not trusted.");
		return;
	}
	found = look_up(server, &v->question);
	if (found != NULL) {
		roles_text(found, roles, sizeof roles);
		a = (struct trust_eval_answer){ true, found->roles, found->role_count, TTL_S,
			cert_der(found->cert) };
	}
	trust_eval_tvs_answer(st, &a, c->file, NULL, v);
	add(out, "ASK_TVS 5", "It answers: %s%s. %s.", found != NULL ? "trusted, as " : "not known",
	    found != NULL ? roles : "", v->reason);
}

/* --- the search --- */

static void
say_search(const struct trust_eval_verdict *v, const struct trust_eval_state *st, const char *name,
    const char *roles, struct explain *out)
{
	const char *ctl = st->ctl == NULL                   ? "there is no CTL"
			  : v->outcome == TRUST_EVAL_BY_CTL ? "it is in the CTL"
							    : "it is not in the CTL";
	const char *itl = v->outcome == TRUST_EVAL_BY_CTL   ? ""
			  : st->itl == NULL                 ? ", and there is no ITL"
			  : v->outcome == TRUST_EVAL_BY_ITL ? ", it is in the ITL"
							    : ", it is not in the ITL";

	add(out, name, "It looks for the signer as %s: %s%s.", roles, ctl, itl);
}

static void
say_judgement(const struct explain_case *c, const struct trust_eval_state *st,
    struct trust_eval_verdict *v, const char *const names[4], const char *roles,
    struct explain *out)
{
	if (v->damaged) {
		add(out, names[0], "Refused at once, nobody is asked: %s.", v->reason);
		return;
	}
	say_held(st, out, names[1]);
	if (v->outcome == TRUST_EVAL_BLIND) {
		add(out, names[1], "Nothing is held that could judge it: it is taken unseen.");
		return;
	}
	say_search(v, st, names[2], roles, out);
	if (v->outcome == TRUST_EVAL_ASK)
		ask_tvs(c, st, v, out);
	else
		add(out, names[3], "%s.", v->reason);
}

/* --- the two procedures --- */

static void
explain_list(const struct explain_case *c, const struct trust_eval_state *st, struct explain *out)
{
	static const char *const names[] = { "VERIFY_LIST 1", "VERIFY_LIST 2", "VERIFY_LIST 4",
		"VERIFY_LIST 5" };
	struct trust_boot_world w = { .tvs_count = c->tvs_count, .now = c->now };
	struct trust_eval_verdict v;
	struct trust_boot boot;
	struct trustlist list;
	bool is_ctl = false;

	if (trustlist_parse(c->file, &list, NULL)) {
		is_ctl = trustlist_is_ctl(&list);
		trustlist_free(&list);
	}
	say_file(c->file, names[0], out);
	trust_eval_list(st, is_ctl ? TRUST_EVAL_CTL : TRUST_EVAL_ITL, c->file, &v);
	say_judgement(
	    c, st, &v, names, is_ctl ? "SAST" : "SAST (in a CTL CCM+TFTP counts too)", out);
	memcpy(w.tvs, c->tvs, sizeof w.tvs);
	*(is_ctl ? &w.ctl : &w.itl) = c->file;
	trust_boot(c->ctl, c->itl, &w, &boot);
	out->verdict = is_ctl ? boot.ctl : boot.itl;
}

/* What came of a list that is served; true: it was taken, and is held from now on. */
static bool
take_served(const struct trust_boot_step *step, const char *name, struct span file,
    const struct trustlist **held, struct trustlist *list, struct explain *out)
{
	if (step->how == TRUST_BOOT_NOTHING)
		return false;
	add(out, name, "It asks for its list first, and %s the one that is served: %s.",
	    trust_boot_is_taken(step) ? "takes" : "refuses", step->reason);
	if (!trust_boot_is_taken(step) || !trustlist_parse(file, list, NULL))
		return false;
	*held = list;
	return true;
}

static void
explain_signed(const struct explain_case *c, struct trust_eval_state *st, struct explain *out)
{
	static const char *const names[] = { "VERIFY_FILE", "VERIFY_FILE", "VERIFY_FILE",
		"VERIFY_FILE" };
	struct trust_boot_world w = { .ctl = c->served_ctl,
		.itl = c->served_itl,
		.config = c->file,
		.tvs_count = c->tvs_count,
		.now = c->now };
	struct trust_eval_verdict v;
	struct trust_boot boot;
	struct trustlist ctl, itl;
	bool took_ctl, took_itl;

	memcpy(w.tvs, c->tvs, sizeof w.tvs);
	trust_boot(c->ctl, c->itl, &w, &boot);
	out->verdict = boot.config;
	took_ctl = take_served(&boot.ctl, "boot 2 (CTL)", c->served_ctl, &st->ctl, &ctl, out);
	took_itl = take_served(&boot.itl, "boot 4 (ITL)", c->served_itl, &st->itl, &itl, out);
	say_file(c->file, names[0], out);
	trust_eval_file(st, c->file, &v);
	say_judgement(c, st, &v, names, "TFTP or CCM+TFTP", out);
	if (took_ctl)
		trustlist_free(&ctl);
	if (took_itl)
		trustlist_free(&itl);
}

void
explain(const struct explain_case *c, struct explain *out)
{
	struct trust_eval_state st = {
		.ctl = c->ctl, .itl = c->itl, .tvs_servers = c->tvs_count, .now = c->now
	};

	*out = (struct explain){ 0 };
	if (explain_is_list(c->file))
		explain_list(c, &st, out);
	else
		explain_signed(c, &st, out);
}
