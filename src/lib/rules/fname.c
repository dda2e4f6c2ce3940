#include "rules/fname.h"

#include <stdio.h>

#define SGN         ".sgn"
#define ENC_SGN     ".enc.sgn"
#define CONFIG_TAIL ".cnf.xml"
#define LIST_TAIL   ".tlv"
#define DEFAULT     "XMLDefault" /* what unknown phones ask for; no device */
#define MAC_NAME    15           /* three letters and 12 hex digits */

static bool
span_ends(struct span s, const char *tail, struct span *head)
{
	size_t n = strlen(tail);

	if (s.n <= n || memcmp(s.p + s.n - n, tail, n) != 0)
		return false;
	*head = span_of(s.p, s.n - n);
	return true;
}

static bool
component_check(struct span part, size_t at, struct err *e)
{
	if (part.n == 0)
		return err_set(e, ERR_REFUSED, "empty component at character %zu", at);
	if (span_is(part, ".") || span_is(part, ".."))
		return err_set(e, ERR_REFUSED, "component %.*s at character %zu", (int)part.n,
		    (const char *)part.p, at);
	if (part.p[0] == '.')
		return err_set(e, ERR_REFUSED, "hidden component at character %zu", at);
	return true;
}

static bool
bytes_check(struct span name, struct err *e)
{
	for (size_t i = 0; i < name.n; i++) {
		uint8_t c = name.p[i];

		if (c == '\\')
			return err_set(e, ERR_REFUSED, "backslash at character %zu", i);
		if (c < 0x20 || c == 0x7f)
			return err_set(
			    e, ERR_REFUSED, "control byte 0x%02x at character %zu", c, i);
		if (c > 0x7f)
			return err_set(
			    e, ERR_REFUSED, "non-ASCII byte 0x%02x at character %zu", c, i);
	}
	return true;
}

static bool
path_check(struct span name, struct err *e)
{
	size_t start = 0;

	if (name.n == 0)
		return err_set(e, ERR_REFUSED, "empty file name");
	if (name.n > FNAME_MAX)
		return err_set(
		    e, ERR_REFUSED, "file name of %zu characters, at most %d", name.n, FNAME_MAX);
	if (!bytes_check(name, e))
		return false;
	if (name.p[0] == '/')
		return err_set(e, ERR_REFUSED, "absolute file name");
	for (size_t i = 0; i <= name.n; i++)
		if (i == name.n || name.p[i] == '/') {
			if (!component_check(span_of(name.p + start, i - start), start, e))
				return false;
			start = i + 1;
		}
	return true;
}

static bool
is_hex(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

/* Three letters and a MAC, with a lower-case letter somewhere: phones write it in upper case, so
 * this is somebody else's name and not a second one for the same phone. */
static bool
is_lower_mac_name(struct span s)
{
	bool lower = false;

	if (s.n != MAC_NAME)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (i >= 3 && !is_hex(s.p[i]))
			return false;
		lower = lower || (s.p[i] >= 'a' && s.p[i] <= 'z');
	}
	return lower;
}

/* CTLSEP<MAC>.tlv and CTLFile.tlv: doc/protocols/files.md, section 8, 1 and 2. */
static bool
list_name(struct span plain, const char *prefix, struct fname *out)
{
	size_t n = strlen(prefix);
	struct span middle;

	if (!span_ends(plain, LIST_TAIL, &middle) || middle.n <= n ||
	    memcmp(middle.p, prefix, n) != 0)
		return false;
	middle = span_of(middle.p + n, middle.n - n);
	if (span_is(middle, "File"))
		return true;
	out->has_device = device_is_sep(middle) && device_parse(middle, &out->device, NULL);
	return out->has_device;
}

/* <device>.cnf.xml and XMLDefault.cnf.xml: doc/protocols/files.md, section 8, 3 to 5. */
static bool
config_name(struct span plain, struct fname *out)
{
	struct span head;

	if (!span_ends(plain, CONFIG_TAIL, &head) || is_lower_mac_name(head))
		return false;
	if (span_is(head, DEFAULT))
		return true;
	out->has_device = device_parse(head, &out->device, NULL);
	return out->has_device;
}

static enum fname_kind
kind_of(struct span plain, struct fname *out)
{
	/* A list carries its signature inside; there is no .sgn of one. */
	if (!out->is_signed && list_name(plain, "CTL", out))
		return FNAME_CTL;
	if (!out->is_signed && list_name(plain, "ITL", out))
		return FNAME_ITL;
	return config_name(plain, out) ? FNAME_CONFIG : FNAME_OTHER;
}

bool
fname_parse(struct span name, struct fname *out, struct err *e)
{
	struct span plain = name;

	*out = (struct fname){ .kind = FNAME_OTHER };
	if (!path_check(name, e))
		return false;
	memcpy(out->path, name.p, name.n);
	out->is_encrypted = span_ends(name, ENC_SGN, &plain);
	out->is_signed = out->is_encrypted || span_ends(name, SGN, &plain);
	/* "a/.sgn" is refused as hidden, so what is left of a suffix is never an empty name. */
	memcpy(out->plain, plain.p, plain.n);
	out->kind = kind_of(plain, out);
	return true;
}
