#include "rules/phone.h"

#include "base/mem.h"
#include "base/text.h"
#include "rules/phone_status.h"
#include "rules/phonecfg.h"

#include <stdio.h>

#define COUNT(a)         (sizeof(a) / sizeof(a)[0])
#define PHONE_RSA_STRONG 2048

static const char *const operation_names[] = {
	[PHONE_OPERATION_NONE] = "none",
	[PHONE_OPERATION_INSTALL] = "install-upgrade",
	[PHONE_OPERATION_DELETE] = "delete",
	[PHONE_OPERATION_TROUBLESHOOT] = "troubleshoot",
};

static const char *const auth_names[] = {
	[PHONE_AUTH_NULL_STRING] = "null-string",
	[PHONE_AUTH_STRING] = "auth-string",
	[PHONE_AUTH_LSC] = "existing-lsc",
	[PHONE_AUTH_MIC] = "existing-mic",
};

static const char *const key_order_names[] = {
	[PHONE_KEY_RSA_ONLY] = "rsa-only",
	[PHONE_KEY_EC_ONLY] = "ec-only",
	[PHONE_KEY_EC_PREFERRED] = "ec-preferred",
};

/* The index of name, or count. */
static size_t
name_find(const char *const *names, size_t count, const char *name)
{
	size_t i = 0;

	while (i < count && strcmp(names[i], name) != 0)
		i++;
	return i;
}

const char *
phone_operation_name(enum phone_operation o)
{
	return o < COUNT(operation_names) ? operation_names[o] : "unknown";
}

bool
phone_operation_from_name(const char *name, enum phone_operation *out)
{
	size_t i = name_find(operation_names, COUNT(operation_names), name);

	if (i == COUNT(operation_names))
		return false;
	*out = (enum phone_operation)i;
	return true;
}

const char *
phone_auth_name(enum phone_auth a)
{
	return a < COUNT(auth_names) ? auth_names[a] : "unknown";
}

bool
phone_auth_from_name(const char *name, enum phone_auth *out)
{
	size_t i = name_find(auth_names, COUNT(auth_names), name);

	if (i == COUNT(auth_names))
		return false;
	*out = (enum phone_auth)i;
	return true;
}

const char *
phone_key_order_name(enum phone_key_order k)
{
	return k < COUNT(key_order_names) ? key_order_names[k] : "unknown";
}

bool
phone_key_order_from_name(const char *name, enum phone_key_order *out)
{
	size_t i = name_find(key_order_names, COUNT(key_order_names), name);

	if (i == COUNT(key_order_names))
		return false;
	*out = (enum phone_key_order)i;
	return true;
}

struct phone
phone_new(const struct device *d, enum phone_origin origin)
{
	return (struct phone){
		.device = *d,
		.origin = origin,
		.operation = PHONE_OPERATION_NONE,
		.operation_status = "None",
		.auth_mode = PHONE_AUTH_NULL_STRING,
		.key_order = PHONE_KEY_RSA_ONLY,
		.rsa_size = 2048,
		.ec_size = 384,
	};
}

const char *
phone_lsc_status_of(enum phone_operation o, bool has_lsc)
{
	if (o == PHONE_OPERATION_INSTALL)
		return "Pending";
	return has_lsc ? "Installed" : "Not Installed";
}

const char *
phone_lsc_status(const struct phone *p)
{
	return phone_lsc_status_of(p->operation, p->lsc_serial[0] != '\0');
}

bool
phone_set_operation(struct phone *p, enum phone_operation o, time_t now, struct err *e)
{
	if (o != PHONE_OPERATION_NONE && p->auth_mode == PHONE_AUTH_STRING &&
	    p->auth_string[0] == '\0')
		return err_set(e, ERR_REFUSED,
		    "%s: authentication mode auth-string needs an auth-string of %d to %d digits",
		    p->device.name, PHONE_AUTH_STRING_MIN, PHONE_AUTH_STRING_MAX);
	p->operation = o;
	p->operation_changed = now;
	snprintf(p->operation_status, sizeof p->operation_status, "%s",
	    o == PHONE_OPERATION_NONE ? "None" : "Operation Pending");
	return true;
}

static void
operation_end(struct phone *p, time_t now)
{
	p->operation = PHONE_OPERATION_NONE;
	p->operation_changed = now;
	p->complete_by = 0;
}

void
phone_new_auth_string(struct phone *p, const char *digits)
{
	if (strcmp(p->auth_string, digits) == 0)
		return;
	mem_wipe(p->auth_string, sizeof p->auth_string);
	snprintf(p->auth_string, sizeof p->auth_string, "%s", digits);
	p->auth_failures = 0;
}

void
phone_operation_succeeded(struct phone *p, time_t now)
{
	if (p->operation == PHONE_OPERATION_NONE)
		return;
	snprintf(p->operation_status, sizeof p->operation_status, "%s",
	    phone_status_success(p->operation));
	operation_end(p, now);
	phone_new_auth_string(p, "");
}

char *
phone_failure_text(const struct phone *p, enum phone_failure why, char out[PHONE_STATUS_MAX])
{
	snprintf(out, PHONE_STATUS_MAX, "%s", phone_status_failure(p->operation, why));
	return out;
}

void
phone_operation_failed(struct phone *p, enum phone_failure why, time_t now)
{
	if (p->operation == PHONE_OPERATION_NONE)
		return;
	phone_failure_text(p, why, p->operation_status);
	operation_end(p, now);
}

bool
phone_key_is_weak(const struct phone *p)
{
	return p->key_order != PHONE_KEY_EC_ONLY && p->rsa_size < PHONE_RSA_STRONG;
}

/* --- settings by name --- */

/* One line of UTF-8 that fits into max bytes with the NUL. */
static bool
check_line(struct span s, size_t max, struct err *e)
{
	if (s.n >= max)
		return err_set(e, ERR_MALFORMED, "%zu bytes, expected at most %zu", s.n, max - 1);
	if (!text_is_utf8(s))
		return err_set(e, ERR_MALFORMED, "not UTF-8");
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] == 0x7f)
			return err_set(e, ERR_MALFORMED, "control byte 0x%02x", s.p[i]);
	return true;
}

static bool
set_text(char out[PHONE_TEXT_MAX], const char *value, struct err *e)
{
	struct span s = span_str(value);

	if (!check_line(s, PHONE_TEXT_MAX, e))
		return false;
	memcpy(out, s.p, s.n + 1);
	return true;
}

static bool
is_word(const char *value)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

	return strspn(value, allowed) == strlen(value) && strlen(value) < PHONE_TEXT_MAX;
}

/* The name of a profile or template, or nothing. */
static bool
set_word(char out[PHONE_TEXT_MAX], const char *value, struct err *e)
{
	if (!is_word(value))
		return err_set(e, ERR_MALFORMED,
		    "expected at most %d of letters, digits, '-', '_' and '.'", PHONE_TEXT_MAX - 1);
	memcpy(out, value, strlen(value) + 1);
	return true;
}

static bool
set_model(struct phone *p, const char *value, struct err *e)
{
	return set_text(p->model, value, e);
}

static bool
set_group(struct phone *p, const char *value, struct err *e)
{
	return set_text(p->group, value, e);
}

static bool
set_profile(struct phone *p, const char *value, struct err *e)
{
	return set_word(p->profile, value, e);
}

static bool
set_template(struct phone *p, const char *value, struct err *e)
{
	return set_word(p->template, value, e);
}

static bool
set_auth_mode(struct phone *p, const char *value, struct err *e)
{
	return phone_auth_from_name(value, &p->auth_mode) ||
	       err_set(e, ERR_MALFORMED,
		   "expected null-string, auth-string, existing-lsc or existing-mic");
}

static bool
set_auth_string(struct phone *p, const char *value, struct err *e)
{
	size_t n = strlen(value);

	if (n != 0 && (n < PHONE_AUTH_STRING_MIN || n > PHONE_AUTH_STRING_MAX ||
			  strspn(value, "0123456789") != n))
		return err_set(e, ERR_MALFORMED, "expected %d to %d digits, or nothing",
		    PHONE_AUTH_STRING_MIN, PHONE_AUTH_STRING_MAX);
	phone_new_auth_string(p, value);
	return true;
}

static bool
set_key_order(struct phone *p, const char *value, struct err *e)
{
	return phone_key_order_from_name(value, &p->key_order) ||
	       err_set(e, ERR_MALFORMED, "expected rsa-only, ec-only or ec-preferred");
}

static bool
set_size(unsigned *out, const char *value, const unsigned *allowed, size_t count)
{
	unsigned long v;

	if (!text_number(value, 1, 65536, &v))
		return false;
	for (size_t i = 0; i < count; i++)
		if (v == allowed[i]) {
			*out = allowed[i];
			return true;
		}
	return false;
}

static bool
set_rsa_size(struct phone *p, const char *value, struct err *e)
{
	static const unsigned allowed[] = { 512, 1024, 2048, 3072, 4096 };

	return set_size(&p->rsa_size, value, allowed, COUNT(allowed)) ||
	       err_set(e, ERR_MALFORMED, "expected 512, 1024, 2048, 3072 or 4096");
}

static bool
set_ec_size(struct phone *p, const char *value, struct err *e)
{
	static const unsigned allowed[] = { 256, 384, 521 };

	return set_size(&p->ec_size, value, allowed, COUNT(allowed)) ||
	       err_set(e, ERR_MALFORMED, "expected 256, 384 or 521");
}

/* The numbers of value, when it looks like form: '0' stands for a digit, anything else for
 * itself. Digits that follow each other are one number. */
static bool
numbers_by_form(const char *value, const char *form, int out[5])
{
	size_t n = 0;

	if (strlen(value) != strlen(form))
		return false;
	for (size_t i = 0; form[i] != '\0'; i++) {
		if (form[i] != '0') {
			if (value[i] != form[i])
				return false;
			n++;
		} else if (value[i] >= '0' && value[i] <= '9')
			out[n] = out[n] * 10 + (value[i] - '0');
		else
			return false;
	}
	return true;
}

/* The numbers of a date in one of the forms we take: year, month, day, hour, minute. */
static bool
deadline_numbers(const char *value, int out[5])
{
	static const char *const forms[] = { "0000-00-00T00:00", "0000-00-00T00", "0000:00:00:00" };

	for (size_t i = 0; i < COUNT(forms); i++) {
		memset(out, 0, 5 * sizeof *out);
		if (numbers_by_form(value, forms[i], out))
			return true;
	}
	return false;
}

static bool
set_complete_by(struct phone *p, const char *value, struct err *e)
{
	struct tm tm;
	int v[5];
	time_t t;

	if (value[0] == '\0') {
		p->complete_by = 0;
		return true;
	}
	if (!deadline_numbers(value, v))
		return err_set(e, ERR_MALFORMED, "expected YYYY-MM-DDTHH[:MM] or YYYY:MM:DD:HH");
	tm = (struct tm){ .tm_year = v[0] - 1900,
		.tm_mon = v[1] - 1,
		.tm_mday = v[2],
		.tm_hour = v[3],
		.tm_min = v[4],
		.tm_isdst = -1 };
	t = mktime(&tm);
	/* The hour may move when clocks are put forward; a day must not. */
	if (t <= 0 || v[3] > 23 || v[4] > 59 || tm.tm_year != v[0] - 1900 ||
	    tm.tm_mon != v[1] - 1 || tm.tm_mday != v[2])
		return err_set(e, ERR_MALFORMED, "no such day and time");
	p->complete_by = t;
	return true;
}

static const struct setting {
	const char *name;
	bool (*set)(struct phone *p, const char *value, struct err *e);
} settings[] = {
	{ "model", set_model },
	{ "group", set_group },
	{ "profile", set_profile },
	{ "template", set_template },
	{ "auth-mode", set_auth_mode },
	{ "auth-string", set_auth_string },
	{ "key-order", set_key_order },
	{ "rsa-size", set_rsa_size },
	{ "ec-size", set_ec_size },
	{ "complete-by", set_complete_by },
};

bool
phone_set(struct phone *p, const char *name, const char *value, struct err *e)
{
	char shown[64];

	for (size_t i = 0; i < COUNT(settings); i++)
		if (strcmp(settings[i].name, name) == 0)
			return settings[i].set(p, value, e) || err_in(e, "%s", name);
	return err_set(e, ERR_UNKNOWN, "no phone setting %s",
	    text_printable(span_str(name), shown, sizeof shown));
}

/* --- what goes with other things --- */

bool
phone_fits_profile(const struct phone *p, const struct profile *profile, struct err *e)
{
	if (!profile->encrypted_config || p->key_order == PHONE_KEY_RSA_ONLY)
		return true;
	return err_set(e, ERR_REFUSED,
	    "EC LSCs and encrypted configuration do not go together: key-order %s, profile %s",
	    phone_key_order_name(p->key_order), profile->name);
}

bool
phone_value_check(const char *key, const char *value, struct err *e)
{
	static const char *const of_record[] = { "name", "mac", "model", "group", "profile",
		"address", "server", "server2", "server3" };
	char shown[64];

	if (key[0] == '\0' || !is_word(key))
		return err_set(e, ERR_MALFORMED,
		    "value \"%s\": its name must be 1 to %d of letters, digits, '-', '_' and '.'",
		    text_printable(span_str(key), shown, sizeof shown), PHONE_TEXT_MAX - 1);
	if (name_find(of_record, COUNT(of_record), key) < COUNT(of_record))
		return err_set(e, ERR_REFUSED, "value %s: it follows from the phone's record", key);
	return check_line(span_str(value), PHONECFG_VALUE_MAX, e) || err_in(e, "value %s", key);
}
