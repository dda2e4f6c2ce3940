#include "rules/handout.h"

#include "base/mem.h"
#include "rules/trust_record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIGNS_LISTS TRUST_RECORD_ROLE(FUNCTION_SAST)
#define SIGNS_FILES (TRUST_RECORD_ROLE(FUNCTION_TFTP) | TRUST_RECORD_ROLE(FUNCTION_CCM_TFTP))

const char *
handout_outcome_name(enum handout_outcome o)
{
	static const char *const names[HANDOUT_OUTCOMES] = {
		[HANDOUT_KEEPS] = "keeps",
		[HANDOUT_CTL] = "ctl",
		[HANDOUT_TVS] = "tvs",
		[HANDOUT_RETIRED_KEY] = "retired-key",
		[HANDOUT_LOST] = "lost",
		[HANDOUT_UNKNOWN] = "unknown",
	};

	return names[o];
}

/* --- who knows what --- */

/* It takes whatever comes (phone.md 2.3, rows 1 to 6). */
static bool
is_blind(const struct handout_member *m)
{
	return !trust_eval_wants_signed(&(struct trust_eval_state){ .ctl = m->ctl, .itl = m->itl });
}

bool
handout_all_know(
    const struct handout_member *member, size_t count, const struct cert *c, uint32_t roles)
{
	for (size_t i = 0; i < count; i++)
		if (!is_blind(&member[i]) && !trust_record_knows(member[i].ctl, c, roles) &&
		    !trust_record_knows(member[i].itl, c, roles))
			return false;
	return true;
}

/* --- without help --- */

static enum handout_outcome
outcome_of(const struct trust_boot_step *s)
{
	switch (s->how) {
	case TRUST_BOOT_BLIND:
		return HANDOUT_KEEPS;
	case TRUST_BOOT_BY_RECORD:
		return s->by_ctl ? HANDOUT_CTL : HANDOUT_KEEPS;
	case TRUST_BOOT_BY_TVS:
		return HANDOUT_TVS;
	case TRUST_BOOT_NOTHING:
	case TRUST_BOOT_REJECTED:
		break;
	}
	return HANDOUT_LOST;
}

/* The list that is taken with more trouble: one for which TVS is asked counts also when the other
 * needs none. */
static bool
ctl_decides(const struct trust_boot *b)
{
	return b->ctl.how == TRUST_BOOT_REJECTED ||
	       (b->ctl.how == TRUST_BOOT_BY_TVS && b->itl.how != TRUST_BOOT_REJECTED);
}

/* What decides is whether it takes the lists; where none is served, the configuration. One that
 * takes files and no list goes on with what it holds, and the next change of a key leaves it. */
void
handout_boot(
    const struct handout_member *m, const struct handout_world *w, struct handout_fate *out)
{
	const struct trust_boot_step *decides;
	struct trust_boot got;

	trust_boot(m->ctl, m->itl, &w->served, &got);
	decides = got.itl.how == TRUST_BOOT_NOTHING ? &got.config : &got.itl;
	if (ctl_decides(&got))
		decides = &got.ctl;
	*out = (struct handout_fate){ .outcome = outcome_of(decides),
		.tvs = decides->tvs,
		.refuses = got.itl.how == TRUST_BOOT_REJECTED };
	out->no_config = out->outcome != HANDOUT_LOST && got.config.how == TRUST_BOOT_REJECTED;
	out->takes_ctl = trust_boot_is_taken(&got.ctl);
	snprintf(out->reason, sizeof out->reason, "%s", decides->reason);
}

/* room is for that of a member which was not booted yet. */
static const struct handout_fate *
fate_of(const struct handout_member *m, const struct handout_world *w, struct handout_fate *room)
{
	if (m->fate != NULL)
		return m->fate;
	handout_boot(m, w, room);
	return room;
}

/* As the worst of them. */
static void
fate_of_all(const struct handout_member *member, size_t count, const struct handout_world *w,
    struct handout_fate *out)
{
	for (size_t i = 0; i < count; i++) {
		struct handout_fate booted;
		const struct handout_fate *one = fate_of(&member[i], w, &booted);
		bool refuses, no_config;

		refuses = (i == 0 || out->refuses) && (one->refuses || member[i].doubted);
		no_config = one->no_config || (i > 0 && out->no_config);
		if (i == 0 || one->outcome > out->outcome)
			*out = *one;
		out->refuses = refuses;
		out->no_config = no_config;
	}
}

/* --- help --- */

/* The first key that all know, for lists or for files; NULL: none. */
static const struct cert *
common_key(const struct handout_member *member, size_t count, const struct handout_world *w,
    uint32_t roles)
{
	for (size_t i = 0; i < w->key_count; i++) {
		const struct handout_key *k = &w->key[i];

		if ((roles == SIGNS_LISTS || k->signs_files) &&
		    handout_all_know(member, count, k->cert, roles))
			return k->cert;
	}
	return NULL;
}

/* When the list that is served has been taken by some and not yet by others of the members, there
 * is still a key that all know: else the next change could not reach the phone. */
static bool
keeps_common_key(const struct handout_member *member, size_t count, const struct handout_world *w)
{
	struct trustlist next;
	const struct handout_member taken = { .itl = &next };
	bool found = false;

	if (!trustlist_parse(w->served.itl, &next, NULL))
		return true; /* no list is served */
	for (size_t i = 0; i < w->key_count && !found; i++)
		found = handout_all_know(member, count, w->key[i].cert, SIGNS_LISTS) &&
			handout_all_know(&taken, 1, w->key[i].cert, SIGNS_LISTS);
	trustlist_free(&next);
	return found;
}

static bool
help(const struct handout_member *member, size_t count, const struct handout_world *w,
    const struct handout_fate *f, struct handout *out)
{
	const struct cert *signer = common_key(member, count, w, SIGNS_LISTS), *tftp;

	if (signer == NULL)
		return false;
	tftp = common_key(member, count, w, SIGNS_FILES);
	out->signer = signer;
	out->tftp = tftp != w->tftp ? tftp : NULL;
	if (f->outcome == HANDOUT_LOST || f->outcome == HANDOUT_TVS) /* nobody is asked then */
		out->outcome = HANDOUT_RETIRED_KEY;
	snprintf(out->reason, sizeof out->reason,
	    "it is handed a bridge signed by %.120s, which it knows", cert_subject_cucm(signer));
	return true;
}

/* As if it did not hold what it must have refused. */
static bool
help_without_doubt(const struct handout_member *member, size_t count, const struct handout_world *w,
    const struct handout_fate *f, struct handout *out)
{
	struct handout_member *sure = mem_new(count, sizeof *sure);
	size_t n = 0;
	bool helped;

	for (size_t i = 0; i < count; i++)
		if (!member[i].doubted)
			sure[n++] = member[i];
	helped = n > 0 && n < count && help(sure, n, w, f, out);
	free(sure);
	return helped;
}

/* --- files of who keeps its lists --- */

/* With the lists that it has after its boot: by the CTL, when there is one; else, since the ITL is
 * empty, whatever comes. */
static bool
takes_file_by(const struct handout_member *m, const struct handout_world *w,
    const struct trustlist *served_ctl, const struct cert *key)
{
	struct handout_fate booted;
	const struct handout_fate *f = fate_of(m, w, &booted);
	const struct trustlist *ctl = f->takes_ctl ? served_ctl : m->ctl;

	if (ctl == NULL)
		return f->outcome != HANDOUT_LOST;
	return f->no_config && trust_record_knows(ctl, key, SIGNS_FILES);
}

static const struct cert *
key_by_ctls(const struct handout_member *member, size_t count, const struct handout_world *w,
    const struct trustlist *served_ctl)
{
	for (size_t i = 0; i < w->key_count; i++) {
		const struct handout_key *k = &w->key[i];
		bool all = k->signs_files;

		for (size_t j = 0; j < count && all; j++)
			all = takes_file_by(&member[j], w, served_ctl, k->cert);
		if (all)
			return k->cert;
	}
	return NULL;
}

static bool
is_empty(struct span list)
{
	struct trustlist t;
	bool empty;

	if (!trustlist_parse(list, &t, NULL))
		return false;
	empty = trust_eval_list_is_empty(&t);
	trustlist_free(&t);
	return empty;
}

/* An earlier key that signs files for phones whose CTL names it, beside an ITL that names none: the
 * empty one. NULL: there is none for all members. */
static const struct cert *
key_by_ctl(const struct handout_member *member, size_t count, const struct handout_world *w)
{
	struct trustlist served = { 0 };
	const struct cert *key;
	bool is_served;

	if (!is_empty(w->served.itl))
		return NULL;
	is_served = trustlist_parse(w->served.ctl, &served, NULL);
	key = key_by_ctls(member, count, w, is_served ? &served : NULL);
	if (is_served)
		trustlist_free(&served);
	return key;
}

/* After a bridge to the empty list whoever has a CTL judges files by that alone: by the bridge CTL,
 * whose records are those of the CTL that is served, or by its own where none is. */
static bool
bridge_ends_config(const struct handout_member *member, size_t count, const struct handout_world *w,
    const struct handout *out)
{
	const struct cert *key = out->tftp != NULL ? out->tftp : w->tftp;
	struct trustlist served = { 0 };
	bool is_served, ends = false;

	if (!is_empty(w->served.itl))
		return false;
	is_served = trustlist_parse(w->served.ctl, &served, NULL);
	for (size_t i = 0; i < count && !ends; i++)
		ends = member[i].ctl != NULL &&
		       !trust_record_knows(is_served ? &served : member[i].ctl, key, SIGNS_FILES);
	if (is_served)
		trustlist_free(&served);
	return ends;
}

/* --- in turn --- */

/* Members that no turn is for yet. */
struct waiting {
	struct handout_member *member;
	size_t count;
};

static bool
knows(const struct handout_member *m, const struct cert *c)
{
	return handout_all_know(m, 1, c, SIGNS_LISTS);
}

static bool
is_lost(const struct handout_member *m, const struct handout_world *w)
{
	struct handout_fate booted;

	return fate_of(m, w, &booted)->outcome == HANDOUT_LOST;
}

static void
turn_add(struct handout *out, const struct handout_world *w, const struct cert *signer,
    const struct handout_member *member, size_t count)
{
	/* The list of everybody names the current key only. */
	const struct cert *tftp = signer != NULL ? common_key(member, count, w, SIGNS_FILES) : NULL;

	out->turn[out->turns++] = (struct handout_turn){ signer, tftp != NULL ? tftp : w->tftp };
}

/* Takes those out of them who know the key (none: who take what everybody is handed), and gives
 * them a turn. */
static void
turn_take(struct waiting *wait, const struct handout_world *w, const struct cert *signer,
    struct handout *out)
{
	struct handout_member *taken = mem_new(wait->count, sizeof *taken);
	size_t n = 0, left = 0;

	for (size_t i = 0; i < wait->count; i++) {
		const struct handout_member *m = &wait->member[i];

		if (signer != NULL ? knows(m, signer) : !is_lost(m, w))
			taken[n++] = *m;
		else
			wait->member[left++] = *m;
	}
	wait->count = left;
	if (n > 0)
		turn_add(out, w, signer, taken, n);
	free(taken);
}

/* The key that most of them know; NULL: none knows any. */
static const struct cert *
best_known(const struct waiting *wait, const struct handout_world *w)
{
	const struct cert *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < w->key_count; i++) {
		size_t n = 0;

		for (size_t j = 0; j < wait->count; j++)
			n += knows(&wait->member[j], w->key[i].cert);
		if (n > most) {
			most = n;
			best = w->key[i].cert;
		}
	}
	return best;
}

/* Those that know no key of ours have no turn. A list that is refused does no harm. */
static void
help_in_turn(const struct handout_member *member, size_t count, const struct handout_world *w,
    struct handout *out)
{
	struct waiting wait = { mem_new(count, sizeof *wait.member), count };
	const struct cert *key;

	memcpy(wait.member, member, count * sizeof *member);
	turn_take(&wait, w, NULL, out);
	while (out->turns < HANDOUT_TURNS_MAX && (key = best_known(&wait, w)) != NULL)
		turn_take(&wait, w, key, out);
	out->turns_for_all = wait.count == 0;
	free(wait.member);
	if (out->turns == 1 && out->turn[0].signer == NULL)
		out->turns = 0; /* as without turns */
	if (out->turns > 0)
		snprintf(out->reason, sizeof out->reason,
		    "no key is known to all lists that it may hold: it is handed %zu in turn, a "
		    "boot each",
		    out->turns);
}

/* By a key that is known to it and still here, or by what is served. */
static bool
is_reachable(const struct handout_member *m, const struct handout_world *w)
{
	bool found = !is_lost(m, w);

	for (size_t i = 0; i < w->key_count && !found; i++)
		found = knows(m, w->key[i].cert);
	return found;
}

static void
count_reachable(const struct handout_member *member, size_t count, const struct handout_world *w,
    struct handout *out)
{
	out->hopeless = count > 0;
	for (size_t i = 0; i < count; i++)
		if (is_reachable(&member[i], w)) {
			out->reachable++;
			out->hopeless = out->hopeless && member[i].doubted;
		}
}

/* What helps them, when the list of everybody is not for all or leaves them no key. */
static void
decide_help(const struct handout_member *member, size_t count, const struct handout_world *w,
    const struct handout_fate *f, struct handout *out)
{
	if (w->bridges && (f->outcome == HANDOUT_LOST || !keeps_common_key(member, count, w)) &&
	    !help(member, count, w, f, out) && f->outcome == HANDOUT_LOST &&
	    !help_without_doubt(member, count, w, f, out))
		help_in_turn(member, count, w, out);
	out->refuses = out->signer == NULL && f->refuses;
	if (f->no_config && out->signer == NULL && w->bridges)
		out->tftp = key_by_ctl(member, count, w);
	out->no_config = out->signer != NULL ? bridge_ends_config(member, count, w, out)
					     : f->no_config && out->tftp == NULL;
}

/* It is lost, unless its lists were erased: then it holds what is reachable, and is helped as who
 * holds nothing else. */
static void
decide_as_erased(const struct handout_member *member, size_t count, const struct handout_world *w,
    struct handout *out)
{
	struct handout_member *alive = mem_new(count, sizeof *alive);
	char why[sizeof out->reason];
	struct handout_fate f;
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (is_reachable(&member[i], w)) {
			alive[n] = member[i];
			alive[n++].doubted = false;
		}
	memcpy(why, out->reason, sizeof why);
	fate_of_all(alive, n, w, &f);
	decide_help(alive, n, w, &f, out);
	out->outcome = HANDOUT_LOST;
	out->refuses = out->signer == NULL;
	snprintf(
	    out->reason, sizeof out->reason, "%.160s; unless its lists were erased since", why);
	free(alive);
}

/* It may hold a list of a cluster whose key was taken over, the last one if there are several. One
 * that holds none takes any. */
static void
decide_unknown(const struct handout_world *w, struct handout *out)
{
	snprintf(out->reason, sizeof out->reason, "no list was ever handed to it");
	for (size_t i = 0; i < w->key_count && w->bridges && out->signer == NULL; i++)
		if (w->key[i].taken_over) {
			out->signer = w->key[i].cert;
			out->has_ctl = w->served.ctl.n > 0;
			out->tftp = w->key[i].signs_files ? w->key[i].cert : NULL;
			snprintf(out->reason, sizeof out->reason,
			    "no list was ever handed to it: its first is signed by %.120s, which "
			    "was taken over",
			    cert_subject_cucm(out->signer));
		}
}

void
handout_decide(const struct handout_member *member, size_t count, const struct handout_world *w,
    struct handout *out)
{
	struct handout_fate f;

	*out = (struct handout){ .outcome = HANDOUT_UNKNOWN };
	for (size_t i = 0; i < count; i++)
		out->has_ctl = out->has_ctl || member[i].ctl != NULL;
	if (count == 0) {
		decide_unknown(w, out);
		return;
	}
	fate_of_all(member, count, w, &f);
	count_reachable(member, count, w, out);
	out->outcome = f.outcome;
	out->tvs = f.tvs;
	snprintf(out->reason, sizeof out->reason, "%s", f.reason);
	if (out->hopeless && out->reachable > 0)
		decide_as_erased(member, count, w, out);
	else
		decide_help(member, count, w, &f, out);
}

bool
handout_cuts_off(const struct handout *before, const struct handout *after)
{
	if (after->outcome == HANDOUT_LOST && (before == NULL || before->outcome != HANDOUT_LOST))
		return true;
	return before != NULL && after->reachable < before->reachable;
}
