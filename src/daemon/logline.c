#include "daemon/logline.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static const char *const level_names[] = {
	[LOG_DEBUG] = "debug",
	[LOG_INFO] = "info",
	[LOG_WARNING] = "warning",
	[LOG_ERROR] = "error",
};

/* One write for a line, so that lines of several processes do not mix. What a reason quotes cannot
 * begin another line. */
static void
to_stderr(void *process, enum log_level level, const char *line)
{
	char out[1400], when[32];
	struct timespec now;
	struct tm utc;
	int n;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
	n = snprintf(out, sizeof out, "%s.%03ldZ %s %s %s\n", when, now.tv_nsec / 1000000,
	    level_names[level], (const char *)process, line);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof out)
		n = (int)sizeof out - 1;
	for (int i = 0; i < n - 1; i++)
		if ((unsigned char)out[i] < 0x20 || out[i] == 0x7f)
			out[i] = '?';
	out[n - 1] = '\n';
	if (write(STDERR_FILENO, out, (size_t)n) < 0)
		return;
}

void
logline_open(const char *process, enum log_level least)
{
	log_to(to_stderr, (void *)(uintptr_t)process, least);
}
