/*
 * cluster_renew: new keys with self-signed certificates, for one purpose or several at once.
 */
#ifndef CLUSTER_CLUSTER_RENEW_H
#define CLUSTER_CLUSTER_RENEW_H

#include "cluster/cluster.h"

/*
 * A new key and self-signed certificate for each of n purposes, the old ones retired; the next list
 * in the same transaction. rsa_bits: 2048, 3072 or 4096; 0: 2048, which every phone takes. Errors:
 * ERR_REFUSED (none, or one twice, or a size); all is as before then, and no new key stays.
 */
must_use bool cluster_renew_many(struct cluster *c, const enum purpose *purpose, size_t n,
    unsigned rsa_bits, time_t now, struct err *e);

/* The same for keys that somebody else has: the old ones are given up at once, and help no phone
 * over to the new ones. */
must_use bool cluster_renew_compromised(struct cluster *c, const enum purpose *purpose, size_t n,
    unsigned rsa_bits, time_t now, struct err *e);

#endif
