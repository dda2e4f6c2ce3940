#include "base/text.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const char lower[] = "0123456789abcdef";
static const char upper[] = "0123456789ABCDEF";

char *
text_hex(struct span s)
{
	char *out = mem_new(s.n + 1, 2);

	for (size_t i = 0; i < s.n; i++) {
		out[2 * i] = lower[s.p[i] >> 4];
		out[2 * i + 1] = lower[s.p[i] & 15];
	}
	return out;
}

char *
text_hex_sep(struct span s, char sep)
{
	char *out = mem_new(s.n + 1, 3);

	for (size_t i = 0; i < s.n; i++) {
		out[3 * i] = upper[s.p[i] >> 4];
		out[3 * i + 1] = upper[s.p[i] & 15];
		if (i + 1 < s.n)
			out[3 * i + 2] = sep;
	}
	return out;
}

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
text_unhex(struct span hex, struct bytes *out, struct err *e)
{
	struct bytes b;

	if (hex.n % 2 != 0)
		return err_set(e, ERR_MALFORMED, "odd number of hex digits");
	b = (struct bytes){ mem_new(hex.n / 2, 1), hex.n / 2 };
	for (size_t i = 0; i < hex.n; i++) {
		int v = hex_value(hex.p[i]);

		if (v < 0) {
			bytes_free(&b);
			return err_set(e, ERR_MALFORMED, "not a hex digit at character %zu", i);
		}
		b.p[i / 2] = (uint8_t)(b.p[i / 2] << 4 | v);
	}
	*out = b;
	return true;
}

static bool
is_plain(uint8_t c)
{
	return c >= 0x20 && c < 0x7f && c != '\\';
}

char *
text_printable(struct span s, char *out, size_t out_max)
{
	size_t n = 0, whole = 0, room;

	assert(out_max >= 8);
	for (size_t i = 0; i < s.n; i++)
		whole += is_plain(s.p[i]) ? 1 : 4;
	room = whole < out_max ? out_max - 1 : out_max - 4;
	for (size_t i = 0; i < s.n; i++) {
		if (n + (is_plain(s.p[i]) ? 1 : 4) > room)
			break;
		if (is_plain(s.p[i]))
			out[n++] = (char)s.p[i];
		else
			n += (size_t)snprintf(out + n, out_max - n, "\\x%02x", s.p[i]);
	}
	snprintf(out + n, out_max - n, "%s", whole < out_max ? "" : "...");
	return out;
}

bool
text_is_printable(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	return true;
}

/* Length of the UTF-8 sequence that c begins; 0 when it begins none. */
static size_t
utf8_length(uint8_t c)
{
	if (c < 0x80)
		return 1;
	if (c >= 0xc2 && c <= 0xdf)
		return 2;
	if (c >= 0xe0 && c <= 0xef)
		return 3;
	if (c >= 0xf0 && c <= 0xf4)
		return 4;
	return 0;
}

/* The second byte excludes overlong forms, surrogates and values over U+10FFFF. */
static bool
utf8_second_fits(uint8_t first, uint8_t second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0;
	case 0xed:
		return second <= 0x9f;
	case 0xf0:
		return second >= 0x90;
	case 0xf4:
		return second <= 0x8f;
	default:
		return true;
	}
}

bool
text_is_utf8(struct span s)
{
	for (size_t i = 0; i < s.n;) {
		size_t len = utf8_length(s.p[i]);

		if (len == 0 || len > s.n - i)
			return false;
		for (size_t k = 1; k < len; k++)
			if ((s.p[i + k] & 0xc0) != 0x80)
				return false;
		if (len > 1 && !utf8_second_fits(s.p[i], s.p[i + 1]))
			return false;
		i += len;
	}
	return true;
}

bool
text_number(const char *s, unsigned long min, unsigned long max, unsigned long *out)
{
	char *end;
	unsigned long v;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	v = strtoul(s, &end, 10);
	if (errno != 0 || *end != '\0' || v < min || v > max)
		return false;
	*out = v;
	return true;
}

char *
text_time(time_t t, char out[TEXT_TIME_MAX])
{
	struct tm utc;

	gmtime_r(&t, &utc);
	strftime(out, TEXT_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &utc);
	return out;
}
