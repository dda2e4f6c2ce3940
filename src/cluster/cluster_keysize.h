/*
 * cluster_keysize: whether the phones of a cluster take a key of a size.
 */
#ifndef CLUSTER_CLUSTER_KEYSIZE_H
#define CLUSTER_CLUSTER_KEYSIZE_H

#include "cluster/cluster.h"

/* Every model of phone in the store takes RSA keys of that size; with no known model there, every
 * model of the table. Errors: ERR_REFUSED, with the models (rules/keysize.h). */
must_use bool cluster_keysize_check(const struct cluster *c, unsigned rsa_bits, struct err *e);

#endif
