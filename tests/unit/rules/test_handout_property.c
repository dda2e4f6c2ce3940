#include "../check.h"

#include "lists.h"
#include "rules/handout.h"
#include "rules/signedfile.h"
#include "rules/trustlist_build.h"

#include <inttypes.h>
#include <stdlib.h>

/* A cluster and its phones under random actions: whatever the guard allows, every phone comes back.
 *
 * What the model has of core_handout.c and rehearsal.c: lists handed out add to what a phone may
 * hold, a whole boot proves a bridge, and a change is made when it leaves nobody lost. Changes are
 * new keys, keys announced first, activated or withdrawn, keys given up, the other SAST key,
 * generations, and rollback. */
#define AGES     7
#define PHONES   3
#define LISTS    28 /* of an episode, few: all are tried whenever a phone may hold all */
#define ROOM     4  /* of them for what an action and a boot make */
#define KEYS_MAX (2 * AGES)
#define BOOTS    3   /* until a phone has the current list */
#define ACTIONS  150 /* of an episode, at most */
#define FEW      2000
#define SAID     32
#define NO_LIST  (-1)

enum who { CM, REC, TVS, CAPF, WHO };

struct fixture {
	struct identity id[WHO][AGES];
	struct bytes config[AGES]; /* signed by the CallManager key of that age */
};

static int
setup(void **state)
{
	static const enum purpose purposes[WHO] = { PURPOSE_CALLMANAGER, PURPOSE_ITLRECOVERY,
		PURPOSE_TVS, PURPOSE_CAPF };
	static const char *const names[WHO] = { "one", "ITLRECOVERY_one", "one-tvs", "CAPF-1" };
	static struct fixture f;

	for (enum who w = 0; w < WHO; w++)
		for (size_t age = 0; age < AGES; age++)
			f.id[w][age] = identity_make(purposes[w], names[w]);
	for (size_t age = 0; age < AGES; age++)
		f.config[age] =
		    file_make("SEP001122334455.cnf.xml.sgn", &f.id[CM][age], span_str("<device/>"));
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t age = 0; age < AGES; age++) {
		for (enum who w = 0; w < WHO; w++)
			identity_free(&f->id[w][age]);
		bytes_free(&f->config[age]);
	}
	return 0;
}

/* --- the model --- */

struct list {
	struct bytes file;
	struct trust_eval_offer read;
	const struct cert *signer, *tftp; /* of a bridge */
	unsigned epoch;                   /* when it was made */
	struct handout_fate fate;         /* of a phone that holds it */
	unsigned fate_epoch;              /* when that was so */
};

struct phone {
	int held;        /* what it really holds */
	uint64_t belief; /* what the cluster holds possible */
	int bridge;      /* handed out last and not proven */
	bool own, read;  /* to its own address; it asked for the configuration since */
};

/* What an action changes, and is put back by when the guard refuses. */
struct keys {
	size_t age[WHO];
	bool gone[WHO][AGES];
	bool announced[WHO]; /* the next one is */
	enum generation generation;
	bool reset;     /* the other SAST key signs */
	bool rollback;  /* the empty list is everybody's */
	int current;    /* the list */
	unsigned epoch; /* another one with each change */
};

struct said {
	unsigned epoch;
	uint64_t belief;
	struct handout handout;
};

struct model {
	const struct fixture *f;
	struct keys keys;
	struct list list[LISTS];
	int lists;
	struct phone phone[PHONES];
	uint64_t random;
	unsigned epochs;        /* used so far, by what was undone too */
	struct said said[SAID]; /* decisions about sets, of one epoch */
	size_t said_count;
};

/* Xorshift64* (Vigna). */
static size_t
below(struct model *m, size_t n)
{
	m->random ^= m->random >> 12;
	m->random ^= m->random << 25;
	m->random ^= m->random >> 27;
	return (size_t)((m->random * UINT64_C(2685821657736338717)) >> 33) % n;
}

static const struct cert *
now_of(const struct model *m, enum who w)
{
	return m->f->id[w][m->keys.age[w]].cert;
}

static const struct privkey *
key_of(const struct model *m, const struct cert *c)
{
	for (enum who w = 0; w < WHO; w++)
		for (size_t age = 0; age < AGES; age++)
			if (m->f->id[w][age].cert == c)
				return m->f->id[w][age].key;
	return NULL;
}

static const struct cert *
next_of(const struct model *m, enum who w)
{
	return m->keys.announced[w] ? m->f->id[w][m->keys.age[w] + 1].cert : NULL;
}

static struct trustlist_plan
plan_of(const struct model *m)
{
	return (struct trustlist_plan){ .generation = m->keys.generation,
		.other_signer = m->keys.reset,
		.next_itlrecovery = next_of(m, REC),
		.next_callmanager = next_of(m, CM),
		.next_tvs = next_of(m, TVS),
		.next_capf = next_of(m, CAPF),
		.itlrecovery = now_of(m, REC),
		.callmanager = now_of(m, CM),
		.capf = now_of(m, CAPF),
		.tvs = { now_of(m, TVS) },
		.tvs_count = 1,
		.tftp = true,
		.digest = ENVELOPE_SHA1,
		.timestamp = LISTS_NOW + m->keys.epoch };
}

static int
list_add(struct model *m, struct bytes *bare, const struct cert *signer)
{
	struct list *l = &m->list[m->lists];
	struct err e = { 0 };

	assert_true(m->lists < LISTS);
	*l = (struct list){ .epoch = m->keys.epoch };
	assert_ok(signedfile_sign(bytes_span(bare), key_of(m, signer), &l->file, &e), e);
	trust_eval_offer_read(bytes_span(&l->file), &l->read);
	assert_ok(l->read.is_sound, l->read.why);
	bytes_free(bare);
	return m->lists++;
}

static void
publish(struct model *m)
{
	struct trustlist_plan plan = plan_of(m);
	struct bytes bare;
	struct err e = { 0 };

	plan.empty = m->keys.rollback;
	m->keys.epoch = ++m->epochs;
	assert_ok(trustlist_build(&plan, &bare, &e), e);
	m->keys.current = list_add(m, &bare, trustlist_plan_signer(&plan));
}

static int
bridge_of(struct model *m, const struct handout *h)
{
	const struct trustlist_plan plan = plan_of(m);
	const struct trustlist_bridge b = { h->signer, h->tftp };
	struct bytes bare;
	struct err e = { 0 };
	int made;

	for (int i = 0; i < m->lists; i++)
		if (m->list[i].epoch == m->keys.epoch && m->list[i].signer == h->signer &&
		    m->list[i].tftp == h->tftp)
			return i;
	assert_ok(trustlist_build_bridge(&plan, &b, &bare, &e), e);
	made = list_add(m, &bare, h->signer);
	m->list[made].signer = h->signer;
	m->list[made].tftp = h->tftp;
	return made;
}

static void
lists_cut(struct model *m, int count)
{
	while (m->lists > count) {
		struct list *l = &m->list[--m->lists];

		trust_eval_offer_free(&l->read);
		bytes_free(&l->file);
	}
}

/* --- what the planner says --- */

static struct trustview *
view_of(const struct model *m)
{
	struct trustview *v = trustview_new();

	trustview_add_own(v, PURPOSE_CALLMANAGER, now_of(m, CM));
	trustview_add_own(v, PURPOSE_ITLRECOVERY, now_of(m, REC));
	trustview_add_own(v, PURPOSE_TVS, now_of(m, TVS));
	trustview_add_own(v, PURPOSE_CAPF, now_of(m, CAPF));
	return v;
}

static size_t
keys_of(const struct model *m, struct handout_key out[KEYS_MAX])
{
	size_t n = 0;

	out[n++] = (struct handout_key){ now_of(m, REC), false };
	out[n++] = (struct handout_key){ now_of(m, CM), true };
	for (size_t age = AGES; age-- > 0;)
		for (enum who w = CM; w <= REC; w++)
			if (age < m->keys.age[w] && !m->keys.gone[w][age])
				out[n++] = (struct handout_key){ m->f->id[w][age].cert, w == CM };
	return n;
}

static struct trust_boot_world
world_of(const struct model *m, const struct trustview *view, int list, struct span config)
{
	const struct trust_boot_tvs tvs = { true, now_of(m, TVS), view };

	return (struct trust_boot_world){ .itl = bytes_span(&m->list[list].file),
		.itl_read = &m->list[list].read,
		.config = config,
		.tvs = { tvs },
		.next_tvs = { tvs },
		.tvs_count = 1,
		.next_tvs_count = 1,
		.now = LISTS_NOW };
}

static struct handout_member
member_of(struct list *l, const struct model *m, const struct handout_world *w)
{
	struct handout_member member = { .itl = &l->read.list };

	if (l->fate_epoch != m->keys.epoch)
		handout_boot(&member, w, &l->fate);
	l->fate_epoch = m->keys.epoch;
	member.fate = &l->fate;
	return member;
}

static void
ask(struct model *m, uint64_t belief, struct handout *out)
{
	struct handout_member member[LISTS] = { 0 };
	struct handout_key keys[KEYS_MAX];
	struct trustview *view = view_of(m);
	const struct handout_world w = {
		.served =
		    world_of(m, view, m->keys.current, bytes_span(&m->f->config[m->keys.age[CM]])),
		.tftp = now_of(m, CM),
		.key = keys,
		.key_count = keys_of(m, keys),
		.bridges = true,
	};
	size_t n = 0;

	for (int i = 0; i < m->lists; i++)
		if (belief & UINT64_C(1) << i)
			member[n++] = member_of(&m->list[i], m, &w);
	handout_decide(member, n, &w, out);
	trustview_free(view);
}

/* Nothing but a change of keys changes what is said of a set; each has an epoch of its own. */
static void
decide(struct model *m, uint64_t belief, struct handout *out)
{
	struct said *s = &m->said[m->said_count % SAID];

	for (size_t i = 0; i < SAID; i++)
		if (m->said[i].epoch == m->keys.epoch && m->said[i].belief == belief) {
			*out = m->said[i].handout;
			return;
		}
	ask(m, belief, out);
	*s = (struct said){ m->keys.epoch, belief, *out };
	m->said_count++;
}

static const struct phone *
first_lost(struct model *m)
{
	for (size_t i = 0; i < PHONES; i++) {
		struct handout h;

		decide(m, m->phone[i].belief, &h);
		if (h.outcome == HANDOUT_LOST)
			return &m->phone[i];
	}
	return NULL;
}

/* --- what phones do --- */

static int
fetch_list(struct model *m, struct phone *p, bool own)
{
	struct handout h;
	int list;

	if (own && p->read && p->bridge != NO_LIST) {
		p->belief = UINT64_C(1) << p->bridge;
		p->bridge = NO_LIST;
		p->read = false;
	}
	decide(m, p->belief, &h);
	list = h.signer == NULL ? m->keys.current : bridge_of(m, &h);
	p->belief |= UINT64_C(1) << list;
	if (p->bridge != list) {
		p->bridge = NO_LIST;
		p->read = false;
	}
	if (h.signer != NULL && !p->read) {
		p->bridge = list;
		p->own = own;
	}
	return list;
}

static struct span
fetch_config(struct model *m, struct phone *p)
{
	struct handout h;

	p->read = p->read || (p->bridge != NO_LIST && p->own);
	decide(m, p->belief, &h);
	for (size_t age = 0; age < AGES; age++)
		if (h.tftp == m->f->id[CM][age].cert)
			return bytes_span(&m->f->config[age]);
	return bytes_span(&m->f->config[m->keys.age[CM]]);
}

/* False: it refused what it was handed. */
static bool
boot(struct model *m, struct phone *p, bool loses_power)
{
	int list = fetch_list(m, p, true);
	struct span config = loses_power ? (struct span){ 0 } : fetch_config(m, p);
	struct trustview *view = view_of(m);
	const struct trust_boot_world w = world_of(m, view, list, config);
	struct trust_boot got;

	trust_boot(NULL, p->held == NO_LIST ? NULL : &m->list[p->held].read.list, &w, &got);
	trustview_free(view);
	if (trust_boot_is_taken(&got.itl))
		p->held = list;
	return trust_boot_is_taken(&got.itl) && got.config.how != TRUST_BOOT_REJECTED;
}

static bool
comes_back(struct model *m, struct phone *p)
{
	bool ok = true;

	for (int i = 0; i < BOOTS && (p->held != m->keys.current || i == 0); i++)
		ok = boot(m, p, false) && ok;
	return ok && p->held == m->keys.current;
}

/* --- changes --- */

/* A phone that holds one of the lists it may hold does not come back: the guard did not refuse
 * for nothing. */
static bool
one_is_lost(struct model *m, const struct phone *lost)
{
	int before = m->lists;

	for (int i = 0; i < before; i++) {
		struct phone p = *lost;
		bool back;

		if (!(lost->belief & UINT64_C(1) << i))
			continue;
		p.held = i;
		back = comes_back(m, &p);
		lists_cut(m, before);
		if (!back)
			return true;
	}
	return false;
}

/* The guard: undoes what leaves a phone lost. */
static bool
settle(struct model *m, const struct keys *before, int lists)
{
	const struct phone *lost = first_lost(m);
	bool ok = lost == NULL || one_is_lost(m, lost);

	if (lost != NULL) {
		lists_cut(m, lists);
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
	publish(m);
	return settle(m, &before, lists);
}

/* Who signs, or whether everybody is handed the empty list. */
static bool
change_signer(struct model *m)
{
	const struct keys before = m->keys;
	int lists = m->lists;

	switch (below(m, 3)) {
	case 0:
		m->keys.reset = !m->keys.reset && generation_has_other_signer(m->keys.generation);
		break;
	case 1:
		m->keys.generation = (enum generation)below(m, GENERATION_G12 + 1);
		m->keys.reset = false;
		break;
	default:
		m->keys.rollback = !m->keys.rollback;
	}
	publish(m);
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
		fetch_list(m, p, false);
		return true;
	case 8:
		return boot(m, p, true);
	default:
		return boot(m, p, false);
	}
}

static void
begin(struct model *m)
{
	m->keys = (struct keys){ .generation = (enum generation)below(m, GENERATION_G12 + 1) };
	publish(m);
	for (size_t i = 0; i < PHONES; i++)
		m->phone[i] = (struct phone){ .held = i == 0 ? NO_LIST : m->keys.current,
			.belief = i == 0 ? 0 : UINT64_C(1) << m->keys.current,
			.bridge = NO_LIST };
}

static bool
all_come_back(struct model *m)
{
	for (size_t i = 0; i < PHONES; i++)
		if (!comes_back(m, &m->phone[i])) {
			print_error("phone %zu does not come back\n", i);
			return false;
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
	while (ok && done < ACTIONS && m->lists + ROOM + PHONES * BOOTS < LISTS) {
		ok = act(m);
		done++;
		if (!ok)
			print_error("action %zu of the episode\n", done);
	}
	ok = ok && all_come_back(m);
	lists_cut(m, 0);
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
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_phone_comes_back_from_whatever_the_guard_allows),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
