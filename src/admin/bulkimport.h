/*
 * bulkimport: another cluster's certificates, read from files and given to the daemon.
 */
#ifndef ADMIN_BULKIMPORT_H
#define ADMIN_BULKIMPORT_H

#include "admin/command.h"
#include "base/bytes.h"
#include "rules/bulkcert.h"

#include <jansson.h>

/* The passphrase of bundles, of --passphrase-file alone: public certificates need none, and
 * SEALTONE_PASSPHRASE is the backup's. Freed with bytes_wipe. */
must_use bool bulkimport_passphrase(const struct invocation *in, struct bytes *out, struct err *e);

/* Imports what a file or folder holds (bulkfiles_read), or with --dry-run says what would be taken.
 * *rows: for each certificate and each bad file its outcome; a new reference. */
must_use bool bulkimport_run(struct invocation *in, const char *path,
    const enum bulkcert_type *type, json_t **rows, struct err *e);

/* The rows as a table. */
void bulkimport_print(const json_t *rows);

/* Errors: ERR_REFUSED with how many were not taken. */
must_use bool bulkimport_all_taken(const json_t *rows, struct err *e);

#endif
