/*
 * handout_model: a cluster and its phones, without store, daemon or network, for random actions
 * (test_handout_property.c).
 *
 * What it has of core_handout.c and cluster/handouts.c: lists handed out add to what a phone may
 * hold, each pair of a CTL and an ITL that it may hold is booted, and a whole boot proves a bridge.
 */
#ifndef TESTS_UNIT_RULES_HANDOUT_MODEL_H
#define TESTS_UNIT_RULES_HANDOUT_MODEL_H

#include "../check.h"

#include "lists.h"
#include "rules/handout.h"
#include "rules/trustlist_build.h"

#define AGES    7
#define PHONES  3
#define LISTS   60 /* of an episode, few: all are tried whenever a phone may hold all; at most 64 */
#define BOOTS   4  /* until a phone has the current lists */
#define SAID    32
#define NO_LIST (-1)

enum who { CM, REC, TVS, CAPF, WHO };

struct fixture {
	struct identity id[WHO][AGES];
	struct bytes config[AGES]; /* signed by the CallManager key of that age */
};

struct list {
	struct bytes file;
	struct trust_eval_offer read;
	const struct cert *signer, *tftp; /* of a bridge */
	unsigned epoch;                   /* when it was made */
	bool is_ctl;
};

/* Of a phone that holds a CTL and an ITL. */
struct told {
	struct handout_fate fate;
	unsigned epoch; /* when that was so */
};

struct phone {
	int held, held_ctl;     /* what it really holds */
	uint64_t belief;        /* what the cluster holds possible */
	int bridge, ctl_bridge; /* handed out last and not proven */
	bool own, read;         /* to its own address; it asked for the configuration since */
};

/* What an action changes, and is put back by when the guard refuses. */
struct keys {
	size_t age[WHO];
	bool gone[WHO][AGES];
	bool announced[WHO]; /* the next one is */
	enum generation generation;
	bool reset;    /* the other SAST key signs */
	bool rollback; /* the empty list is everybody's */
	enum { NEVER_MIXED, MIXED, WAS_MIXED } security;
	int ctl;        /* the CTL, or NO_LIST */
	int current;    /* the list */
	unsigned epoch; /* another one with each change */
};

struct said {
	unsigned epoch;
	uint64_t belief;
	struct handout handout;
};

struct model {
	const struct fixture *f;
	struct keys keys;
	struct list list[LISTS];
	int lists;
	struct phone phone[PHONES];
	uint64_t random;
	unsigned epochs;        /* used so far, by what was undone too */
	struct said said[SAID]; /* decisions about sets, of one epoch */
	size_t said_count;
	struct told told[LISTS + 1][LISTS + 1]; /* by CTL and ITL, from 1; 0: none */
	size_t in_turn;                         /* phones looked at that were helped so */
};

/* The fixture of a group of tests. */
int model_setup(void **state);
int model_teardown(void **state);

/* New lists by what keys say. */
void model_publish(struct model *m);

/* Forgets all lists from that one on. */
void model_cut(struct model *m, int count);

/* Those of a set that are CTLs, or ITLs, and NO_LIST last; how many. */
size_t model_lists_of(const struct model *m, uint64_t belief, bool is_ctl, int out[LISTS + 1]);

/* The planner: a phone that would be lost; NULL: none. A loan. */
const struct phone *model_first_lost(struct model *m);

/* A phone, or with own false somebody else, asks for a list under its name. NO_LIST: there is none
 * for it. */
int model_fetch_list(struct model *m, struct phone *p, bool is_ctl, bool own);

/* False: it refused what it was handed. With the lists of rollback a phone that has a CTL can judge
 * no configuration, and goes on with the one it has. */
bool model_boot(struct model *m, struct phone *p, bool loses_power);

/* A phone that may hold anything that was ever handed out, and holds a list and a CTL that were,
 * takes a list at one of its turns. *turns: how many it has; 0: it needs none, or not each of the
 * lists is helped. */
bool model_is_helped_in_turn(struct model *m, int ctl, int itl, size_t *turns);

/* After a few boots it has the lists that everybody has, and refused nothing on the way. */
bool model_comes_back(struct model *m, struct phone *p);

#endif
