#include "rules/trust_eval.h"

#include "base/text.h"
#include "rules/signedfile.h"
#include "rules/trust_record.h"
#include "rules/trust_verdict.h"

#include <stdio.h>

#define ROLE(function) TRUST_RECORD_ROLE(function)
#define NAME_SHOWN     100

/* Signs files, in a list or in TVS's answer (VERIFY_FILE). */
#define FILE_ROLES (ROLE(FUNCTION_TFTP) | ROLE(FUNCTION_CCM_TFTP))

/* A list or file under judgement: who says to have signed it, and in which functions the lists held
 * must know that signer. */
struct candidate {
	struct envelope env;
	struct span presented; /* a list's: its signer's certificate as it brings it itself */
	uint32_t ctl_roles, itl_roles;
	uint16_t function; /* the one that TVS must name */
};

enum match {
	MATCH_NONE, /* no record of this signer in these functions */
	MATCH_GOOD,
	MATCH_BAD, /* the signer's record is there, and the signature is not its key's */
};

/* The candidate's signature was made with the key of the certificate at der. */
static bool
signed_by(const struct candidate *k, struct span der, struct err *e)
{
	struct cert *c = cert_parse(der, e);
	bool ok = c != NULL && signedfile_check(&k->env, c, e);

	cert_free(c);
	return ok;
}

/* One record that names the signer, in a function that counts. A certificate that the file itself
 * brings has been checked against the signature before. */
static enum match
record_match(const struct trustlist_record *r, const struct candidate *k, struct err *e)
{
	if (k->presented.n > 0)
		return trust_record_holds_der(r, k->presented) ? MATCH_GOOD : MATCH_NONE;
	if (!trustlist_has(r, TRUSTLIST_CERTIFICATE))
		return MATCH_NONE;
	return signed_by(k, r->certificate, e) ? MATCH_GOOD : MATCH_BAD;
}

static enum match
list_match(const struct trustlist *list, uint32_t roles, const struct candidate *k, struct err *e)
{
	enum match found = MATCH_NONE;

	for (size_t i = 0; list != NULL && i < list->count; i++) {
		const struct trustlist_record *r = &list->records[i];
		enum match m;

		if (!trust_record_has_role(r, roles) ||
		    !trust_record_names(r, k->env.issuer, k->env.serial))
			continue;
		m = record_match(r, k, e);
		if (m == MATCH_GOOD)
			return m;
		if (m == MATCH_BAD)
			found = m;
	}
	return found;
}

/* Whether the list settles it, for or against. */
static bool
list_decides(const struct trustlist *list, uint32_t roles, enum trust_eval_outcome outcome,
    const struct candidate *k, struct trust_eval_verdict *v)
{
	struct err e = { 0 };
	char name[NAME_SHOWN];

	switch (list_match(list, roles, k, &e)) {
	case MATCH_GOOD:
		trust_verdict_set(v, outcome, "signer %s is in the %s",
		    text_printable(k->env.signer_name, name, sizeof name),
		    outcome == TRUST_EVAL_BY_CTL ? "CTL" : "ITL");
		return true;
	case MATCH_BAD:
		trust_verdict_damaged(v, &e);
		return true;
	case MATCH_NONE:
		break;
	}
	return false;
}

bool
trust_eval_list_is_empty(const struct trustlist *list)
{
	return !trust_record_any(list, FILE_ROLES | ROLE(FUNCTION_TVS));
}

/* Nothing is held that could judge anything: rows 1 to 6. */
static bool
is_blank(const struct trust_eval_state *st)
{
	return st->ctl == NULL && trust_eval_list_is_empty(st->itl);
}

bool
trust_eval_wants_signed(const struct trust_eval_state *st)
{
	return !is_blank(st);
}

bool
trust_eval_roles_allow(const uint8_t *roles, size_t count, uint16_t function)
{
	uint32_t wanted = function == FUNCTION_TFTP ? FILE_ROLES : ROLE(function);

	for (size_t i = 0; i < count; i++)
		if (roles[i] < 32 && (wanted >> roles[i] & 1) != 0)
			return true;
	return false;
}

/* A signer's certificate as TVS gave it: it must be the one asked for, be good for the function,
 * and its key must have made the signature. */
static void
judge_vouched(const struct candidate *k, const struct trust_eval_answer *a,
    enum trust_eval_outcome outcome, struct trust_eval_verdict *v)
{
	struct err e = { 0 };
	char name[NAME_SHOWN];

	text_printable(k->env.signer_name, name, sizeof name);
	if (!trust_eval_roles_allow(a->roles, a->role_count, k->function))
		trust_verdict_set(v, TRUST_EVAL_REJECT, "TVS trusts signer %s, but not as %s", name,
		    function_name(k->function));
	else if (!signed_by(k, a->certificate, &e))
		trust_verdict_damaged(v, &e);
	else
		trust_verdict_set(v, outcome, "TVS trusts signer %s", name);
}

static void
judge_unknown(
    const struct trust_eval_state *st, const struct candidate *k, struct trust_eval_verdict *v)
{
	const struct trust_cache_entry *cached = NULL;
	char name[NAME_SHOWN], what[NAME_SHOWN + 16];

	if (st->cache != NULL)
		cached = trust_cache_find(st->cache, k->env.issuer, k->env.serial, st->now);
	if (cached != NULL) {
		struct trust_eval_answer a = { true, cached->roles, cached->role_count, 0,
			bytes_span(&cached->certificate) };

		judge_vouched(k, &a, TRUST_EVAL_BY_CACHE, v);
		return;
	}
	text_printable(k->env.signer_name, name, sizeof name);
	snprintf(what, sizeof what, "signer %s", name);
	if (!trust_verdict_can_ask(st, what, v))
		return;
	trust_verdict_set(v, TRUST_EVAL_ASK, "%s is not in the lists held as %s", what,
	    function_name(k->function));
	v->question = (struct trust_eval_question){ .subject = k->env.signer_name,
		.issuer = k->env.issuer,
		.serial = k->env.serial,
		.function = k->function };
}

/* The list's own record of its signer is the one whose certificate the signature must fit (T10,
 * T13, T14): without one no list can be verified, whoever knows its signer (files.md 1.3). */
void
trust_eval_offer_read(struct span file, struct trust_eval_offer *out)
{
	*out = (struct trust_eval_offer){ 0 };
	if (file.n > TRUSTLIST_PHONE_MAX) {
		err_set(&out->why, ERR_LIMIT, "%zu bytes, phones load %d at most", file.n,
		    TRUSTLIST_PHONE_MAX);
		return;
	}
	out->is_sound = trustlist_parse(file, &out->list, &out->why) &&
			signedfile_check_list(&out->list, NULL, &out->why);
}

void
trust_eval_offer_free(struct trust_eval_offer *o)
{
	trustlist_free(&o->list);
}

void
trust_eval_offered(const struct trust_eval_state *st, enum trust_eval_kind kind,
    const struct trust_eval_offer *o, struct trust_eval_verdict *out)
{
	struct candidate k = { .env = o->list.env,
		.ctl_roles = ROLE(FUNCTION_SAST),
		.itl_roles = ROLE(FUNCTION_SAST),
		.function = FUNCTION_SAST };

	*out = (struct trust_eval_verdict){ 0 };
	if (!o->is_sound) {
		trust_verdict_damaged(out, &o->why);
		return;
	}
	k.presented = signedfile_list_signer(&o->list)->certificate;
	if (kind == TRUST_EVAL_ITL)
		k.ctl_roles |= ROLE(FUNCTION_CCM_TFTP);
	if (is_blank(st))
		trust_verdict_set(out, TRUST_EVAL_BLIND, "no list is held that could judge it");
	else if (!list_decides(st->ctl, k.ctl_roles, TRUST_EVAL_BY_CTL, &k, out) &&
		 !list_decides(st->itl, k.itl_roles, TRUST_EVAL_BY_ITL, &k, out))
		judge_unknown(st, &k, out);
}

void
trust_eval_list(const struct trust_eval_state *st, enum trust_eval_kind kind, struct span file,
    struct trust_eval_verdict *out)
{
	struct trust_eval_offer o;

	trust_eval_offer_read(file, &o);
	trust_eval_offered(st, kind, &o, out);
	trust_eval_offer_free(&o);
}

void
trust_eval_file(const struct trust_eval_state *st, struct span file, struct trust_eval_verdict *out)
{
	struct candidate k = {
		.ctl_roles = FILE_ROLES, .itl_roles = FILE_ROLES, .function = FUNCTION_TFTP
	};
	struct span content;
	struct err e = { 0 };

	*out = (struct trust_eval_verdict){ 0 };
	if (!signedfile_parse(file, &k.env, &content, &e)) {
		trust_verdict_damaged(out, &e);
		return;
	}
	if (is_blank(st)) {
		if (list_match(st->itl, TRUST_RECORD_ANY, &k, &e) == MATCH_BAD)
			trust_verdict_damaged(out, &e);
		else
			trust_verdict_set(
			    out, TRUST_EVAL_BLIND, "no list is held that could judge it");
		return;
	}
	if (!list_decides(st->ctl, k.ctl_roles, TRUST_EVAL_BY_CTL, &k, out) &&
	    !list_decides(st->itl, k.itl_roles, TRUST_EVAL_BY_ITL, &k, out))
		judge_unknown(st, &k, out);
}

void
trust_eval_plain(const struct trust_eval_state *st, struct trust_eval_verdict *out)
{
	*out = (struct trust_eval_verdict){ 0 };
	if (is_blank(st))
		trust_verdict_set(out, TRUST_EVAL_BLIND, "no list is held that could judge it");
	else
		trust_verdict_set(out, TRUST_EVAL_REJECT,
		    "not signed, and a phone that holds a trust list takes signed files only");
}

/* The certificate that came is the one that was asked for. */
static bool
is_the_one(const struct trust_eval_question *q, struct span der)
{
	struct trustlist_record wanted = { .issuer = q->issuer, .serial = q->serial };
	struct err e;
	struct cert *c = cert_parse(der, &e);
	bool ok = c != NULL && trust_record_names_cert(&wanted, c);

	cert_free(c);
	return ok;
}

static void
answer_query(const struct trust_eval_state *st, const struct trust_eval_answer *a, struct span file,
    struct trust_cache *cache, struct trust_eval_verdict *v)
{
	struct candidate k = { .function = v->question.function };
	struct err e = { 0 };

	if (!envelope_parse(file, &k.env, NULL, &e)) {
		trust_verdict_damaged(v, &e);
		return;
	}
	if (!is_the_one(&v->question, a->certificate)) {
		trust_verdict_set(
		    v, TRUST_EVAL_REJECT, "TVS sent another certificate than was asked for");
		return;
	}
	if (trust_eval_roles_allow(a->roles, a->role_count, k.function))
		trust_verdict_cache(
		    cache, st, v->question.issuer, v->question.serial, a->certificate, a);
	judge_vouched(&k, a, TRUST_EVAL_BY_TVS, v);
}

static void
answer_verify(const struct trust_eval_state *st, const struct trust_eval_answer *a,
    struct trust_cache *cache, struct trust_eval_verdict *v)
{
	struct err e = { 0 };
	struct cert *c = cert_parse(v->question.certificate, &e);

	if (c == NULL) {
		trust_verdict_damaged(v, &e);
		return;
	}
	trust_verdict_cache(
	    cache, st, span_str(cert_issuer_cucm(c)), cert_serial(c), cert_der(c), a);
	trust_verdict_set(v, TRUST_EVAL_BY_TVS, "TVS trusts the certificate");
	cert_free(c);
}

void
trust_eval_tvs_answer(const struct trust_eval_state *st, const struct trust_eval_answer *answer,
    struct span file, struct trust_cache *cache, struct trust_eval_verdict *verdict)
{
	if (!answer->valid)
		trust_verdict_set(verdict, TRUST_EVAL_REJECT, "TVS does not trust %s",
		    verdict->question.whole_certificate ? "the certificate" : "the signer");
	else if (verdict->question.whole_certificate)
		answer_verify(st, answer, cache, verdict);
	else
		answer_query(st, answer, file, cache, verdict);
}
