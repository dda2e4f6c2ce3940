/*
 * body: the content of one file on its way to phones, shared by everybody who sends it.
 *
 * Never changes once made: a copy of what came inline, or a mapping of a sealed memory file. Not
 * shared between threads; there are none.
 */
#ifndef NET_BODY_H
#define NET_BODY_H

#include "wire/ask.h"

struct body;

/* One reference for the caller. */
struct body *body_copy(struct span data);

/* Out of an answer (ok, ASK_FILE). fd stays the caller's. Errors: ERR_IO, ERR_REFUSED (the
 * descriptor may shrink under us, or is not as long as the answer says). */
must_use bool body_from_answer(const struct answer *a, int fd, struct body **out, struct err *e);

struct body *body_ref(struct body *b); /* one more; gives b */
void body_unref(struct body *b);       /* safe with NULL */
struct span body_span(const struct body *b);

#endif
