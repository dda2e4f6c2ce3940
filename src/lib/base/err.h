/*
 * err: an error as a value. Filled by whoever fails, read by whoever decides.
 *
 * A function that can fail returns bool, takes a struct err last, and says in
 * the text where it happened and what was expected. Library code never prints.
 * The text is one line: control bytes that came into it from outside are '?'.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

#define must_use __attribute__((warn_unused_result))

/* Grouped by what the caller can do about it. */
enum err_code {
	ERR_NONE,
	ERR_MALFORMED, /* bytes or text that break a format */
	ERR_REFUSED,   /* well formed, and not allowed */
	ERR_UNKNOWN,   /* names something that does not exist */
	ERR_CONFLICT,  /* exists already, or is in use */
	ERR_AGAIN,     /* not now; the same call may succeed later */
	ERR_LIMIT,     /* larger or more than we take */
	ERR_STORE,     /* the database said no */
	ERR_CRYPTO,    /* a signature, key or certificate does not fit */
	ERR_IO,        /* a file, socket or process said no */
	ERR_BUG,       /* our own fault */
};

#define ERR_TEXT_MAX 400

struct err {
	enum err_code code;
	char text[ERR_TEXT_MAX];
};

/* Sets code and text, replacing what was there. e may be NULL. Always false. */
bool err_set(struct err *e, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " in front of the text. Keeps the code. e may be NULL. Always false. */
bool err_in(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Like err_set with ERR_IO; adds ": " and the text of errno. Always false. */
bool err_sys(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The word for a code, for logs and JSON: "malformed", "refused" ... */
const char *err_code_name(enum err_code code);

/* The code for such a word; ERR_BUG for one that is none. */
enum err_code err_code_from_name(const char *name);

#endif
