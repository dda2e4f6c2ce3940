/*
 * expiry: what stops when a certificate has expired, and what does not.
 *
 * Facts and their certainty: doc/protocols/certificates.md, "When a certificate expires". Trust
 * lists and signed files stay good, since phones check their signatures without dates.
 */
#ifndef RULES_EXPIRY_H
#define RULES_EXPIRY_H

#include "base/err.h"
#include "base/purpose.h"
#include "rules/trustview.h"

#include <time.h>

/* One line each. */
const char *expiry_of(enum purpose p);
const char *expiry_of_trusted(enum trust_store s);
const char *expiry_of_lsc(void);

/* Where only TVS speaks for the signer of a list: some firmware may look at the date of the
 * certificate of TVS, other compares it with the record alone. */
const char *expiry_of_tvs_answer(void);

/* The end of a date as people write it, "2027-03-31", "2027-03-31T14:30" (local time) or "+90d".
 * Errors: ERR_MALFORMED with what is allowed. */
must_use bool expiry_date(const char *text, time_t now, time_t *out, struct err *e);

#endif
