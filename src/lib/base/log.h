/*
 * log: one line per event, "event key=value ...", to a sink the program sets.
 *
 * For io and programs; src/lib returns reasons and does not log. Strangers'
 * strings go through LOG_BYTES. No secrets, no whole certificates.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/span.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR };

/* Receives one finished line without newline. */
typedef void log_sink(void *arg, enum log_level level, const char *line);

/* Sets the sink, and the least level that reaches it. Before that lines go to stderr. */
void log_to(log_sink *sink, void *arg, enum log_level least);

/* One line. fmt is "event key=%s ..."; quote values that may hold spaces with log_quote. */
void log_event(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A stranger's string, printable and in double quotes, in one of a few rotating
 * buffers: good until the end of the log_event call it is an argument of. */
const char *log_quote(struct span s);

#endif
