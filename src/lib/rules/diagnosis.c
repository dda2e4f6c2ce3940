#include "rules/diagnosis_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_S 180 /* a phone that took its configuration calls CAPF within this */
#define SHOWN      3   /* lines of one kind that are shown as evidence */

void
diagnosis_add(struct diagnosis_finding *f, const char *fmt, ...)
{
	va_list ap;

	if (f->evidence_count == DIAGNOSIS_EVIDENCE_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(f->evidence[f->evidence_count++], DIAGNOSIS_TEXT_MAX, fmt, ap);
	va_end(ap);
}

static bool
ends_with(const char *text, const char *suffix)
{
	size_t n = strlen(text), m = strlen(suffix);

	return n >= m && strcmp(text + n - m, suffix) == 0;
}

size_t
diagnosis_add_events(struct diagnosis_finding *f, const struct diagnosis_console *c,
    enum consolelog_kind kind, const char *suffix)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++) {
		const struct consolelog_event *ev = &c->event[i];

		if (ev->kind != kind || (suffix != NULL && !ends_with(ev->what, suffix)))
			continue;
		if (n++ < SHOWN)
			diagnosis_add(f, "console line %lu: %s", ev->line, ev->text);
	}
	return n;
}

size_t
diagnosis_events(const struct diagnosis_console *c, enum consolelog_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < c->count; i++)
		n += c->event[i].kind == kind;
	return n;
}

void
diagnosis_tell(struct diagnosis_run *r, const struct diagnosis_finding *f)
{
	if (f->evidence_count == 0)
		return;
	r->is_found[f->kind] = true;
	r->found(r->arg, f);
}

bool
diagnosis_is_pending(const struct diagnosis_facts *f)
{
	return f->phone.record != NULL && f->phone.record->operation != PHONE_OPERATION_NONE;
}

bool
diagnosis_ignores_operation(const struct diagnosis_facts *f)
{
	const struct diagnosis_phone *p = &f->phone;
	time_t set;

	if (!diagnosis_is_pending(f) || p->record->auth_mode == PHONE_AUTH_STRING)
		return false;
	set = p->record->operation_changed;
	return p->config_at > set && p->config_at + PATIENCE_S < f->now && p->attempt_at < set &&
	       p->contact.capf_at < set;
}

void
diagnosis_judge(const struct diagnosis_facts *facts, diagnosis_found *found, void *arg)
{
	struct diagnosis_run r = { .facts = facts, .found = found, .arg = arg };

	diagnosis_published_lists(&r);
	diagnosis_trust_lists(&r);
	diagnosis_config(&r);
	diagnosis_capf(&r);
	diagnosis_operations(&r);
	diagnosis_tvs(&r);
	diagnosis_captured(&r);
}
