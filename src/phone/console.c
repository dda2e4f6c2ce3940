#include "phone/console.h"

#include "base/text.h"

#include <stdarg.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#define LINE_MAX_TEXT  512
#define LINE_MAX_SHOWN 1024

static const char *const level_names[] = { "NOT", "ERR", "WRN", "INF", "DEB", "CRT" };

enum console_style
console_style_of(const char *model)
{
	bool newer = strncmp(model, "78", 2) == 0 || strncmp(model, "88", 2) == 0;

	return newer ? CONSOLE_NEW : CONSOLE_OLD;
}

/* A text that was escaped before stays as it is. */
static void
escape(const char *text, char *out, size_t max)
{
	if (text_is_printable(span_str(text)))
		snprintf(out, max, "%s", text);
	else
		text_printable(span_str(text), out, max);
}

static void print_line(struct console *c, enum console_level level, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

static void
print_line(struct console *c, enum console_level level, const char *fmt, va_list ap)
{
	char text[LINE_MAX_TEXT], shown[LINE_MAX_SHOWN], when[32];
	struct timeval now;
	struct tm tm;

	c->count++;
	if (c->out == NULL)
		return;
	vsnprintf(text, sizeof text, fmt, ap);
	escape(text, shown, sizeof shown);
	gettimeofday(&now, NULL);
	localtime_r(&now.tv_sec, &tm);
	strftime(when, sizeof when, c->style == CONSOLE_OLD ? "%H:%M:%S" : "%b %d %H:%M:%S", &tm);
	fprintf(c->out, c->style == CONSOLE_OLD ? "%u: %s %s.%06ld %s\n" : "%04u %s %s.%06ld %s\n",
	    c->count, level_names[level], when, (long)now.tv_usec, shown);
	fflush(c->out);
}

void
console_line(struct console *c, enum console_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	print_line(c, level, fmt, ap);
	va_end(ap);
}

void
console_old(struct console *c, enum console_level level, const char *fmt, ...)
{
	va_list ap;

	if (c->style != CONSOLE_OLD)
		return;
	va_start(ap, fmt);
	print_line(c, level, fmt, ap);
	va_end(ap);
}

void
console_new(struct console *c, enum console_level level, const char *fmt, ...)
{
	va_list ap;

	if (c->style != CONSOLE_NEW)
		return;
	va_start(ap, fmt);
	print_line(c, level, fmt, ap);
	va_end(ap);
}

void
console_sec(struct console *c, enum console_level level, const char *fmt, ...)
{
	char text[LINE_MAX_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	console_line(c, level, "%s%s", c->style == CONSOLE_OLD ? "SECD: " : "SECUREAPP-", text);
}

void
console_status_recall(struct console *c, const char *line)
{
	if (c->status_count == CONSOLE_STATUS_KEPT) {
		memmove(c->status[0], c->status[1], sizeof c->status - sizeof c->status[0]);
		c->status_count--;
	}
	escape(line, c->status[c->status_count++], CONSOLE_STATUS_MAX);
}

void
console_status(struct console *c, const char *fmt, ...)
{
	char text[CONSOLE_STATUS_MAX - 40], line[CONSOLE_STATUS_MAX], when[40];
	time_t now = time(NULL);
	struct tm tm;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	localtime_r(&now, &tm);
	snprintf(when, sizeof when, "%02d:%02d:%02d %02d/%02d/%02d", tm.tm_hour, tm.tm_min,
	    tm.tm_sec, tm.tm_mon + 1, tm.tm_mday, tm.tm_year % 100);
	snprintf(line, sizeof line, "[%s] %s", when, text);
	console_status_recall(c, line);
	if (c->out != NULL) {
		fprintf(c->out, "%s\n", c->status[c->status_count - 1]);
		fflush(c->out);
	}
}
