/*
 * import: phones from a CSV file. The implementation is cmd_import.c.
 */
#ifndef ADMIN_IMPORT_H
#define ADMIN_IMPORT_H

#include "admin/command.h"

#include <jansson.h>

/* Adds or changes the phones of a file, all or nothing, or with --dry-run checks them; prints how
 * many. besides: columns and texts that each row has too, NULL for none. */
must_use bool import_run(
    struct invocation *in, const char *path, const json_t *besides, struct err *e);

#endif
