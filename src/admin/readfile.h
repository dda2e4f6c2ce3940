/*
 * readfile: whole files in and out, for the offline commands.
 */
#ifndef ADMIN_READFILE_H
#define ADMIN_READFILE_H

#include "base/bytes.h"
#include "base/err.h"
#include "pki/cert.h"

#define READFILE_MAX (512UL * 1024 * 1024)

/* Freed with bytes_free. Errors name the file. */
must_use bool readfile(const char *path, struct bytes *out, struct err *e);

/* The first certificate of a PEM file. */
must_use struct cert *readfile_cert(const char *path, struct err *e);

/* Writes all of it or nothing; path "-" is standard output. keep: an existing file is refused. */
must_use bool writefile(const char *path, struct span s, bool keep, struct err *e);

#endif
