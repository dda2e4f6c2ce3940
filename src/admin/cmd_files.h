/*
 * cmd_files: what is wrong in the provisioning folder, as `files check` and `check` ask for it.
 */
#ifndef ADMIN_CMD_FILES_H
#define ADMIN_CMD_FILES_H

#include "admin/client.h"

/* Appends a finding after the other, of the whole folder; the daemon looks at it in steps. */
must_use bool files_collect(struct invocation *in, json_t *all, struct err *e);

#endif
