/*
 * certusage: what a certificate may be used for, and how it was signed.
 */
#ifndef PKI_CERTUSAGE_H
#define PKI_CERTUSAGE_H

#include "pki/cert.h"

#define CERTUSAGE_NO_PATH_LENGTH (-1)

enum certusage_signature {
	CERTUSAGE_SHA2,  /* SHA-256, 384 or 512 with RSA (PKCS#1 v1.5) or ECDSA */
	CERTUSAGE_WEAK,  /* MD5, SHA-1 */
	CERTUSAGE_OTHER, /* RSA-PSS, EdDSA and whatever else */
};

/* RFC 5280, sections 4.2.1.3, 4.2.1.9 and 4.2.1.12. Without an extension everything is allowed. */
struct certusage {
	bool digital_signature, key_encipherment, data_encipherment, cert_sign; /* keyUsage */
	bool server_auth, client_auth;                                          /* extKeyUsage */
	bool names_all; /* it has both extensions */
	bool is_ca;
	long path_length; /* CERTUSAGE_NO_PATH_LENGTH: any */
	enum certusage_signature signature;
};

struct certusage certusage_of(const struct cert *c);

#endif
