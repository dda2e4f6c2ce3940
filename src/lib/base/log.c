#include "base/log.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_BYTES 1024
#define QUOTE_BUFFERS  4
#define QUOTE_MAX      200

/* The one place with process-wide state: a program has one log. */
static struct {
	log_sink *sink;
	void *arg;
	enum log_level least;
} target;

void
log_to(log_sink *sink, void *arg, enum log_level least)
{
	target.sink = sink;
	target.arg = arg;
	target.least = least;
}

void
log_event(enum log_level level, const char *fmt, ...)
{
	char line[LINE_MAX_BYTES];
	va_list ap;

	if (level < target.least)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (target.sink != NULL)
		target.sink(target.arg, level, line);
	else
		fprintf(stderr, "%s\n", line);
}

const char *
log_quote(struct span s)
{
	static char buffers[QUOTE_BUFFERS][QUOTE_MAX + 3];
	static unsigned next;
	char *out = buffers[next++ % QUOTE_BUFFERS];
	size_t n;

	out[0] = '"';
	text_printable(s, out + 1, QUOTE_MAX);
	n = strlen(out);
	for (size_t i = 1; i < n; i++)
		if (out[i] == '"')
			out[i] = '\'';
	out[n] = '"';
	out[n + 1] = '\0';
	return out;
}
