/*
 * backupmsg: what the process that makes backups answers core. The question, CHAN_BACKUP_RUN, has
 * nothing in it. Typed, length-checked, leftovers refused. Spans of a parsed message are loans.
 */
#ifndef WIRE_BACKUPMSG_H
#define WIRE_BACKUPMSG_H

#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

#define BACKUPMSG_MAX (8 * 1024)

/* CHAN_BACKUP_RAN */
struct backup_ran {
	bool ok;
	uint64_t at;    /* when it was made, or tried; seconds */
	uint64_t saw;   /* changes of keys that it has; 0 unless ok, as the next three */
	uint64_t bytes; /* of the file */
	uint32_t keys;
	uint32_t deleted;    /* older ones */
	struct span file;    /* its path; empty unless ok */
	struct span trouble; /* why there is none; or, when ok, why older ones stay; UTF-8 */
};

/* Errors: ERR_MALFORMED, ERR_LIMIT. */
must_use bool backup_ran_encode(const struct backup_ran *r, struct wr *out, struct err *e);
must_use bool backup_ran_parse(struct span in, struct backup_ran *out, struct err *e);

#endif
