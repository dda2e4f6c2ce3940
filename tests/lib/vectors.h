/*
 * vectors: the files of tests/vectors, their expected parse, and altered copies of them.
 */
#ifndef TESTS_LIB_VECTORS_H
#define TESTS_LIB_VECTORS_H

#include <jansson.h>

#include "base/bytes.h"
#include "base/err.h"

/* Reads a file; path is relative to the folder of vectors (SEALTONE_VECTORS). out is owned by the
 * caller. False, with a line on stderr that says why, when it cannot be read. */
must_use bool vectors_read(const char *path, struct bytes *out);

/* expected.json: an object of path to { kind, options, parse ... }; see tests/vectors/README.md.
 * Freed with json_decref. NULL, with a line on stderr, when it cannot be read. */
json_t *vectors_json(void);

/* One file of expected.json: its path, its entry and its bytes, all loans for the call. */
typedef void vectors_visit(void *arg, const char *path, json_t *entry, struct span file);

/* Calls visit for every entry of a kind ("tlv", "sgn", "enc", "capf", "tvs"); how many there were.
 * 0 when anything could not be read. */
must_use size_t vectors_each(const char *kind, vectors_visit *visit, void *arg);

/* A member of an object: its integer, -1 for none; its string, NULL for none; and whether it has
 * one that says these bytes in lower-case hex. */
long long vectors_number(const json_t *object, const char *key);
const char *vectors_text(const json_t *object, const char *key);
bool vectors_is_hex(const json_t *object, const char *key, struct span s);

/* A copy of file in which the cut bytes at offset at are replaced by put. Exactly as large as
 * it must be, so that a sanitizer sees a read past its end. Ends the process when at and cut are
 * not inside the file. Freed with bytes_free. */
struct bytes vectors_splice(struct span file, size_t at, size_t cut, struct span put);

#endif
