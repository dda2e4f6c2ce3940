/*
 * picture: what the store says of certificates, trust and lists, in memory.
 *
 * Internal to cluster. Loaded whole; a change loads the next one inside its transaction and puts
 * it in place of this one when the transaction is through.
 */
#ifndef CLUSTER_PICTURE_H
#define CLUSTER_PICTURE_H

#include "cluster/recovery_state.h"
#include "pki/cert.h"
#include "rules/trustlist_build.h"
#include "rules/trustview.h"
#include "store/store.h"

#define PICTURE_LISTS   2 /* STORE_LIST_ITL, STORE_LIST_EMPTY */
#define PICTURE_DIGESTS 2

/* In the order in which lists are published. */
extern const enum envelope_digest picture_digests[PICTURE_DIGESTS];

/* Names of cluster settings. */
#define SETTING_NAME       "cluster-name"
#define SETTING_GENERATION "trust-generation"

struct picture {
	char name[STORE_VALUE_MAX]; /* of the cluster */
	uint64_t generation;
	struct recovery_state recovery;
	struct store_node node;                      /* this one */
	struct cert *cert[PURPOSE_COUNT];            /* active ones of this node; none is missing
						      * but, perhaps, the issuer of CAPF */
	struct cert *tvs[TRUSTLIST_BUILD_NODES_MAX]; /* of every node that runs TVS */
	size_t tvs_count;
	struct cert **capf_trust; /* issuers of LSCs, and the CAs above them */
	size_t capf_trust_count;
	struct cert **trusted; /* of every trust store; one in several stands several times */
	size_t trusted_count;
	struct trustview *view;
	/* The newest of each kind and digest; version 0: there is none, or it does not say what the
	 * cluster publishes now. */
	struct store_list list[PICTURE_LISTS][PICTURE_DIGESTS];
};

/* Errors: ERR_STORE, and for a store that lacks something the cluster cannot be without. Freed with
 * picture_free. */
must_use bool picture_load(struct store *s, struct picture **out, struct err *e);

/* The place of a list in the picture; NULL for a kind or digest that is never published. */
struct store_list *picture_list(
    struct picture *p, enum store_list_kind kind, enum envelope_digest digest);

/* Safe with NULL. */
void picture_free(struct picture *p);

#endif
