#include "store/store_sqlite.h"

#include <stdio.h>

#define FAULT_MAX 300
#define SOUND     "ok"

struct faults {
	bool (*each)(void *arg, const char *fault);
	void *arg;
	size_t count;
	bool stopped;
};

static void
fault_tell(struct faults *f, const char *fault)
{
	if (f->stopped || f->count == STORE_FAULTS_MAX)
		return;
	f->count++;
	f->stopped = !f->each(f->arg, fault);
}

/* A page that is too broken to go on from ends the walk with an error, which is a fault too. */
static void
pages_walk(struct store *s, bool thorough, struct faults *f)
{
	struct err e = { 0 };
	struct query q;
	bool row, ok;

	if (!query_open(
		s, thorough ? "PRAGMA integrity_check(20)" : "PRAGMA quick_check(20)", &q, &e)) {
		fault_tell(f, e.text);
		return;
	}
	while ((ok = query_next(&q, &row, &e)) && row) {
		const char *text = query_col_text_loan(&q, 0);

		if (strcmp(text, SOUND) != 0)
			fault_tell(f, text);
	}
	if (!ok)
		fault_tell(f, e.text);
}

static bool
pointers_walk(struct store *s, struct faults *f, struct err *e)
{
	char fault[FAULT_MAX];
	struct query q;
	bool row, ok;

	if (!query_open(s, "PRAGMA foreign_key_check", &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		char table[STORE_NAME_MAX / 2], parent[STORE_NAME_MAX / 2];

		query_col_text(&q, 0, table, sizeof table);
		query_col_text(&q, 2, parent, sizeof parent);
		snprintf(fault, sizeof fault, "row %lld of %s points to what %s does not have",
		    (long long)query_col_int(&q, 1), table, parent);
		fault_tell(f, fault);
	}
	return ok;
}

bool
store_verify(struct store *s, bool thorough, bool (*each)(void *arg, const char *fault), void *arg,
    struct err *e)
{
	struct faults f = { .each = each, .arg = arg };

	pages_walk(s, thorough, &f);
	return f.count > 0 || pointers_walk(s, &f, e);
}
