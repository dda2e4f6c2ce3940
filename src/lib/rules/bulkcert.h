/*
 * bulkcert: the certificates that clusters give each other before phones move between them, and
 * where each goes.
 *
 * As Unified CM's bulk certificate management: one PKCS#12 file a type and cluster, exported to one
 * folder, consolidated, imported on all. Facts: doc/protocols/migration.md. Only the very
 * certificate of a signer is ever taken as one: what a CA has signed is nobody's word.
 */
#ifndef RULES_BULKCERT_H
#define RULES_BULKCERT_H

#include "base/purpose.h"
#include "pki/cert.h"
#include "rules/trustview.h"

enum bulkcert_type {
	BULKCERT_CALLMANAGER,    /* "CallManager" */
	BULKCERT_CALLMANAGER_EC, /* "CallManager-ECDSA" */
	BULKCERT_ITLRECOVERY,    /* "ITLRecovery" */
	BULKCERT_CAPF,           /* "CAPF" */
	BULKCERT_TVS,            /* "TVS" */
	BULKCERT_TOMCAT,         /* "tomcat" */
	BULKCERT_TYPES
};

const char *bulkcert_type_name(enum bulkcert_type t);

/* Of a word of any case; "callmanager-ec" and "web" are known too. */
bool bulkcert_type_from_name(const char *name, enum bulkcert_type *out);

/* What a certificate of ours is exported as; the issuer of LSCs goes with CAPF. */
enum bulkcert_type bulkcert_type_of_purpose(enum purpose p);

/* The type that a file's name begins with ("CallManager.pem", "CAPF_pub.p12"), else the only one
 * that it has as a word ("pub-ITLRecovery.p12"). false: it names none, or several. */
bool bulkcert_type_of_file(const char *file_name, enum bulkcert_type *out);

/* The name of a certificate in a bundle, "CallManager pub.example.test", and back. */
#define BULKCERT_LABEL_MAX 160
void bulkcert_label(enum bulkcert_type t, const char *whose, char out[BULKCERT_LABEL_MAX]);
bool bulkcert_type_of_label(const char *label, enum bulkcert_type *out);

/* The trust stores that a certificate of that type of another cluster goes into. */
#define BULKCERT_STORES_MAX 2
size_t bulkcert_stores(enum bulkcert_type t, enum trust_store out[BULKCERT_STORES_MAX]);

/* May be taken as that type. Errors: ERR_REFUSED with the reason. */
must_use bool bulkcert_check(enum bulkcert_type t, const struct cert *c, struct err *e);

#endif
