/*
 * certname: a distinguished name as text, in the two forms that trust lists use.
 *
 * Facts: doc/protocols/files.md, section 1.6. For cert.c.
 */
#ifndef PKI_CERTNAME_H
#define PKI_CERTNAME_H

#include "base/err.h"

#include <openssl/x509.h>

/* Longest text of a name; trust lists have 16-bit lengths and phones take far less. */
#define CERTNAME_MAX 4096

/* "CN=a;OU=b;O=c;L=d;ST=e;C=f": these types in this order, nothing escaped, others dropped.
 * Owned by the caller. NULL: a value holds a NUL, or the text is over CERTNAME_MAX. */
must_use char *certname_cucm(const X509_NAME *name, struct err *e);

/* RFC 4514 escapes, ',' between, RDNs in DER order, multi-valued ones flattened, unknown types as
 * dotted OIDs. Owned by the caller. Errors as above. */
must_use char *certname_peer(const X509_NAME *name, struct err *e);

/* The value of the first common name; "" when there is none. Owned by the caller. */
must_use char *certname_common(const X509_NAME *name, struct err *e);

#endif
