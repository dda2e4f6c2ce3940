#include "rules/showtext.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define TAB_WIDTH    8
#define ROW_BYTES    8
#define ELEMENT_HEAD 3

static void write_formatted(struct wr *out, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

static void
write_formatted(struct wr *out, const char *fmt, va_list ap)
{
	char line[SHOWTEXT_LINE_MAX + 1];

	vsnprintf(line, sizeof line, fmt, ap);
	wr_text(out, line);
}

void
showtext_line(struct wr *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_formatted(out, fmt, ap);
	va_end(ap);
	wr_u8(out, '\n');
}

void
showtext_columns(struct wr *out)
{
	wr_text(out, "BYTEPOS\tTAG\t\tLENGTH\tVALUE\n"
		     "-------\t---\t\t------\t-----\n");
}

void
showtext_row(struct wr *out, unsigned tag, const char *name, size_t length)
{
	char line[SHOWTEXT_LINE_MAX];

	snprintf(line, sizeof line, "%u\t%s%s\t%zu", tag, name,
	    strlen(name) < TAB_WIDTH ? "\t" : "", length);
	wr_text(out, line);
}

void
showtext_end(struct wr *out)
{
	wr_u8(out, '\n');
}

void
showtext_end_name(struct wr *out, struct span name)
{
	if (name.n > 0) {
		wr_u8(out, '\t');
		showtext_name(out, name);
	}
	wr_u8(out, '\n');
}

void
showtext_end_serial(struct wr *out, struct span bytes)
{
	char *hex = text_hex_sep(bytes, ':');

	wr_u8(out, '\t');
	wr_text(out, hex);
	wr_u8(out, '\n');
	free(hex);
}

void
showtext_end_text(struct wr *out, const char *fmt, ...)
{
	va_list ap;

	wr_u8(out, '\t');
	va_start(ap, fmt);
	write_formatted(out, fmt, ap);
	va_end(ap);
	wr_u8(out, '\n');
}

/* In UTF-8 the control characters of Unicode's second block are c2 80 to c2 9f. */
static bool
is_shown(struct span s, size_t i, bool utf8)
{
	uint8_t c = s.p[i];

	if (c < 0x20 || c == 0x7f)
		return false;
	if (c < 0x80)
		return true;
	if (!utf8)
		return false;
	if (c == 0xc2 && s.p[i + 1] < 0xa0)
		return false;
	return !(c < 0xa0 && s.p[i - 1] == 0xc2);
}

void
showtext_name(struct wr *out, struct span s)
{
	bool utf8 = text_is_utf8(s);

	for (size_t i = 0; i < s.n; i++) {
		char escaped[8];

		if (is_shown(s, i, utf8)) {
			wr_u8(out, s.p[i]);
			continue;
		}
		snprintf(escaped, sizeof escaped, "\\x%02x", s.p[i]);
		wr_text(out, escaped);
	}
}

void
showtext_hex_rows(struct wr *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.n; i++) {
		char cell[8];

		snprintf(cell, sizeof cell, "%-4x", bytes.p[i]);
		wr_text(out, cell);
		if (i % ROW_BYTES == ROW_BYTES - 1 || i + 1 == bytes.n)
			wr_u8(out, '\n');
	}
}

void
showtext_version(struct wr *out, const struct envelope *env)
{
	showtext_line(out, "Version:\t%u.%u", env->major, env->minor);
	showtext_line(out, "HeaderLength:\t%u (BYTES)", env->header_length);
}

size_t
showtext_signer_length(const struct envelope *env)
{
	return 3 * ELEMENT_HEAD + env->signer_name.n + 1 + env->issuer.n + 1 + env->serial.n;
}
