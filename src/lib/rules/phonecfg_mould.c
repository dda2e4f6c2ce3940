#include "rules/phonecfg_mould.h"

#include "base/mem.h"
#include "base/wr.h"
#include "rules/phonecfg_build.h"
#include "rules/phonecfg_fill.h"
#include "rules/phonecfg_stamp.h"

#include <stdio.h>
#include <stdlib.h>

/* A value's stand-in while the mould is made: MARK, the key's number, MARK. U+F8FF is for private
 * use and no template's own. */
#define MARK      "\xef\xa3\xbf"
#define MARK_SIZE 3
#define KEYS_MAX  256
#define DIGITS    2 /* of a key's number, hexadecimal */

/* A key that was looked up. */
struct asked {
	char key[PHONECFG_KEY_MAX];
	bool found;
};

/* A value goes behind so many bytes of the text. */
struct hole {
	size_t at;
	unsigned key;
};

struct phonecfg_mould {
	struct bytes text;
	struct hole *hole;
	size_t holes;
	struct asked *asked;
	size_t keys;
};

/* --- making --- */

struct marking {
	const struct phonecfg_wish *wish;
	struct phonecfg_mould *mould;
	bool too_many; /* keys */
};

static struct asked *
asked_before(const struct phonecfg_mould *m, const char *key)
{
	for (size_t i = 0; i < m->keys; i++)
		if (strcmp(m->asked[i].key, key) == 0)
			return &m->asked[i];
	return NULL;
}

static struct asked *
ask(struct marking *mk, const char *key)
{
	struct phonecfg_mould *m = mk->mould;
	char value[PHONECFG_VALUE_MAX] = "";
	struct asked *a;

	if (m->keys == KEYS_MAX)
		return NULL;
	m->asked = mem_grow(m->asked, m->keys + 1, sizeof *m->asked);
	a = &m->asked[m->keys++];
	snprintf(a->key, sizeof a->key, "%s", key);
	a->found = mk->wish->lookup(mk->wish->arg, key, value);
	mem_wipe(value, sizeof value);
	return a;
}

static bool
give_mark(void *arg, const char *key, char value[PHONECFG_VALUE_MAX])
{
	struct marking *mk = arg;
	struct asked *a = asked_before(mk->mould, key);

	if (a == NULL)
		a = ask(mk, key);
	if (a == NULL) {
		mk->too_many = true;
		return false;
	}
	snprintf(value, PHONECFG_VALUE_MAX, MARK "%02x" MARK, (unsigned)(a - mk->mould->asked));
	return a->found;
}

static bool
has_mark(struct span s)
{
	return memmem(s.p, s.n, MARK, MARK_SIZE) != NULL;
}

/* The number behind a mark, and what follows; false: it is no whole mark. */
static bool
take_mark(const struct phonecfg_mould *m, struct span *rest, unsigned *key)
{
	char digits[DIGITS + 1] = "";
	char *end;

	if (rest->n < 2 * MARK_SIZE + DIGITS ||
	    memcmp(rest->p + MARK_SIZE + DIGITS, MARK, MARK_SIZE) != 0)
		return false;
	memcpy(digits, rest->p + MARK_SIZE, DIGITS);
	*key = (unsigned)strtoul(digits, &end, 16);
	*rest = span_of(rest->p + 2 * MARK_SIZE + DIGITS, rest->n - 2 * MARK_SIZE - DIGITS);
	return *end == '\0' && *key < m->keys;
}

/* Takes the marks out of what was built. */
static bool
take_text(struct phonecfg_mould *m, struct span marked)
{
	struct wr text = wr_new(PHONECFG_MAX);
	struct span rest = marked;
	const uint8_t *at;
	bool ok = true;

	while (ok && (at = memmem(rest.p, rest.n, MARK, MARK_SIZE)) != NULL) {
		unsigned key;

		wr_span(&text, span_of(rest.p, (size_t)(at - rest.p)));
		rest = span_of(at, rest.n - (size_t)(at - rest.p));
		ok = take_mark(m, &rest, &key);
		if (!ok)
			break;
		m->hole = mem_grow(m->hole, m->holes + 1, sizeof *m->hole);
		m->hole[m->holes++] = (struct hole){ text.n, key };
	}
	wr_span(&text, rest);
	if (ok && wr_done(&text, &m->text, NULL))
		return true;
	wr_free(&text);
	return false;
}

static bool
make(struct phonecfg_mould *m, struct span xml, const struct phonecfg_wish *w)
{
	struct marking mk = { w, m, false };
	struct phonecfg_wish marked = *w;
	size_t in_attributes;
	struct bytes built;
	bool ok;

	marked.lookup = give_mark;
	marked.arg = &mk;
	if (!phonecfg_build_unstamped(xml, &marked, &built, &in_attributes))
		return false;
	ok = !mk.too_many && in_attributes == 0 && take_text(m, bytes_span(&built));
	bytes_free(&built);
	return ok;
}

struct phonecfg_mould *
phonecfg_mould_new(struct span xml, const struct phonecfg_wish *w)
{
	struct phonecfg_mould *m;

	if (w->lookup == NULL || w->rollback || has_mark(xml))
		return NULL;
	m = mem_new(1, sizeof *m);
	if (make(m, xml, w))
		return m;
	phonecfg_mould_free(m);
	return NULL;
}

void
phonecfg_mould_free(struct phonecfg_mould *m)
{
	if (m == NULL)
		return;
	bytes_free(&m->text);
	free(m->hole);
	free(m->asked);
	free(m);
}

size_t
phonecfg_mould_size(const struct phonecfg_mould *m)
{
	return sizeof *m + m->text.n + m->holes * sizeof *m->hole + m->keys * sizeof *m->asked;
}

/* --- casting --- */

bool
phonecfg_mould_fits(const char *value)
{
	struct span s = span_str(value);

	return s.n > 0 && strpbrk(value, "<>&\r") == NULL && !has_mark(s) &&
	       phonecfg_fill_may_hold(s);
}

/* All values, one behind the other: that of a key is from end[key] to end[key + 1]. */
static bool
look_up_all(const struct phonecfg_mould *m, phonecfg_lookup *lookup, void *arg, struct wr *values,
    size_t end[KEYS_MAX + 1])
{
	char value[PHONECFG_VALUE_MAX];
	bool ok = true;

	end[0] = 0;
	for (size_t i = 0; ok && i < m->keys; i++) {
		bool found = lookup(arg, m->asked[i].key, value);

		ok = found == m->asked[i].found && (!found || phonecfg_mould_fits(value));
		if (ok && found)
			wr_text(values, value);
		end[i + 1] = values->n;
	}
	mem_wipe(value, sizeof value);
	return ok && wr_ok(values);
}

static bool
pour(const struct phonecfg_mould *m, struct span values, const size_t end[KEYS_MAX + 1],
    struct bytes *out)
{
	struct wr w = wr_new(PHONECFG_MAX);
	size_t from = 0;

	for (size_t i = 0; i < m->holes; i++) {
		const struct hole *h = &m->hole[i];

		wr_span(&w, span_of(m->text.p + from, h->at - from));
		wr_span(&w, span_of(values.p + end[h->key], end[h->key + 1] - end[h->key]));
		from = h->at;
	}
	wr_span(&w, span_of(m->text.p + from, m->text.n - from));
	if (wr_done(&w, out, NULL))
		return true;
	wr_free(&w);
	return false;
}

bool
phonecfg_mould_cast(const struct phonecfg_mould *m, phonecfg_lookup *lookup, void *arg,
    struct bytes *out, char stamp[PHONECFG_STAMP_MAX])
{
	struct wr values = wr_new(KEYS_MAX * (size_t)PHONECFG_VALUE_MAX);
	size_t end[KEYS_MAX + 1];
	bool is_put = false, ok;

	ok = look_up_all(m, lookup, arg, &values, end) && pour(m, wr_view(&values), end, out);
	if (values.p != NULL)
		mem_wipe(values.p, values.n);
	wr_free(&values);
	if (!ok)
		return false;
	if (phonecfg_stamp_put(out, stamp, &is_put, NULL) && is_put)
		return true;
	bytes_free(out);
	return false;
}
