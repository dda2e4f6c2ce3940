/*
 * store_copy: the whole of a store in one file, and whether it is sound.
 */
#ifndef STORE_STORE_COPY_H
#define STORE_STORE_COPY_H

#include "base/err.h"

struct store;

/* Writes one state of the database at path, which may be open in another process, into a new file
 * of mode 0600. That process goes on meanwhile: readers and the writer do not wait for each other
 * in WAL mode. What was deleted is not in the copy. Errors: ERR_IO, ERR_CONFLICT, ERR_STORE. */
must_use bool store_copy(const char *path, const char *to, struct err *e);

/* Reads everything: pages, indexes, constraints. ERR_STORE with the first fault. */
must_use bool store_check(struct store *s, struct err *e);

#endif
