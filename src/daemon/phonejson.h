/*
 * phonejson: a phone's record and its history as the control API shows them.
 */
#ifndef DAEMON_PHONEJSON_H
#define DAEMON_PHONEJSON_H

#include "daemon/core.h"
#include "rules/belief.h"
#include "rules/phone.h"

#include <jansson.h>

/* The record, with lsc_status and trust worked out, without the authentication string. *out: a new
 * reference. */
must_use bool phonejson_of(struct core *c, const struct phone *p, json_t **out, struct err *e);

/* What it says of trust and LSC, for a phone whose beliefs are added one by one. Starts zeroed. */
struct phonejson_trust {
	struct belief belief, ctl; /* ITLs, CTLs */
	time_t current_first, ctl_first, empty_taken;
	bool wants_ctl; /* the cluster has one for it */
};
void phonejson_trust_add(
    struct phonejson_trust *t, const struct core *c, bool released, const struct store_belief *b);
/* It would refuse what it is handed now, in one of the states that it may be in; lists: what it may
 * hold (struct store_belief_set). What cannot be looked at is not lost. */
bool phonejson_is_lost(struct core *c, const char *lists, bool released);
/* lsc_confirmed 0: it has no LSC. "lost" comes before all that is known of what it took. */
const char *phonejson_trust_verdict(
    const struct phonejson_trust *t, bool is_lost, time_t lsc_confirmed);

/* Puts the authentication string in, for answers about one phone that was named. */
void phonejson_add_secret(json_t *phone, const struct phone *p);

/* The newest events, of one object when it is not "". *out: a new reference to an array. */
must_use bool eventjson_of(
    struct core *c, const char *object, size_t limit, json_t **out, struct err *e);

#endif
