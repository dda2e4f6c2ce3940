/*
 * core_crl: revocation lists of the issuers of LSCs, made when they are asked for.
 *
 * One list is served until something is revoked or half of its life is over. Each issuer's names
 * all revoked LSCs: no two of the cluster have one serial.
 */
#ifndef DAEMON_CORE_CRL_H
#define DAEMON_CORE_CRL_H

#include "daemon/core.h"
#include "daemon/filecache.h"

/* Answers ASK_FILE for the name of a revocation list; false: it is none. */
bool core_crl_ask(struct core_front *from, const struct ask *ask, const char *name);

/* The list of issuer, in DER; freed with bytes_free. */
must_use bool core_crl_make(
    struct core *c, const struct cert *issuer, time_t now, struct bytes *der, struct err *e);

#endif
