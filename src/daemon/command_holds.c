#include "daemon/commands.h"

#include "base/mem.h"
#include "base/text.h"
#include "daemon/core_forget.h"
#include "daemon/core_handout.h"
#include "daemon/core_stage.h"
#include "pki/digest.h"
#include "rules/signedfile.h"

#include <stdlib.h>

static bool
read_hex(const json_t *args, const char *name, struct bytes *out, struct err *e)
{
	return text_unhex(span_str(args_text(args, name)), out, e) || err_in(e, "%s", name);
}

/* --- lists that are on record --- */

struct search {
	enum digest_kind digest;
	struct span hash;
	struct store_list *out; /* with bytes of its own, when found */
	bool found, failed;
	struct err *e;
};

static bool
on_list(void *arg, const struct store_list *l)
{
	struct search *w = arg;
	struct digest d;

	w->failed = !digest_of(w->digest, bytes_span(&l->file), &d, w->e);
	w->found = !w->failed && span_eq(digest_span(&d), w->hash);
	if (w->found) {
		*w->out = *l;
		w->out->file = bytes_copy(bytes_span(&l->file));
		w->out->sha256 = bytes_copy(bytes_span(&l->sha256));
		w->out->signer = bytes_copy(bytes_span(&l->signer));
	}
	return !w->failed && !w->found;
}

static bool
find(struct store *s, enum digest_kind digest, struct span hash, struct store_list *out,
    bool *found, struct err *e)
{
	struct search w = { .digest = digest, .hash = hash, .out = out, .e = e };
	bool ok = store_list_each(s, on_list, &w, e) && !w.failed;

	*found = w.found;
	return ok;
}

/* Which hash it is, its length says. */
static bool
digest_by_size(size_t n, enum digest_kind *out, struct err *e)
{
	static const enum digest_kind kinds[] = { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256 };
	static const size_t sizes[] = { 16, 20, 32 };

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
		if (sizes[i] == n) {
			*out = kinds[i];
			return true;
		}
	return err_set(e, ERR_MALFORMED,
	    "a hash of %zu bytes: expected SHA-256 (32), SHA-1 (20) or MD5 (16)", n);
}

static bool
list_by_hash(struct store *s, struct span hash, struct store_list *out, struct err *e)
{
	enum digest_kind digest = DIGEST_SHA256;
	bool found;

	if (!digest_by_size(hash.n, &digest, e) || !find(s, digest, hash, out, &found, e))
		return false;
	return found || err_set(e, ERR_UNKNOWN,
			    "no list with that hash is on record here: name the list's file");
}

/* --- lists of others --- */

static bool
signer_name_hash(const struct envelope *env, struct digest *out, struct err *e)
{
	const struct span parts[] = { env->issuer, env->serial };

	return digest_spans(DIGEST_SHA256, parts, sizeof parts / sizeof parts[0], out, e);
}

/* Its own SAST record must have signed it: a damaged file is held by no phone. */
static bool
foreign_check(const struct trustlist *list, enum envelope_digest *digest, struct digest *signer,
    struct err *e)
{
	if (!signedfile_check_list(list, NULL, e))
		return false;
	if (trustlist_is_ctl(list))
		return err_set(
		    e, ERR_REFUSED, "is a CTL of another cluster: there is no bridge from one");
	*digest = (enum envelope_digest)list->env.digest;
	return signer_name_hash(&list->env, signer, e);
}

static bool
foreign_add(struct core *c, struct span file, struct store_list *out, struct err *e)
{
	struct store_list l = {
		.node = cluster_node(c->cluster)->id, .kind = STORE_LIST_FOREIGN, .made = core_now()
	};
	struct trustlist list;
	struct digest signer;
	bool ok;

	if (file.n > TRUSTLIST_PHONE_MAX)
		return err_set(e, ERR_LIMIT, "%zu bytes: phones take no list of more than %d",
		    file.n, TRUSTLIST_PHONE_MAX);
	if (!trustlist_parse(file, &list, e))
		return false;
	ok = foreign_check(&list, &l.digest, &signer, e);
	trustlist_free(&list);
	if (!ok)
		return false;
	l.file = bytes_copy(file);
	l.signer = bytes_copy(digest_span(&signer));
	ok = store_list_add(cluster_store(c->cluster), &l, e);
	if (ok)
		*out = l;
	else
		store_list_free(&l);
	return ok;
}

static bool
list_by_file(struct core *c, struct span file, struct store_list *out, struct err *e)
{
	struct digest d;
	bool found;

	if (!digest_of(DIGEST_SHA256, file, &d, e) ||
	    !find(cluster_store(c->cluster), DIGEST_SHA256, digest_span(&d), out, &found, e))
		return false;
	return found || foreign_add(c, file, out, e) || err_in(e, "the list");
}

/* --- what is said --- */

struct told {
	struct core *core;
	struct device device;
	struct span hash, file; /* one of them, or neither: unknown */
	struct store_list list; /* out */
	size_t possible;        /* out */
};

static bool
tell_list(struct store *s, struct told *t, struct err *e)
{
	const char *name = t->device.name;
	char *hex;

	if (!(t->file.n > 0 ? list_by_file(t->core, t->file, &t->list, e)
			    : list_by_hash(s, t->hash, &t->list, e)) ||
	    !store_belief_add(s, name, t->list.id, STORE_BELIEF_TOLD, core_now(), e) ||
	    !store_belief_prove(s, name, t->list.id, core_now(), e) ||
	    !store_served_rehome(s, name, e))
		return false;
	hex = text_hex(bytes_span(&t->list.sha256));
	core_audit(t->core, "admin", "phone-holds", name, "list %lld, SHA-256 %s",
	    (long long)t->list.id, hex);
	free(hex);
	t->possible = 1;
	return true;
}

static bool
tell(struct store *s, void *arg, struct err *e)
{
	struct told *t = arg;
	const char *name = t->device.name;
	struct phone p;
	bool found;

	if (!store_phone_get(s, name, &p, &found, e))
		return false;
	mem_wipe(p.auth_string, sizeof p.auth_string);
	if (!found)
		return err_set(e, ERR_UNKNOWN, "no phone %s", name);
	if (t->file.n > 0 || t->hash.n > 0)
		return tell_list(s, t, e);
	if (!store_belief_unprove(s, name, &t->possible, e))
		return false;
	core_audit(t->core, "admin", "phone-holds", name, "unknown: one of %zu", t->possible);
	return true;
}

static json_t *
told_json(const struct told *t)
{
	const struct store_list *l = &t->list;
	bool known = l->id != 0;

	return json_pack("{s:s, s:o, s:o, s:o, s:I}", "name", t->device.name, "version",
	    known ? json_integer((json_int_t)l->version) : json_null(), "foreign",
	    json_boolean(l->kind == STORE_LIST_FOREIGN), "sha256",
	    known ? json_hex(bytes_span(&l->sha256)) : json_null(), "possible",
	    (json_int_t)t->possible);
}

bool
command_phone_holds(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct told t = { .core = c };
	struct bytes hash = { 0 }, file = { 0 };
	bool ok = device_parse(span_str(args_text(args, "name")), &t.device, e) &&
		  read_hex(args, "hash", &hash, e) && read_hex(args, "file", &file, e);

	t.hash = bytes_span(&hash);
	t.file = bytes_span(&file);
	/* What it was handed before is not to be written after it. */
	ok = ok && core_sightings_write(c, e) &&
	     store_change(cluster_store(c->cluster), tell, &t, e);
	if (ok) {
		core_handout_told(c->handouts, t.device.name);
		core_forget_device(c, t.device.name);
		core_stage_look_again(c);
		*result = told_json(&t);
	}
	store_list_free(&t.list);
	bytes_free(&hash);
	bytes_free(&file);
	return ok;
}
