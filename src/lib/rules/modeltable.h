/*
 * modeltable: what each model of phone can do, and how it is reset: the table that `report
 * features` prints, editable as data.
 *
 * A text of comma-separated lines: a header line that names the columns, then one line a model.
 * Each cell but the name ends in "/d" (documented) or "/a" (assumed). Sources of the built-in
 * table: doc/protocols/models.md.
 */
#ifndef RULES_MODELTABLE_H
#define RULES_MODELTABLE_H

#include "base/err.h"
#include "base/span.h"
#include "wire/envelope.h"

#define MODELTABLE_CELL_MAX 96

enum modeltable_column {
	MODELTABLE_FAMILY,           /* "7900", "8800" */
	MODELTABLE_SBD,              /* Security By Default: "yes", "no" */
	MODELTABLE_DIGESTS,          /* "sha1", "sha1+sha512" */
	MODELTABLE_TLS,              /* newest version: "1.0", "1.2" */
	MODELTABLE_EC,               /* EC keys and certificates: "yes", "no" */
	MODELTABLE_KEY_MAX,          /* RSA bits */
	MODELTABLE_ENCRYPTED_CONFIG, /* "yes", "no" */
	MODELTABLE_LIST_VERSION,     /* "1.2" */
	MODELTABLE_ERASE,            /* keys that erase the trust lists */
	MODELTABLE_RESET,            /* keys of a factory reset */
	MODELTABLE_COLUMNS,
};

struct model {
	char name[24]; /* "8861" */
	struct model_cell {
		char value[MODELTABLE_CELL_MAX];
		bool documented;
	} cell[MODELTABLE_COLUMNS];
};

struct modeltable;

/* The table that the program brings along. */
struct modeltable *modeltable_builtin(void);

/* Reads lines over the table: a model that is there already is replaced. Errors: ERR_MALFORMED with
 * line, column and reason; nothing is changed then. */
must_use bool modeltable_read(struct modeltable *t, struct span csv, struct err *e);
void modeltable_free(struct modeltable *t); /* safe with NULL */

size_t modeltable_count(const struct modeltable *t);
const struct model *modeltable_at(const struct modeltable *t, size_t i); /* in order of name */

/* By what people and phones write: "8861", "Cisco 8861", "CP-8861", "CP-7965G". NULL: unknown. */
const struct model *modeltable_find(const struct modeltable *t, const char *model);

const char *modeltable_column_name(enum modeltable_column c); /* as in the header line */

/* What follows for serving; an unknown model (NULL) gets the answer that hurts least: SHA-1, lists,
 * encryption when it is asked for. */
bool model_has_lists(const struct model *m);
bool model_takes_encrypted_config(const struct model *m);
/* The digest for files that only this model asks for, when the cluster prefers wish. */
enum envelope_digest model_digest(const struct model *m, enum envelope_digest wish);

#endif
