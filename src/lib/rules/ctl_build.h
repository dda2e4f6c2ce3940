/*
 * ctl_build: which certificates enter a CTL, in which style.
 *
 * As a real cluster's (doc/protocols/files.md 1.4 and 1.8, phone.md generations): SAST records,
 * the usual signer's first; a CCM+TFTP record per node, the publisher's before CAPF's, the others'
 * after it; CAPF with its whole certificate. Never TVS. Back in non-secure mode the CCM+TFTP
 * records stay without their certificates.
 */
#ifndef RULES_CTL_BUILD_H
#define RULES_CTL_BUILD_H

#include "rules/trustlist_build.h"

#define CTL_BUILD_TOKENS_MAX 8
#define CTL_BUILD_IP         4 /* bytes of an IPv4 address */

struct ctl_node {
	const char *host;
	uint8_t ip[CTL_BUILD_IP];          /* all 0: none */
	const struct cert *callmanager;    /* unused in non-secure mode */
	const struct cert *callmanager_ec; /* NULL: no record for it */
};

struct ctl_plan {
	enum generation generation;
	bool other_signer; /* the other SAST key signs (generation_has_other_signer) */
	const struct cert *itlrecovery, *callmanager; /* of the publisher */
	/* Security tokens, the one that signs first; none: the cluster's own keys sign. */
	const struct cert *token[CTL_BUILD_TOKENS_MAX];
	size_t token_count;
	struct ctl_node node[TRUSTLIST_BUILD_NODES_MAX]; /* one at least, the publisher first */
	size_t node_count;
	const struct cert *capf; /* NULL: CAPF is not enabled */
	bool non_secure;         /* what is left of mixed mode */
	enum envelope_digest digest;
	uint32_t timestamp;
};

/* The certificate whose key signs. */
const struct cert *ctl_plan_signer(const struct ctl_plan *p);

/* The whole list with room for the signature, as trustlist_build makes one; its errors. */
must_use bool ctl_build(const struct ctl_plan *p, struct bytes *out, struct err *e);

/* How a CTL names a certificate in one function: whole, with the node's address. node: NULL for
 * none. Loans from node and c. */
void ctl_build_record(enum function function, const struct ctl_node *node, const struct cert *c,
    struct trustlist_record *out);

#endif
