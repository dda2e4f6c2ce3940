/*
 * wholefile: small files read and written as a whole.
 *
 * A file is either the one before or the new one, whenever the machine stops.
 */
#ifndef FILES_WHOLEFILE_H
#define FILES_WHOLEFILE_H

#include "base/bytes.h"
#include "base/err.h"

#include <sys/types.h>

/* Reads a regular file. Freed with bytes_free or bytes_wipe. Errors: ERR_IO (named, with the
 * system's reason), ERR_LIMIT (over max bytes). */
must_use bool wholefile_read(const char *path, size_t max, struct bytes *out, struct err *e);

/* The same for a secret: ERR_REFUSED when group or others have any right to it. */
must_use bool wholefile_read_secret(const char *path, size_t max, struct bytes *out, struct err *e);

/* Writes a file that is not there yet: beside it, to the disk, then under its name, and the folder
 * to the disk. Errors: ERR_CONFLICT (it exists), ERR_IO. */
must_use bool wholefile_write_new(
    const char *path, struct span content, mode_t mode, struct err *e);

/* Deletes a file, for good also after a power cut. ERR_UNKNOWN when it is not there. */
must_use bool wholefile_remove(const char *path, struct err *e);

/* Brings a folder's entries to the disk. */
must_use bool wholefile_sync_folder(const char *folder, struct err *e);

#endif
