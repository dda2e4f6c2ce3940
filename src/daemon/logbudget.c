#include "daemon/logbudget.h"

#include "base/log.h"

bool
logbudget_take(struct logbudget *b, time_t now)
{
	if (b->second != now) {
		if (b->left_out > 0)
			log_event(LOG_WARNING, "lines-left-out count=%lu", b->left_out);
		*b = (struct logbudget){ .second = now };
	}
	if (b->lines == LOGBUDGET_LINES) {
		b->left_out++;
		return false;
	}
	b->lines++;
	return true;
}
