/*
 * cluster_tokens: security tokens that sign the CTL in place of the cluster's own keys
 * (doc/decisions/0021-security-tokens.md).
 *
 * The cluster knows their certificates, which stand in phone-sast-trust, so that TVS vouches for
 * them. A CTL is drafted here, signed where the token is, and published here when it is the draft.
 * While tokens sign, a change does not make the next CTL: that waits for one of them.
 */
#ifndef CLUSTER_CLUSTER_TOKENS_H
#define CLUSTER_CLUSTER_TOKENS_H

#include "base/bytes.h"
#include "base/err.h"
#include "pki/cert.h"
#include "rules/ctl_build.h"

#include <time.h>

struct cluster;
struct store;

#define CLUSTER_TOKENS_MAX (CTL_BUILD_TOKENS_MAX - 1) /* a bridge has one signer more */
#define CLUSTER_TOKENS_MIN 2                          /* one may get lost */

/* Those that are known, the one that signed last first; loans until the next change. */
const struct cert *const *cluster_tokens(const struct cluster *c, size_t *count);

/* They sign the CTL that is served. */
bool cluster_tokens_sign(const struct cluster *c);

/* Tokens sign, and what they signed is not what the cluster is now. */
bool cluster_tokens_stale(const struct cluster *c, time_t now);

/* Errors: ERR_CONFLICT (it is known), ERR_LIMIT, ERR_REFUSED (no RSA key, expired). */
must_use bool cluster_token_add(
    struct cluster *c, const struct cert *token, time_t now, struct err *e);

/* By the SHA-256 of its certificate. Errors: ERR_UNKNOWN; ERR_REFUSED when fewer than
 * CLUSTER_TOKENS_MIN would be left to those that sign, or phones need TVS to vouch for it. */
must_use bool cluster_token_delete(
    struct cluster *c, struct span sha256, time_t now, struct err *e);

/* The CTL of mixed mode for this token to sign, with room for the signature. Freed with bytes_free.
 * Errors: ERR_UNKNOWN (no such token), ERR_REFUSED (fewer than CLUSTER_TOKENS_MIN are known). */
must_use bool cluster_token_draft(struct cluster *c, struct span sha256,
    enum envelope_digest digest, time_t now, struct bytes *out, struct err *e);

/* Takes the drafts back, signed by that token: one of each digest that is published. They are
 * served from now on, in mixed mode. Errors: those of cluster_token_draft, ERR_CRYPTO (signature),
 * ERR_CONFLICT (the cluster has changed since), ERR_REFUSED when phones would be cut off. */
must_use bool cluster_token_publish(struct cluster *c, struct span sha256, const struct span *file,
    size_t count, time_t now, struct err *e);

/* The cluster's own keys sign again. Errors: ERR_CONFLICT when they do. */
must_use bool cluster_token_end(struct cluster *c, time_t now, struct err *e);

/* As it stands in the store. */
struct tokens_state {
	char sha256[CLUSTER_TOKENS_MAX][65]; /* hex */
	size_t count;
	bool sign;
};

must_use bool tokens_state_read(struct store *s, struct tokens_state *out, struct err *e);

/* Own keys sign from now on. Inside a transaction. */
must_use bool tokens_state_end(struct store *s, struct err *e);

/* The SHA-256 is that of a token. */
bool tokens_state_has(const struct tokens_state *t, struct span sha256);

#endif
