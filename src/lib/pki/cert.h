/*
 * cert: an X.509 certificate, and the forms in which phones name one.
 *
 * Opaque; OpenSSL stays behind it. Facts on names, serials and keys in trust lists:
 * doc/protocols/files.md, sections 1.1, 1.4 and 1.6.
 */
#ifndef PKI_CERT_H
#define PKI_CERT_H

#include "base/bytes.h"
#include "base/err.h"

#include <time.h>

struct cert;

#define CERT_DER_MAX 65535

/* One whole DER certificate with nothing behind it. Owned by the caller: cert_free. */
must_use struct cert *cert_parse(struct span der, struct err *e);

/* The first certificate of a PEM text. what names the source in errors. */
must_use struct cert *cert_from_pem(struct span pem, struct err *e);

/* Another owner of the same certificate. */
struct cert *cert_ref(const struct cert *c);

/* Safe with NULL. */
void cert_free(struct cert *c);

/* Loans, good as long as the certificate. */
struct span cert_der(const struct cert *c);
struct span cert_serial(const struct cert *c); /* magnitude, shortest form; 0 is one zero byte */
struct span cert_public_key(const struct cert *c); /* RSA: PKCS#1 RSAPublicKey; EC: 04 x y */
struct span cert_signature(const struct cert *c);  /* the bits */
struct span cert_sha1(const struct cert *c);       /* 20 bytes, of the DER */
struct span cert_sha256(const struct cert *c);     /* 32 bytes, of the DER */
struct span cert_key_id(const struct cert *c);     /* 32 bytes: SHA-256 of SubjectPublicKeyInfo */
struct span cert_spki(const struct cert *c);       /* SubjectPublicKeyInfo DER */

/* Unified CM's form: "CN=a;OU=b;O=c;L=d;ST=e;C=f". */
const char *cert_subject_cucm(const struct cert *c);
const char *cert_issuer_cucm(const struct cert *c);

/* The peers' form: RFC 4514 escapes, joined with ',' in DER order. */
const char *cert_subject_peer(const struct cert *c);
const char *cert_issuer_peer(const struct cert *c);

/* First common name of the subject, UTF-8; "" when there is none. */
const char *cert_common_name(const struct cert *c);

time_t cert_not_before(const struct cert *c);
time_t cert_not_after(const struct cert *c);

bool cert_is_rsa(const struct cert *c);
unsigned cert_key_bits(const struct cert *c);

/* "RSA 2048", "EC P-384". */
const char *cert_key_text(const struct cert *c);

bool cert_is_ca(const struct cert *c);

/* A TLS client that looks for a server of this host name, or address, takes it: by its alternative
 * names, by its common name when it has none for hosts. */
bool cert_names_host(const struct cert *c, const char *host);
bool cert_names_address(const struct cert *c, const char *address);

/* c's signature was made with issuer's key and c's issuer is issuer's subject. Dates are not
 * judged. */
must_use bool cert_is_issued_by(const struct cert *c, const struct cert *issuer, struct err *e);

/* PEM text, owned by the caller. */
char *cert_to_pem(const struct cert *c);

/* The same of DER that need not be looked at, as when it comes from the store: parsing one takes
 * longer than all the rest. */
char *cert_der_to_pem(struct span der);

#endif
