/*
 * fixture: keys and certificates of tests/vectors/keys.
 */
#ifndef TESTS_PKI_FIXTURE_H
#define TESTS_PKI_FIXTURE_H

#include "../check.h"

#include "pki/key.h"

/* The certificate and the key of keys/<name>.pem; the test fails when there is none. A name may
 * also be the whole path, as expected.json has it. */
struct cert *fixture_cert(const char *name);
struct privkey *fixture_key(const char *name);

/* A certificate CN=CAPF-1 of the cluster's own kind, signed by k itself. */
struct cert *fixture_issued_self(
    const struct privkey *k, enum purpose purpose, time_t not_before, time_t not_after);

/* The names of all of keys/, NULL at the end. */
extern const char *const fixture_names[];

#endif
