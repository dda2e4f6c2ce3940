/*
 * phone_status: Unified CM's texts for Certificate Operation Status, all 34, and what sets them.
 *
 * Texts: doc/protocols/capf-operation.md, section 3.4.
 */
#ifndef RULES_PHONE_STATUS_H
#define RULES_PHONE_STATUS_H

#include "rules/phone.h"

#define PHONE_STATUS_COUNT 34

/* The text number i, of PHONE_STATUS_COUNT, in the order of the table; for reports and filters. */
const char *phone_status_text(size_t i);

/* Whether it is one of them. */
bool phone_status_is_known(const char *text);

/* "Upgrade Success" ...; "None" without an operation. */
const char *phone_status_success(enum phone_operation o);

/* An operation has ended well. */
bool phone_status_is_success(const char *text);

/* "Upgrade Failed: Invalid LSC" ... A reason that Unified CM does not have for this operation is
 * left out: "Troubleshoot Failed". "None" without an operation. */
const char *phone_status_failure(enum phone_operation o, enum phone_failure why);

#endif
