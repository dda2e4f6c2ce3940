/*
 * picture: what the store says of certificates, trust and lists, in memory.
 *
 * Internal to cluster. Loaded whole; a change loads the next one inside its transaction and puts
 * it in place of this one when the transaction is through.
 */
#ifndef CLUSTER_PICTURE_H
#define CLUSTER_PICTURE_H

#include "cluster/cluster_ctl.h"
#include "cluster/cluster_tokens.h"
#include "cluster/recovery_state.h"
#include "pki/cert.h"
#include "rules/ctl_build.h"
#include "rules/trustlist_build.h"
#include "rules/trustview.h"
#include "store/store.h"

#define PICTURE_LISTS   3 /* STORE_LIST_ITL, STORE_LIST_EMPTY, STORE_LIST_CTL */
#define PICTURE_DIGESTS 2

/* In the order in which lists are published. */
extern const enum envelope_digest picture_digests[PICTURE_DIGESTS];

/* Names of cluster settings. */
#define SETTING_NAME       "cluster-name"
#define SETTING_GENERATION "trust-generation"

/* A node that phones register with or have files from. */
struct picture_server {
	int64_t node; /* store_node.id */
	char host[STORE_NAME_MAX];
	uint8_t ip[CTL_BUILD_IP];                  /* all 0: it has no IPv4 address */
	struct cert *callmanager, *callmanager_ec; /* NULL: it has none */
};

struct picture {
	char name[STORE_VALUE_MAX]; /* of the cluster */
	uint64_t generation;
	struct recovery_state recovery;
	struct store_node node;                      /* this one */
	struct cert *cert[PURPOSE_COUNT];            /* active ones of this node; none is missing
						      * but, perhaps, the issuer of CAPF */
	struct cert *staged[PURPOSE_COUNT];          /* announced ones of this node, or NULL */
	struct cert *tvs[TRUSTLIST_BUILD_NODES_MAX]; /* of every node that runs TVS */
	size_t tvs_count;
	enum cluster_security security;
	struct picture_server server[TRUSTLIST_BUILD_NODES_MAX]; /* this node is the first */
	size_t server_count;
	const struct cert *token[CLUSTER_TOKENS_MAX]; /* security tokens: loans of trusted */
	size_t token_count;
	bool tokens_sign;
	int64_t *ctl; /* store_list.id of every CTL there ever was */
	size_t ctl_count;
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

/* The first IPv4 address of addresses that are separated by blanks; stays as it is without one. */
void picture_ipv4(const char *addresses, uint8_t ip[CTL_BUILD_IP]);

/* A CTL was added to the store. */
void picture_ctl_add(struct picture *p, int64_t id);

/* Safe with NULL. */
void picture_free(struct picture *p);

#endif
