/*
 * checkup_rig: a cluster with nothing wrong, for tests that spoil one thing of it.
 */
#ifndef TESTS_UNIT_RULES_CHECKUP_RIG_H
#define TESTS_UNIT_RULES_CHECKUP_RIG_H

#include "../check.h"

#include "pki/digest.h"
#include "rules/checkup.h"

#define NOW     1800000000
#define DAY     86400
#define NODE    "pub.example.test"
#define ADDRESS "192.0.2.1"

enum { OWN = PURPOSE_CAPF_ISSUER, OWN_MAX = OWN + 2, MADE_MAX = 8 };

struct rig {
	struct privkey *key, *other_key;
	struct cert *cert[OWN];
	struct cert *made[MADE_MAX];
	size_t made_count;
	struct checkup_own own[OWN_MAX];
	struct checkup_trusted trusted[4];
	struct checkup_issuer issuer[1];
	struct checkup_list list[1];
	struct checkup_belief belief[1];
	struct checkup_file file[1];
	struct bytes itl, spoilt;
	struct digest sha256, spoilt_sha256;
	struct checkup c;
	unsigned found[CHECKUP_KINDS];
};

/* Of a group of tests: keys, certificates, the list. */
int checkup_rig_setup(void **state);
int checkup_rig_teardown(void **state);

/* Nothing is wrong. To be ended with the plan as it was before. */
void checkup_rig_begin(struct rig *r);
void checkup_rig_end(struct rig *r, const struct trustlist_plan *plan);

/* A certificate of the node, freed at the end; r NULL: by the caller. */
struct cert *checkup_rig_cert(
    struct rig *r, const struct privkey *k, enum purpose purpose, time_t begin, time_t end);

/* One with the other key, in force. */
struct cert *checkup_rig_another(struct rig *r, enum purpose purpose);

/* The web certificate in force is valid so long; or one in phone-sast-trust. */
void checkup_rig_web(struct rig *r, time_t begin, time_t end);
void checkup_rig_trust(struct rig *r, time_t begin, time_t end);

/* A phone holds a list of another cluster. */
void checkup_rig_lost(struct rig *r);

/* The list of a plan, signed. */
struct bytes checkup_rig_list_of(const struct trustlist_plan *plan, const struct privkey *k);

/* The list is another one, rightly on record. Takes the file over. */
void checkup_rig_put_list(struct rig *r, struct bytes file);

/* Counts what is found in r->found; arg is the rig. */
void checkup_rig_on_found(void *arg, const struct checkup_finding *f);

#endif
