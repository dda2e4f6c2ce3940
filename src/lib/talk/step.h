/*
 * step: the order of a conversation as a table: in one of these states, on this event, do this,
 * then be in one of those states.
 *
 * States are single bits, so that a row can say "one of". An event is a command of the protocol or
 * the answer to a question. What no row allows is for the conversation to refuse; a handler that
 * leaves its row is our own bug. The tables of CAPF and TVS are those of doc/protocols/capf.md,
 * section 5.4, and tvs.md, section 6.
 */
#ifndef TALK_STEP_H
#define TALK_STEP_H

#include "talk/session.h"

#include <assert.h>

/* The event of an answer to a question of this kind; commands are one byte. */
#define STEP_ANSWER_TO(kind) (0x100u | (kind))

/* One event and all that a handler may use for it. Each conversation has its own, which is why
 * what takes one is inline here: no function sees two of them. */
struct call;

struct step {
	unsigned states;
	unsigned event;
	enum turn (*handler)(struct call *c);
	unsigned next;
};

struct step_order {
	const struct step *steps;
	size_t count;
	unsigned ends; /* states in which any step may end, whatever its next says */
};

/* The first row for event in state, a loan from the order; NULL when there is none. */
static inline const struct step *
step_find(const struct step_order *order, unsigned state, unsigned event)
{
	for (size_t i = 0; i < order->count; i++)
		if ((order->steps[i].states & state) && order->steps[i].event == event)
			return &order->steps[i];
	return NULL;
}

/* Does what the row says, and asserts that *state, where the handler of c keeps it, is then one
 * that the row or the order allows. What the handler said. */
static inline enum turn
step_take(
    const struct step_order *order, const struct step *step, const unsigned *state, struct call *c)
{
	enum turn turn = step->handler(c);

	assert((step->next | order->ends) & *state);
	return turn;
}

#endif
