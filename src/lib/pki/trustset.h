/*
 * trustset: whether a certificate leads to one of a set that is trusted.
 */
#ifndef PKI_TRUSTSET_H
#define PKI_TRUSTSET_H

#include "base/err.h"
#include "pki/cert.h"

struct trustset;

/* An empty set. Freed with trustset_free. */
must_use struct trustset *trustset_new(struct err *e);

/* Adds a certificate; also an intermediate one, which then ends a chain by itself. That it is in
 * already is no error. */
must_use bool trustset_add(struct trustset *s, const struct cert *c, struct err *e);

/* c is signed, over any number of trusted issuers, by one that is trusted; c itself being in the
 * set is not enough. Issuers must be CA by basic constraints. SHA-1 and RSA of 1024 bits are let
 * pass: manufacturers' chains of old phones have nothing better. Dates are not judged here, neither
 * c's nor the issuers': that is a setting. Errors: ERR_REFUSED, with OpenSSL's reason. */
must_use bool trustset_check(struct trustset *s, const struct cert *c, struct err *e);

/* Safe with NULL. */
void trustset_free(struct trustset *s);

#endif
