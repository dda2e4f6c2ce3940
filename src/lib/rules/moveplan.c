#include "rules/moveplan.h"

#include "rules/trust_record.h"

#include <stdio.h>

static bool
is_vouched(const struct trustview *ours, const struct moving_signer *s)
{
	const struct trustview_entry *found = trustview_find_der(ours, cert_der(s->cert));

	return found != NULL &&
	       trust_eval_roles_allow(found->roles, found->role_count, s->function);
}

static bool
is_given(struct cert *const *given, size_t count, const struct moving_signer *s)
{
	for (size_t i = 0; i < count; i++)
		if (span_eq(cert_der(given[i]), cert_der(s->cert)))
			return true;
	return false;
}

void
moveplan_vouch_make(const struct moving *m, const struct trustview *ours, struct cert *const *given,
    size_t count, struct moveplan_vouch *out)
{
	*out = (struct moveplan_vouch){ .view = trustview_new() };
	for (size_t i = 0; i < m->signers; i++) {
		const struct moving_signer *s = &m->signer[i];

		out->vouched[i] = is_vouched(ours, s) || is_given(given, count, s);
		out->missing += !out->vouched[i];
		if (out->vouched[i])
			trustview_add_trusted(out->view,
			    s->function == FUNCTION_SAST ? TRUST_PHONE_SAST : TRUST_CALLMANAGER,
			    s->cert);
	}
}

void
moveplan_vouch_free(struct moveplan_vouch *v)
{
	trustview_free(v->view);
	*v = (struct moveplan_vouch){ 0 };
}

void
moveplan_arrive(const struct trustlist *ctl, const struct trustlist *itl,
    const struct handout_world *here, struct moveplan_arrival *out)
{
	const struct handout_member member = { ctl, itl };
	struct handout h;

	handout_decide(&member, 1, here, &h);
	*out = (struct moveplan_arrival){ .outcome = h.outcome };
	snprintf(out->reason, sizeof out->reason, "%s", h.reason);
	if (h.outcome != HANDOUT_LOST)
		return;
	if (!trust_record_any(itl, TRUST_RECORD_ROLE(FUNCTION_TVS))) {
		snprintf(out->reason, sizeof out->reason,
		    "no record of its lists knows who signs here, and they name no TVS that it "
		    "could ask");
		return;
	}
	out->outcome = HANDOUT_TVS;
	out->if_vouched = true;
	snprintf(out->reason, sizeof out->reason,
	    "no record of its lists knows who signs here: it asks the TVS that its ITL names, "
	    "which must be reached and speak for our signers");
}
