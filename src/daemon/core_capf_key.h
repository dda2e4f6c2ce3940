/*
 * core_capf_key: which key a phone is asked for, and whether the one that comes is that.
 *
 * Combinations: doc/protocols/capf-operation.md, section 3.1.
 */
#ifndef DAEMON_CORE_CAPF_KEY_H
#define DAEMON_CORE_CAPF_KEY_H

#include "daemon/capf_sessions.h"
#include "daemon/core.h"

/* Phones that say this version of the protocol, or a later one, can make EC keys. */
#define CORE_CAPF_EC_VERSION 3

/* Fills in key_type, key_size and curve. With ec-preferred a phone that cannot make EC keys, or
 * failed to (ec_failed), is asked for RSA. False: EC only, and the phone is too old for it. */
bool core_capf_key_order(const struct phone *p, uint8_t version, bool ec_failed, struct answer *a);

/* Remembers in the session what was asked for. */
void core_capf_key_asked(struct capf_session *session, const struct answer *a);

/* A key of this size may be ordered: 512 and 1024 bits only with [capf] weak-lsc-keys. Errors:
 * ERR_REFUSED. */
must_use bool core_capf_key_allowed(const struct conf *conf, const struct phone *p, struct err *e);

/* The key that came is whole, of the kind and size asked for, and no other phone's. Errors:
 * ERR_REFUSED with the reason, which names the other phone; ERR_STORE. */
must_use bool core_capf_key_check(struct core *c, const struct capf_session *session,
    struct span spki, struct span key_hash, struct err *e);

#endif
