/*
 * diagnosis_internal: what the files of diagnosis share.
 */
#ifndef RULES_DIAGNOSIS_INTERNAL_H
#define RULES_DIAGNOSIS_INTERNAL_H

#include "rules/diagnosis.h"

struct diagnosis_run {
	const struct diagnosis_facts *facts;
	diagnosis_found *found;
	void *arg;
	bool is_found[DIAGNOSIS_KINDS];
};

/* A finding that is being put together, with the usual cause and fix of its kind. */
struct diagnosis_finding diagnosis_new(enum diagnosis_kind k);

/* One more piece of evidence; those beyond DIAGNOSIS_EVIDENCE_MAX are left out. */
void diagnosis_add(struct diagnosis_finding *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The lines of the console of that kind as evidence, whose what ends with suffix (NULL: any).
 * Returns how many there are. */
size_t diagnosis_add_events(struct diagnosis_finding *f, const struct diagnosis_console *c,
    enum consolelog_kind kind, const char *suffix);

/* How many lines of that kind there are. */
size_t diagnosis_events(const struct diagnosis_console *c, enum consolelog_kind kind);

/* Hands it out when there is evidence. */
void diagnosis_tell(struct diagnosis_run *r, const struct diagnosis_finding *f);

/* An operation is open. */
bool diagnosis_is_pending(const struct diagnosis_facts *f);

/* Since its operation was set, the phone fetched its configuration, had the time to call CAPF, and
 * neither came there nor needs a user to. */
bool diagnosis_ignores_operation(const struct diagnosis_facts *f);

/* What a capture shows of a kind: each adds its evidence, and says whether there was some. Those
 * for CAPF, TVS and the call manager also choose cause and fix. Nothing without a capture. */
bool diagnosis_seen_dns(const struct diagnosis_run *r, struct diagnosis_finding *f);
bool diagnosis_seen_capf(const struct diagnosis_run *r, struct diagnosis_finding *f);
bool diagnosis_seen_tvs_away(const struct diagnosis_run *r, struct diagnosis_finding *f);
bool diagnosis_seen_tvs_refused(const struct diagnosis_run *r, struct diagnosis_finding *f);
bool diagnosis_seen_lsc_refused(const struct diagnosis_run *r, struct diagnosis_finding *f);
bool diagnosis_seen_lsc_expired(const struct diagnosis_run *r, struct diagnosis_finding *f);
bool diagnosis_seen_no_lsc(const struct diagnosis_run *r, struct diagnosis_finding *f);
bool diagnosis_seen_foreign(const struct diagnosis_run *r, struct diagnosis_finding *f);
bool diagnosis_seen_no_list(
    const struct diagnosis_run *r, const char *prefix, struct diagnosis_finding *f);
bool diagnosis_seen_ctl(const struct diagnosis_run *r, struct diagnosis_finding *f);
bool diagnosis_seen_two_itls(const struct diagnosis_run *r, struct diagnosis_finding *f);
bool diagnosis_seen_plain(const struct diagnosis_run *r, struct diagnosis_finding *f);

/* An address is one of the cluster's, or those are not known. */
bool diagnosis_is_own(const struct diagnosis_capture *c, const struct packet_address *a);

/* The kinds that nothing else shows; the second is of the first. */
void diagnosis_captured(struct diagnosis_run *r);
void diagnosis_captured_calls(struct diagnosis_run *r);

void diagnosis_capf(struct diagnosis_run *r);
void diagnosis_operations(struct diagnosis_run *r);
void diagnosis_trust_lists(struct diagnosis_run *r);
void diagnosis_published_lists(struct diagnosis_run *r);
void diagnosis_tvs(struct diagnosis_run *r);
void diagnosis_config(struct diagnosis_run *r);

#endif
