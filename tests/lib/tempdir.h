/*
 * tempdir: a folder of a test's own, gone with everything in it afterwards.
 */
#ifndef TESTS_LIB_TEMPDIR_H
#define TESTS_LIB_TEMPDIR_H

#include <stddef.h>

#define TEMPDIR_MAX 256

/* Makes one in TMPDIR or /tmp. Ends the process when it cannot. */
void tempdir_make(char out[TEMPDIR_MAX]);

/* "dir/name" in out; returns out. */
char *tempdir_path(const char *dir, const char *name, char *out, size_t out_max);

/* Deletes it; safe when it is not there. */
void tempdir_remove(const char *dir);

/* Entries in a folder, hidden ones too; -1 when it cannot be read. */
int tempdir_count(const char *dir);

#endif
