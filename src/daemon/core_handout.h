/*
 * core_handout: which list a phone that asks is handed, and whose key signs its files
 * (cluster_handout), and when it has proven that it took a bridge.
 *
 * With [trust] bridge-proof = boot a whole boot is the proof: the bridge was handed out, then the
 * signed configuration was asked for from the same address, and now the list is again. Lists that
 * are fetched by hand, however often, are none. With told no boot is one. It is a guess all the
 * same, taken back when the phone refuses what it is handed after it (core_refused.h).
 *
 * Whatever the setting, an administrator's word counts, and so does what a phone shows that proves
 * who it is by its certificate at CAPF: it took our CAPF certificate, which not every list names.
 */
#ifndef DAEMON_CORE_HANDOUT_H
#define DAEMON_CORE_HANDOUT_H

#include "daemon/core.h"
#include "rules/phone.h"

struct core_handouts;

struct core_handouts *core_handouts_new(struct core *c);
void core_handouts_free(struct core_handouts *h); /* safe with NULL */

struct core_handed {
	struct cluster_list list;
	bool found;   /* else there is none for it, and list is not filled */
	bool settled; /* it stays so until something is changed */
	bool doubted; /* nothing that it may hold takes it (store_belief_doubt) */
};

/* The list of a kind, STORE_LIST_ITL or STORE_LIST_CTL, for a phone of the store. A phone that is
 * let go keeps the CTL that it holds. Inside a transaction. */
must_use bool core_handout_list(struct core_handouts *h, const struct phone *p,
    enum store_list_kind kind, struct span peer, struct core_handed *out, struct err *e);

/* What a phone of the store would be handed if it booted now. */
struct core_handout_view {
	struct cluster_list ctl, itl; /* file empty: none */
	struct bytes bridge[2];       /* of ctl and itl, when they are bridges */
	const struct cert *tftp;      /* whose key signs its files; NULL: the current one */
	const char *lost;             /* why it may refuse them; NULL: it does not */
	bool no_config;               /* it takes them, and then no configuration (handout.h) */
};

/* Nothing is stored, and nothing is proven by it. Loans until the next change; freed with
 * core_handout_view_free, also after failure. */
must_use bool core_handout_look(
    struct core_handouts *h, const struct phone *p, struct core_handout_view *out, struct err *e);
void core_handout_view_free(struct core_handout_view *v);

/* Who signs the files of a device; NULL: the current key. A loan until the next change. On failure
 * too it is the current one. */
const struct cert *core_handout_signer(struct core_handouts *h, const char *device);

/* A phone asks for its signed configuration. */
void core_handout_read(struct core_handouts *h, const char *device, struct span peer);

/* A bridge is on its way to it, and not proven. */
bool core_handout_waits(const struct core_handouts *h, const char *device);

/* Somebody says what a phone holds: a bridge on its way to it proves nothing any more. */
void core_handout_told(struct core_handouts *h, const char *device);

/* It has shown that it refused what it was handed last (core_refused.h): that proves nothing
 * either. From then on a boot after which it shows nothing proves also what it was handed in turn.
 */
void core_handout_refused(struct core_handouts *h, const char *device);

/* The phone was let in at CAPF by its certificate. Lists in which it could not have found CAPF's
 * certificate go from what it may hold; not those that were handed out while this session may have
 * been under way, and none while the list of everybody is as young. */
must_use bool core_handout_met(
    struct core_handouts *h, const char *device, time_t now, struct err *e);

/* What was done in a transaction that is undone. */
void core_handouts_undo(struct core_handouts *h);

#endif
