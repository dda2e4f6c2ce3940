#include "cluster/cluster_recovery.h"

#include "base/text.h"
#include "cluster/cluster_internal.h"

/* What an apply needs. */
struct wish {
	struct cluster_change how;
	enum generation generation;
	bool on;
};

const struct recovery_state *
cluster_recovery(const struct cluster *c)
{
	return &c->picture->recovery;
}

enum purpose
cluster_list_signer(const struct cluster *c)
{
	const struct recovery_state *r = cluster_recovery(c);

	return generation_signer(r->generation, r->reset_since != 0);
}

/* --- generation --- */

static bool
apply_generation(struct store *s, void *arg, struct err *e)
{
	const struct wish *w = arg;

	return recovery_state_set_generation(s, w->generation, e) &&
	       cluster_event(
		   s, &w->how, "generation-set", "ITL", generation_name(w->generation), e);
}

bool
cluster_generation_set(struct cluster *c, enum generation g, time_t now, struct err *e)
{
	const struct recovery_state *is = cluster_recovery(c);
	struct wish w = { .generation = g };

	if (is->generation == g)
		return true;
	if (is->reset_since != 0 || is->ctl_reset_since != 0)
		return err_set(e, ERR_CONFLICT,
		    "a reset is in force, which signs with the other key of %s: sealtone %s reset "
		    "end first",
		    generation_name(is->generation), is->reset_since != 0 ? "itl" : "ctl");
	w.how = (struct cluster_change){ apply_generation, &w, now, "cluster", false, NULL };
	return cluster_change(c, &w.how, e);
}

/* --- reset --- */

static bool
apply_reset(struct store *s, void *arg, struct err *e)
{
	const struct wish *w = arg;
	const enum purpose signer = generation_signer(w->generation, w->on);

	return recovery_state_set_reset(s, w->on ? w->how.now : 0, e) &&
	       cluster_event(s, &w->how, w->on ? "itl-reset" : "itl-reset-ended", "ITL",
		   purpose_name(signer), e);
}

bool
cluster_itl_reset(struct cluster *c, bool on, time_t now, struct err *e)
{
	const struct recovery_state *is = cluster_recovery(c);
	struct wish w = { .generation = is->generation, .on = on };
	char since[TEXT_TIME_MAX];

	if (!on && is->reset_since == 0)
		return err_set(e, ERR_CONFLICT, "no reset is in force");
	if (on && is->reset_since != 0)
		return err_set(e, ERR_CONFLICT, "a reset is in force since %s",
		    text_time(is->reset_since, since));
	if (on && !generation_has_other_signer(is->generation))
		return err_set(e, ERR_REFUSED,
		    "lists of generation %s name one signer, callmanager: there is no other SAST "
		    "key that phones would take",
		    generation_name(is->generation));
	w.how = (struct cluster_change){ apply_reset, &w, now, "cluster", false, NULL };
	return cluster_change(c, &w.how, e);
}

/* --- rollback --- */

static bool
apply_rollback(struct store *s, void *arg, struct err *e)
{
	const struct wish *w = arg;

	return recovery_state_set_rollback(s, w->on ? w->how.now : 0, e) &&
	       cluster_event(
		   s, &w->how, w->on ? "rollback-prepared" : "rollback-ended", "ITL", "", e);
}

bool
cluster_rollback_set(struct cluster *c, bool on, time_t now, struct err *e)
{
	const struct recovery_state *is = cluster_recovery(c);
	struct wish w = { .on = on };
	char since[TEXT_TIME_MAX];

	if (!on && is->rollback_since == 0)
		return err_set(e, ERR_CONFLICT, "rollback is not prepared");
	if (on && is->rollback_since != 0)
		return err_set(e, ERR_CONFLICT, "rollback is prepared since %s",
		    text_time(is->rollback_since, since));
	w.how = (struct cluster_change){ apply_rollback, &w, now, "cluster", false, NULL };
	return cluster_change(c, &w.how, e);
}
