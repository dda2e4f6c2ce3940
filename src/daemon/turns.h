/*
 * turns: the boots of phones that are handed lists in turn (rules/handout.h). Kept in memory only:
 * after a restart they begin with another one, so that a phone that boots more rarely than the
 * server meets its own some day.
 */
#ifndef DAEMON_TURNS_H
#define DAEMON_TURNS_H

#include <stddef.h>

struct turns;

/* first: the turn that a phone begins with. */
struct turns *turns_new(size_t first);
void turns_free(struct turns *t); /* safe with NULL */

/* The phone asks for a list: which turn it is, from 0 and never ending. A new one when its
 * configuration was asked for since the last, so that both lists of a boot and its files are of
 * one. */
size_t turns_list(struct turns *t, const char *device);

/* It asks for its configuration. */
void turns_config(struct turns *t, const char *device);

/* The turn that it is in. */
size_t turns_now(const struct turns *t, const char *device);

/* The turn that it would be in if it asked for a list now. */
size_t turns_next(const struct turns *t, const char *device);

/* It is handed nothing in turn any more. */
void turns_end(struct turns *t, const char *device);

#endif
