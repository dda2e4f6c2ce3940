/*
 * store_lock: one process at a time has a store open.
 *
 * A file beside the database, locked as long as its descriptor is open, so that the lock ends with
 * the process however it ends. The file stays; it holds the number of the last owner.
 */
#ifndef STORE_STORE_LOCK_H
#define STORE_STORE_LOCK_H

#include "base/err.h"

/* Locks PATH.lock, made when it is not there; waits up to two seconds for a process that is about
 * to end. ERR_CONFLICT names the one that has it. */
must_use bool store_lock_take(const char *path, int *out, struct err *e);

void store_lock_release(int lock); /* safe with -1 */

/* The same, and removes the file: for a database that was not made after all. */
void store_lock_remove(const char *path, int lock);

#endif
