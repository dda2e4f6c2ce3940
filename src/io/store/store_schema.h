/*
 * store_schema: the numbered steps of the schema (schema/NNNN-name.sql), forward only.
 */
#ifndef STORE_STORE_SCHEMA_H
#define STORE_STORE_SCHEMA_H

#include "base/err.h"

/* "SLTN": what sets our databases apart; written by step 1. */
#define STORE_APPLICATION_ID 1397511246

struct store;

/* A step, as tools/embed.py writes it. Step n of the table leads to version n. */
struct store_schema_step {
	const char *name;
	const char *data; /* SQL, NUL-terminated */
	size_t size;
};

extern const struct store_schema_step store_schema_steps[];
extern const size_t store_schema_steps_count;

/* Runs the steps after the database's version up to the given one, each in a transaction with its
 * version. Errors: ERR_REFUSED when the database is newer than upto. */
must_use bool store_schema_migrate(struct store *s, unsigned upto, struct err *e);

#endif
