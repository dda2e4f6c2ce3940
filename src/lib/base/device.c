#include "base/device.h"

#include <ctype.h>

#define SEP_LEN 15 /* "SEP" and 12 digits */

static bool
is_upper_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

static bool
is_name_char(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       c == '-' || c == '_' || c == '.';
}

bool
device_is_sep(struct span s)
{
	if (s.n != SEP_LEN || memcmp(s.p, "SEP", 3) != 0)
		return false;
	for (size_t i = 3; i < SEP_LEN; i++)
		if (!is_upper_hex(s.p[i]))
			return false;
	return true;
}

/* SEP and a MAC, but for the case. */
static bool
is_lower_sep(struct span s, char upper[SEP_LEN + 1])
{
	if (s.n != SEP_LEN || device_is_sep(s))
		return false;
	for (size_t i = 0; i < s.n; i++)
		upper[i] = (char)toupper(s.p[i]);
	upper[s.n] = '\0';
	return device_is_sep(span_str(upper));
}

bool
device_parse(struct span s, struct device *out, struct err *e)
{
	char upper[SEP_LEN + 1];

	if (s.n == 0 || s.n >= DEVICE_NAME_MAX)
		return err_set(e, ERR_MALFORMED, "device name of %zu characters, expected 1 to %d",
		    s.n, DEVICE_NAME_MAX - 1);
	for (size_t i = 0; i < s.n; i++)
		if (!is_name_char(s.p[i]))
			return err_set(e, ERR_MALFORMED,
			    "device name has byte 0x%02x at character %zu", s.p[i], i);
	if (is_lower_sep(s, upper))
		return err_set(e, ERR_MALFORMED,
		    "device name %.*s: phones go by upper case, this one by %s", (int)s.n,
		    (const char *)s.p, upper);
	if (s.n >= 3 && memcmp(s.p, "SEP", 3) == 0 && !device_is_sep(s))
		return err_set(e, ERR_MALFORMED,
		    "device name %.*s: SEP is followed by 12 upper-case hex digits", (int)s.n,
		    (const char *)s.p);
	*out = (struct device){ 0 };
	memcpy(out->name, s.p, s.n);
	return true;
}

bool
device_of_presented(struct span s, struct device *out)
{
	struct span tail;

	if (s.n > SEP_LEN + 4 && memcmp(s.p, "CP-", 3) == 0 && s.p[s.n - SEP_LEN - 1] == '-') {
		tail = span_of(s.p + s.n - SEP_LEN, SEP_LEN);
		if (device_is_sep(tail))
			return device_parse(tail, out, NULL);
	}
	return device_parse(s, out, NULL);
}

bool
device_is_presented(struct span s, const char *name)
{
	struct device named;

	return device_of_presented(s, &named) && strcmp(named.name, name) == 0;
}
