#include "daemon/commands.h"

#include "base/mem.h"
#include "cluster/cluster_recovery.h"
#include "daemon/recoveryjson.h"

#include <stdlib.h>

/* The list of now, into what a command answers. */
static json_t *
with_list(const struct core *c, json_t *answer)
{
	struct cluster_list list = { 0 };

	(void)cluster_list(c->cluster, STORE_LIST_ITL, cluster_digest(c->cluster), &list);
	json_object_set_new(answer, "version", json_integer((json_int_t)list.version));
	json_object_set_new(answer, "made", json_time(list.made));
	json_object_set_new(answer, "sha256", json_hex(list.sha256));
	return answer;
}

/* --- generation and reset --- */

bool
command_generation_show(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	(void)e;
	*result = recoveryjson_signer(c);
	return true;
}

bool
command_generation_set(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *name = args_text(args, "generation");
	enum generation g;

	if (!generation_from_name(name, &g))
		return err_set(
		    e, ERR_MALFORMED, "generation \"%.40s\": expected G8, G10 or G12", name);
	if (!cluster_generation_set(c->cluster, g, core_now(), e))
		return false;
	core_refresh_fronts(c);
	*result = with_list(c, recoveryjson_signer(c));
	return true;
}

static bool
reset(struct core *c, bool on, json_t **result, struct err *e)
{
	if (!cluster_itl_reset(c->cluster, on, core_now(), e))
		return false;
	core_refresh_fronts(c);
	*result = with_list(c, recoveryjson_signer(c));
	return true;
}

bool
command_itl_reset(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	return reset(c, true, result, e);
}

bool
command_itl_reset_end(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	(void)args;
	return reset(c, false, result, e);
}

/* --- history --- */

struct held {
	int64_t list;
	size_t phones;
};

struct history {
	const struct core *core;
	json_t *out;
	json_t *signers; /* purposes by key id */
	struct held *held;
	size_t held_count;
};

static bool
on_held(void *arg, int64_t list, size_t phones)
{
	struct history *h = arg;

	h->held = mem_grow(h->held, h->held_count + 1, sizeof *h->held);
	h->held[h->held_count++] = (struct held){ list, phones };
	return true;
}

static size_t
phones_of(const struct history *h, int64_t list)
{
	for (size_t i = 0; i < h->held_count; i++)
		if (h->held[i].list == list)
			return h->held[i].phones;
	return 0;
}

static bool
on_cert(void *arg, const struct store_cert *sc)
{
	const struct history *h = arg;
	struct cert *c = cert_parse(bytes_span(&sc->der), NULL);
	json_t *key;

	if (c == NULL)
		return true;
	key = json_hex(cert_key_id(c));
	json_object_set_new(
	    h->signers, json_string_value(key), json_string(purpose_name(sc->purpose)));
	json_decref(key);
	cert_free(c);
	return true;
}

static const char *
kind_name(enum store_list_kind kind)
{
	switch (kind) {
	case STORE_LIST_ITL:
		return "ITL";
	case STORE_LIST_EMPTY:
		return "empty";
	case STORE_LIST_CTL:
		return "CTL";
	case STORE_LIST_BRIDGE:
		return "bridge";
	case STORE_LIST_CTL_BRIDGE:
		return "CTL bridge";
	case STORE_LIST_FOREIGN:
		return "foreign";
	}
	return "other";
}

static bool
on_list(void *arg, const struct store_list *l)
{
	const struct history *h = arg;
	json_t *key = json_hex(bytes_span(&l->signer));
	json_t *signer = json_object_get(h->signers, json_string_value(key));

	json_array_insert_new(h->out, 0,
	    json_pack("{s:I, s:s, s:s, s:o, s:O?, s:o, s:I, s:o, s:I, s:b}", "version",
		(json_int_t)l->version, "kind", kind_name(l->kind), "digest",
		l->digest == ENVELOPE_SHA1 ? "sha1" : "sha512", "made", json_time(l->made),
		"signer", signer, "signer_key", key, "bytes", (json_int_t)l->file.n, "sha256",
		json_hex(bytes_span(&l->sha256)), "phones", (json_int_t)phones_of(h, l->id),
		"current", cluster_list_is_current(h->core->cluster, STORE_LIST_ITL, l->id)));
	return true;
}

static bool
history_read(struct store *s, void *arg, struct err *e)
{
	struct history *h = arg;

	return store_belief_count_each(s, on_held, h, e) && store_cert_each(s, on_cert, h, e) &&
	       store_list_each(s, on_list, h, e);
}

/* Newest first. */
bool
command_itl_history(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	struct history h = { .core = c, .out = json_array(), .signers = json_object() };
	bool ok = store_view(cluster_store(c->cluster), history_read, &h, e);

	(void)args;
	json_decref(h.signers);
	free(h.held);
	if (ok)
		*result = h.out;
	else
		json_decref(h.out);
	return ok;
}

bool
command_itl_revert(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const json_int_t version = json_integer_value(json_object_get(args, "version"));

	if (version < 1)
		return err_set(e, ERR_MALFORMED, "versions count from 1");
	if (!cluster_itl_revert(c->cluster, (uint64_t)version, core_now(), e))
		return false;
	core_refresh_fronts(c);
	*result = with_list(c, recoveryjson_signer(c));
	return true;
}
