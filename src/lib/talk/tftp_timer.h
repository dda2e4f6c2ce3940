/*
 * tftp_timer: when a TFTP end says its last word again. After two repeats the interval doubles, up
 * to a limit; it starts anew with every sign of progress; after so many tries in vain it gives up.
 */
#ifndef TALK_TFTP_TIMER_H
#define TALK_TFTP_TIMER_H

#include "base/err.h"

#include <stdint.h>

struct tftp_timer {
	uint32_t first_ms, max_ms, interval_ms;
	unsigned tries, tries_max;
	uint64_t deadline_ms;
};

void tftp_timer_start(
    struct tftp_timer *t, uint32_t first_ms, uint32_t max_ms, unsigned tries_max, uint64_t now_ms);

/* The other end has moved on. */
void tftp_timer_progress(struct tftp_timer *t, uint64_t now_ms);

/* The deadline has passed: counts a try and sets the next one; false when none is left. */
must_use bool tftp_timer_again(struct tftp_timer *t, uint64_t now_ms);

#endif
