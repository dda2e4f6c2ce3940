/*
 * frontcache: what a front knows by name: answers that are good for everybody who asks the same,
 * and questions to core that are under way.
 *
 * Whatever makes an answer old drops it here, and with the same rule marks the question whose
 * answer would be (doc/decisions/0007). Names of more than FNAME_MAX characters, which core
 * refuses, are never known. The oldest go when there is no room; refusals, which a stranger can
 * cause by the thousand, make room only among themselves.
 */
#ifndef DAEMON_FRONTCACHE_H
#define DAEMON_FRONTCACHE_H

#include "net/body.h"

struct frontcache;

/* Over HTTPS a name may mean something else. */
struct frontcache_key {
	bool https;
	struct span name;
};

/* An answer to whoever asks for a file. */
struct frontcopy {
	struct body *body; /* NULL: refused */
	uint16_t code;     /* of a refusal: TFTP error and text */
	struct span text;
	struct span etag;
	uint64_t modified; /* 0: unknown */
	struct span version;
	struct span elsewhere;
};

struct frontcache_stats {
	uint64_t hits, misses;
	uint64_t bytes;  /* of copies, with what keeping them costs */
	size_t kept;     /* answers */
	size_t refusals; /* of them */
};

/* dropped is told of each question whose answer is not to be kept any more; it changes nothing
 * here. */
struct frontcache *frontcache_new(
    uint64_t bytes_max, void (*dropped)(void *arg, void *question), void *arg);
void frontcache_free(struct frontcache *c); /* safe with NULL; nobody is told */

/* The answer that is kept, or NULL. A loan until the next call other than this. */
const struct frontcopy *frontcache_find(struct frontcache *c, const struct frontcache_key *key);

/* The question that is under way, or NULL. */
void *frontcache_question(struct frontcache *c, const struct frontcache_key *key);

/* A question is under way from now on, about what is not known. */
void frontcache_ask(struct frontcache *c, const struct frontcache_key *key, void *question);

/* It has ended, with an answer to be kept (a reference to its body is taken, the rest copied) or
 * NULL. */
void frontcache_answer(
    struct frontcache *c, const struct frontcache_key *key, const struct frontcopy *keep);

/* A file of the provisioning folder has changed: drops what may have been made from it. "": any of
 * them may have. */
void frontcache_drop_path(struct frontcache *c, const char *path);

/* Drops the trust lists and configurations of these devices: names, a newline after each. Empty:
 * drops everything. */
void frontcache_drop_devices(struct frontcache *c, struct span names);

struct frontcache_stats frontcache_stats(const struct frontcache *c);

#endif
