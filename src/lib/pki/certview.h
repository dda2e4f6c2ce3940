/*
 * certview: what people want to see of a certificate beyond what phones look at.
 */
#ifndef PKI_CERTVIEW_H
#define PKI_CERTVIEW_H

#include "pki/cert.h"

/* 3 for one with extensions. */
unsigned certview_version(const struct cert *c);

/* OpenSSL's name of how it was signed: "sha256WithRSAEncryption"; or an OID. Static. */
const char *certview_signature_algorithm(const struct cert *c);

/* Its signature was made with its own key. */
bool certview_is_self_signed(const struct cert *c);

/* First common name of the issuer, UTF-8; its whole name when there is none. Freed by the caller.
 * NULL: it cannot be read. */
char *certview_issuer_name(const struct cert *c);

/* Each part is the caller's: certview_extension_free. */
struct certview_extension {
	char *name;  /* as OpenSSL calls it: "X509v3 Key Usage"; or an OID */
	char *value; /* as OpenSSL prints it, without blanks around; lines end with '\n' */
	bool critical;
};

/* The extension at index i; false: there are no more. */
must_use bool certview_extension(const struct cert *c, size_t i, struct certview_extension *out);
void certview_extension_free(struct certview_extension *x);

#endif
