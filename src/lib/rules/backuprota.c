#include "rules/backuprota.h"

#include <stdio.h>
#include <string.h>

#define DAY_S  86400
#define STAMP  "-YYYYMMDD-HHMMSS"
#define SUFFIX ".backup"
#define PLAIN  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

/* A last try after now is of a clock that was set back: it holds nothing up. */
static bool
is_waiting(const struct backuprota *p, time_t now)
{
	return p->failed != 0 && p->failed <= now && now - p->failed < BACKUPROTA_RETRY_S;
}

bool
backuprota_is_due(const struct backuprota *p, time_t now)
{
	if (is_waiting(p, now))
		return false;
	if (p->made < p->slot)
		return true;
	return p->after_changes && p->behind &&
	       (p->keys_changed > now || now - p->keys_changed >= BACKUPROTA_SETTLE_S);
}

static void
put_cluster(const char *cluster, char out[BACKUPROTA_NAME_MAX])
{
	snprintf(out, BACKUPROTA_NAME_MAX - sizeof STAMP - sizeof SUFFIX, "%s", cluster);
	for (char *p = out; *p != '\0'; p++)
		if (strchr(PLAIN, *p) == NULL || (p == out && *p == '.'))
			*p = '_';
}

char *
backuprota_name(const char *cluster, time_t made, char out[BACKUPROTA_NAME_MAX])
{
	char stamp[sizeof STAMP];
	struct tm tm;
	size_t n;

	put_cluster(cluster, out);
	n = strlen(out);
	gmtime_r(&made, &tm);
	if (strftime(stamp, sizeof stamp, "-%Y%m%d-%H%M%S", &tm) == 0)
		stamp[0] = '\0'; /* a year of five digits: not before then */
	snprintf(out + n, BACKUPROTA_NAME_MAX - n, "%s" SUFFIX, stamp);
	return out;
}

static bool
two_digits(const char **p, int *out)
{
	const char *s = *p;

	if (s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9')
		return false;
	*out = (s[0] - '0') * 10 + (s[1] - '0');
	*p += 2;
	return true;
}

/* "20261129-030000"; what is no time at all becomes another name, which tells. */
static bool
stamp_read(const char *s, time_t *out)
{
	struct tm tm = { 0 };
	int century, year;

	if (!two_digits(&s, &century) || !two_digits(&s, &year) || !two_digits(&s, &tm.tm_mon) ||
	    !two_digits(&s, &tm.tm_mday) || *s++ != '-' || !two_digits(&s, &tm.tm_hour) ||
	    !two_digits(&s, &tm.tm_min) || !two_digits(&s, &tm.tm_sec))
		return false;
	tm.tm_year = century * 100 + year - 1900;
	tm.tm_mon--;
	*out = timegm(&tm);
	return true;
}

bool
backuprota_is_name(const char *cluster, const char *name, const char *ending, time_t *made)
{
	char want[BACKUPROTA_NAME_MAX];
	size_t n, k;

	put_cluster(cluster, want);
	n = strlen(want);
	if (strncmp(name, want, n) != 0 || name[n] != '-' || !stamp_read(name + n + 1, made))
		return false;
	backuprota_name(cluster, *made, want);
	k = strlen(want);
	return strncmp(name, want, k) == 0 && strcmp(name + k, ending) == 0;
}

void
backuprota_old(const time_t *made, size_t count, time_t newest, unsigned keep_days,
    unsigned keep_least, bool *old)
{
	for (size_t i = 0; i < count; i++) {
		size_t newer = 0;

		for (size_t k = 0; k < count; k++)
			newer += made[k] > made[i] && made[k] <= newest;
		old[i] = made[i] < newest && newest - made[i] > (time_t)keep_days * DAY_S &&
			 newer >= keep_least;
	}
}
