/*
 * request: what a phone asks to have certified.
 */
#ifndef PKI_REQUEST_H
#define PKI_REQUEST_H

#include "base/err.h"
#include "base/span.h"

#define REQUEST_SPKI_MAX     4096
#define REQUEST_RSA_BITS_MIN 512
#define REQUEST_RSA_BITS_MAX 4096

/*
 * Whether a public key may get an LSC: one whole SubjectPublicKeyInfo in DER; RSA of
 * REQUEST_RSA_BITS_MIN to REQUEST_RSA_BITS_MAX bits with an odd modulus and an odd exponent of at
 * least 3 and at most 64 bits; or a point on P-256, P-384 or P-521. Errors: ERR_REFUSED with the
 * reason.
 */
must_use bool request_check_spki(struct span spki, struct err *e);

/* What kind of key it is, RSA or EC, and how many bits it has (0: on another curve); a look at the
 * outside, which request_check_spki goes beyond. Errors: ERR_REFUSED. */
must_use bool request_spki_kind(struct span spki, bool *rsa, unsigned *bits, struct err *e);

#endif
