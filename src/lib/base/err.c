#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const code_names[] = {
	[ERR_NONE] = "none",
	[ERR_MALFORMED] = "malformed",
	[ERR_REFUSED] = "refused",
	[ERR_UNKNOWN] = "unknown",
	[ERR_CONFLICT] = "conflict",
	[ERR_AGAIN] = "again",
	[ERR_LIMIT] = "limit",
	[ERR_STORE] = "store",
	[ERR_CRYPTO] = "crypto",
	[ERR_IO] = "io",
	[ERR_BUG] = "bug",
};

#define CODE_COUNT (sizeof code_names / sizeof code_names[0])

/* What came from outside may hold anything; an error is one line. */
static bool
one_line(struct err *e)
{
	for (char *p = e->text; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	return false;
}

bool
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return false;
	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return one_line(e);
}

bool
err_in(struct err *e, const char *fmt, ...)
{
	char old[ERR_TEXT_MAX];
	va_list ap;
	int n;

	if (e == NULL)
		return false;
	memcpy(old, e->text, sizeof old);
	va_start(ap, fmt);
	n = vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof e->text)
		snprintf(e->text + n, sizeof e->text - (size_t)n, ": %s", old);
	return one_line(e);
}

bool
err_sys(struct err *e, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;
	int n;

	if (e == NULL)
		return false;
	e->code = ERR_IO;
	va_start(ap, fmt);
	n = vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n < sizeof e->text)
		snprintf(e->text + n, sizeof e->text - (size_t)n, ": %s", strerror(saved));
	return one_line(e);
}

const char *
err_code_name(enum err_code code)
{
	return (size_t)code < CODE_COUNT ? code_names[code] : "bug";
}

enum err_code
err_code_from_name(const char *name)
{
	for (size_t i = 0; i < CODE_COUNT; i++)
		if (strcmp(name, code_names[i]) == 0)
			return (enum err_code)i;
	return ERR_BUG;
}
