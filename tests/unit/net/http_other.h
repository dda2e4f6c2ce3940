/*
 * http_other: a server that says what it was told, in a process of its own, so that a client may
 * block.
 */
#ifndef TESTS_HTTP_OTHER_H
#define TESTS_HTTP_OTHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* One connection is answered: the request's head is read, the answer written. */
struct http_other_play {
	const char *answer; /* NULL: none */
	size_t filler;      /* bytes 'x' after it */
	bool stays;         /* does not hang up, and is silent */
	const char *wants;  /* what the head must hold, else nothing is answered; NULL: anything */
};

struct http_other {
	pid_t pid;
	int fd;
	uint16_t port;
};

struct http_other http_other_start(const struct http_other_play *play);

/* A port of 127.0.0.1 where nobody listens. */
uint16_t http_other_nobody(void);

void http_other_stop(struct http_other *o);

#endif
