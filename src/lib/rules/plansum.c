#include "rules/plansum.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static struct plansum_row *
find(struct plansum *s, enum handout_outcome outcome, const char *reason, const char *away)
{
	for (size_t i = 0; i < s->count; i++) {
		struct plansum_row *r = &s->row[i];

		if (r->outcome == outcome && strcmp(r->reason, reason) == 0 &&
		    strcmp(r->away, away) == 0)
			return r;
	}
	return NULL;
}

void
plansum_add(struct plansum *s, enum handout_outcome outcome, const char *reason, const char *away,
    size_t phones)
{
	struct plansum_row *r = find(s, outcome, reason, away);

	if (r == NULL) {
		s->row = mem_grow(s->row, s->count + 1, sizeof *s->row);
		r = &s->row[s->count++];
		*r = (struct plansum_row){ .outcome = outcome,
			.reason = mem_text(reason, strlen(reason)),
			.away = mem_text(away, strlen(away)) };
	}
	r->phones += phones;
	r->groups++;
}

static int
compare(const void *one, const void *other)
{
	const struct plansum_row *a = one, *b = other;

	if (a->outcome != b->outcome)
		return a->outcome < b->outcome ? -1 : 1;
	if (a->phones != b->phones)
		return a->phones > b->phones ? -1 : 1;
	return strcmp(a->reason, b->reason) != 0 ? strcmp(a->reason, b->reason)
						 : strcmp(a->away, b->away);
}

void
plansum_sort(struct plansum *s)
{
	if (s->count > 0)
		qsort(s->row, s->count, sizeof *s->row, compare);
}

void
plansum_free(struct plansum *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->row[i].reason);
		free(s->row[i].away);
	}
	free(s->row);
	*s = (struct plansum){ 0 };
}
