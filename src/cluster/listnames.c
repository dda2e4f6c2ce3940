#include "cluster/listnames.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

struct one {
	int64_t id;
	enum store_list_kind kind;
	uint64_t version;
};

struct listnames {
	struct one *list; /* by id */
	size_t count;
};

static const char *const kinds[] = {
	[STORE_LIST_ITL] = "ITL",
	[STORE_LIST_EMPTY] = "empty ITL",
	[STORE_LIST_CTL] = "CTL",
	[STORE_LIST_BRIDGE] = "bridge",
	[STORE_LIST_CTL_BRIDGE] = "CTL bridge",
	[STORE_LIST_FOREIGN] = "list of others",
};

const char *
listnames_kind(enum store_list_kind kind)
{
	return kinds[kind];
}

static int
compare(const void *one, const void *other)
{
	const struct one *a = one, *b = other;

	return a->id < b->id ? -1 : a->id > b->id;
}

static bool
on_list(void *arg, const struct store_list *l)
{
	struct listnames *n = arg;

	n->list = mem_grow(n->list, n->count + 1, sizeof *n->list);
	n->list[n->count++] = (struct one){ l->id, l->kind, l->version };
	return true;
}

bool
listnames_load(struct store *s, struct listnames **out, struct err *e)
{
	struct listnames *n = mem_new(1, sizeof *n);

	if (!store_list_each(s, on_list, n, e)) {
		listnames_free(n);
		return false;
	}
	if (n->count > 0)
		qsort(n->list, n->count, sizeof *n->list, compare);
	*out = n;
	return true;
}

void
listnames_free(struct listnames *n)
{
	if (n == NULL)
		return;
	free(n->list);
	free(n);
}

char *
listnames_of(const struct listnames *n, int64_t id, char out[LISTNAME_MAX])
{
	const struct one key = { .id = id }, *found = NULL;

	if (n->count > 0)
		found = bsearch(&key, n->list, n->count, sizeof key, compare);
	if (found == NULL)
		snprintf(out, LISTNAME_MAX, "list %lld", (long long)id);
	else
		snprintf(out, LISTNAME_MAX, "%s %llu", kinds[found->kind],
		    (unsigned long long)found->version);
	return out;
}
