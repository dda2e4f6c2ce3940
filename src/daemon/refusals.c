#include "daemon/refusals.h"

#include "base/mem.h"
#include "base/text.h"
#include "wire/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

/* Both tables are in the order of time: what is noted again goes to the end. */
struct handed {
	struct refusal what; /* key: what.device */
	time_t at;
	UT_hash_handle hh;
};

struct alert {
	char address[PHONE_ADDRESS_MAX]; /* key */
	time_t at;
	size_t phones;     /* that it may be of: set by match */
	struct handed *of; /* the last one of them */
	UT_hash_handle hh;
};

struct refusals {
	struct handed *handed;
	struct alert *alerts;
};

struct refusals *
refusals_new(void)
{
	return mem_new(1, sizeof(struct refusals));
}

static void
handed_drop(struct refusals *r, struct handed *h)
{
	HASH_DEL(r->handed, h);
	free(h);
}

static void
alert_drop(struct refusals *r, struct alert *a)
{
	HASH_DEL(r->alerts, a);
	free(a);
}

void
refusals_free(struct refusals *r)
{
	if (r == NULL)
		return;
	while (r->handed != NULL)
		handed_drop(r, r->handed);
	while (r->alerts != NULL)
		alert_drop(r, r->alerts);
	free(r);
}

static void
forget_old(struct refusals *r, time_t now)
{
	while (r->handed != NULL && (now - r->handed->at > REFUSALS_WITHIN_S + REFUSALS_LATE_S ||
					HASH_COUNT(r->handed) > REFUSALS_MAX))
		handed_drop(r, r->handed);
	while (r->alerts != NULL && HASH_COUNT(r->alerts) > REFUSALS_MAX)
		alert_drop(r, r->alerts);
}

void
refusals_list(struct refusals *r, const struct device *d, int64_t list, bool is_ctl,
    struct span address, time_t now)
{
	char from[PHONE_ADDRESS_MAX];
	struct handed *h;

	text_printable(ask_host(address), from, sizeof from);
	HASH_FIND_STR(r->handed, d->name, h);
	if (h == NULL) {
		h = mem_new(1, sizeof *h);
		snprintf(h->what.device, sizeof h->what.device, "%s", d->name);
	} else
		HASH_DEL(r->handed, h);
	if (strcmp(h->what.address, from) != 0 || now - h->at > REFUSALS_WITHIN_S)
		h->what.ctl = h->what.itl = 0;
	memcpy(h->what.address, from, sizeof h->what.address);
	*(is_ctl ? &h->what.ctl : &h->what.itl) = list;
	h->at = now;
	HASH_ADD_STR(r->handed, what.device, h);
	forget_old(r, now);
}

void
refusals_alert(struct refusals *r, struct span address, time_t now)
{
	char from[PHONE_ADDRESS_MAX];
	struct alert *a;

	text_printable(ask_host(address), from, sizeof from);
	HASH_FIND_STR(r->alerts, from, a);
	if (a != NULL)
		return; /* the first one is closest to the list */
	a = mem_new(1, sizeof *a);
	memcpy(a->address, from, sizeof a->address);
	a->at = now;
	HASH_ADD_STR(r->alerts, address, a);
	forget_old(r, now);
}

/* Counts the phones that each of the alerts may be of. */
static void
match(struct refusals *r)
{
	for (struct handed *h = r->handed; h != NULL; h = h->hh.next) {
		struct alert *a;

		HASH_FIND_STR(r->alerts, h->what.address, a);
		if (a == NULL || h->what.itl == 0 || h->at < a->at - REFUSALS_WITHIN_S ||
		    h->at > a->at + REFUSALS_LATE_S)
			continue;
		a->phones++;
		a->of = h;
	}
}

void
refusals_conclude(struct refusals *r, time_t now,
    void (*each)(void *arg, const struct refusal *refusal), void *arg)
{
	if (r->alerts == NULL || now - r->alerts->at <= REFUSALS_LATE_S)
		return;
	for (struct alert *a = r->alerts; a != NULL; a = a->hh.next)
		a->phones = 0;
	match(r);
	while (r->alerts != NULL && now - r->alerts->at > REFUSALS_LATE_S) {
		if (r->alerts->phones == 1) {
			each(arg, &r->alerts->of->what);
			handed_drop(r, r->alerts->of);
		}
		alert_drop(r, r->alerts);
	}
}
