/*
 * front_remote_kept: what front_remote remembers for a while: files, and that there is none.
 */
#ifndef DAEMON_FRONT_REMOTE_KEPT_H
#define DAEMON_FRONT_REMOTE_KEPT_H

#include "net/body.h"

struct front_remote_kept;

struct front_remote_kept *front_remote_kept_new(size_t bytes_max);
void front_remote_kept_free(struct front_remote_kept *k); /* safe with NULL */

/* Remembers until a moment (net/clock.h); body NULL: there is none. A reference is taken. The
 * oldest make room. */
void front_remote_kept_add(
    struct front_remote_kept *k, const char *key, struct body *body, uint64_t until_ms);

/* True: it is remembered; *body is a loan until the next call, NULL: there is none. */
bool front_remote_kept_find(
    struct front_remote_kept *k, const char *key, uint64_t now_ms, struct body **body);

#endif
