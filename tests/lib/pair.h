/*
 * pair: stream sessions without a network: one end that is fed bytes, or two ends face to face.
 *
 * Messages are handed to a session in memory of exactly their size that is gone after the call.
 * Questions and answers go through their wire form (wire/ask.h), as they do in production.
 */
#ifndef TESTS_LIB_PAIR_H
#define TESTS_LIB_PAIR_H

#include "base/bytes.h"
#include "talk/session.h"

/* Answers a question of a session; kind and id are filled already. False: nobody answers. Loans
 * in out last until the next call. */
typedef bool pair_answerer(void *arg, const struct ask *ask, struct answer *out);

struct pair_end {
	const struct session_kind *kind;
	pair_answerer *answerer;
	void *arg;
	void *session;
	enum turn turn;
	struct err err;
	struct wr inbox; /* bytes that came and make no whole message yet */
	struct wr sent;  /* everything that was written */
	size_t delivered;
	size_t *writes; /* sizes of single writes */
	size_t write_count;
	struct bytes *asks; /* the questions, in their wire form */
	size_t ask_count;
	size_t message_count; /* that came */
};

/* Starts a session; number is the peer's session number. Closed with pair_end_close. */
void pair_end_open(struct pair_end *end, const struct session_kind *kind, const void *plan,
    uint32_t number, pair_answerer *answerer, void *arg);

/* Bytes arrive, in any pieces. What comes after the end of the session is dropped. */
void pair_end_feed(struct pair_end *end, struct span bytes);

/* The connection is lost; no more is read. */
void pair_end_break(struct pair_end *end, const char *why);

/* The question with that number as it was asked; a loan until the end is closed. */
struct ask pair_end_asked(const struct pair_end *end, size_t i);

/* What was written since the last call of this; a loan until the next write. */
struct span pair_end_take(struct pair_end *end);

void pair_end_close(struct pair_end *end);

/* How bytes travel between two ends. All zero: whole writes at once, several messages in one
 * piece. */
struct pair_line {
	size_t piece;       /* at most that many bytes in one piece; 0: no limit */
	size_t cut;         /* one cut after that many bytes of the conversation; 0: none */
	unsigned seed;      /* pieces of random size, drawn from this; 0: not random */
	size_t break_after; /* the line is lost after that many messages; 0: never */
};

/* Carries bytes until both ends are over or neither has anything left to say. */
void pair_run(struct pair_end *server, struct pair_end *client, const struct pair_line *line);

#endif
