/*
 * issue_internal: what the files that make certificates and revocation lists share.
 */
#ifndef PKI_ISSUE_INTERNAL_H
#define PKI_ISSUE_INTERNAL_H

#include "pki/issue.h"

#include <openssl/x509v3.h>

/* Attributes of a subject, in the order in which Unified CM's own certificates have them. */
enum subject_part { PART_C, PART_O, PART_OU, PART_CN, PART_ST, PART_L, PART_COUNT };

struct issue_part {
	int nid;
	const char *what;
	size_t max; /* upper bound of X.520 */
};

extern const struct issue_part issue_parts[PART_COUNT];

/* A list of them ends with NID_undef. */
struct issue_extension {
	int nid;
	/* As in OpenSSL's x509v3_config(5). Of basic constraints and usages a literal, by whose
	 * address what was made of it is found again. */
	const char *value;
};

/* Appends an attribute; a NULL value is left out. */
must_use bool issue_add_part(
    X509_NAME *name, enum subject_part part, const char *value, struct err *e);

/* serial: magnitude of 1 to ISSUE_SERIAL_SIZE bytes; empty: a random one. */
must_use bool issue_set_serial(X509 *x509, struct span serial, struct err *e);
must_use bool issue_set_validity(X509 *x509, time_t not_before, time_t not_after, struct err *e);
must_use bool issue_add_extensions(
    X509 *x509, X509 *issuer, const struct issue_extension *list, struct err *e);

/* Letters, digits, '-', '_' and '.', without wildcards. */
must_use bool issue_dns_name_check(const char *name, struct err *e);

/* type: GEN_DNS, GEN_URI or GEN_IPADD. */
must_use bool issue_add_alt_name(GENERAL_NAMES *names, int type, const char *text, struct err *e);
must_use bool issue_write_alt_names(X509 *x509, GENERAL_NAMES *names, struct err *e);

/* A certificate without issuer, serial, validity and signature, with all that a request for an LSC
 * asks for. NULL: *e says why. Freed with X509_free. */
must_use X509 *issue_lsc_wishes(const struct signer_lsc *lsc, struct err *e);

must_use bool issue_sign(
    X509 *x509, const struct privkey *k, struct bytes *cert_der, struct err *e);

#endif
