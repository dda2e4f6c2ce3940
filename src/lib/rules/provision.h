/*
 * provision: in which form a phone is given its configuration.
 *
 * The table of doc/protocols/files.md, sections 3, 4 and 8: by the name that was asked for, the
 * phone's profile and the certificates it holds. A phone whose profile demands encryption is given
 * no readable form of the whole file, whatever it asks for.
 */
#ifndef RULES_PROVISION_H
#define RULES_PROVISION_H

#include "pki/cert.h"
#include "rules/fname.h"
#include "rules/modeltable.h"
#include "rules/phone.h"

enum provision_form {
	PROVISION_ABSENT,      /* not found */
	PROVISION_PLAIN,       /* XML */
	PROVISION_SIGNED,      /* XML behind a signature */
	PROVISION_STUB,        /* the companion as XML (over HTTPS) */
	PROVISION_STUB_SIGNED, /* the companion behind a signature */
	PROVISION_ENCRYPTED,   /* encrypted, then signed */
};

const char *provision_form_name(enum provision_form f);

/* What is known about the phone that a configuration is for. */
struct provision_facts {
	bool wants_encryption;     /* by its profile */
	const struct model *model; /* NULL: unknown */
	const struct cert *lsc;    /* NULL: none confirmed */
	bool lsc_going;            /* a delete operation is open */
	const struct cert *mic;    /* NULL: none given */
	time_t now;
};

/* Which certificate its configuration is encrypted for; NULL: none can be, and reason says why for
 * an administrator: "no MIC and no LSC with an RSA key is known", "the LSC has an EC key ...". The
 * LSC first, the MIC as soon as the LSC is to be deleted. Expired certificates still open it
 * (doc/protocols/phone.md 12.1). */
const struct cert *provision_recipient(const struct provision_facts *f, char reason[ERR_TEXT_MAX]);

/* The form for a name of kind FNAME_CONFIG with a device. https: over HTTPS, where .sgn means plain
 * XML. */
enum provision_form provision_form(
    const struct provision_facts *f, const struct fname *name, bool https);

/* certHash of a certificate: lower-case hex of the MD5 of its DER. */
#define PROVISION_HASH_MAX 33
void provision_cert_hash(const struct cert *c, char out[PROVISION_HASH_MAX]);

#endif
