/*
 * issue: certificates that we make: the cluster's own, and phones' LSCs.
 *
 * For what holds keys. Times come from the caller; serials are random or come from there too. All
 * are signed with SHA-256.
 */
#ifndef PKI_ISSUE_H
#define PKI_ISSUE_H

#include "pki/key.h"
#include "pki/signer.h"

/*
 * A self-signed certificate of the cluster for key k. Its usages follow from the purpose
 * as in Unified CM's table of CSR key usages (documented): CAPF is a CA with pathlen 0
 * (doc/protocols/capf.md, section 5.6); all are TLS servers and clients.
 * Errors: ERR_REFUSED (a name that trust lists cannot carry, see issue_name_check; a bad
 * alternative name; validity that ends before it begins).
 */
must_use bool issue_self(const struct privkey *k, const struct signer_template *t,
    struct bytes *cert_der, struct err *e);

/*
 * An LSC (doc/protocols/capf.md, section 5.6) under issuer, whose key is k. The lsc's public key
 * goes through request_check_spki (pki/request.h). Errors: ERR_REFUSED (key, device name, serial,
 * validity, issuer is no CA), ERR_CRYPTO (k is not the issuer's key).
 */
must_use bool issue_lsc(const struct privkey *k, const struct cert *issuer,
    const struct signer_lsc *lsc, struct bytes *cert_der, struct err *e);

#define ISSUE_SERIAL_SIZE 16

/* A random serial number that always takes all its bytes: its first bit is clear, so that it is
 * positive, and its second is set. Errors: ERR_CRYPTO. */
must_use bool issue_serial_make(uint8_t serial[ISSUE_SERIAL_SIZE], struct err *e);

/* Whether a value can be part of a name in a trust list, whose form has no escapes: printable
 * ASCII without ';', ',' and '"', 1 to max characters. what names it in the error. */
must_use bool issue_name_check(const char *what, const char *value, size_t max, struct err *e);

#endif
