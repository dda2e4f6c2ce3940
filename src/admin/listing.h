/*
 * listing: phones that fit a filter, printed as the daemon finds them: a table, CSV or JSON.
 */
#ifndef ADMIN_LISTING_H
#define ADMIN_LISTING_H

#include "admin/client.h"
#include "admin/output.h"

/* The arguments that the command line gives: the word FILTER, and the names of --file, one a line
 * (blanks around it, empty lines and lines that begin with '#' are passed over). NULL: *e says why.
 * A new reference. */
json_t *listing_args(struct invocation *in, struct err *e);

/* Calls a command in steps until it has no "next", and prints its "phones". args is taken over.
 * With
 * --csv: RFC 4180, the titles first, cells guarded (listing_csv_cell). */
must_use bool listing_print(struct invocation *in, const char *command, json_t *args,
    const struct output_column *columns, struct err *e);

/* One cell of CSV: quoted where it must be. A spreadsheet takes a cell that begins with = + - @, a
 * tab or a carriage return as a formula: such a text gets an apostrophe in front. */
void listing_csv_cell(FILE *out, const char *text);

#endif
