#include "daemon/phonesettings.h"

#include "base/mem.h"
#include "daemon/core_capf_attempt.h"
#include "daemon/core_capf_key.h"
#include "daemon/eckeys.h"
#include "daemon/template_find.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define GENERATED_DIGITS 10
#define VALUE_PREFIX     "value."

/* The key when a setting's name is that of a value; else NULL. */
static const char *
value_key(const char *name)
{
	size_t prefix = strlen(VALUE_PREFIX);

	if (strncmp(name, VALUE_PREFIX, prefix) == 0)
		return name + prefix;
	return strchr(name, '.') != NULL ? name : NULL;
}

static bool
generate_auth_string(struct phone *p, struct err *e)
{
	char digits[PHONE_AUTH_STRING_MAX + 1];
	uint8_t raw[64];
	size_t n = 0;

	if (getrandom(raw, sizeof raw, 0) != (ssize_t)sizeof raw)
		return err_sys(e, "cannot make an authentication string");
	for (size_t i = 0; i < sizeof raw && n < GENERATED_DIGITS; i++)
		if (raw[i] < 250) /* so that every digit is as likely as any other */
			digits[n++] = (char)('0' + raw[i] % 10);
	mem_wipe(raw, sizeof raw);
	digits[n] = '\0';
	if (n == GENERATED_DIGITS)
		phone_new_auth_string(p, digits);
	mem_wipe(digits, sizeof digits);
	return n == GENERATED_DIGITS ||
	       err_set(e, ERR_AGAIN, "cannot make an authentication string");
}

/* The DER of a MIC; nothing for "". */
static bool
read_mic(const char *pem, struct bytes *der, struct err *e)
{
	struct cert *mic;

	*der = (struct bytes){ 0 };
	if (*pem == '\0')
		return true;
	mic = cert_from_pem(span_str(pem), e);
	if (mic == NULL)
		return err_in(e, "MIC");
	*der = bytes_copy(cert_der(mic));
	cert_free(mic);
	return true;
}

static bool
store_mic(struct store *s, const char *device, const char *pem, struct err *e)
{
	struct bytes der;
	bool ok;

	if (!read_mic(pem, &der, e))
		return false;
	ok = store_phone_mic_set(s, device, bytes_span(&der), e);
	bytes_free(&der);
	return ok;
}

static bool
set_one(struct phone *p, const char *name, const json_t *value, struct err *e)
{
	const char *text = json_string_value(value);

	if (text == NULL)
		return err_set(e, ERR_MALFORMED, "setting %.40s: expected a text", name);
	if (value_key(name) != NULL)
		return phone_value_check(value_key(name), text, e);
	if (strcmp(name, "mic") == 0)
		return true; /* beside the record */
	if (strcmp(name, "operation") == 0)
		return true; /* last: it depends on the others */
	if (strcmp(name, "auth-string") == 0 && strcmp(text, "generate") == 0)
		return generate_auth_string(p, e);
	return phone_set(p, name, text, e);
}

static bool
set_operation(struct phone *p, const char *text, struct err *e)
{
	enum phone_operation operation;

	if (!phone_operation_from_name(text, &operation))
		return err_set(e, ERR_MALFORMED,
		    "operation \"%.40s\": expected install-upgrade, delete, troubleshoot or none",
		    text);
	return phone_set_operation(p, operation, core_now(), e);
}

/* What an import row has besides. */
static bool
is_no_setting(const char *name)
{
	return strcmp(name, "name") == 0 || strcmp(name, "line") == 0;
}

/* A phone that has the profile already is not kept from changing into something better. */
static bool
check_keys(struct store *s, const struct phone *p, const struct profile *profile,
    const char *profile_before, const char *mic, struct err *e)
{
	struct bytes der;
	bool ok;

	if (strcmp(profile_before, p->profile) == 0)
		return true;
	if (!read_mic(mic, &der, e))
		return false;
	ok = eckeys_check_phone(s, p, profile, bytes_span(&der), e);
	bytes_free(&der);
	return ok;
}

static bool
check_references(struct store *s, const struct phone *p, const char *profile_before,
    const char *mic, struct err *e)
{
	struct profile profile;
	bool found;

	if (p->template[0] != '\0' && !template_exists(s, p->template, e))
		return false;
	if (p->profile[0] == '\0')
		return true;
	if (!store_profile_get(s, p->profile, &profile, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_UNKNOWN, "there is no profile %s", p->profile);
	return phone_fits_profile(p, &profile, e) &&
	       check_keys(s, p, &profile, profile_before, mic, e);
}

bool
phonesettings_apply(struct core *c, struct phone *p, const json_t *settings, struct err *e)
{
	const char *operation = json_string_value(json_object_get(settings, "operation"));
	const char *mic = json_string_value(json_object_get(settings, "mic"));
	char profile_before[PHONE_TEXT_MAX];
	const char *name;
	json_t *value;

	memcpy(profile_before, p->profile, sizeof profile_before);
	json_object_foreach((json_t *)(uintptr_t)settings, name, value)
	{
		if (!is_no_setting(name) && !set_one(p, name, value, e))
			return false;
	}
	if (operation != NULL && *operation != '\0' && !set_operation(p, operation, e))
		return false;
	if (p->operation != PHONE_OPERATION_NONE && p->complete_by != 0 &&
	    core_now() > p->complete_by)
		phone_operation_failed(p, PHONE_FAIL_LATE, core_now());
	return check_references(
		   cluster_store(c->cluster), p, profile_before, mic != NULL ? mic : "", e) &&
	       core_capf_key_allowed(cluster_conf(c->cluster), p, e);
}

bool
phonesettings_store(struct store *s, const struct phone *p, const json_t *settings, struct err *e)
{
	const char *name;
	json_t *value;

	const char *operation = json_string_value(json_object_get(settings, "operation"));

	if (!store_phone_put(s, p, e) ||
	    (operation != NULL && *operation != '\0' && !core_capf_operation_set(s, p, e)))
		return false;
	json_object_foreach((json_t *)(uintptr_t)settings, name, value)
	{
		const char *key = value_key(name), *text = json_string_value(value);

		if (key != NULL && !store_phone_value_set(s, p->device.name, key, text, e))
			return false;
		if (strcmp(name, "mic") == 0 && !store_mic(s, p->device.name, text, e))
			return false;
	}
	return true;
}

char *
phonesettings_names(const json_t *settings, char *out, size_t out_max)
{
	const char *name;
	json_t *value;
	size_t n = 0;

	out[0] = '\0';
	json_object_foreach((json_t *)(uintptr_t)settings, name, value)
	{
		int got = is_no_setting(name)
			      ? 0
			      : snprintf(out + n, out_max - n, "%s%s", n > 0 ? ", " : "", name);

		n += got > 0 ? (size_t)got : 0;
		if (n >= out_max)
			break;
	}
	return out;
}
