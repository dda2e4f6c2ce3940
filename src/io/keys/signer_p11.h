/*
 * signer_p11: a security token, or another device with a PKCS#11 module, that signs CTLs.
 *
 * Only for the command line on the machine where the token is: the daemon never sees module, token
 * or PIN (doc/decisions/0021-security-tokens.md). The module is a library of the token's vendor,
 * and runs in this process.
 */
#ifndef KEYS_SIGNER_P11_H
#define KEYS_SIGNER_P11_H

#include "base/bytes.h"
#include "base/err.h"
#include "pki/cert.h"

#define SIGNER_P11_PIN_MAX 255

struct signer_p11;

/* The token with this label, or serial number, in any slot of the module; NULL: the only one that
 * is there. Closed with signer_p11_close. Errors: ERR_IO (module), ERR_UNKNOWN (no such token;
 * which there are), ERR_CONFLICT (several are). */
must_use bool signer_p11_open(
    const char *module, const char *token, struct signer_p11 **out, struct err *e);
void signer_p11_close(struct signer_p11 *s); /* safe with NULL */

/* The certificate with this object id; id.n 0: the only one on it. Needs no PIN. Freed with
 * cert_free. Errors: ERR_UNKNOWN, ERR_CONFLICT. */
must_use bool signer_p11_cert(
    struct signer_p11 *s, struct span id, struct cert **out, struct err *e);

/* Errors: ERR_REFUSED, with how many tries are left as far as the token says so: many erase
 * themselves after some wrong PINs. */
must_use bool signer_p11_login(struct signer_p11 *s, const char *pin, struct err *e);

/* Signs a whole trust list that has room for the signature, with the key of a certificate of the
 * token. After a login. Freed with bytes_free. Errors: ERR_MALFORMED (no trust list), ERR_REFUSED
 * (its header names another signer), ERR_UNKNOWN (no key for the certificate), ERR_CRYPTO. */
must_use bool signer_p11_sign_list(
    struct signer_p11 *s, const struct cert *c, struct span file, struct bytes *out, struct err *e);

#endif
