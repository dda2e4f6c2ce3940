#include "cluster/cluster_tokens.h"

#include "base/text.h"
#include "cluster/cluster_internal.h"
#include "rules/signedfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTING_TOKENS "ctl-tokens"    /* SHA-256 of each, with blanks between */
#define SETTING_SIGNER "ctl-signed-by" /* "tokens", or nothing */
#define SIGNER_TOKENS  "tokens"
#define HEX_LEN        64

/* --- the state --- */

bool
tokens_state_read(struct store *s, struct tokens_state *out, struct err *e)
{
	char value[STORE_VALUE_MAX], signer[STORE_VALUE_MAX];
	bool found;

	*out = (struct tokens_state){ 0 };
	if (!store_setting_get(s, SETTING_TOKENS, value, &found, e) ||
	    !store_setting_get(s, SETTING_SIGNER, signer, &found, e))
		return false;
	out->sign = strcmp(signer, SIGNER_TOKENS) == 0;
	for (const char *at = value; *at != '\0'; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");

		if (n != HEX_LEN || out->count == CLUSTER_TOKENS_MAX)
			return err_set(
			    e, ERR_STORE, "%s in the database is \"%.80s\"", SETTING_TOKENS, value);
		snprintf(out->sha256[out->count++], HEX_LEN + 1, "%s", at);
		at += n;
	}
	return true;
}

static bool
state_write(struct store *s, const struct tokens_state *t, struct err *e)
{
	char value[STORE_VALUE_MAX] = "";
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		n += (size_t)snprintf(
		    value + n, sizeof value - n, "%s%s", i > 0 ? " " : "", t->sha256[i]);
	return store_setting_set(s, SETTING_TOKENS, value, e) &&
	       store_setting_set(s, SETTING_SIGNER, t->sign ? SIGNER_TOKENS : "", e);
}

bool
tokens_state_end(struct store *s, struct err *e)
{
	return store_setting_set(s, SETTING_SIGNER, "", e);
}

static size_t
state_find(const struct tokens_state *t, struct span sha256)
{
	char *hex = text_hex(sha256);
	size_t i = 0;

	while (i < t->count && strcmp(t->sha256[i], hex) != 0)
		i++;
	free(hex);
	return i;
}

bool
tokens_state_has(const struct tokens_state *t, struct span sha256)
{
	return state_find(t, sha256) < t->count;
}

static void
state_drop(struct tokens_state *t, size_t at)
{
	t->count--;
	for (size_t i = at; i < t->count; i++)
		memcpy(t->sha256[i], t->sha256[i + 1], sizeof t->sha256[i]);
}

/* --- what is --- */

const struct cert *const *
cluster_tokens(const struct cluster *c, size_t *count)
{
	*count = c->picture->token_count;
	return c->picture->token;
}

bool
cluster_tokens_sign(const struct cluster *c)
{
	return c->picture->tokens_sign;
}

bool
cluster_tokens_stale(const struct cluster *c, time_t now)
{
	const struct store_list *held = &c->picture->list[STORE_LIST_CTL][0];
	struct ctl_plan plan;
	struct bytes built;
	bool same;

	if (!c->picture->tokens_sign)
		return false;
	plan = cluster_ctl_plan(c->picture, picture_digests[0], now);
	if (!ctl_build(&plan, &built, NULL))
		return true;
	same = trustlist_same(bytes_span(&built), bytes_span(&held->file));
	bytes_free(&built);
	return !same;
}

/* --- changes --- */

struct token_wish {
	struct cluster_change how;
	const struct cluster *cluster;
	const struct cert *token;
	const struct span *file;
	size_t count;
	int64_t trust; /* store_trust.id of its certificate */
};

static bool
change(struct cluster *c, struct token_wish *w, cluster_apply *apply, time_t now, struct err *e)
{
	w->cluster = c;
	w->how = (struct cluster_change){ apply, w, now, "cluster", false, NULL };
	return cluster_change(c, &w->how, e);
}

static bool
note(struct store *s, const struct token_wish *w, const char *event, struct err *e)
{
	return cluster_event(
	    s, &w->how, event, "CTL", w->token != NULL ? cert_subject_cucm(w->token) : "", e);
}

static bool
apply_add(struct store *s, void *arg, struct err *e)
{
	const struct token_wish *w = arg;
	struct tokens_state t;
	char *hex;

	if (!tokens_state_read(s, &t, e))
		return false;
	hex = text_hex(cert_sha256(w->token));
	snprintf(t.sha256[t.count++], HEX_LEN + 1, "%s", hex);
	free(hex);
	return cluster_trust_once(s, TRUST_PHONE_SAST, w->token, w->how.now, e) &&
	       state_write(s, &t, e) && note(s, w, "token-added", e);
}

static const struct cert *
token_find(const struct cluster *c, struct span sha256)
{
	for (size_t i = 0; i < c->picture->token_count; i++)
		if (span_eq(cert_sha256(c->picture->token[i]), sha256))
			return c->picture->token[i];
	return NULL;
}

static const struct cert *
token_get(const struct cluster *c, struct span sha256, struct err *e)
{
	const struct cert *t = token_find(c, sha256);

	if (t == NULL)
		err_set(e, ERR_UNKNOWN,
		    "no token with that certificate is known: sealtone ctl token list");
	return t;
}

bool
cluster_token_add(struct cluster *c, const struct cert *token, time_t now, struct err *e)
{
	struct token_wish w = { .token = token };

	if (token_find(c, cert_sha256(token)) != NULL)
		return err_set(e, ERR_CONFLICT, "%s is known", cert_subject_cucm(token));
	if (c->picture->token_count == CLUSTER_TOKENS_MAX)
		return err_set(e, ERR_LIMIT, "%d tokens are known, and phones load no endless list",
		    CLUSTER_TOKENS_MAX);
	if (!cert_is_rsa(token))
		return err_set(e, ERR_REFUSED, "lists are signed with RSA; the token's key is %s",
		    cert_key_text(token));
	if (cert_not_after(token) < now)
		return err_set(e, ERR_REFUSED, "the token's certificate has expired");
	return change(c, &w, apply_add, now, e);
}

static bool
on_trust(void *arg, const struct store_trust *t)
{
	struct token_wish *w = arg;

	if (t->store == TRUST_PHONE_SAST && span_eq(bytes_span(&t->der), cert_der(w->token)))
		w->trust = t->id;
	return true;
}

static bool
apply_delete(struct store *s, void *arg, struct err *e)
{
	struct token_wish *w = arg;
	struct tokens_state t;

	if (!tokens_state_read(s, &t, e) || !store_trust_each(s, on_trust, w, e))
		return false;
	state_drop(&t, state_find(&t, cert_sha256(w->token)));
	return (w->trust == 0 || store_trust_remove(s, w->trust, e)) && state_write(s, &t, e) &&
	       note(s, w, "token-deleted", e);
}

bool
cluster_token_delete(struct cluster *c, struct span sha256, time_t now, struct err *e)
{
	struct token_wish w = { .token = token_get(c, sha256, e) };

	if (w.token == NULL)
		return false;
	if (c->picture->tokens_sign && c->picture->token_count <= CLUSTER_TOKENS_MIN)
		return err_set(e, ERR_REFUSED,
		    "tokens sign the CTL, and %d at least must be known, since one may get lost: "
		    "sealtone ctl token add another first, or sealtone ctl token end",
		    CLUSTER_TOKENS_MIN);
	return change(c, &w, apply_delete, now, e);
}

/* --- drafts --- */

/* As it is when that token signs: its record comes first. */
static bool
draft_build(const struct cluster *c, const struct cert *signer, enum envelope_digest digest,
    time_t now, struct bytes *out, struct err *e)
{
	const struct picture *p = c->picture;
	struct ctl_plan plan = cluster_ctl_plan(p, digest, now);

	if (p->token_count < CLUSTER_TOKENS_MIN)
		return err_set(e, ERR_REFUSED,
		    "a CTL names %d security tokens at least, since one may get lost: sealtone ctl "
		    "token add another",
		    CLUSTER_TOKENS_MIN);
	plan.non_secure = false;
	plan.token_count = 0;
	plan.token[plan.token_count++] = signer;
	for (size_t i = 0; i < p->token_count; i++)
		if (p->token[i] != signer)
			plan.token[plan.token_count++] = p->token[i];
	return ctl_build(&plan, out, e);
}

bool
cluster_token_draft(struct cluster *c, struct span sha256, enum envelope_digest digest, time_t now,
    struct bytes *out, struct err *e)
{
	const struct cert *signer = token_get(c, sha256, e);

	return signer != NULL && draft_build(c, signer, digest, now, out, e);
}

static bool
check_file(const struct cluster *c, const struct cert *signer, struct span file, time_t now,
    enum envelope_digest *digest, struct err *e)
{
	struct trustlist list;
	struct bytes built;
	bool ok;

	if (!trustlist_parse(file, &list, e))
		return false;
	*digest = (enum envelope_digest)list.env.digest;
	ok = signedfile_check_list(&list, signer, e);
	trustlist_free(&list);
	if (!ok || !draft_build(c, signer, *digest, now, &built, e))
		return false;
	ok = trustlist_same(bytes_span(&built), file) ||
	     err_set(e, ERR_CONFLICT,
		 "it does not say what the cluster is now, which has changed meanwhile: sign "
		 "again");
	bytes_free(&built);
	return ok;
}

static bool
check_files(const struct token_wish *w, const struct cluster *c, time_t now, struct err *e)
{
	bool has[PICTURE_DIGESTS] = { false };

	for (size_t i = 0; i < w->count; i++) {
		enum envelope_digest digest;

		if (!check_file(c, w->token, w->file[i], now, &digest, e))
			return err_in(e, "CTL that the token signed");
		has[digest == ENVELOPE_SHA1 ? 0 : 1] = true;
	}
	if (!has[0] || (c->conf.digest == ENVELOPE_SHA512 && !has[1]))
		return err_set(e, ERR_MALFORMED,
		    "a signed CTL is missing: one with SHA-1, and one with SHA-512 where "
		    "sealtone.conf wishes it");
	return true;
}

static bool
add_list(struct store *s, const struct token_wish *w, struct span file, struct err *e)
{
	struct store_list l = {
		.node = w->cluster->picture->node.id, .kind = STORE_LIST_CTL, .made = w->how.now
	};
	char text[STORE_NAME_MAX];
	struct trustlist list;
	bool ok;

	if (!trustlist_parse(file, &list, e))
		return false;
	l.digest = (enum envelope_digest)list.env.digest;
	trustlist_free(&list);
	l.file = bytes_copy(file);
	l.signer = bytes_copy(cert_key_id(w->token));
	ok = store_list_add(s, &l, e);
	snprintf(text, sizeof text, "version %llu, %zu bytes, signed by the token %.100s",
	    (unsigned long long)l.version, l.file.n, cert_common_name(w->token));
	store_list_free(&l);
	return ok && cluster_event(s, &w->how, "list-published", "CTL", text, e);
}

static bool
apply_publish(struct store *s, void *arg, struct err *e)
{
	struct token_wish *w = arg;
	struct tokens_state t;
	char first[HEX_LEN + 1];
	size_t at;

	if (!tokens_state_read(s, &t, e))
		return false;
	at = state_find(&t, cert_sha256(w->token));
	memcpy(first, t.sha256[at], sizeof first);
	memmove(t.sha256[1], t.sha256[0], at * sizeof t.sha256[0]);
	memcpy(t.sha256[0], first, sizeof first);
	t.sign = true;
	for (size_t i = 0; i < w->count; i++)
		if (!add_list(s, w, w->file[i], e))
			return false;
	w->how.published = true;
	return cluster_ctl_store_mixed(s, e) && recovery_state_set_ctl_reset(s, 0, e) &&
	       state_write(s, &t, e) && note(s, w, "ctl-signed-by-token", e);
}

bool
cluster_token_publish(struct cluster *c, struct span sha256, const struct span *file, size_t count,
    time_t now, struct err *e)
{
	struct token_wish w = { .token = token_get(c, sha256, e), .file = file, .count = count };

	return w.token != NULL && check_files(&w, c, now, e) &&
	       change(c, &w, apply_publish, now, e);
}

static bool
apply_end(struct store *s, void *arg, struct err *e)
{
	return tokens_state_end(s, e) && note(s, arg, "tokens-ended", e);
}

bool
cluster_token_end(struct cluster *c, time_t now, struct err *e)
{
	struct token_wish w = { 0 };

	if (!c->picture->tokens_sign)
		return err_set(
		    e, ERR_CONFLICT, "the cluster's own keys sign the CTL, if there is one");
	return change(c, &w, apply_end, now, e);
}
