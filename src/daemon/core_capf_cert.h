/*
 * core_capf_cert: the certificate with which a phone proves who it is.
 *
 * Facts: doc/protocols/capf.md 5.5, capf-operation.md 3.3.
 */
#ifndef DAEMON_CORE_CAPF_CERT_H
#define DAEMON_CORE_CAPF_CERT_H

#include "daemon/core.h"

/* The certificate in the question, an LSC when a CAPF of this cluster issued it
 * or it is on record for the phone, else a MIC, is
 * that of the phone, trusted, in force, and the one that its mode prefers, and the phone has its
 * key. False: *why is for its status. Errors: ERR_STORE (nothing was judged), others. */
must_use bool core_capf_cert_check(struct core *c, const struct phone *p, const struct ask *ask,
    enum phone_failure *why, struct err *e);

/* Of a phone that was let in by certificate, and is asked for its certificates next: keeps those
 * that it showed already, as if they had been fetched. It sends one more, and so both kinds are
 * there when it has both. Errors: ERR_STORE. */
must_use bool core_capf_cert_keep(
    struct core *c, const struct phone *p, const struct ask *ask, struct err *e);

#endif
