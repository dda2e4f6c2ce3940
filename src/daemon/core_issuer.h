/*
 * core_issuer: which certificates LSCs were signed with, and that they stay trusted as long as a
 * phone may hold one of those (doc/guide/capf-report.md).
 */
#ifndef DAEMON_CORE_ISSUER_H
#define DAEMON_CORE_ISSUER_H

#include "daemon/core.h"

/* Whose key signs LSCs now; NULL: another CA's. A loan until the cluster changes. */
const struct cert *core_issuer_now(const struct core *c);

/* The number of a certificate that signs LSCs, for store_lsc.issuer: who signed one is on record.
 * Inside the transaction that issues it. */
must_use bool core_issuer_number(
    struct store *s, const struct cert *issuer, int64_t *out, struct err *e);

/* Who would miss it: from callmanager-trust and capf-trust none is taken that live LSCs need. LSCs
 * whose issuer is not on record could be by any CAPF certificate and count for each. */
struct core_issuer_need {
	size_t live, unknown; /* LSCs: by this certificate, and by none on record that count too */
};

must_use bool core_issuer_needed(struct core *c, enum trust_store store, struct span sha256,
    struct core_issuer_need *out, struct err *e);

/* The certificate may leave the trust store. Errors: ERR_REFUSED with the count. */
must_use bool core_issuer_can_go(
    struct core *c, enum trust_store store, struct span sha256, struct err *e);

#endif
