/*
 * readfile: whole files in and out, for the offline commands.
 */
#ifndef ADMIN_READFILE_H
#define ADMIN_READFILE_H

#include "base/bytes.h"
#include "base/err.h"
#include "pki/cert.h"

#include <sys/types.h>

#define READFILE_MAX (512UL * 1024 * 1024)

/* Freed with bytes_free. Errors name the file. */
must_use bool readfile(const char *path, struct bytes *out, struct err *e);

/* The first certificate of a PEM file. */
must_use struct cert *readfile_cert(const char *path, struct err *e);

#define WRITEFILE_PUBLIC 0666
#define WRITEFILE_SECRET 0600

/* Writes all of it or nothing; path "-" is standard output. mode is one of the two above and goes
 * through the umask. keep: an existing file is refused. */
must_use bool writefile(const char *path, struct span s, mode_t mode, bool keep, struct err *e);

#endif
