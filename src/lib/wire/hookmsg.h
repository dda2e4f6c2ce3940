/*
 * hookmsg: what core asks of the process that runs hooks, and what it answers: the reset hook, run
 * for this phone. Typed, length-checked, leftovers refused. Spans of a parsed message are loans.
 */
#ifndef WIRE_HOOKMSG_H
#define WIRE_HOOKMSG_H

#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

#define HOOKMSG_TEXT_MAX 1024 /* of each text, with the NUL that it gets */
#define HOOKMSG_MAX      (16 * 1024)

/* The first three are the program's arguments, the others its environment. Texts but the first and
 * the kind may be empty. */
enum hook_text {
	HOOK_NAME,
	HOOK_ADDRESS, /* last seen there */
	HOOK_KIND,    /* "reset", "restart", "apply" */
	HOOK_MODEL,
	HOOK_VERSION,     /* versionStamp of the configuration that it fetched last */
	HOOK_VERSION_NOW, /* of the one that it would fetch now */
	HOOK_CLUSTER,     /* its name */
	HOOK_TEXTS,
};

/* CHAN_HOOK_RUN */
struct hook_run {
	uint32_t id;        /* echoed in the answer */
	uint16_t timeout_s; /* then it is ended */
	struct span text[HOOK_TEXTS];
};

enum hook_outcome {
	HOOK_EXITED,    /* status: its exit status */
	HOOK_KILLED,    /* status: the signal */
	HOOK_TIMED_OUT, /* status: 0 */
	HOOK_NOT_RUN,   /* text: why; status: 0 */
	HOOK_OUTCOMES,
};

/* CHAN_HOOK_RAN */
struct hook_ran {
	uint32_t id;
	enum hook_outcome outcome;
	uint32_t status;
	struct span text; /* the last line that it printed; UTF-8, may be empty */
};

/* Errors: ERR_MALFORMED, ERR_LIMIT. */
must_use bool hook_run_encode(const struct hook_run *r, struct wr *out, struct err *e);
must_use bool hook_run_parse(struct span in, struct hook_run *out, struct err *e);
must_use bool hook_ran_encode(const struct hook_ran *r, struct wr *out, struct err *e);
must_use bool hook_ran_parse(struct span in, struct hook_ran *out, struct err *e);

#endif
