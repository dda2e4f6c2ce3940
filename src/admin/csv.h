/*
 * csv: comma-separated values as spreadsheets write them (RFC 4180): quotes, doubled quotes, line
 * ends inside quotes, CRLF or LF, an optional byte order mark. A file whose first line has
 * semicolons and no commas is read with those.
 */
#ifndef ADMIN_CSV_H
#define ADMIN_CSV_H

#include "base/err.h"
#include "base/span.h"

#define CSV_COLUMNS_MAX 64
#define CSV_FIELD_MAX   1024

/* One row; fields are NUL-terminated. false ends the reading with *e as the callback filled it. */
typedef bool csv_row(void *arg, size_t line, char **fields, size_t count, struct err *e);

/* Calls row for each row that is not empty. Errors name the line. */
must_use bool csv_read(struct span text, csv_row *row, void *arg, struct err *e);

#endif
