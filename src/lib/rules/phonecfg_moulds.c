#include "rules/phonecfg_moulds.h"

#include "base/mem.h"
#include "base/wr.h"
#include "pki/digest.h"
#include "rules/phonecfg_mould.h"

#include <stdlib.h>
#include <uthash.h>

#define WISH_MAX     65536
#define VARIANTS_MAX 16 /* of one template and wish, by which values phones have */

/* One template with one wish. */
struct kind {
	uint8_t id[DIGEST_MAX];
	struct phonecfg_mould *variant[VARIANTS_MAX]; /* the last one used comes first */
	size_t count;
	bool is_hopeless; /* it must be built each time */
	UT_hash_handle hh;
};

struct phonecfg_moulds {
	size_t bytes_max, bytes;
	size_t count;
	struct kind *kinds; /* the one not used for longest comes first */
	struct wr key;      /* reused for every wish */
};

struct phonecfg_moulds *
phonecfg_moulds_new(size_t bytes_max)
{
	struct phonecfg_moulds *all = mem_new(1, sizeof *all);

	all->bytes_max = bytes_max;
	all->key = wr_new(WISH_MAX);
	return all;
}

static void
variant_drop(struct phonecfg_moulds *all, struct kind *k)
{
	struct phonecfg_mould *last = k->variant[--k->count];

	all->bytes -= phonecfg_mould_size(last);
	all->count--;
	phonecfg_mould_free(last);
}

static void
kind_drop(struct phonecfg_moulds *all, struct kind *k)
{
	while (k->count > 0)
		variant_drop(all, k);
	HASH_DEL(all->kinds, k);
	all->bytes -= sizeof *k;
	free(k);
}

void
phonecfg_moulds_free(struct phonecfg_moulds *all)
{
	struct kind *k, *next;

	if (all == NULL)
		return;
	HASH_ITER(hh, all->kinds, k, next)
	kind_drop(all, k);
	wr_free(&all->key);
	free(all);
}

size_t
phonecfg_moulds_count(const struct phonecfg_moulds *all)
{
	return all->count;
}

/* --- kinds --- */

static void
put_text(struct wr *w, const char *text)
{
	wr_text(w, text != NULL ? text : "");
	wr_u8(w, '\0');
}

static void
put_servers(struct wr *w, const struct phonecfg_server *list, size_t count)
{
	wr_u32(w, (uint32_t)count);
	for (size_t i = 0; i < count; i++) {
		put_text(w, list[i].host);
		wr_u16(w, list[i].port);
	}
}

/* Every field that says what is built, but not where values come from. */
static void
put_wish(struct wr *w, const struct phonecfg_wish *wish)
{
	wr_u8(w, wish->is_default);
	put_servers(w, wish->capf, wish->capf_count);
	wr_u8(w, (uint8_t)wish->capf_auth);
	put_servers(w, wish->tvs, wish->tvs_count);
	put_servers(w, wish->manager, wish->manager_count);
	wr_u8(w, (uint8_t)wish->mode);
	wr_u32(w, wish->transport);
	wr_u8(w, wish->encrypted);
	put_text(w, wish->cert_hash);
	wr_u32(w, (uint32_t)wish->vpn_count);
	for (size_t i = 0; i < wish->vpn_count; i++)
		wr_span(w, wish->vpn_sha1[i]);
	for (size_t i = 0; i < PHONECFG_URLS; i++)
		put_text(w, wish->secure_url[i]);
	wr_u8(w, wish->rollback);
}

static bool
kind_id(struct phonecfg_moulds *all, struct span xml, const struct phonecfg_wish *wish,
    struct digest *out)
{
	struct span parts[2];

	wr_reset(&all->key);
	put_wish(&all->key, wish);
	parts[0] = wr_view(&all->key);
	parts[1] = xml;
	return wr_ok(&all->key) && digest_spans(DIGEST_SHA256, parts, 2, out, NULL);
}

/* Makes it the last one used. */
static struct kind *
kind_find(struct phonecfg_moulds *all, const struct digest *id)
{
	struct kind *k;

	HASH_FIND(hh, all->kinds, id->p, id->n, k);
	if (k == NULL)
		return NULL;
	HASH_DEL(all->kinds, k);
	HASH_ADD(hh, all->kinds, id, id->n, k);
	return k;
}

static void
kind_add(struct phonecfg_moulds *all, const struct digest *id)
{
	struct kind *k = mem_new(1, sizeof *k);

	memcpy(k->id, id->p, id->n);
	HASH_ADD(hh, all->kinds, id, id->n, k);
	all->bytes += sizeof *k;
}

static void
make_room(struct phonecfg_moulds *all)
{
	while (all->bytes > all->bytes_max && all->kinds != NULL)
		kind_drop(all, all->kinds);
}

/* --- variants --- */

static void
variant_first(struct kind *k, size_t at)
{
	struct phonecfg_mould *m = k->variant[at];

	memmove(k->variant + 1, k->variant, at * sizeof *k->variant);
	k->variant[0] = m;
}

static bool
cast(struct kind *k, const struct phonecfg_wish *w, struct bytes *out,
    char stamp[PHONECFG_STAMP_MAX])
{
	for (size_t i = 0; i < k->count; i++)
		if (phonecfg_mould_cast(k->variant[i], w->lookup, w->arg, out, stamp)) {
			variant_first(k, i);
			return true;
		}
	return false;
}

static void
variant_add(struct phonecfg_moulds *all, struct kind *k, struct phonecfg_mould *m)
{
	if (k->count == VARIANTS_MAX)
		variant_drop(all, k);
	k->variant[k->count++] = m;
	variant_first(k, k->count - 1);
	all->bytes += phonecfg_mould_size(m);
	all->count++;
}

/* A mould that does not give what was built is none. */
static bool
gives(const struct phonecfg_mould *m, const struct phonecfg_wish *w, struct span built)
{
	char stamp[PHONECFG_STAMP_MAX];
	struct bytes again;
	bool same;

	if (!phonecfg_mould_cast(m, w->lookup, w->arg, &again, stamp))
		return false;
	same = span_eq(bytes_span(&again), built);
	bytes_free(&again);
	return same;
}

static void
learn(struct phonecfg_moulds *all, struct kind *k, struct span xml, const struct phonecfg_wish *w,
    struct span built)
{
	struct phonecfg_mould *m = phonecfg_mould_new(xml, w);

	if (m != NULL && gives(m, w, built)) {
		variant_add(all, k, m);
		return;
	}
	phonecfg_mould_free(m);
	k->is_hopeless = true;
}

/* --- building --- */

/* Passes values on and sees whether they fit into a mould. */
struct watch {
	const struct phonecfg_wish *wish;
	bool fits;
};

static bool
look_up(void *arg, const char *key, char value[PHONECFG_VALUE_MAX])
{
	struct watch *watch = arg;

	if (!watch->wish->lookup(watch->wish->arg, key, value))
		return false;
	watch->fits = watch->fits && phonecfg_mould_fits(value);
	return true;
}

/* A mould is made when the second phone comes: what is one phone's alone is not worth one. */
static bool
build_and_learn(struct phonecfg_moulds *all, const struct digest *id, struct kind *k,
    struct span xml, const struct phonecfg_wish *w, struct bytes *out,
    char stamp[PHONECFG_STAMP_MAX], struct err *e)
{
	struct watch watch = { w, true };
	struct phonecfg_wish watched = *w;

	watched.lookup = look_up;
	watched.arg = &watch;
	if (!phonecfg_build(xml, &watched, out, stamp, e))
		return false;
	if (k == NULL)
		kind_add(all, id);
	else if (watch.fits && !k->is_hopeless)
		learn(all, k, xml, w, bytes_span(out));
	make_room(all);
	return true;
}

bool
phonecfg_moulds_build(struct phonecfg_moulds *all, struct span xml, const struct phonecfg_wish *w,
    struct bytes *out, char stamp[PHONECFG_STAMP_MAX], struct err *e)
{
	struct digest id;
	struct kind *k;

	if (w->lookup == NULL || !kind_id(all, xml, w, &id))
		return phonecfg_build(xml, w, out, stamp, e);
	k = kind_find(all, &id);
	if (k != NULL && cast(k, w, out, stamp))
		return true;
	return build_and_learn(all, &id, k, xml, w, out, stamp, e);
}
