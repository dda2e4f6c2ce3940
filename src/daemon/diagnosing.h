/*
 * diagnosing: the facts of the store about one phone, gathered for rules/diagnosis.h and
 * rules/explain.h.
 */
#ifndef DAEMON_DIAGNOSING_H
#define DAEMON_DIAGNOSING_H

#include "daemon/core.h"
#include "daemon/core_config.h"
#include "daemon/core_handout.h"
#include "rules/diagnosis.h"

#include <jansson.h>

#define DIAGNOSING_HANDED_MAX \
	32 /* lists handed out under a name that are looked at; the newest \
	    */

#define DIAGNOSING_OWN_MAX 64 /* addresses of the cluster's servers */

/* A list that the phone may hold. */
struct diagnosing_list {
	struct bytes file;
	enum store_list_kind kind;
	uint64_t version;
	char node[STORE_NAME_MAX], address[PHONE_ADDRESS_MAX];
	time_t first, at;
	bool is_current;
};

/* A list that was taken from the phone. */
struct diagnosing_held {
	struct span file; /* a loan */
	struct trustlist list;
	bool is_parsed;
	char signer[ERR_TEXT_MAX], fault[ERR_TEXT_MAX];
};

struct diagnosing {
	struct core *core;
	struct phone phone;
	struct diagnosing_list list[DIAGNOSING_HANDED_MAX]; /* ITLs, newest first */
	size_t lists;
	struct diagnosing_list believed_ctl; /* the CTL that it was handed last; file empty: none */
	struct diagnosis_facts facts;        /* lends from what follows and from list */
	struct diagnosis_handed handed[DIAGNOSING_HANDED_MAX];
	struct diagnosis_expired expired[PURPOSE_COUNT];
	struct core_config_view config;
	struct store_served served;
	struct store_attempt attempt;
	struct store_tvs_contact contact;
	char failure[PHONE_STATUS_MAX], fault[ERR_TEXT_MAX];
	char no_list[ERR_TEXT_MAX]; /* why it is handed no list; "" when it is */
	/* TVS servers of its configuration, this node's first. */
	struct cert *tvs[TRUST_BOOT_TVS_MAX];
	char tvs_name[TRUST_BOOT_TVS_MAX][STORE_NAME_MAX];
	size_t tvs_count;
	int64_t capf_id;               /* store_cert.id of the CAPF certificate that is active */
	struct cluster_list published; /* the ITL of everybody; file empty: none */
	struct core_handout_view handed_now; /* what it is handed itself, maybe a bridge */
	struct diagnosing_held held_ctl, held_itl;
	struct captured_phone *seen; /* of a capture; NULL: none is given */
	struct packet_address own[DIAGNOSING_OWN_MAX];
	size_t own_count;
};

/* Errors: ERR_UNKNOWN (no such phone), ERR_STORE. Freed with diagnosing_free, also on failure. */
must_use bool diagnosing_gather(
    struct core *c, const char *name, struct diagnosing *out, struct err *e);
void diagnosing_free(struct diagnosing *d);

/* Lists that were taken from the phone; empty: not given. Fills facts.lists, and boots a phone that
 * holds them against what is served now. They must outlive what is done with the facts. Errors:
 * ERR_REFUSED (a list in the place of the other), ERR_STORE, and what signing says. */
must_use bool diagnosing_hold(
    struct diagnosing *d, struct span ctl, struct span itl, struct err *e);

/* What a capture says of the phone, as sealtone capture --json does; NULL: none is given. After
 * diagnosing_hold: certificates are judged by the lists that were given, else by those that it was
 * handed. Fills facts.capture. Errors: ERR_MALFORMED, ERR_STORE. */
must_use bool diagnosing_see(struct diagnosing *d, const json_t *phone, struct err *e);

void diagnosing_seen_free(struct captured_phone *seen); /* diagnosing_free does it */
void diagnosing_held_free(struct diagnosing_held *h);   /* diagnosing_free does it */

/* The world that a boot meets now: TVS servers, and what they answer from. Loans from d. */
void diagnosing_tvs(const struct diagnosing *d, struct trust_boot_tvs tvs[TRUST_BOOT_TVS_MAX]);

#endif
