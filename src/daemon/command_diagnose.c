#include "daemon/commands.h"

#include "base/mem.h"
#include "base/text.h"
#include "cluster/listnames.h"
#include "daemon/diagnosing.h"
#include "daemon/phonejson.h"
#include "daemon/phoneprogress.h"
#include "rules/explain.h"

#include <stdio.h>
#include <stdlib.h>

#define FIX_MAX    1024
#define EVENTS_MAX 20000 /* lines of a console; of a longer one the last */

static json_t *
text_or_null(const char *text)
{
	return text != NULL && text[0] != '\0' ? json_text(text) : json_null();
}

/* A file that an argument carries as hex; empty: there is none. */
static bool
read_hex(const json_t *args, const char *name, struct bytes *out, struct err *e)
{
	const char *hex = args_text(args, name);

	*out = (struct bytes){ 0 };
	return *hex == '\0' || text_unhex(span_str(hex), out, e) || err_in(e, "%s", name);
}

/* --- the console --- */

/* Lines of a log with their numbers: what the caller found to say something. */
static bool
read_event(const json_t *one, struct consolelog_event *out)
{
	const char *text = json_string_value(json_object_get(one, "text"));
	json_int_t line = json_integer_value(json_object_get(one, "line"));

	if (text == NULL || line < 1 || !consolelog_line(span_str(text), out))
		return false;
	out->line = (unsigned long)line;
	return true;
}

static struct consolelog_event *
read_console(const json_t *args, struct diagnosis_console *out)
{
	const json_t *lines = json_object_get(args, "console");
	size_t all = json_array_size(lines), first = all > EVENTS_MAX ? all - EVENTS_MAX : 0;
	struct consolelog_event *events = mem_new(all - first + 1, sizeof *events);

	for (size_t i = first; i < all; i++)
		if (read_event(json_array_get(lines, i), &events[out->count]))
			out->count++;
	out->event = events;
	return events;
}

/* --- diagnose --- */

/* A fix names the phone as NAME. */
static json_t *
fix_json(const char *fix, const char *name)
{
	static const char word[] = "NAME";
	char text[FIX_MAX];
	size_t n = 0;

	while (*fix != '\0' && n + DEVICE_NAME_MAX < sizeof text) {
		bool is_name = strncmp(fix, word, sizeof word - 1) == 0;

		n += (size_t)snprintf(text + n, sizeof text - n, "%.*s",
		    is_name ? DEVICE_NAME_MAX : 1, is_name ? name : fix);
		fix += is_name ? sizeof word - 1 : 1;
	}
	return json_text(text);
}

struct findings {
	json_t *out;
	const char *name;
};

static void
add_finding(void *arg, const struct diagnosis_finding *f)
{
	const struct findings *all = arg;
	json_t *evidence = json_array();

	for (size_t i = 0; i < f->evidence_count; i++)
		json_array_append_new(evidence, json_text(f->evidence[i]));
	json_array_append_new(all->out,
	    json_pack("{s:s, s:s, s:o, s:s, s:s, s:o, s:o}", "id", diagnosis_id(f->kind),
		"severity", diagnosis_severity_name(diagnosis_severity_of(f->kind)), "row",
		diagnosis_row(f->kind) != 0 ? json_integer(diagnosis_row(f->kind)) : json_null(),
		"symptom", diagnosis_symptom(f->kind), "cause", f->cause, "evidence", evidence,
		"fix", fix_json(f->fix, all->name)));
}

static json_t *
held_json(const struct diagnosis_held *h)
{
	if (!h->is_given)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:b, s:b, s:b, s:o, s:I}", "signer",
	    text_or_null(h->signer), "kind", text_or_null(h->kind), "version",
	    h->version != 0 ? json_integer((json_int_t)h->version) : json_null(), "ours",
	    h->version != 0, "current", h->is_current, "empty", h->is_empty, "fault",
	    h->is_bad ? json_text(h->fault) : json_null(), "size", (json_int_t)h->size);
}

static json_t *
step_json(const struct diagnosing *d, const struct trust_boot_step *s)
{
	bool by_tvs = s->how == TRUST_BOOT_BY_TVS && s->tvs < d->tvs_count;

	return json_pack("{s:s, s:o, s:o}", "how", trust_boot_how_name(s->how), "reason",
	    text_or_null(s->reason), "tvs", by_tvs ? json_text(d->tvs_name[s->tvs]) : json_null());
}

/* What a phone with these lists would make of what this one is handed now; bridge: for its own sake
 * (doc/guide/plan.md). */
static json_t *
boot_json(const struct diagnosing *d)
{
	const struct trust_boot *b = &d->facts.lists.boot;

	if (!d->facts.lists.is_booted)
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:b, s:b}", "itl", step_json(d, &b->itl), "config",
	    step_json(d, &b->config), "capf", step_json(d, &b->capf), "lost", b->lost, "bridge",
	    d->handed_now.bridge[1].n > 0);
}

static json_t *
handed_json(const struct diagnosing *d)
{
	json_t *all = json_array();

	for (size_t i = 0; i < d->lists; i++)
		json_array_append_new(all,
		    json_pack("{s:s, s:I, s:b, s:o, s:o, s:o}", "kind",
			listnames_kind(d->list[i].kind), "version", (json_int_t)d->list[i].version,
			"current", d->list[i].is_current, "node", json_text(d->list[i].node),
			"address", json_text(d->list[i].address), "at", json_time(d->list[i].at)));
	return all;
}

static json_t *
tvs_json(const struct store_tvs_contact *k)
{
	return json_pack("{s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o}", "question_at",
	    json_time(k->question_at), "device", text_or_null(k->device), "certificate",
	    text_or_null(k->certificate), "known", k->is_known, "alert_at", json_time(k->alert_at),
	    "alert", text_or_null(k->alert), "https_alert_at", json_time(k->https_at),
	    "https_alert", text_or_null(k->https));
}

static bool
diagnose(struct diagnosing *d, json_t **result, struct err *e)
{
	struct findings all = { NULL, d->phone.device.name };
	json_t *phone;

	if (!phonejson_of(d->core, &d->phone, &phone, e))
		return false;
	if (!phoneprogress_add(d->core, &d->phone, phone, e)) {
		json_decref(phone);
		return false;
	}
	all.out = json_array();
	diagnosis_judge(&d->facts, add_finding, &all);
	*result = json_pack("{s:o, s:o, s:o, s:{s:o, s:o}, s:o, s:I, s:o}", "phone", phone,
	    "handed", handed_json(d), "tvs", tvs_json(&d->contact), "held", "ctl",
	    held_json(&d->facts.lists.ctl), "itl", held_json(&d->facts.lists.itl), "boot",
	    boot_json(d), "console_events", (json_int_t)d->facts.console.count, "findings",
	    all.out);
	return *result != NULL || err_set(e, ERR_BUG, "cannot show the diagnosis");
}

bool
command_diagnose(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct consolelog_event *events = NULL;
	struct bytes ctl = { 0 }, itl = { 0 };
	struct diagnosing d;
	bool ok;

	ok = diagnosing_gather(c, args_text(args, "name"), &d, e) &&
	     read_hex(args, "ctl", &ctl, e) && read_hex(args, "itl", &itl, e) &&
	     diagnosing_hold(&d, bytes_span(&ctl), bytes_span(&itl), e) &&
	     diagnosing_see(&d, json_object_get(args, "capture"), e);
	if (ok) {
		events = read_console(args, &d.facts.console);
		ok = diagnose(&d, result, e);
	}
	free(events);
	diagnosing_free(&d);
	bytes_free(&ctl);
	bytes_free(&itl);
	return ok;
}

/* --- explain --- */

struct explaining {
	struct diagnosing *d;
	struct explain_case explained;
	json_t *out;
};

static struct explaining
explaining_of(struct diagnosing *d, struct span file)
{
	struct explaining x = { .d = d,
		.explained = { .file = file,
		    .served_ctl = d->handed_now.ctl.file,
		    .served_itl = d->handed_now.itl.file,
		    .tvs_count = d->tvs_count,
		    .now = d->facts.now },
		.out = json_array() };

	diagnosing_tvs(d, x.explained.tvs);
	for (size_t i = 0; i < d->tvs_count; i++)
		x.explained.tvs_name[i] = d->tvs_name[i];
	return x;
}

/* With lists, which may be NULL. */
static void
explain_with(struct explaining *x, const char *holds, const struct trustlist *ctl,
    const struct trustlist *itl)
{
	struct explain made;
	json_t *steps = json_array();

	x->explained.ctl = ctl;
	x->explained.itl = itl;
	explain(&x->explained, &made);
	for (size_t i = 0; i < made.count; i++)
		json_array_append_new(steps, json_pack("{s:s, s:o}", "step", made.step[i].name,
						 "text", json_text(made.step[i].text)));
	json_array_append_new(x->out,
	    json_pack("{s:o, s:o, s:b, s:s, s:o}", "holds", json_text(holds), "steps", steps,
		"taken", trust_boot_is_taken(&made.verdict), "how",
		trust_boot_how_name(made.verdict.how), "reason", json_text(made.verdict.reason)));
}

/* Each ITL that it was handed, beside the CTL that it was handed last. */
static void
explain_handed(struct explaining *x)
{
	const struct diagnosing_list *believed = &x->d->believed_ctl;
	struct trustlist ctl, itl;
	bool has_ctl =
	    believed->file.n > 0 && trustlist_parse(bytes_span(&believed->file), &ctl, NULL);

	for (size_t i = 0; i < x->d->lists; i++) {
		const struct diagnosing_list *l = &x->d->list[i];
		char holds[DIAGNOSIS_TEXT_MAX], when[TEXT_TIME_MAX];

		if (!trustlist_parse(bytes_span(&l->file), &itl, NULL))
			continue;
		snprintf(holds, sizeof holds, "%s version %llu%s%s%s, handed to %.63s at %s",
		    listnames_kind(l->kind), (unsigned long long)l->version,
		    l->is_current ? " (the current one)" : "", has_ctl ? " and a " : "",
		    has_ctl ? listnames_kind(believed->kind) : "", l->address,
		    text_time(l->at, when));
		explain_with(x, holds, has_ctl ? &ctl : NULL, &itl);
		trustlist_free(&itl);
	}
	if (has_ctl)
		trustlist_free(&ctl);
	explain_with(x, "nothing (new, or its lists were erased)", NULL, NULL);
}

/* With lists that were taken from it. */
static bool
explain_held(struct explaining *x, struct err *e)
{
	const struct diagnosing *d = x->d;
	const struct diagnosing_held *ctl = &d->held_ctl, *itl = &d->held_itl;

	if (ctl->file.n > 0 && !ctl->is_parsed)
		return err_set(e, ERR_MALFORMED, "the CTL that it holds: %s", ctl->fault);
	if (itl->file.n > 0 && !itl->is_parsed)
		return err_set(e, ERR_MALFORMED, "the ITL that it holds: %s", itl->fault);
	explain_with(x,
	    ctl->is_parsed && itl->is_parsed ? "the CTL and ITL that were given"
	    : ctl->is_parsed                 ? "the CTL that was given"
					     : "the ITL that was given",
	    ctl->is_parsed ? &ctl->list : NULL, itl->is_parsed ? &itl->list : NULL);
	return true;
}

static bool
explain_file(struct diagnosing *d, struct span file, json_t **result, struct err *e)
{
	struct explaining x = explaining_of(d, file);
	bool ok = true;

	if (d->held_ctl.file.n == 0 && d->held_itl.file.n == 0)
		explain_handed(&x);
	else
		ok = explain_held(&x, e);
	if (!ok) {
		json_decref(x.out);
		return false;
	}
	*result = json_pack("{s:s, s:s, s:o}", "name", d->phone.device.name, "kind",
	    explain_is_list(file) ? "trust list" : "signed file", "cases", x.out);
	return true;
}

bool
command_explain(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct bytes file = { 0 }, ctl = { 0 }, itl = { 0 };
	struct diagnosing d;
	bool ok;

	ok = diagnosing_gather(c, args_text(args, "name"), &d, e) &&
	     read_hex(args, "file", &file, e) && read_hex(args, "ctl", &ctl, e) &&
	     read_hex(args, "itl", &itl, e) &&
	     (file.n > 0 || err_set(e, ERR_MALFORMED, "file: it is empty")) &&
	     diagnosing_hold(&d, bytes_span(&ctl), bytes_span(&itl), e) &&
	     explain_file(&d, bytes_span(&file), result, e);
	diagnosing_free(&d);
	bytes_free(&file);
	bytes_free(&ctl);
	bytes_free(&itl);
	return ok;
}
