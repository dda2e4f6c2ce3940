/*
 * diagnosis_rig: a phone with which nothing is wrong, for tests that spoil one thing of it.
 */
#ifndef TESTS_DIAGNOSIS_RIG_H
#define TESTS_DIAGNOSIS_RIG_H

#include "../check.h"

#include "rules/diagnosis.h"

#define NOW        1800000000
#define HOUR       3600
#define EVENTS_MAX 32

struct rig {
	struct phone phone;
	struct model model;
	struct diagnosis_handed handed[2];
	struct diagnosis_expired expired[1];
	struct consolelog_event event[EVENTS_MAX];
	struct diagnosis_facts facts;
	size_t found;
	struct diagnosis_finding last;
};

void rig_init(struct rig *r);

/* Judges the facts; found: how many findings, last: the last of them. Each must have a cause, a fix
 * and evidence. */
void rig_judge(struct rig *r);

/* What a console says is among the facts from now on. */
void rig_console(struct rig *r, const char *text);

/* An operation is open, and the phone has come to CAPF for it. */
void rig_pending(struct rig *r);

/* The list that it holds was taken from it: it is the current one, and all is taken by it. */
void rig_held(struct rig *r);

/* The alert says that it does not know our server of files; TVS could not shake hands with it; it
 * asked TVS about what nobody knows. */
void rig_foreign_by_handshake(struct rig *r);
void rig_tvs_alert(struct rig *r);
void rig_tvs_unknown(struct rig *r);

#endif
