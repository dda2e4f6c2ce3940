/*
 * store_stage: how far phones are with a list that announces keys. Part of store.h.
 */
#ifndef STORE_STORE_STAGE_H
#define STORE_STORE_STAGE_H

#include "base/err.h"
#include "rules/phone.h"

#include <time.h>

struct store;

/* A phone that was sent a list and its signed configuration after it. */
struct store_boot {
	char device[DEVICE_NAME_MAX];
	int64_t list; /* store_list.id */
	time_t at;
};

/* Remembers them in one transaction. Phones, and lists of theirs, that are not on record (any more)
 * are left out. */
must_use bool store_boot_put(
    struct store *s, const struct store_boot *boots, size_t count, struct err *e);

/* Added phones that may hold the same lists, and were seen to boot with the same ones of them; not
 * those that were let go, or never handed a list. All are loans for the call. */
struct store_stage_set {
	const char *lists, *booted; /* ids, as in store_belief_set; booted may be "" */
	size_t phones;
};
must_use bool store_stage_set_each(struct store *s,
    bool (*each)(void *arg, const struct store_stage_set *set), void *arg, struct err *e);

/* Each of them by itself, by name. */
struct store_stage_phone {
	const char *lists, *booted, *name, *model;
};
must_use bool store_stage_phone_each(struct store *s,
    bool (*each)(void *arg, const struct store_stage_phone *p), void *arg, struct err *e);

#endif
