#include "handout_model.h"

#include "rules/ctl_build.h"
#include "rules/signedfile.h"

#define KEYS_MAX (2 * AGES)

int
model_setup(void **state)
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

int
model_teardown(void **state)
{
	struct fixture *f = *state;

	for (size_t age = 0; age < AGES; age++) {
		for (enum who w = 0; w < WHO; w++)
			identity_free(&f->id[w][age]);
		bytes_free(&f->config[age]);
	}
	return 0;
}

/* --- keys and lists --- */

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

static void
forget_told(struct model *m, int list)
{
	for (int i = 0; i <= LISTS; i++)
		m->told[list + 1][i].epoch = m->told[i][list + 1].epoch = 0;
}

static int
list_add(struct model *m, struct bytes *bare, const struct cert *signer)
{
	struct list *l = &m->list[m->lists];
	struct err e = { 0 };

	assert_true(m->lists < LISTS);
	*l = (struct list){ .epoch = m->keys.epoch };
	forget_told(m, m->lists);
	assert_ok(signedfile_sign(bytes_span(bare), key_of(m, signer), &l->file, &e), e);
	trust_eval_offer_read(bytes_span(&l->file), &l->read);
	assert_ok(l->read.is_sound, l->read.why);
	bytes_free(bare);
	return m->lists++;
}

static struct ctl_plan
ctl_plan_of(const struct model *m)
{
	return (struct ctl_plan){ .generation = m->keys.generation,
		.itlrecovery = now_of(m, REC),
		.callmanager = now_of(m, CM),
		.node = { { .host = "one", .callmanager = now_of(m, CM) } },
		.node_count = 1,
		.capf = now_of(m, CAPF),
		.non_secure = m->keys.security != MIXED,
		.digest = ENVELOPE_SHA1,
		.timestamp = LISTS_NOW + m->keys.epoch };
}

static void
publish_ctl(struct model *m)
{
	const struct ctl_plan plan = ctl_plan_of(m);
	struct bytes bare;
	struct err e = { 0 };

	m->keys.ctl = NO_LIST;
	if (m->keys.security == NEVER_MIXED)
		return;
	assert_ok(ctl_build(&plan, &bare, &e), e);
	m->keys.ctl = list_add(m, &bare, ctl_plan_signer(&plan));
	m->list[m->keys.ctl].is_ctl = true;
}

void
model_publish(struct model *m)
{
	struct trustlist_plan plan = plan_of(m);
	struct bytes bare;
	struct err e = { 0 };

	plan.empty = m->keys.rollback;
	m->keys.epoch = ++m->epochs;
	assert_ok(trustlist_build(&plan, &bare, &e), e);
	m->keys.current = list_add(m, &bare, trustlist_plan_signer(&plan));
	publish_ctl(m);
}

static void
bridge_build(const struct model *m, const struct handout *h, bool is_ctl, struct bytes *bare)
{
	const struct trustlist_plan plan = plan_of(m);
	const struct trustlist_bridge b = { .signer = h->signer, .tftp = h->tftp };
	struct ctl_plan ctl = ctl_plan_of(m);
	struct err e = { 0 };

	ctl.token[0] = h->signer;
	ctl.token_count = 1;
	if (is_ctl)
		assert_ok(ctl_build(&ctl, bare, &e), e);
	else
		assert_ok(trustlist_build_bridge(&plan, &b, bare, &e), e);
}

static int
bridge_of(struct model *m, const struct handout *h, bool is_ctl)
{
	struct bytes bare;
	int made;

	for (int i = 0; i < m->lists; i++)
		if (m->list[i].epoch == m->keys.epoch && m->list[i].signer == h->signer &&
		    m->list[i].tftp == h->tftp && m->list[i].is_ctl == is_ctl)
			return i;
	bridge_build(m, h, is_ctl, &bare);
	made = list_add(m, &bare, h->signer);
	m->list[made].signer = h->signer;
	m->list[made].tftp = h->tftp;
	m->list[made].is_ctl = is_ctl;
	return made;
}

void
model_cut(struct model *m, int count)
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
world_of(const struct model *m, const struct trustview *view, int ctl, int itl, struct span config)
{
	const struct trust_boot_tvs tvs = { true, now_of(m, TVS), view };
	struct trust_boot_world w = { .itl = bytes_span(&m->list[itl].file),
		.itl_read = &m->list[itl].read,
		.config = config,
		.tvs = { tvs },
		.next_tvs = { tvs },
		.tvs_count = 1,
		.next_tvs_count = 1,
		.now = LISTS_NOW };

	if (ctl == NO_LIST)
		return w;
	w.ctl = bytes_span(&m->list[ctl].file);
	w.ctl_read = &m->list[ctl].read;
	return w;
}

static const struct trustlist *
held_of(const struct model *m, int list)
{
	return list != NO_LIST ? &m->list[list].read.list : NULL;
}

static struct handout_member
member_of(struct model *m, int ctl, int itl, const struct handout_world *w)
{
	struct handout_member member = { .ctl = held_of(m, ctl), .itl = held_of(m, itl) };
	struct told *t = &m->told[ctl + 1][itl + 1];

	if (t->epoch != m->keys.epoch)
		handout_boot(&member, w, &t->fate);
	t->epoch = m->keys.epoch;
	member.fate = &t->fate;
	return member;
}

size_t
model_lists_of(const struct model *m, uint64_t belief, bool is_ctl, int out[LISTS + 1])
{
	size_t n = 0;

	for (int i = 0; i < m->lists; i++)
		if (belief & UINT64_C(1) << i && m->list[i].is_ctl == is_ctl)
			out[n++] = i;
	out[n] = NO_LIST;
	return n;
}

/* As cluster/handouts.c: each ITL with each CTL, and without one. */
static size_t
members_of(struct model *m, uint64_t belief, const struct handout_world *w,
    struct handout_member out[LISTS * LISTS])
{
	int ctl[LISTS + 1], itl[LISTS + 1];
	size_t ctls = model_lists_of(m, belief, true, ctl),
	       itls = model_lists_of(m, belief, false, itl), n = 0;

	for (size_t c = 0; c <= ctls && ctls + itls > 0; c++)
		for (size_t i = 0; i < itls || i == 0; i++)
			out[n++] = member_of(m, ctl[c], itl[i], w);
	return n;
}

static void
ask(struct model *m, uint64_t belief, struct handout *out)
{
	static struct handout_member member[LISTS * LISTS];
	struct handout_key keys[KEYS_MAX];
	struct trustview *view = view_of(m);
	const struct handout_world w = {
		.served = world_of(m, view, m->keys.ctl, m->keys.current,
		    bytes_span(&m->f->config[m->keys.age[CM]])),
		.tftp = now_of(m, CM),
		.key = keys,
		.key_count = keys_of(m, keys),
		.bridges = true,
	};

	handout_decide(member, members_of(m, belief, &w, member), &w, out);
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

const struct phone *
model_first_lost(struct model *m)
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

static uint64_t
bit(int list)
{
	return list != NO_LIST ? UINT64_C(1) << list : 0;
}

static uint64_t
bits_of(const struct model *m, bool is_ctl)
{
	uint64_t bits = 0;

	for (int i = 0; i < m->lists; i++)
		bits |= m->list[i].is_ctl == is_ctl ? bit(i) : 0;
	return bits;
}

static void
drop_bridge(struct phone *p)
{
	p->bridge = p->ctl_bridge = NO_LIST;
	p->read = false;
}

static void
prove(const struct model *m, struct phone *p)
{
	p->belief = (p->belief & ~bits_of(m, false)) | bit(p->bridge);
	if (p->ctl_bridge != NO_LIST)
		p->belief = (p->belief & ~bits_of(m, true)) | bit(p->ctl_bridge);
	drop_bridge(p);
}

int
model_fetch_list(struct model *m, struct phone *p, bool is_ctl, bool own)
{
	int *bridge = is_ctl ? &p->ctl_bridge : &p->bridge, list;
	struct handout h;

	if (own && p->read && p->bridge != NO_LIST)
		prove(m, p);
	decide(m, p->belief, &h);
	if (h.signer == NULL)
		list = is_ctl ? m->keys.ctl : m->keys.current;
	else
		list = is_ctl && !h.has_ctl ? NO_LIST : bridge_of(m, &h, is_ctl);
	if (list == NO_LIST)
		return list;
	p->belief |= bit(list);
	if (*bridge != NO_LIST && *bridge != list)
		drop_bridge(p);
	if (h.signer != NULL && !p->read) {
		*bridge = list;
		p->own = own;
	}
	return list;
}

static struct span
config_by(const struct model *m, const struct cert *tftp)
{
	for (size_t age = 0; age < AGES; age++)
		if (tftp == m->f->id[CM][age].cert)
			return bytes_span(&m->f->config[age]);
	return bytes_span(&m->f->config[m->keys.age[CM]]);
}

static struct span
fetch_config(struct model *m, struct phone *p)
{
	struct handout h;

	p->read = p->read || (p->bridge != NO_LIST && p->own);
	decide(m, p->belief, &h);
	return config_by(m, h.tftp);
}

static bool
boot_with(struct model *m, struct phone *p, int ctl, int itl, struct span config)
{
	struct trustview *view = view_of(m);
	const struct trust_boot_world w = world_of(m, view, ctl, itl, config);
	struct trust_boot got;

	trust_boot(held_of(m, p->held_ctl), held_of(m, p->held), &w, &got);
	trustview_free(view);
	if (trust_boot_is_taken(&got.ctl))
		p->held_ctl = ctl;
	if (trust_boot_is_taken(&got.itl))
		p->held = itl;
	return trust_boot_is_taken(&got.itl) && got.ctl.how != TRUST_BOOT_REJECTED &&
	       (got.config.how != TRUST_BOOT_REJECTED || m->keys.rollback);
}

bool
model_boot(struct model *m, struct phone *p, bool loses_power)
{
	int ctl = model_fetch_list(m, p, true, true), itl = model_fetch_list(m, p, false, true);
	struct span config = loses_power ? (struct span){ 0 } : fetch_config(m, p);

	return boot_with(m, p, ctl, itl, config);
}

static bool
boot_at_turn(struct model *m, struct phone *p, const struct handout *h, size_t turn)
{
	struct handout one = *h;
	int ctl = m->keys.ctl, itl = m->keys.current;

	one.signer = h->turn[turn].signer;
	one.tftp = h->turn[turn].tftp;
	if (one.signer != NULL) {
		ctl = one.has_ctl ? bridge_of(m, &one, true) : NO_LIST;
		itl = bridge_of(m, &one, false);
	}
	return boot_with(m, p, ctl, itl, config_by(m, one.tftp));
}

bool
model_is_helped_in_turn(struct model *m, int ctl, int itl, size_t *turns)
{
	struct phone p = { .held = itl, .held_ctl = ctl };
	struct handout h;
	bool helped = false;

	decide(m, bits_of(m, true) | bits_of(m, false), &h);
	*turns = h.turns_for_all ? h.turns : 0;
	/* One list at a turn, and its CTL by that at the next, is a way too. */
	for (size_t i = 0; i < 2 * *turns && !helped; i++)
		helped = boot_at_turn(m, &p, &h, i % *turns);
	return helped || *turns == 0;
}

static bool
has_all(const struct model *m, const struct phone *p)
{
	return p->held == m->keys.current && (m->keys.ctl == NO_LIST || p->held_ctl == m->keys.ctl);
}

bool
model_comes_back(struct model *m, struct phone *p)
{
	bool ok = true;

	for (int i = 0; i < BOOTS && (!has_all(m, p) || i == 0); i++)
		ok = model_boot(m, p, false) && ok;
	return ok && has_all(m, p);
}
