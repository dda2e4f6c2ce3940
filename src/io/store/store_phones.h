/*
 * store_phones: phones in the store, and what they were handed. Part of store.h.
 */
#ifndef STORE_STORE_PHONES_H
#define STORE_STORE_PHONES_H

#include "base/bytes.h"
#include "base/err.h"
#include "rules/phone.h"

#include <time.h>

struct store;

/* --- phones --- */
must_use bool store_phone_get(
    struct store *s, const char *name, struct phone *out, bool *found, struct err *e);
/* Inserts or replaces the record (not its LSC columns, which follow from store_lsc_*, and not its
 * MIC). Removing forgets MIC and beliefs too; LSCs stay on record. */
must_use bool store_phone_put(struct store *s, const struct phone *p, struct err *e);
/* Writes what comes of an operation into a record that is there: the operation, its status, time
 * and deadline, and the authentication string with its failures. */
must_use bool store_phone_operation_put(struct store *s, const struct phone *p, struct err *e);
must_use bool store_phone_remove(struct store *s, const char *name, bool *found, struct err *e);
/* In order of name. each returns false to stop. */
must_use bool store_phone_each(
    struct store *s, bool (*each)(void *arg, const struct phone *p), void *arg, struct err *e);
/* The same from the name after that one on ("": from the first), at most max: in steps. */
must_use bool store_phone_each_after(struct store *s, const char *name, size_t max,
    bool (*each)(void *arg, const struct phone *p), void *arg, struct err *e);
/* Those with a pending operation whose deadline is before now. */
must_use bool store_phone_late(struct store *s, time_t now,
    bool (*each)(void *arg, const struct phone *p), void *arg, struct err *e);
/* Records where and when phones were last heard, for many phones in one transaction. Makes
 * PHONE_SEEN records of phones that have none, as long as there are less than seen_only_max. */
struct store_sighting {
	struct device device;
	char address[PHONE_ADDRESS_MAX];
	time_t at;
};
must_use bool store_phone_seen(struct store *s, const struct store_sighting *seen, size_t count,
    size_t seen_only_max, struct err *e);
must_use bool store_phone_count(
    struct store *s, enum phone_origin origin, size_t *out, struct err *e);
/* The MIC an administrator gave; an empty span takes it away, empty bytes when none. ERR_UNKNOWN:
 * no such phone. */
must_use bool store_phone_mic_set(
    struct store *s, const char *name, struct span der, struct err *e);
must_use bool store_phone_mic_get(
    struct store *s, const char *name, struct bytes *der, struct err *e);

/* Each model that phones have, once, as it was given; "" is none of them. */
must_use bool store_phone_models_each(
    struct store *s, bool (*each)(void *arg, const char *model), void *arg, struct err *e);

/* --- what phones were handed: a phone believes one of the lists served under its name since the
 * last proof; those before are not told by the calls below --- */
/* ERR_UNKNOWN: no such phone (store_phone_seen makes one) or list. */
must_use bool store_belief_add(struct store *s, const char *name, int64_t list, const char *address,
    time_t at, struct err *e); /* the same list again updates the time */
/* The same of a list that everything which it may hold refuses: it holds it only if its lists were
 * erased. One that it may hold without doubt stays so. */
must_use bool store_belief_doubt(
    struct store *s, const char *name, int64_t list, const char *address, time_t at, struct err *e);
/* A list that it was handed before was sent to it: told late, it makes none possible that a proof
 * has ruled out since. */
must_use bool store_belief_again(
    struct store *s, const char *name, int64_t list, const char *address, time_t at, struct err *e);
/* In place of an address: an administrator said that the phone holds it; or there were several, of
 * which nobody knows the phone's. */
#define STORE_BELIEF_TOLD "told"
#define STORE_SEVERAL     "several"

/* Newest first. */
struct store_belief {
	int64_t list;
	char address[PHONE_ADDRESS_MAX]; /* without a port; or as above, or "" */
	time_t first, last;
	bool doubted; /* store_belief_doubt */
};
must_use bool store_belief_each(struct store *s, const char *name,
    bool (*each)(void *arg, const struct store_belief *b), void *arg, struct err *e);

/* The phone holds this list, and none of the others of its sort (ITLs of any kind, or CTLs) that it
 * may have been believed to hold. ERR_UNKNOWN: it was never handed it. */
must_use bool store_belief_prove(
    struct store *s, const char *name, int64_t list, time_t at, struct err *e);
/* The same by what can be seen of a boot, which anybody may imitate: the others go by a guess, and
 * come back by store_belief_weigh as long as nothing proves more. */
must_use bool store_belief_guess(
    struct store *s, const char *name, int64_t list, time_t at, struct err *e);
/* A list that it may hold, or that went by a guess, is one that it may hold now, doubted or not. */
must_use bool store_belief_weigh(
    struct store *s, const char *name, int64_t list, bool doubted, struct err *e);
/* The phone does not hold this list, unless it was handed it at that time or later: known since at.
 */
must_use bool store_belief_rule_out(
    struct store *s, const char *name, int64_t list, time_t handed, time_t at, struct err *e);
/* It may hold every list again that it was ever handed or said to hold. *count: how many. */
must_use bool store_belief_unprove(struct store *s, const char *name, size_t *count, struct err *e);

/* Phones that may hold the same lists. */
struct store_belief_set {
	/* ids, ascending, with commas between; "" when none was handed out; a '-' before one that
	 * is doubted */
	const char *lists;
	bool released;
	size_t phones;
};
/* Takes the first list off a set's text, which stays a loan; false: none is left. */
bool store_belief_next(const char **lists, int64_t *list, bool *doubted);
/* Every phone that was added or was handed a list is in one. All are loans for the call. */
must_use bool store_belief_set_each(struct store *s,
    bool (*each)(void *arg, const struct store_belief_set *set), void *arg, struct err *e);
/* Each of those phones by itself, set after set in the same order. */
struct store_belief_phone {
	const char *lists; /* as above; all are loans for the call */
	bool released;
	const char *name, *model;
};
must_use bool store_belief_phone_each(struct store *s,
    bool (*each)(void *arg, const struct store_belief_phone *p), void *arg, struct err *e);
/* The lists that one phone may hold, as above, of a deleted one too; NULL on failure, else free it.
 */
char *store_belief_lists(struct store *s, const char *name, struct err *e);
/* Those that went by a guess. */
char *store_belief_lists_guessed(struct store *s, const char *name, struct err *e);
/* The same as the first, and whether it is let go. */
char *store_belief_lists_released(struct store *s, const char *name, bool *released, struct err *e);

/* Lists that phones may hold, and how many. */
must_use bool store_belief_count_each(struct store *s,
    bool (*each)(void *arg, int64_t list, size_t phones), void *arg, struct err *e);

/* Lists that were the last one handed out to phones, and to how many; the last one without doubt
 * where there is one. */
must_use bool store_belief_last_each(struct store *s,
    bool (*each)(void *arg, int64_t list, size_t phones), void *arg, struct err *e);

/* How added phones stand, in order of name from the one after name on, at most max phones: all that
 * counting them needs, in one walk. Each belief of a phone is a call, belief.list 0 for one that
 * was handed nothing; the calls of a phone follow each other. */
struct store_standing {
	const char *name, *lists; /* lists: as in store_belief_set; both are loans for the call */
	enum phone_operation operation;
	bool released;
	time_t lsc_confirmed; /* 0: it has no LSC */
	struct store_belief belief;
};
must_use bool store_standing_each(struct store *s, const char *name, size_t max,
    bool (*each)(void *arg, const struct store_standing *standing), void *arg, struct err *e);

#endif
