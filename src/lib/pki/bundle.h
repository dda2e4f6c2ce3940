/*
 * bundle: any number of certificates, as files hold them.
 */
#ifndef PKI_BUNDLE_H
#define PKI_BUNDLE_H

#include "pki/cert.h"

#define BUNDLE_MAX 1000

struct bundle_certs {
	struct cert **cert;
	size_t count;
};

/* Every certificate of a PEM text, 1 to max. Errors: ERR_MALFORMED (none, a broken one, the same
 * one twice), ERR_LIMIT. Freed with bundle_free. */
must_use bool bundle_from_pem(struct span pem, size_t max, struct bundle_certs *out, struct err *e);

/* The same of a file that holds either PEM or one DER certificate. */
must_use bool bundle_from_file(struct span file, struct bundle_certs *out, struct err *e);

/* Leaves it empty. */
void bundle_free(struct bundle_certs *b);

#endif
