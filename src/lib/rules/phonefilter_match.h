/*
 * phonefilter_match: the fields and operators of a phone filter, and one criterion judged. Inside
 * phonefilter only.
 */
#ifndef RULES_PHONEFILTER_MATCH_H
#define RULES_PHONEFILTER_MATCH_H

#include "rules/phonefilter.h"

enum phonefilter_field {
	PHONEFILTER_NAME,
	PHONEFILTER_MODEL,
	PHONEFILTER_GROUP,
	PHONEFILTER_PROFILE,
	PHONEFILTER_TEMPLATE,
	PHONEFILTER_ADDRESS,
	PHONEFILTER_OPERATION,
	PHONEFILTER_OPERATION_STATUS,
	PHONEFILTER_AUTH_MODE,
	PHONEFILTER_AUTH_STRING,
	PHONEFILTER_LSC_STATUS,
	PHONEFILTER_LSC_ISSUED_BY,
	PHONEFILTER_LSC_EXPIRES, /* dates from here on */
	PHONEFILTER_LSC_ISSUER_EXPIRES,
	PHONEFILTER_LAST_SEEN,
};

enum phonefilter_operator {
	PHONEFILTER_BEGINS,
	PHONEFILTER_CONTAINS,
	PHONEFILTER_ENDS,
	PHONEFILTER_EXACTLY,
	PHONEFILTER_EMPTY,
	PHONEFILTER_NOT_EMPTY,
	PHONEFILTER_BEFORE,
	PHONEFILTER_AFTER,
};

struct phonefilter_criterion {
	enum phonefilter_field field;
	enum phonefilter_operator op;
	char value[PHONEFILTER_VALUE_MAX];
	time_t from, to; /* of a date: before from, exactly in [from, to), after from to on */
	bool is_na, is_unknown;
};

/* The phrases that name one, longer ones before those they begin with; NULL: no more. */
const char *phonefilter_field_phrase(size_t i, enum phonefilter_field *out);
const char *phonefilter_operator_phrase(size_t i, enum phonefilter_operator *out);

/* For errors: what there is. */
extern const char phonefilter_fields_text[];
const char *phonefilter_operators_text(enum phonefilter_field f);

bool phonefilter_operator_fits(enum phonefilter_field f, enum phonefilter_operator o);
bool phonefilter_takes_value(enum phonefilter_operator o);

/* Judges and reads the value. Errors: ERR_MALFORMED with what is allowed. */
must_use bool phonefilter_value(struct phonefilter_criterion *c, time_t now, struct err *e);

bool phonefilter_match(const struct phonefilter_criterion *c, const struct phone *p);

/* Text in any field that is shown in lists, letters of either case. */
bool phonefilter_anywhere(const struct phone *p, const char *text);

#endif
