#include "talk/tftp_timer.h"

/* Many clients ask for five seconds, once a second, and give up: on a network that loses packets
 * they must be met more often than doubling from the start would. */
#define STEADY_TRIES 2

void
tftp_timer_start(
    struct tftp_timer *t, uint32_t first_ms, uint32_t max_ms, unsigned tries_max, uint64_t now_ms)
{
	*t = (struct tftp_timer){ .first_ms = first_ms,
		.max_ms = max_ms > first_ms ? max_ms : first_ms,
		.tries_max = tries_max };
	tftp_timer_progress(t, now_ms);
}

void
tftp_timer_progress(struct tftp_timer *t, uint64_t now_ms)
{
	t->tries = 0;
	t->interval_ms = t->first_ms;
	t->deadline_ms = now_ms + t->interval_ms;
}

bool
tftp_timer_again(struct tftp_timer *t, uint64_t now_ms)
{
	if (t->tries == t->tries_max)
		return false;
	t->tries++;
	if (t->tries > STEADY_TRIES)
		t->interval_ms = t->interval_ms > t->max_ms / 2 ? t->max_ms : t->interval_ms * 2;
	t->deadline_ms = now_ms + t->interval_ms;
	return true;
}
