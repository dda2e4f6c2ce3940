/*
 * logline: the log of the daemon's processes, one line on stderr for each event.
 */
#ifndef DAEMON_LOGLINE_H
#define DAEMON_LOGLINE_H

#include "base/log.h"

/* Sends events of at least this level to stderr: time, level, process, event and its keys. process
 * is a string that lives as long as the program: "main", "core", "front0". */
void logline_open(const char *process, enum log_level least);

#endif
