/*
 * cluster_bulk: certificates of another cluster into the trust stores, so that TVS vouches for its
 * signers (rules/bulkcert.h says which goes where).
 */
#ifndef CLUSTER_CLUSTER_BULK_H
#define CLUSTER_CLUSTER_BULK_H

#include "cluster/cluster.h"
#include "rules/bulkcert.h"

enum cluster_bulk_outcome {
	CLUSTER_BULK_TAKEN,
	CLUSTER_BULK_ALREADY, /* in all its stores, or one of our own certificates */
	CLUSTER_BULK_REFUSED,
};

/* "taken", "already", "refused". */
const char *cluster_bulk_outcome_name(enum cluster_bulk_outcome o);

struct cluster_bulk_item {
	enum bulkcert_type type;
	const struct cert *cert; /* a loan */
	/* Filled in. */
	enum cluster_bulk_outcome outcome;
	bool added[TRUST_STORE_COUNT]; /* the stores that it was put into */
	char reason[ERR_TEXT_MAX];     /* refused: why; already: which of ours; "" else */
};

/* Takes every one that may be taken, and says of each what became of it; all that are taken are one
 * transaction. dry_run: says it and changes nothing. A refused one is no error. */
must_use bool cluster_bulk_import(struct cluster *c, struct cluster_bulk_item *items, size_t count,
    bool dry_run, time_t now, struct err *e);

#endif
