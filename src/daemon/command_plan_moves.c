#include "daemon/commands.h"

#include "base/mem.h"
#include "base/text.h"
#include "cluster/forecast_json.h"
#include "cluster/forecast_moves.h"

#include <stdlib.h>
#include <string.h>

#define GIVEN_MAX 64

/* The other cluster, as it was given. */
struct other {
	struct bytes ctl, itl;               /* files; empty: none */
	struct trustlist ctl_list, itl_list; /* the same, parsed */
	struct cert *given[GIVEN_MAX];
	size_t given_count;
};

/* --- what was given --- */

static bool
read_list(
    const json_t *args, const char *name, struct bytes *file, struct trustlist *list, struct err *e)
{
	return text_unhex(span_str(args_text(args, name)), file, e) &&
	       (file->n == 0 || trustlist_parse(bytes_span(file), list, e));
}

static bool
read_given(const json_t *all, struct other *o, struct err *e)
{
	size_t count = json_array_size(all);

	if (count > GIVEN_MAX)
		return err_set(e, ERR_LIMIT, "%zu certificates, %d at most", count, GIVEN_MAX);
	for (size_t i = 0; i < count; i++) {
		const char *pem = json_string_value(json_array_get(all, i));

		o->given[i] = cert_from_pem(span_str(pem != NULL ? pem : ""), e);
		if (o->given[i] == NULL)
			return err_in(e, "certificate %zu", i + 1);
		o->given_count++;
	}
	return true;
}

static bool
other_read(const json_t *args, struct other *o, struct err *e)
{
	*o = (struct other){ 0 };
	if (!read_list(args, "itl", &o->itl, &o->itl_list, e))
		return err_in(e, "its ITL");
	if (o->itl.n == 0)
		return err_set(e, ERR_MALFORMED, "its ITL is empty");
	return (read_list(args, "ctl", &o->ctl, &o->ctl_list, e) || err_in(e, "its CTL")) &&
	       read_given(json_object_get(args, "certificates"), o, e);
}

static void
other_free(struct other *o)
{
	trustlist_free(&o->ctl_list);
	trustlist_free(&o->itl_list);
	bytes_free(&o->ctl);
	bytes_free(&o->itl);
	for (size_t i = 0; i < o->given_count; i++)
		cert_free(o->given[i]);
}

static const char *
signs(const struct moving_signer *s)
{
	return s->function == FUNCTION_SAST ? "lists" : "files";
}

static json_t *
signer_json(const struct moving_signer *s)
{
	return json_pack("{s:s, s:o, s:o}", "signs", signs(s), "subject",
	    json_text(cert_subject_cucm(s->cert)), "sha256", json_hex(cert_sha256(s->cert)));
}

static void
step(json_t *steps, const char *text)
{
	json_array_append_new(steps, json_string(text));
}

/* --- phones that go --- */

static json_t *
leaving_steps(const struct moveplan_vouch *v, const struct forecast *f, bool given)
{
	json_t *steps = json_array();

	if (v->missing > 0)
		step(steps, "here: sealtone migrate import with the certificates of the signers "
			    "that are not vouched for, or plan again with --certs");
	else if (given)
		step(steps, "here: sealtone migrate import with the certificates that were given");
	if (f->newly_lost > 0 && v->missing == 0)
		step(steps, "here: reset the phones, and wait until sealtone status counts none "
			    "behind: those that are lost hold an earlier list");
	step(steps, "sealtone migrate verify --to with the same words: it asks our TVS what they "
		    "will ask");
	step(steps, "point option 150 at the other cluster and reset the phones, a few first");
	step(steps, "leave sealtoned running until all have gone: it is its TVS that phones ask");
	return steps;
}

static json_t *
vouched_json(const struct moving *m, const struct moveplan_vouch *v)
{
	json_t *all = json_array();

	for (size_t i = 0; i < m->signers; i++) {
		json_t *one = signer_json(&m->signer[i]);

		json_object_set_new(one, "vouched", json_boolean(v->vouched[i]));
		json_array_append_new(all, one);
	}
	return all;
}

static bool
leave(struct core *c, const struct other *o, const struct moving *m, bool names, json_t **result,
    struct err *e)
{
	const struct forecast_place where = { cluster_store(c->cluster), cluster_models(c->cluster),
		cluster_node(c->cluster)->name };
	struct moveplan_vouch v;
	struct forecast f = { 0 };
	bool ok;

	moveplan_vouch_make(m, cluster_view(c->cluster), o->given, o->given_count, &v);
	ok = cluster_forecast_leaving(
		 c->cluster, bytes_span(&o->ctl), bytes_span(&o->itl), v.view, core_now(), &f, e) &&
	     forecast_json(&f, &where, names, result, e);
	if (ok) {
		json_object_set_new(*result, "command", json_string("migrate"));
		json_object_set_new(*result, "signers", vouched_json(m, &v));
		json_object_set_new(*result, "steps", leaving_steps(&v, &f, o->given_count > 0));
	}
	forecast_free(&f);
	moveplan_vouch_free(&v);
	return ok;
}

bool
command_plan_leave(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct moving m;
	struct other o;
	bool ok = other_read(args, &o, e);

	if (ok && (ok = moving_open(NULL, NULL, bytes_span(&o.ctl), bytes_span(&o.itl), &m, e))) {
		ok = leave(c, &o, &m, json_is_true(json_object_get(args, "names")), result, e);
		moving_free(&m);
	}
	other_free(&o);
	return ok;
}

/* --- phones that come --- */

/* Who signs here, and whether the lists that phones hold know them: what is not known is to be
 * imported there. */
static json_t *
ours_json(const struct moving *m)
{
	json_t *all = json_array();

	for (size_t i = 0; i < m->signers; i++) {
		json_t *one = signer_json(&m->signer[i]);

		json_object_set_new(one, "known", json_boolean(m->signer[i].known));
		json_array_append_new(all, one);
	}
	return all;
}

/* The TVS servers that their list names. */
static json_t *
servers_json(const struct trustlist *itl)
{
	json_t *all = json_array();
	char name[ERR_TEXT_MAX];

	for (size_t i = 0; i < itl->count; i++)
		if (itl->records[i].function == FUNCTION_TVS)
			json_array_append_new(
			    all, json_string(
				     text_printable(itl->records[i].subject, name, sizeof name)));
	return all;
}

static json_t *
coming_steps(const struct moveplan_arrival *a)
{
	json_t *steps = json_array();

	switch (a->outcome) {
	case HANDOUT_RETIRED_KEY:
		step(steps, "sealtone phone holds NAME FILE for each of them, with the list that "
			    "they hold: then they are handed a bridge");
		break;
	case HANDOUT_TVS:
		step(steps, "there: import our certificates (sealtone migrate prepare --from ... "
			    "--out DIR writes them) as CallManager-trust and Phone-SAST-trust, and "
			    "restart TVS on all nodes");
		step(steps, "sealtone migrate verify --from with the same words: it asks the TVS "
			    "there what they will ask");
		break;
	case HANDOUT_LOST:
		step(steps,
		    "sealtone cert take-over with a key of that cluster that signs lists, "
		    "for instance of its ITLRecovery.p12; or erase the lists at the phones");
		return steps;
	default:
		break;
	}
	step(steps, "sealtone migrate move --from ... --csv FILE adds the phones here; point "
		    "option 150 here and reset them, a few first");
	if (a->outcome == HANDOUT_TVS)
		step(steps, "leave TVS there running until all have come");
	return steps;
}

static bool
arrive(struct core *c, const struct other *o, const struct moving *ours,
    const struct moving *theirs, json_t **result, struct err *e)
{
	struct moveplan_arrival a;
	struct moveplan_vouch back;

	if (!cluster_arrival(c->cluster, o->ctl.n > 0 ? &o->ctl_list : NULL, &o->itl_list, &a, e))
		return false;
	moveplan_vouch_make(theirs, cluster_view(c->cluster), o->given, o->given_count, &back);
	*result = json_pack("{s:s, s:s, s:o, s:b, s:o, s:o, s:o, s:i, s:o}", "command", "migrate",
	    "outcome", handout_outcome_name(a.outcome), "reason", json_text(a.reason), "if_vouched",
	    a.if_vouched, "tvs", servers_json(&o->itl_list), "ours", ours_json(ours), "back",
	    vouched_json(theirs, &back), "cut_off", a.outcome == HANDOUT_LOST, "steps",
	    coming_steps(&a));
	moveplan_vouch_free(&back);
	return true;
}

bool
command_plan_arrive(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct cluster_list itl = { 0 }, ctl = { 0 };
	struct moving ours = { 0 }, theirs = { 0 };
	struct other o;
	bool ok = other_read(args, &o, e);

	(void)cluster_list(c->cluster, STORE_LIST_ITL, ENVELOPE_SHA1, &itl);
	(void)cluster_list(c->cluster, STORE_LIST_CTL, ENVELOPE_SHA1, &ctl);
	ok = ok &&
	     moving_open(
		 o.ctl.n > 0 ? &o.ctl_list : NULL, &o.itl_list, ctl.file, itl.file, &ours, e) &&
	     moving_open(NULL, NULL, bytes_span(&o.ctl), bytes_span(&o.itl), &theirs, e) &&
	     arrive(c, &o, &ours, &theirs, result, e);
	moving_free(&ours);
	moving_free(&theirs);
	other_free(&o);
	return ok;
}
