/*
 * trust_record: whether a record of a trust list is about a certificate, and what it is for.
 *
 * As phones look certificates up: by issuer and serial and function, then the stored certificate or
 * hash is compared (doc/protocols/phone.md 2.1, files.md 1.6, captured). Names are compared as
 * bytes, never taken apart.
 */
#ifndef RULES_TRUST_RECORD_H
#define RULES_TRUST_RECORD_H

#include "pki/cert.h"
#include "wire/trustlist.h"

/* Sets of functions. Numbers from 32 on are in none. */
#define TRUST_RECORD_ROLE(function) (1u << (function))
#define TRUST_RECORD_ANY            UINT32_MAX

bool trust_record_has_role(const struct trustlist_record *r, uint32_t roles);

/* The record has this issuer and serial. */
bool trust_record_names(const struct trustlist_record *r, struct span issuer, struct span serial);

/* The record has the issuer, in either form in which lists write names, and serial of c. */
bool trust_record_names_cert(const struct trustlist_record *r, const struct cert *c);

/* The certificate or hash in the record is that of c. */
bool trust_record_holds(const struct trustlist_record *r, const struct cert *c);

/* The same, of a certificate that nobody has parsed. */
bool trust_record_holds_der(const struct trustlist_record *r, struct span der);

/* The list, which may be NULL, has a record of c in one of the functions. */
bool trust_record_knows(const struct trustlist *list, const struct cert *c, uint32_t roles);

/* The list, which may be NULL, has a record in one of the functions. */
bool trust_record_any(const struct trustlist *list, uint32_t roles);

#endif
