#include "daemon/core_stage.h"

#include "base/log.h"
#include "base/mem.h"
#include "cluster/cluster_stage.h"
#include "cluster/stage_progress.h"
#include "daemon/boots.h"
#include "daemon/commands.h"
#include "net/clock.h"

#include <stdio.h>
#include <stdlib.h>

#define LOOK_PAUSE 30 /* times as long as looking took */
#define LOOK_S     60 /* phones are added, deleted and let go without a word to us */
#define REFUSED_S  600

struct core_stage {
	struct boots *boots;
	bool news;
	uint64_t due_ms; /* clock_ms: not before, though there be news */
	uint64_t next_ms;
	time_t refused_at;          /* 0: it was not */
	char refused[ERR_TEXT_MAX]; /* why */
};

struct core_stage *
core_stage_new(void)
{
	struct core_stage *s = mem_new(1, sizeof *s);

	s->boots = boots_new();
	s->news = true;
	return s;
}

void
core_stage_free(struct core_stage *s)
{
	if (s == NULL)
		return;
	boots_free(s->boots);
	free(s);
}

void
core_stage_look_again(struct core *c)
{
	c->stage->news = true;
	c->stage->refused_at = 0;
}

/* --- what boots show --- */

static bool
is_watched(const struct core *c)
{
	return stage_is_any(c->cluster) &&
	       cluster_conf(c->cluster)->bridge_proof == CONF_PROOF_BOOT;
}

void
core_stage_list(struct core *c, const struct device *d, int64_t list, struct span address)
{
	if (is_watched(c) && cluster_list_is_current(c->cluster, STORE_LIST_ITL, list))
		boots_list(c->stage->boots, d, list, address, core_now());
}

void
core_stage_config(struct core *c, const struct device *d, struct span address)
{
	if (is_watched(c))
		boots_config(c->stage->boots, d, address, core_now());
}

/* What it was sent is on record before what that shows. */
static bool
write_boots(struct core *c, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	size_t count;

	if (!core_sightings_write(c, e) || !boots_write(c->stage->boots, s, &count, e))
		return false;
	if (count > 0)
		c->stage->news = true;
	return true;
}

/* --- that they count --- */

static void
refuse(struct core *c, const struct err *why)
{
	struct core_stage *s = c->stage;

	s->refused_at = core_now();
	snprintf(s->refused, sizeof s->refused, "%s", why->text);
	log_event(LOG_WARNING, "stage-not-activated reason=\"%s\"", why->text);
}

static void
activate(struct core *c, const struct stage_progress *p)
{
	struct err e = { 0 };

	if (!cluster_stage_activate(c->cluster, NULL, 0, core_now(), &e)) {
		refuse(c, &e);
		return;
	}
	log_event(LOG_INFO, "stage-activated known=%zu taking=%zu missing=%zu lost=%zu",
	    p->phones[ANNOUNCED_KNOWN], p->phones[ANNOUNCED_TAKING], p->phones[ANNOUNCED_MISSING],
	    p->phones[ANNOUNCED_LOST]);
	core_audit(c, "stage", "certificates-activated", "",
	    "by itself: %zu phones know them, %zu do not yet", p->phones[ANNOUNCED_KNOWN],
	    p->phones[ANNOUNCED_TAKING] + p->phones[ANNOUNCED_MISSING]);
	boots_forget(c->stage->boots);
	core_refresh_fronts(c);
}

static bool
may_activate(const struct core *c)
{
	const struct core_stage *s = c->stage;
	time_t now = core_now();

	return cluster_conf(c->cluster)->activate &&
	       (s->refused_at == 0 || s->refused_at > now || now - s->refused_at >= REFUSED_S);
}

static bool
look(struct core *c, struct err *e)
{
	struct core_stage *s = c->stage;
	uint64_t begin = clock_ms(), took;
	struct stage_progress p;

	if (!stage_progress(c->cluster, &p, e))
		return false;
	s->news = false;
	if (p.reached)
		activate(c, &p);
	took = clock_ms() - begin;
	s->due_ms = begin + took + LOOK_PAUSE * took;
	s->next_ms = s->due_ms + LOOK_S * UINT64_C(1000);
	return true;
}

void
core_stage_step(struct core *c)
{
	struct core_stage *s = c->stage;
	uint64_t now = clock_ms();
	struct err e = { 0 };

	if (!stage_is_any(c->cluster)) {
		boots_forget(s->boots);
		s->refused_at = 0;
		return;
	}
	if (!write_boots(c, &e) ||
	    (may_activate(c) && now >= s->due_ms && (s->news || now >= s->next_ms) && !look(c, &e)))
		log_event(LOG_ERROR, "stage-step-failed reason=\"%s\"", e.text);
}

/* --- for people --- */

static json_t *
purposes_json(const struct core *c)
{
	json_t *names = json_array();

	for (int p = 0; p < PURPOSE_COUNT; p++)
		if (cluster_staged(c->cluster, (enum purpose)p) != NULL)
			json_array_append_new(names, json_string(purpose_name((enum purpose)p)));
	return names;
}

bool
core_stage_json(struct core *c, json_t **out, struct err *e)
{
	const struct conf *conf = cluster_conf(c->cluster);
	const struct core_stage *s = c->stage;
	struct stage_progress p;

	if (!stage_is_any(c->cluster)) {
		*out = json_null();
		return true;
	}
	if (!write_boots(c, e) || !stage_progress(c->cluster, &p, e))
		return false;
	*out = json_pack("{s:o, s:b, s:i, s:o}", "purposes", purposes_json(c), "automatic",
	    conf->activate, "share", (int)conf->activate_share, "refused",
	    s->refused_at != 0 ? json_text(s->refused) : json_null());
	for (int i = 0; i < ANNOUNCED_STATES; i++)
		json_object_set_new(*out, announced_state_name((enum announced_state)i),
		    json_integer((json_int_t)p.phones[i]));
	return true;
}
