/*
 * console: a phone's log as it comes out of its console port, and its status messages.
 *
 * Line formats: doc/protocols/phone.md, 7.3 for older firmware, 7.4 for newer, captured.
 */
#ifndef PHONE_CONSOLE_H
#define PHONE_CONSOLE_H

#include "base/err.h"

#include <stdio.h>

enum console_level {
	CONSOLE_NOT,
	CONSOLE_ERR,
	CONSOLE_WRN,
	CONSOLE_INF,
	CONSOLE_DEB,
	CONSOLE_CRT,
};

enum console_style {
	CONSOLE_OLD, /* "837: NOT 09:13:17.561856 SECD: text" */
	CONSOLE_NEW, /* "3233 NOT Nov 29 06:33:59.033132 SECUREAPP-text" */
};

#define CONSOLE_STATUS_KEPT 10
#define CONSOLE_STATUS_MAX  128

struct console {
	FILE *out; /* NULL: nothing is printed */
	enum console_style style;
	unsigned count; /* of lines */
	/* The status messages page, oldest first. */
	char status[CONSOLE_STATUS_KEPT][CONSOLE_STATUS_MAX];
	size_t status_count;
};

/* 78xx and 88xx have the newer firmware. */
enum console_style console_style_of(const char *model);

/* One numbered line; bytes that are not printable are escaped. */
void console_line(struct console *c, enum console_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, for phones of one style only. */
void console_old(struct console *c, enum console_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void console_new(struct console *c, enum console_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A line of the process that does security, which each style names in its way. */
void console_sec(struct console *c, enum console_level level, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* A status message: "[hh:mm:ss mm/dd/yy] text". */
void console_status(struct console *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Takes a line of the status messages page from an earlier run. */
void console_status_recall(struct console *c, const char *line);

#endif
