#include "daemon/core_served.h"

#include "base/log.h"
#include "base/text.h"
#include "daemon/core_handout.h"
#include "daemon/core_stage.h"
#include "daemon/refusals.h"
#include "daemon/sightings.h"
#include "rules/fname.h"

#include <limits.h>
#include <stdio.h>

#define LIST_WORD   "list "
#define CONFIG_WORD "config "

static bool
begins(struct span s, const char *word, struct span *rest)
{
	size_t n = strlen(word);

	if (s.n <= n || memcmp(s.p, word, n) != 0)
		return false;
	*rest = span_of(s.p + n, s.n - n);
	return true;
}

static void
note_list(struct core *c, const struct fname *name, struct span peer, struct span rest)
{
	const struct device *d = &name->device;
	char text[24];
	unsigned long id;

	snprintf(text, sizeof text, "%.*s", (int)rest.n, (const char *)rest.p);
	if (!text_number(text, 1, LONG_MAX, &id))
		return;
	sightings_list(c->sightings, d, (int64_t)id);
	core_stage_list(c, d, (int64_t)id, peer);
	refusals_list(c->refusals, d, (int64_t)id, name->kind == FNAME_CTL, peer, core_now());
}

/* "<form> <versionStamp>"; the second may be empty. */
static void
note_config(struct core *c, const struct fname *name, struct span peer, struct span rest)
{
	const uint8_t *blank = memchr(rest.p, ' ', rest.n);
	struct span form = rest, version = { 0 };
	bool is_boot, is_waiting;

	if (blank != NULL) {
		form.n = (size_t)(blank - rest.p);
		version = span_of(blank + 1, rest.n - form.n - 1);
	}
	is_boot = name->kind == FNAME_CONFIG && name->is_signed;
	/* Where it is at home was found before: strangers must not change that meanwhile. */
	is_waiting = core_handout_waits(c->handouts, name->device.name);
	sightings_config(c->sightings, &name->device, form, version,
	    is_boot && !is_waiting ? peer : (struct span){ 0 });
	if (is_boot)
		core_stage_config(c, &name->device, peer);
}

static void
note(struct core *c, const struct front_served *s)
{
	struct span rest;
	struct fname name;

	if (!fname_parse(s->name, &name, NULL) || !name.has_device)
		return;
	sightings_add(c->sightings, &name.device, s->peer, core_now());
	if (!s->ok)
		return;
	if (begins(s->version, LIST_WORD, &rest))
		note_list(c, &name, s->peer, rest);
	else if (begins(s->version, CONFIG_WORD, &rest))
		note_config(c, &name, s->peer, rest);
}

void
core_served_take(struct core *c, struct span payload)
{
	struct rd in = rd_open(payload);
	struct front_served s;
	struct err e = { 0 };

	while (front_served_next(&in, &s, &e)) {
		log_event(s.ok ? LOG_DEBUG : LOG_INFO, "%s peer=%.*s what=%s reason=%s",
		    s.ok ? "file-sent" : "file-not-sent", (int)s.peer.n, (const char *)s.peer.p,
		    log_quote(s.name), log_quote(s.text));
		note(c, &s);
	}
	if (e.code != ERR_NONE)
		log_event(LOG_ERROR, "served-malformed reason=\"%s\"", e.text);
}
