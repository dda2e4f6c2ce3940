#include "cluster/cluster_ctl.h"

#include "base/text.h"
#include "cluster/cluster_internal.h"

#include <string.h>

#define SETTING_SECURITY "cluster-security-mode"

/* As they are stored; the first one also when nothing is. */
static const char *const stored_modes[] = {
	[CLUSTER_NEVER_MIXED] = "",
	[CLUSTER_MIXED_BEFORE] = "non-secure",
	[CLUSTER_MIXED] = "mixed",
};

const char *
cluster_security_name(enum cluster_security mode)
{
	return mode == CLUSTER_MIXED ? "mixed" : "non-secure";
}

enum cluster_security
cluster_security(const struct cluster *c)
{
	return c->picture->security;
}

bool
cluster_security_get(struct store *s, enum cluster_security *out, struct err *e)
{
	char value[STORE_VALUE_MAX];
	bool found;

	if (!store_setting_get(s, SETTING_SECURITY, value, &found, e))
		return false;
	for (int m = CLUSTER_NEVER_MIXED; m <= CLUSTER_MIXED; m++)
		if (strcmp(value, stored_modes[m]) == 0) {
			*out = (enum cluster_security)m;
			return true;
		}
	return err_set(e, ERR_STORE, "%s in the database is \"%s\"", SETTING_SECURITY, value);
}

bool
cluster_had_ctl(const struct cluster *c)
{
	return c->picture->ctl_count > 0;
}

bool
cluster_list_is_ctl(const struct cluster *c, int64_t id)
{
	for (size_t i = 0; i < c->picture->ctl_count; i++)
		if (c->picture->ctl[i] == id)
			return true;
	return false;
}

struct ctl_plan
cluster_ctl_plan(const struct picture *p, enum envelope_digest digest, time_t now)
{
	struct ctl_plan plan = {
		.generation = p->recovery.generation,
		.other_signer = p->recovery.ctl_reset_since != 0,
		.itlrecovery = p->cert[PURPOSE_ITLRECOVERY],
		.callmanager = p->cert[PURPOSE_CALLMANAGER],
		.capf = p->node.capf ? p->cert[PURPOSE_CAPF] : NULL,
		.non_secure = p->security != CLUSTER_MIXED,
		.digest = digest,
		.timestamp = (uint32_t)now,
	};

	for (size_t i = 0; i < p->server_count; i++) {
		const struct picture_server *s = &p->server[i];
		struct ctl_node *n = &plan.node[plan.node_count];

		if (s->callmanager == NULL)
			continue;
		*n = (struct ctl_node){ .host = s->host,
			.callmanager = s->callmanager,
			.callmanager_ec = s->callmanager_ec };
		memcpy(n->ip, s->ip, sizeof n->ip);
		plan.node_count++;
	}
	for (size_t i = 0; i < p->token_count && p->tokens_sign; i++)
		plan.token[plan.token_count++] = p->token[i];
	return plan;
}

/* --- reset --- */

static bool
no_ctl(struct err *e)
{
	return err_set(e, ERR_REFUSED,
	    "the cluster is in non-secure mode and has no CTL: sealtone ctl set-cluster "
	    "mixed-mode makes one");
}

/* Which key signs from now on is what the event says. */
static bool
apply_reset(struct store *s, void *arg, struct err *e)
{
	const struct cluster_change *how = *(struct cluster_change **)arg;
	struct recovery_state is;
	bool on;

	if (!recovery_state_read(s, &is, e))
		return false;
	on = is.ctl_reset_since == 0;
	return recovery_state_set_ctl_reset(s, on ? how->now : 0, e) &&
	       cluster_event(s, how, on ? "ctl-reset" : "ctl-reset-ended", "CTL",
		   purpose_name(generation_signer(is.generation, on)), e);
}

static bool
reset_turn(struct cluster *c, time_t now, struct err *e)
{
	struct cluster_change how = { .apply = apply_reset, .now = now, .actor = "cluster" };
	struct cluster_change *at = &how;

	how.arg = &at;
	return cluster_change(c, &how, e);
}

bool
cluster_ctl_reset(struct cluster *c, bool on, time_t now, struct err *e)
{
	const struct recovery_state *is = &c->picture->recovery;
	char since[TEXT_TIME_MAX];

	if (!on && is->ctl_reset_since == 0)
		return err_set(e, ERR_CONFLICT, "no reset of the CTL is in force");
	if (!on)
		return reset_turn(c, now, e);
	if (cluster_security(c) == CLUSTER_NEVER_MIXED)
		return no_ctl(e);
	if (c->picture->tokens_sign)
		return err_set(e, ERR_REFUSED,
		    "security tokens sign the CTL: another of them can (sealtone ctl token sign)");
	if (is->ctl_reset_since != 0)
		return err_set(e, ERR_CONFLICT, "a reset of the CTL is in force since %s",
		    text_time(is->ctl_reset_since, since));
	if (!generation_has_other_signer(is->generation))
		return err_set(e, ERR_REFUSED,
		    "lists of generation %s are signed by callmanager alone: there is no other "
		    "SAST key that phones would take",
		    generation_name(is->generation));
	return reset_turn(c, now, e);
}

/* --- changes --- */

bool
cluster_ctl_store_mixed(struct store *s, struct err *e)
{
	return store_setting_set(s, SETTING_SECURITY, stored_modes[CLUSTER_MIXED], e);
}

static bool
tokens_refuse(struct err *e)
{
	return err_set(e, ERR_REFUSED,
	    "security tokens sign the CTL: come with one of them (sealtone ctl token sign), or let "
	    "the cluster's own keys sign again (sealtone ctl token end)");
}

struct wish {
	struct cluster_change how;
	enum cluster_security mode;
	const char *event, *text;
};

static bool
apply_mode(struct store *s, void *arg, struct err *e)
{
	const struct wish *w = arg;

	return store_setting_set(s, SETTING_SECURITY, stored_modes[w->mode], e) &&
	       (w->mode == CLUSTER_MIXED || tokens_state_end(s, e)) &&
	       (w->mode != CLUSTER_NEVER_MIXED || recovery_state_set_ctl_reset(s, 0, e)) &&
	       cluster_event(s, &w->how, w->event, "", w->text, e);
}

static bool
mode_set(struct cluster *c, struct wish *w, time_t now, struct err *e)
{
	w->how = (struct cluster_change){ apply_mode, w, now, "cluster", false, NULL };
	return cluster_change(c, &w->how, e);
}

bool
cluster_ctl_set_mode(struct cluster *c, bool mixed, time_t now, struct err *e)
{
	struct wish w = { .mode = mixed ? CLUSTER_MIXED : CLUSTER_MIXED_BEFORE,
		.event = "security-mode-set",
		.text = mixed ? "mixed" : "non-secure" };

	if (mixed == (cluster_security(c) == CLUSTER_MIXED))
		return true;
	return mode_set(c, &w, now, e);
}

bool
cluster_ctl_update(struct cluster *c, time_t now, bool *changed, struct err *e)
{
	struct cluster_change how = { .now = now, .actor = "cluster" };

	*changed = false;
	if (cluster_security(c) == CLUSTER_NEVER_MIXED)
		return no_ctl(e);
	if (c->picture->tokens_sign)
		return tokens_refuse(e);
	if (c->picture->recovery.ctl_reset_since != 0) {
		*changed = reset_turn(c, now, e);
		return *changed;
	}
	if (!cluster_change(c, &how, e))
		return false;
	*changed = how.published;
	return true;
}

bool
cluster_ctl_delete(struct cluster *c, time_t now, struct err *e)
{
	struct wish w = { .mode = CLUSTER_NEVER_MIXED, .event = "ctl-deleted", .text = "" };

	if (cluster_security(c) == CLUSTER_MIXED)
		return err_set(e, ERR_REFUSED,
		    "the cluster is in mixed mode, and its phones need the CTL: sealtone ctl "
		    "set-cluster non-secure-mode comes first");
	if (cluster_security(c) == CLUSTER_NEVER_MIXED)
		return err_set(e, ERR_UNKNOWN, "there is no CTL");
	return mode_set(c, &w, now, e);
}
