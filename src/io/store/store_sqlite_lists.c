#include "store/store_sqlite.h"

#include "pki/digest.h"

#define COLUMNS "SELECT id, node, kind, digest, version, file, sha256, signer, made FROM lists"

static const char *const kind_words[] = {
	[STORE_LIST_ITL] = "itl",
	[STORE_LIST_EMPTY] = "empty",
	[STORE_LIST_CTL] = "ctl",
	[STORE_LIST_BRIDGE] = "bridge",
	[STORE_LIST_CTL_BRIDGE] = "ctl-bridge",
	[STORE_LIST_FOREIGN] = "foreign",
};

static const char *const digest_words[] = { "sha1", "sha512" };
static const enum envelope_digest digests[] = { ENVELOPE_SHA1, ENVELOPE_SHA512 };

#define KIND_COUNT   (sizeof kind_words / sizeof kind_words[0])
#define DIGEST_COUNT (sizeof digests / sizeof digests[0])

/* NULL: not one that lists are signed with. */
static const char *
digest_word(enum envelope_digest digest)
{
	for (size_t i = 0; i < DIGEST_COUNT; i++)
		if (digests[i] == digest)
			return digest_words[i];
	return NULL;
}

static bool
list_has_words(const struct store_list *l, struct err *e)
{
	return ((unsigned)l->kind < KIND_COUNT && digest_word(l->digest) != NULL) ||
	       err_set(
		   e, ERR_BUG, "trust list of kind %d, digest %d", (int)l->kind, (int)l->digest);
}

static bool
list_next_version(struct store *s, struct store_list *l, struct err *e)
{
	struct query q;
	bool row;

	if (!query_open(s,
		"SELECT coalesce(max(version), 0) + 1 FROM lists WHERE node = ? AND kind = ?", &q,
		e))
		return false;
	query_int(&q, l->node);
	query_text(&q, kind_words[l->kind]);
	if (!query_next(&q, &row, e))
		return false;
	l->version = row ? (uint64_t)query_col_int(&q, 0) : 1;
	query_close(&q);
	return true;
}

static bool
list_insert(struct store *s, void *arg, struct err *e)
{
	struct store_list *l = arg;
	struct query q;

	if (!list_next_version(s, l, e) ||
	    !query_open(s,
		"INSERT INTO lists (node, kind, digest, version, file, sha256, signer, made)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		&q, e))
		return false;
	query_int(&q, l->node);
	query_text(&q, kind_words[l->kind]);
	query_text(&q, digest_word(l->digest));
	query_int(&q, (int64_t)l->version);
	query_blob(&q, bytes_span(&l->file));
	query_blob(&q, bytes_span(&l->sha256));
	query_blob(&q, bytes_span(&l->signer));
	query_int(&q, l->made);
	if (!query_run(&q, e))
		return false;
	l->id = sqlite3_last_insert_rowid(s->db);
	return true;
}

bool
store_list_add(struct store *s, struct store_list *l, struct err *e)
{
	struct digest hash;

	if (!list_has_words(l, e))
		return false;
	if (!digest_of(DIGEST_SHA256, bytes_span(&l->file), &hash, e))
		return err_in(e, "trust list");
	l->sha256 = bytes_copy(digest_span(&hash));
	if (store_change(s, list_insert, l, e))
		return true;
	bytes_free(&l->sha256);
	return err_in(e, "trust list");
}

/* The bytes are loans from the row. */
static bool
list_read(struct query *q, struct store_list *l, struct err *e)
{
	*l = (struct store_list){ .id = query_col_int(q, 0), .node = query_col_int(q, 1) };
	l->kind = (enum store_list_kind)query_col_word(q, 2, kind_words, KIND_COUNT);
	l->digest = digests[query_col_word(q, 3, digest_words, DIGEST_COUNT)];
	l->version = (uint64_t)query_col_int(q, 4);
	l->file = query_col_loan(q, 5);
	l->sha256 = query_col_loan(q, 6);
	l->signer = query_col_loan(q, 7);
	l->made = query_col_int(q, 8);
	return query_row_ok(q, e);
}

/* The next row, if any, with bytes of its own; closes. */
static bool
list_take(struct query *q, struct store_list *out, bool *found, struct err *e)
{
	struct store_list l;
	bool ok;

	*out = (struct store_list){ 0 };
	ok = query_next(q, found, e);
	if (ok && *found) {
		ok = list_read(q, &l, e);
		if (ok) {
			*out = l;
			out->file = bytes_copy(bytes_span(&l.file));
			out->sha256 = bytes_copy(bytes_span(&l.sha256));
			out->signer = bytes_copy(bytes_span(&l.signer));
		}
	}
	query_close(q);
	return ok;
}

bool
store_list_latest(struct store *s, const struct store_list *like, struct store_list *out,
    bool *found, struct err *e)
{
	struct query q;

	if (!list_has_words(like, e))
		return false;
	if (!query_open(s,
		COLUMNS " WHERE node = ? AND kind = ? AND digest = ? ORDER BY version DESC LIMIT 1",
		&q, e))
		return false;
	query_int(&q, like->node);
	query_text(&q, kind_words[like->kind]);
	query_text(&q, digest_word(like->digest));
	return list_take(&q, out, found, e);
}

bool
store_list_get(struct store *s, int64_t id, struct store_list *out, struct err *e)
{
	struct query q;
	bool found;

	if (!query_open(s, COLUMNS " WHERE id = ?", &q, e))
		return false;
	query_int(&q, id);
	if (!list_take(&q, out, &found, e))
		return false;
	return found || err_set(e, ERR_UNKNOWN, "no trust list %lld", (long long)id);
}

bool
store_list_each(
    struct store *s, bool (*each)(void *arg, const struct store_list *l), void *arg, struct err *e)
{
	struct store_list l;
	struct query q;
	bool ok, row;

	if (!query_open(s, COLUMNS " ORDER BY id", &q, e))
		return false;
	while ((ok = query_next(&q, &row, e)) && row) {
		ok = list_read(&q, &l, e);
		if (!ok || !each(arg, &l))
			break;
	}
	query_close(&q);
	return ok;
}

void
store_list_free(struct store_list *l)
{
	bytes_free(&l->file);
	bytes_free(&l->sha256);
	bytes_free(&l->signer);
}
