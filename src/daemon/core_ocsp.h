/*
 * core_ocsp: whether certificates of our issuers are good, as OCSP asks (RFC 6960).
 *
 * The issuer itself signs, and says what the store says now. An answer about one certificate that
 * was issued is kept until something is revoked or half of its life is over; any other costs a
 * signature that a stranger chooses to cause, of which there are only so many (askbudget.h). A
 * serial that was never issued is "unknown", not "revoked" as the RFC would allow: a store that was
 * set back to an older copy knows less than was issued, and must not say that it was revoked.
 */
#ifndef DAEMON_CORE_OCSP_H
#define DAEMON_CORE_OCSP_H

#include "daemon/core.h"

struct core_ocsp *core_ocsp_new(void);
void core_ocsp_free(struct core_ocsp *o); /* safe with NULL */

/* Answers ASK_OCSP. */
void core_ocsp_ask(struct core_front *from, const struct ask *ask);

#endif
