#include "rules/phonefilter_match.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define HOUR_S   3600
#define DAY_S    86400
#define SPAN_MAX 36500 /* days, or hours */

static const struct {
	const char *phrase;
	enum phonefilter_field field;
} fields[] = {
	{ "lsc issuer expires by", PHONEFILTER_LSC_ISSUER_EXPIRES },
	{ "lsc issuer expires", PHONEFILTER_LSC_ISSUER_EXPIRES },
	{ "lsc issued by", PHONEFILTER_LSC_ISSUED_BY },
	{ "lsc expires", PHONEFILTER_LSC_EXPIRES },
	{ "lsc status", PHONEFILTER_LSC_STATUS },
	{ "authentication string", PHONEFILTER_AUTH_STRING },
	{ "auth string", PHONEFILTER_AUTH_STRING },
	{ "authentication mode", PHONEFILTER_AUTH_MODE },
	{ "auth mode", PHONEFILTER_AUTH_MODE },
	{ "operation status", PHONEFILTER_OPERATION_STATUS },
	{ "operation", PHONEFILTER_OPERATION },
	{ "security profile", PHONEFILTER_PROFILE },
	{ "profile", PHONEFILTER_PROFILE },
	{ "device pool", PHONEFILTER_GROUP },
	{ "group", PHONEFILTER_GROUP },
	{ "device name", PHONEFILTER_NAME },
	{ "name", PHONEFILTER_NAME },
	{ "model", PHONEFILTER_MODEL },
	{ "template", PHONEFILTER_TEMPLATE },
	{ "last address", PHONEFILTER_ADDRESS },
	{ "address", PHONEFILTER_ADDRESS },
	{ "last seen", PHONEFILTER_LAST_SEEN },
};

const char phonefilter_fields_text[] =
    "a field: name, model, group, profile, template, address, operation, operation status, "
    "auth mode, auth string, lsc status, lsc issued by, lsc expires, lsc issuer expires or "
    "last seen";

static const struct {
	const char *phrase;
	enum phonefilter_operator op;
} operators[] = {
	{ "begins with", PHONEFILTER_BEGINS },
	{ "contains", PHONEFILTER_CONTAINS },
	{ "ends with", PHONEFILTER_ENDS },
	{ "is exactly", PHONEFILTER_EXACTLY },
	{ "is empty", PHONEFILTER_EMPTY },
	{ "is not empty", PHONEFILTER_NOT_EMPTY },
	{ "is before", PHONEFILTER_BEFORE },
	{ "is after", PHONEFILTER_AFTER },
	{ "is", PHONEFILTER_EXACTLY },
};

const char *
phonefilter_field_phrase(size_t i, enum phonefilter_field *out)
{
	if (i >= COUNT(fields))
		return NULL;
	*out = fields[i].field;
	return fields[i].phrase;
}

const char *
phonefilter_operator_phrase(size_t i, enum phonefilter_operator *out)
{
	if (i >= COUNT(operators))
		return NULL;
	*out = operators[i].op;
	return operators[i].phrase;
}

static bool
is_date(enum phonefilter_field f)
{
	return f >= PHONEFILTER_LSC_EXPIRES;
}

const char *
phonefilter_operators_text(enum phonefilter_field f)
{
	return is_date(f)
		   ? "is before, is exactly or is after"
		   : "begins with, contains, ends with, is exactly, is empty or is not empty";
}

bool
phonefilter_operator_fits(enum phonefilter_field f, enum phonefilter_operator o)
{
	bool of_date = o == PHONEFILTER_BEFORE || o == PHONEFILTER_AFTER;

	return o == PHONEFILTER_EXACTLY || of_date == is_date(f);
}

bool
phonefilter_takes_value(enum phonefilter_operator o)
{
	return o != PHONEFILTER_EMPTY && o != PHONEFILTER_NOT_EMPTY;
}

/* --- values --- */

/* "+30d", "-12h". */
static bool
read_relative(struct phonefilter_criterion *c, time_t now)
{
	char digits[8];
	unsigned long n;
	size_t len = strlen(c->value);
	time_t unit;

	if (len < 3 || len > sizeof digits || (c->value[0] != '+' && c->value[0] != '-'))
		return false;
	unit = c->value[len - 1] == 'd' ? DAY_S : c->value[len - 1] == 'h' ? HOUR_S : 0;
	memcpy(digits, c->value + 1, len - 2);
	digits[len - 2] = '\0';
	if (unit == 0 || !text_number(digits, 0, SPAN_MAX, &n))
		return false;
	c->from = now + (c->value[0] == '+' ? 1 : -1) * (time_t)n * unit;
	c->to = c->from + 1;
	return true;
}

/* The day, hour or minute that the text names, in local time. */
static bool
read_date(struct phonefilter_criterion *c)
{
	static const struct {
		const char *form;
		int day, hour, minute; /* how long it is */
	} forms[] = { { "%Y-%m-%d", 1, 0, 0 }, { "%Y-%m-%dT%H:%M", 0, 0, 1 },
		{ "%Y-%m-%dT%H", 0, 1, 0 } };

	for (size_t i = 0; i < COUNT(forms); i++) {
		struct tm tm = { .tm_isdst = -1 }, end;
		const char *rest = strptime(c->value, forms[i].form, &tm);
		int day = tm.tm_mday;

		if (rest == NULL || *rest != '\0')
			continue;
		end = tm;
		end.tm_mday += forms[i].day;
		end.tm_hour += forms[i].hour;
		end.tm_min += forms[i].minute;
		c->from = mktime(&tm);
		c->to = mktime(&end);
		return c->from > 0 && tm.tm_mday == day;
	}
	return false;
}

static bool
is_known_word(const struct phonefilter_criterion *c)
{
	enum phone_operation operation;
	enum phone_auth auth;

	if (c->op != PHONEFILTER_EXACTLY)
		return true;
	if (c->field == PHONEFILTER_OPERATION)
		return phone_operation_from_name(c->value, &operation);
	return c->field != PHONEFILTER_AUTH_MODE || phone_auth_from_name(c->value, &auth);
}

bool
phonefilter_value(struct phonefilter_criterion *c, time_t now, struct err *e)
{
	c->is_na = c->op == PHONEFILTER_EXACTLY && strcasecmp(c->value, "NA") == 0;
	c->is_unknown = c->op == PHONEFILTER_EXACTLY && strcasecmp(c->value, "Unknown") == 0;
	if (!is_date(c->field))
		return is_known_word(c) ||
		       err_set(e, ERR_MALFORMED, "no such %s",
			   c->field == PHONEFILTER_OPERATION ? "operation" : "authentication mode");
	return c->is_na || c->is_unknown || read_relative(c, now) || read_date(c) ||
	       err_set(e, ERR_MALFORMED,
		   "expected YYYY-MM-DD[THH[:MM]], +30d, -12h, or with is exactly NA or Unknown");
}

/* --- matching --- */

static bool
has_lsc(const struct phone *p)
{
	return p->lsc_serial[0] != '\0';
}

const char *
phonefilter_issuer(const struct phone *p)
{
	return !has_lsc(p) ? "NA" : p->lsc_issuer[0] == '\0' ? "Unknown" : p->lsc_issuer;
}

static const char *
text_of(enum phonefilter_field f, const struct phone *p)
{
	switch (f) {
	case PHONEFILTER_NAME:
		return p->device.name;
	case PHONEFILTER_MODEL:
		return p->model;
	case PHONEFILTER_GROUP:
		return p->group;
	case PHONEFILTER_PROFILE:
		return p->profile;
	case PHONEFILTER_TEMPLATE:
		return p->template;
	case PHONEFILTER_ADDRESS:
		return p->last_address;
	case PHONEFILTER_OPERATION:
		return phone_operation_name(p->operation);
	case PHONEFILTER_OPERATION_STATUS:
		return p->operation_status;
	case PHONEFILTER_AUTH_MODE:
		return phone_auth_name(p->auth_mode);
	case PHONEFILTER_AUTH_STRING:
		return p->auth_string;
	case PHONEFILTER_LSC_STATUS:
		return phone_lsc_status(p);
	case PHONEFILTER_LSC_ISSUED_BY:
		return has_lsc(p) ? p->lsc_issuer : "";
	case PHONEFILTER_LSC_EXPIRES:
	case PHONEFILTER_LSC_ISSUER_EXPIRES:
	case PHONEFILTER_LAST_SEEN:
		break;
	}
	return "";
}

static time_t
date_of(enum phonefilter_field f, const struct phone *p)
{
	switch (f) {
	case PHONEFILTER_LSC_EXPIRES:
		return has_lsc(p) ? p->lsc_not_after : 0;
	case PHONEFILTER_LSC_ISSUER_EXPIRES:
		return has_lsc(p) ? p->lsc_issuer_not_after : 0;
	case PHONEFILTER_LAST_SEEN:
		return p->last_seen;
	default:
		return 0;
	}
}

static bool
text_matches(const struct phonefilter_criterion *c, const char *text)
{
	size_t n = strlen(text), want = strlen(c->value);

	switch (c->op) {
	case PHONEFILTER_BEGINS:
		return strncasecmp(text, c->value, want) == 0;
	case PHONEFILTER_CONTAINS:
		return strcasestr(text, c->value) != NULL;
	case PHONEFILTER_ENDS:
		return n >= want && strcasecmp(text + n - want, c->value) == 0;
	case PHONEFILTER_EXACTLY:
		return strcasecmp(text, c->value) == 0;
	case PHONEFILTER_EMPTY:
		return n == 0;
	case PHONEFILTER_NOT_EMPTY:
		return n != 0;
	case PHONEFILTER_BEFORE:
	case PHONEFILTER_AFTER:
		break;
	}
	return false;
}

static bool
date_matches(const struct phonefilter_criterion *c, time_t t)
{
	if (t == 0)
		return false;
	if (c->op == PHONEFILTER_BEFORE)
		return t < c->from;
	return c->op == PHONEFILTER_AFTER ? t >= c->to : t >= c->from && t < c->to;
}

/* NA and Unknown, where the field knows them: what there is no text or date for. */
static bool
absence_matches(const struct phonefilter_criterion *c, const struct phone *p)
{
	bool absent =
	    is_date(c->field) ? date_of(c->field, p) == 0 : text_of(c->field, p)[0] == '\0';
	bool is_na = c->field == PHONEFILTER_LAST_SEEN || !has_lsc(p);

	return absent && is_na == c->is_na;
}

bool
phonefilter_match(const struct phonefilter_criterion *c, const struct phone *p)
{
	if ((c->is_na || c->is_unknown) &&
	    (is_date(c->field) || c->field == PHONEFILTER_LSC_ISSUED_BY))
		return absence_matches(c, p);
	return is_date(c->field) ? date_matches(c, date_of(c->field, p))
				 : text_matches(c, text_of(c->field, p));
}

bool
phonefilter_anywhere(const struct phone *p, const char *text)
{
	for (int f = 0; f < PHONEFILTER_LSC_EXPIRES; f++)
		if (f != PHONEFILTER_AUTH_STRING && f != PHONEFILTER_AUTH_MODE &&
		    strcasestr(text_of((enum phonefilter_field)f, p), text) != NULL)
			return true;
	return false;
}
