#include "admin/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *
invocation_option(const struct invocation *in, const char *name)
{
	for (size_t i = in->given_count; i > 0; i--)
		if (strcmp(in->given[i - 1].name, name) == 0)
			return in->given[i - 1].value;
	return NULL;
}

bool
invocation_names(const struct invocation *in)
{
	return in->json || in->groups;
}

bool
invocation_usage(struct invocation *in, struct err *e, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	in->usage = true;
	return err_set(e, ERR_MALFORMED, "%s", text);
}
