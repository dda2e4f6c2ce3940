#include "daemon/commands.h"

#include "base/mem.h"
#include "cluster/cluster_ctl.h"
#include "cluster/cluster_recovery.h"
#include "rules/trust_eval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTED_MAX 5000 /* phones in one call: about 20 ms */
#define TEXT_MAX    512

/* --- what phones were handed last --- */

struct count {
	int64_t *empty; /* lists that are empty ones */
	size_t empties;
	bool prepared, names;
	char name[DEVICE_NAME_MAX]; /* the one that is being looked at; "" before the first */
	time_t handed_empty, handed_full;
	size_t phones, holding, others, without;
	json_t *to_come;
};

static bool
is_empty_bridge(const struct store_list *l)
{
	struct trustlist list;
	bool is_empty;

	if (l->kind != STORE_LIST_BRIDGE || !trustlist_parse(bytes_span(&l->file), &list, NULL))
		return false;
	is_empty = trust_eval_list_is_empty(&list);
	trustlist_free(&list);
	return is_empty;
}

static bool
on_list(void *arg, const struct store_list *l)
{
	struct count *n = arg;

	if (l->kind != STORE_LIST_EMPTY && !is_empty_bridge(l))
		return true;
	n->empty = mem_grow(n->empty, n->empties + 1, sizeof *n->empty);
	n->empty[n->empties++] = l->id;
	return true;
}

static bool
is_empty_list(const struct count *n, int64_t list)
{
	for (size_t i = 0; i < n->empties; i++)
		if (n->empty[i] == list)
			return true;
	return false;
}

/* A file that was handed out is no proof that the phone took it, but one that was not is one that
 * it did not. */
static void
phone_end(struct count *n)
{
	const time_t last = n->handed_empty > n->handed_full ? n->handed_empty : n->handed_full;
	const bool is_empty = last != 0 && n->handed_empty >= n->handed_full;

	if (n->name[0] == '\0')
		return;
	n->phones++;
	if (last == 0)
		n->without++;
	else if (is_empty)
		n->holding++;
	else
		n->others++;
	if (n->names && is_empty != n->prepared)
		json_array_append_new(
		    n->to_come, json_pack("{s:s, s:s, s:o}", "name", n->name, "list",
				    last == 0  ? "none"
				    : is_empty ? "empty"
					       : "full",
				    "handed", json_time(last)));
}

static bool
on_standing(void *arg, const struct store_standing *s)
{
	struct count *n = arg;
	time_t *at;

	if (strcmp(n->name, s->name) != 0) {
		phone_end(n);
		snprintf(n->name, sizeof n->name, "%s", s->name);
		n->handed_empty = n->handed_full = 0;
	}
	if (s->belief.list == 0)
		return true;
	at = is_empty_list(n, s->belief.list) ? &n->handed_empty : &n->handed_full;
	if (s->belief.last > *at)
		*at = s->belief.last;
	return true;
}

/* Phones wait meanwhile: many are counted in several calls, and added up by who asks. */
bool
command_rollback_show(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	const time_t since = cluster_recovery(c->cluster)->rollback_since;
	struct count n = { .prepared = since != 0,
		.names = json_is_true(json_object_get(args, "names")),
		.to_come = json_array() };
	bool ok = store_list_each(s, on_list, &n, e) &&
		  store_standing_each(s, args_text(args, "after"), COUNTED_MAX, on_standing, &n, e);

	free(n.empty);
	if (!ok) {
		json_decref(n.to_come);
		return false;
	}
	phone_end(&n);
	*result =
	    json_pack("{s:b, s:o, s:I, s:I, s:I, s:I, s:o, s:o}", "prepared", n.prepared, "since",
		json_time(since), "phones", (json_int_t)n.phones, "empty", (json_int_t)n.holding,
		"full", (json_int_t)n.others, "none", (json_int_t)n.without, "to_come", n.to_come,
		"next", n.phones == COUNTED_MAX ? json_string(n.name) : json_null());
	return true;
}

/* --- prepare and end --- */

struct ctl_holders {
	const struct core *core;
	size_t phones; /* of the CTL that most may hold: others hold it too */
};

static bool
on_held(void *arg, int64_t list, size_t phones)
{
	struct ctl_holders *h = arg;

	if (cluster_list_is_ctl(h->core->cluster, list) && phones > h->phones)
		h->phones = phones;
	return true;
}

/* Of what mixed mode has left behind. */
static void
warn_of_left_ctls(const struct core *c, json_t *all)
{
	struct ctl_holders h = { .core = c };
	char text[TEXT_MAX];

	if (!store_belief_count_each(cluster_store(c->cluster), on_held, &h, NULL) || h.phones == 0)
		return;
	snprintf(text, sizeof text,
	    "%zu or more phones may hold a CTL from mixed mode, which rollback does not empty: "
	    "until the end they can verify no configuration and keep the one that they have, and "
	    "they refuse lists of another cluster until the CTL is erased at the phone",
	    h.phones);
	json_array_append_new(all, json_string(text));
}

/* doc/guide/recovery.md; of mixed mode, row 10.6 of operations' matrix. */
static json_t *
prepare_warnings(const struct core *c)
{
	json_t *all = json_pack("[s, s]",
	    "until the end: phones with the empty list take any list and file, services over HTTPS "
	    "are dead, and configurations are not encrypted, passwords in them neither",
	    "a phone that does not fetch the empty list before the work begins keeps the full one "
	    "and is lost: sealtone rollback show --phones names those");

	if (cluster_recovery(c->cluster)->mixed)
		json_array_append_new(all,
		    json_string("mixed mode: phones keep their CTL, which rollback does not empty; "
				"by it they refuse lists of another cluster, and with an empty ITL "
				"they cannot ask TVS: go to non-secure mode first when they are to "
				"leave"));
	else
		warn_of_left_ctls(c, all);
	return all;
}

bool
command_rollback_prepare(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	if (!cluster_rollback_set(c->cluster, true, core_now(), e))
		return false;
	core_refresh_fronts(c);
	*result = json_pack("{s:b, s:o, s:o}", "prepared", true, "since",
	    json_time(cluster_recovery(c->cluster)->rollback_since), "warnings",
	    prepare_warnings(c));
	return true;
}

bool
command_rollback_end(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *signer = purpose_name(cluster_list_signer(c->cluster));
	char text[TEXT_MAX];

	(void)args;
	if (!cluster_rollback_set(c->cluster, false, core_now(), e))
		return false;
	core_refresh_fronts(c);
	snprintf(text, sizeof text,
	    "whoever kept the empty list can hand it to phones again, and they take it while they "
	    "trust its signer: when all have the full list, give them another: sealtone cert "
	    "regenerate %s",
	    signer);
	*result = json_pack(
	    "{s:b, s:o, s:[s]}", "prepared", false, "since", json_null(), "warnings", text);
	return true;
}
