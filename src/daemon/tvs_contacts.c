#include "daemon/tvs_contacts.h"

#include "base/mem.h"
#include "base/text.h"
#include "wire/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#define COLLECTED_MAX 20000 /* addresses between two writings; more are not noted */

struct entry {
	struct store_tvs_contact what; /* key: what.address */
	UT_hash_handle hh;
};

struct tvs_contacts {
	struct entry *entries;
};

struct tvs_contacts *
tvs_contacts_new(void)
{
	return mem_new(1, sizeof(struct tvs_contacts));
}

static void
forget_all(struct tvs_contacts *t)
{
	struct entry *en, *next;

	HASH_ITER(hh, t->entries, en, next)
	{
		HASH_DEL(t->entries, en);
		free(en);
	}
}

void
tvs_contacts_free(struct tvs_contacts *t)
{
	if (t == NULL)
		return;
	forget_all(t);
	free(t);
}

/* NULL: there is no room for another one. */
static struct store_tvs_contact *
place(struct tvs_contacts *t, struct span address)
{
	char host[PHONE_ADDRESS_MAX];
	struct entry *en;

	text_printable(ask_host(address), host, sizeof host);
	HASH_FIND_STR(t->entries, host, en);
	if (en != NULL)
		return &en->what;
	if (host[0] == '\0' || HASH_COUNT(t->entries) >= COLLECTED_MAX)
		return NULL;
	en = mem_new(1, sizeof *en);
	memcpy(en->what.address, host, sizeof host);
	HASH_ADD_STR(t->entries, what.address, en);
	return &en->what;
}

void
tvs_contacts_question(struct tvs_contacts *t, struct span address, const struct device *device,
    struct span subject, bool is_known, time_t now)
{
	struct store_tvs_contact *c = place(t, address);

	if (c == NULL)
		return;
	c->question_at = now;
	c->is_known = is_known;
	snprintf(c->device, sizeof c->device, "%s", device != NULL ? device->name : "");
	text_printable(subject, c->certificate, sizeof c->certificate);
}

void
tvs_contacts_alert(
    struct tvs_contacts *t, struct span address, bool https, struct span text, time_t now)
{
	struct store_tvs_contact *c = place(t, address);

	if (c == NULL)
		return;
	*(https ? &c->https_at : &c->alert_at) = now;
	text_printable(text, https ? c->https : c->alert, STORE_TVS_ALERT_MAX);
}

bool
tvs_contacts_write(struct tvs_contacts *t, struct store *store, struct err *e)
{
	struct store_tvs_contact *all;
	struct entry *en, *next;
	size_t n = 0;
	bool ok;

	if (t->entries == NULL)
		return true;
	all = mem_new(HASH_COUNT(t->entries), sizeof *all);
	HASH_ITER(hh, t->entries, en, next)
	all[n++] = en->what;
	ok = store_tvs_contact_put(store, all, n, e);
	free(all);
	if (ok)
		forget_all(t);
	return ok;
}

bool
tvs_contacts_find(struct tvs_contacts *t, struct store *store, const char *address,
    struct store_tvs_contact *out, struct err *e)
{
	bool found;

	return tvs_contacts_write(t, store, e) &&
	       store_tvs_contact_get(store, address, out, &found, e);
}
