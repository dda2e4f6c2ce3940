/*
 * backupindex: what a backup begins with: of which cluster and when, and its files by name and
 * size, which follow one behind the other in that order.
 *
 * Form: doc/decisions/0015-backup.md.
 */
#ifndef WIRE_BACKUPINDEX_H
#define WIRE_BACKUPINDEX_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/rd.h"

#define BACKUPINDEX_MAX     (1024 * 1024) /* bytes, behind its length of 4 bytes */
#define BACKUPINDEX_FILES   4096
#define BACKUPINDEX_NAME    128
#define BACKUPINDEX_CLUSTER 256

struct backupindex_file {
	char name[BACKUPINDEX_NAME]; /* NAME, or keys/NAME; never one that leaves the folder */
	uint64_t size;
};

struct backupindex {
	uint64_t made; /* seconds since 1970 */
	char cluster[BACKUPINDEX_CLUSTER];
	struct backupindex_file *file;
	size_t count;
};

/* A name that a file of a backup may have. */
bool backupindex_name_ok(const char *name);

/* Appends a file. */
void backupindex_add(struct backupindex *i, const char *name, uint64_t size);

/* The whole index with its length before it. Freed with bytes_free. Errors: ERR_LIMIT. */
must_use bool backupindex_encode(const struct backupindex *i, struct bytes *out, struct err *e);

/* Reads it without its length. Freed with backupindex_free. Errors: ERR_MALFORMED, also for names
 * that are not allowed or stand twice. */
must_use bool backupindex_parse(struct span text, struct backupindex *out, struct err *e);

/* Bytes of all files. */
uint64_t backupindex_size(const struct backupindex *i);

void backupindex_free(struct backupindex *i);

#endif
