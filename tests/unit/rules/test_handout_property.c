#include "handout_model.h"

#include <inttypes.h>
#include <stdlib.h>

/* A cluster and its phones under random actions: whatever the guard allows, every phone comes back.
 * A change is made when it leaves nobody lost. Changes are new keys, keys announced first,
 * activated or withdrawn, keys given up, the other SAST key, generations, rollback, and mixed mode.
 */
#define ROOM     10  /* of an episode's lists for what an action and a boot make */
#define ACTIONS  150 /* of an episode, at most */
#define FEW      2000
#define HOLDINGS 8 /* looked at in each episode */

/* Xorshift64* (Vigna). */
static size_t
below(struct model *m, size_t n)
{
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return (size_t)((m->random * UINT64_C(2685821657736338717)) >> 33) % n;
}

/* --- changes --- */

static bool
is_lost(struct model *m, const struct phone *lost, int ctl, int itl)
{
	struct phone p = *lost;
	int before = m->lists;
	bool back;

	p.held_ctl = ctl;
	p.held = itl;
	back = model_comes_back(m, &p);
	model_cut(m, before);
	return !back;
}

/* A phone that holds what it may hold does not come back: the guard did not refuse for nothing. */
static bool
one_is_lost(struct model *m, const struct phone *lost)
{
	int ctl[LISTS + 1], itl[LISTS + 1];
	size_t ctls = model_lists_of(m, lost->belief, true, ctl);
	size_t itls = model_lists_of(m, lost->belief, false, itl);
	bool found = false;

	for (size_t c = 0; c <= ctls && !found; c++)
		for (size_t i = 0; (i == 0 || i < itls) && !found; i++) /* first: or none */
			found = is_lost(m, lost, ctl[c], itl[i]);
	return found;
}

/* The guard: undoes what leaves a phone lost. */
static bool
settle(struct model *m, const struct keys *before, int lists)
{
	const struct phone *lost = model_first_lost(m);
	bool ok = lost == NULL || one_is_lost(m, lost);

	if (lost != NULL) {
		model_cut(m, lists);
		m->keys = *before;
	}
	if (!ok)
		print_error("the guard refuses what all phones survive\n");
	return ok;
}

static void
regenerate(struct model *m, enum who w)
{
	if (m->keys.age[w] + 1 < AGES)
		m->keys.age[w]++;
	m->keys.announced[w] = false; /* what was announced is what counts now */
}

static void
announce(struct model *m, enum who w)
{
	m->keys.announced[w] = m->keys.age[w] + 1 < AGES;
}

static void
activate(struct model *m, enum who w)
{
	if (m->keys.announced[w])
		regenerate(m, w);
}

static void
withdraw(struct model *m, enum who w)
{
	m->keys.announced[w] = false;
}

/* Of several purposes at once. */
static bool
change_some(struct model *m, void (*each)(struct model *m, enum who w))
{
	const struct keys before = m->keys;
	int lists = m->lists;
	size_t which = 1 + below(m, (1u << WHO) - 1);

	for (enum who w = 0; w < WHO; w++)
		if (which & 1u << w)
			each(m, w);
	model_publish(m);
	return settle(m, &before, lists);
}

/* Who signs, or whether everybody is handed the empty list. */
static bool
change_signer(struct model *m)
{
	const struct keys before = m->keys;
	int lists = m->lists;

	switch (below(m, 5)) {
	case 0:
		m->keys.reset = !m->keys.reset && generation_has_other_signer(m->keys.generation);
		break;
	case 1:
		m->keys.generation = (enum generation)below(m, GENERATION_G12 + 1);
		m->keys.reset = false;
		break;
	case 2:
		m->keys.rollback = !m->keys.rollback;
		break;
	default:
		m->keys.security = m->keys.security == MIXED ? WAS_MIXED
				   : below(m, 3) > 0         ? MIXED
							     : NEVER_MIXED;
	}
	model_publish(m);
	return settle(m, &before, lists);
}

static bool
purge(struct model *m)
{
	const struct keys before = m->keys;
	enum who w = below(m, 2) ? CM : REC;

	if (m->keys.age[w] == 0)
		return true;
	m->keys.gone[w][below(m, m->keys.age[w])] = true;
	m->keys.epoch = ++m->epochs;
	return settle(m, &before, m->lists);
}

/* --- runs --- */

static bool
act(struct model *m)
{
	struct phone *p = &m->phone[below(m, PHONES)];

	switch (below(m, 14)) {
	case 0:
	case 1:
	case 2:
		return change_some(m, regenerate);
	case 3:
		return change_some(m, announce);
	case 4:
		return change_some(m, below(m, 3) > 0 ? activate : withdraw);
	case 5:
		return change_signer(m);
	case 6:
		return purge(m);
	case 7:
		model_fetch_list(m, p, below(m, 2), false);
		return true;
	case 8:
		return model_boot(m, p, true);
	default:
		return model_boot(m, p, false);
	}
}

static void
begin(struct model *m)
{
	m->keys = (struct keys){ .generation = (enum generation)below(m, GENERATION_G12 + 1) };
	model_publish(m);
	for (size_t i = 0; i < PHONES; i++)
		m->phone[i] = (struct phone){ .held = i == 0 ? NO_LIST : m->keys.current,
			.belief = i == 0 ? 0 : UINT64_C(1) << m->keys.current,
			.held_ctl = NO_LIST,
			.bridge = NO_LIST,
			.ctl_bridge = NO_LIST };
}

static bool
all_come_back(struct model *m)
{
	for (size_t i = 0; i < PHONES; i++)
		if (!model_comes_back(m, &m->phone[i])) {
			print_error("phone %zu does not come back\n", i);
			return false;
		}
	return true;
}

/* A phone of which nothing is known any more takes a list at one of its turns, whatever it holds.
 */
static bool
each_is_helped_in_turn(struct model *m)
{
	int before = m->lists;

	for (size_t i = 0; i < HOLDINGS; i++) {
		int itl = (int)below(m, (size_t)before), ctl = (int)below(m, (size_t)before);
		size_t turns;

		if (m->list[itl].is_ctl)
			continue;
		if (!m->list[ctl].is_ctl)
			ctl = NO_LIST;
		if (!model_is_helped_in_turn(m, ctl, itl, &turns)) {
			print_error(
			    "none of %zu turns helps who holds %d and %d\n", turns, ctl, itl);
			return false;
		}
		m->in_turn += turns > 0;
		model_cut(m, before);
	}
	return true;
}

/* How many actions it took; 0: the property does not hold. */
static size_t
episode(struct model *m)
{
	size_t done = 0;
	bool ok = true;

	begin(m);
	while (ok && done < ACTIONS && m->lists + ROOM + 2 * PHONES * BOOTS < LISTS) {
		ok = act(m);
		done++;
		if (!ok)
			print_error("action %zu of the episode\n", done);
	}
	ok = ok && each_is_helped_in_turn(m) && all_come_back(m);
	model_cut(m, 0);
	return ok ? done : 0;
}

static uint64_t
number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void
every_phone_comes_back_from_whatever_the_guard_allows(void **state)
{
	static struct model m;
	uint64_t seed = number("SEALTONE_HANDOUT_SEED", 1), left;

	left = number("SEALTONE_HANDOUT_ACTIONS", FEW);
	m = (struct model){ .f = *state };
	while (left > 0) {
		size_t done;

		m.random = seed * UINT64_C(0x9E3779B97F4A7C15) | 1;
		done = episode(&m);
		if (done == 0)
			print_error("SEALTONE_HANDOUT_SEED=%" PRIu64 "\n", seed);
		assert_true(done > 0);
		left -= done < left ? done : left;
		seed++;
	}
	assert_true(m.in_turn > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_phone_comes_back_from_whatever_the_guard_allows),
	};

	return cmocka_run_group_tests(tests, model_setup, model_teardown);
}
