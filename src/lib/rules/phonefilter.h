/*
 * phonefilter: which phones are meant: the criteria that Unified CM's Find and List Phones has, as
 * a line of text.
 *
 *   lsc expires is before 2027-03-01 and model is exactly 8861
 *   lsc issued by contains "CAPF-1a2b" and operation status ends with Timedout
 *
 * A criterion is a field, an operator and, but for "is empty" and "is not empty", a value; "and"
 * joins several. A value goes to the next "and"; in double quotes it may hold anything ("" stands
 * for a quote). Words are taken in either case, and with '-' or '_' for blanks. Any other text is
 * looked for in all fields (but the authentication string). Fields, operators and the values NA and
 * Unknown: doc/protocols/capf-operation.md, section 3.7.
 */
#ifndef RULES_PHONEFILTER_H
#define RULES_PHONEFILTER_H

#include "base/err.h"
#include "rules/phone.h"

#define PHONEFILTER_CRITERIA_MAX 16
#define PHONEFILTER_VALUE_MAX    128

struct phonefilter;

/* "" fits every phone. Dates are YYYY-MM-DD[THH[:MM]] in local time, or from now on: "+30d",
 * "-12h". Owned by the caller: phonefilter_free. Errors: ERR_MALFORMED with the character, from 1,
 * and what was expected there; ERR_LIMIT. */
must_use bool phonefilter_parse(
    const char *text, time_t now, struct phonefilter **out, struct err *e);
void phonefilter_free(struct phonefilter *f); /* safe with NULL */

/* Besides, only phones of these names; they are copied. */
void phonefilter_only(struct phonefilter *f, const char *const *names, size_t count);

/* It has no criteria, only text that is looked for anywhere, or nothing: too coarse to change
 * phones by. One with names is not plain. */
bool phonefilter_is_plain(const struct phonefilter *f);

bool phonefilter_fits(const struct phonefilter *f, const struct phone *p);

/* What stands for an absent issuer or date: "NA" for a phone without an LSC, "Unknown" for an LSC
 * whose issuer is not on record; else the issuer's subject in Unified CM's form. */
const char *phonefilter_issuer(const struct phone *p);

#endif
