#include "daemon/core_goods.h"

#include "base/log.h"
#include "base/mem.h"
#include "rules/fname.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#define COLLECTED_MAX 512
#define COLLECTED_BYTES_MAX \
	((size_t)8 * 1024 * 1024) /* more than the largest: 550,001 bytes each */
#define FAULTS_MAX 10000          /* more are said each time */

/* One that was built and is not written yet. */
struct good {
	char name[FNAME_MAX + 1];
	struct bytes xml;
	time_t at;
	UT_hash_handle hh;
};

struct fault {
	char name[FNAME_MAX + 1];
	char *why;
	UT_hash_handle hh;
};

struct core_goods {
	struct store *store;
	struct good *goods;
	size_t bytes;
	struct fault *faults;
};

struct core_goods *
core_goods_new(struct store *store)
{
	struct core_goods *g = mem_new(1, sizeof *g);

	g->store = store;
	return g;
}

static void
drop_goods(struct core_goods *g)
{
	struct good *one, *next;

	HASH_ITER(hh, g->goods, one, next)
	{
		HASH_DEL(g->goods, one);
		bytes_free(&one->xml);
		free(one);
	}
	g->bytes = 0;
}

static void
drop_fault(struct core_goods *g, struct fault *f)
{
	HASH_DEL(g->faults, f);
	free(f->why);
	free(f);
}

void
core_goods_free(struct core_goods *g)
{
	struct fault *f, *next;

	if (g == NULL)
		return;
	drop_goods(g);
	HASH_ITER(hh, g->faults, f, next)
	drop_fault(g, f);
	free(g);
}

/* --- faults --- */

void
core_goods_fault(struct core_goods *g, const char *name, const char *why)
{
	struct fault *f;

	HASH_FIND_STR(g->faults, name, f);
	if (f != NULL && strcmp(f->why, why) == 0)
		return;
	log_event(LOG_ERROR, "configuration-not-built name=%s reason=\"%s\"", name, why);
	if (f == NULL && HASH_COUNT(g->faults) >= FAULTS_MAX)
		return;
	if (f == NULL) {
		f = mem_new(1, sizeof *f);
		snprintf(f->name, sizeof f->name, "%s", name);
		HASH_ADD_STR(g->faults, name, f);
	}
	free(f->why);
	f->why = mem_text(why, strlen(why));
}

static void
fault_is_gone(struct core_goods *g, const char *name)
{
	struct fault *f;

	HASH_FIND_STR(g->faults, name, f);
	if (f == NULL)
		return;
	log_event(LOG_INFO, "configuration-built-again name=%s", name);
	drop_fault(g, f);
}

/* --- goods --- */

void
core_goods_built(struct core_goods *g, const char *name, struct span xml, time_t now)
{
	struct good *one;
	struct err e = { 0 };

	fault_is_gone(g, name);
	HASH_FIND_STR(g->goods, name, one);
	if (one == NULL) {
		one = mem_new(1, sizeof *one);
		snprintf(one->name, sizeof one->name, "%s", name);
		HASH_ADD_STR(g->goods, name, one);
	}
	g->bytes += xml.n - one->xml.n;
	bytes_free(&one->xml);
	one->xml = bytes_copy(xml);
	one->at = now;
	if ((HASH_COUNT(g->goods) >= COLLECTED_MAX || g->bytes >= COLLECTED_BYTES_MAX) &&
	    !core_goods_write(g, &e)) {
		log_event(LOG_ERROR, "last-good-not-written reason=\"%s\"", e.text);
		drop_goods(g);
	}
}

bool
core_goods_get(struct core_goods *g, const char *name, struct bytes *xml, time_t *at, bool *found,
    struct err *e)
{
	const struct good *one;

	HASH_FIND_STR(g->goods, name, one);
	if (one == NULL)
		return store_good_get(g->store, name, xml, at, found, e);
	*xml = bytes_copy(bytes_span(&one->xml));
	*at = one->at;
	*found = true;
	return true;
}

static bool
put_all(struct store *s, void *arg, struct err *e)
{
	struct core_goods *g = arg;
	struct good *one, *next;

	HASH_ITER(hh, g->goods, one, next)
	{
		if (!store_good_put(s, one->name, bytes_span(&one->xml), one->at, e))
			return false;
	}
	return true;
}

bool
core_goods_write(struct core_goods *g, struct err *e)
{
	if (g->goods == NULL)
		return true;
	if (!store_change_soon(g->store, put_all, g, e))
		return false;
	drop_goods(g);
	return true;
}
