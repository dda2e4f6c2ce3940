#include "daemon/core_files.h"

#include "base/log.h"
#include "base/text.h"
#include "cluster/cluster_ctl.h"
#include "daemon/core_batch.h"
#include "daemon/core_builds.h"
#include "daemon/core_crl.h"
#include "daemon/core_digest.h"
#include "daemon/core_folder.h"
#include "daemon/core_handout.h"
#include "daemon/core_remote.h"
#include "daemon/sightings.h"
#include "wire/tftp.h"

#include <stdio.h>

static const char *const serve_names[] = {
	[SERVE_LISTS_KNOWN] = "known",
	[SERVE_LISTS_ALL] = "all",
	[SERVE_LISTS_NONE] = "none",
};

const char *
serve_lists_name(enum serve_lists s)
{
	return serve_names[s];
}

bool
serve_lists_from_name(const char *name, enum serve_lists *out)
{
	for (size_t i = 0; i < sizeof serve_names / sizeof serve_names[0]; i++)
		if (strcmp(name, serve_names[i]) == 0) {
			*out = (enum serve_lists)i;
			return true;
		}
	return false;
}

bool
core_files_serve_lists(struct core *c, enum serve_lists *out, struct err *e)
{
	char value[STORE_VALUE_MAX];
	bool found;

	*out = SERVE_LISTS_KNOWN;
	if (!store_setting_get(cluster_store(c->cluster), "serve-lists", value, &found, e))
		return false;
	return !found || serve_lists_from_name(value, out) ||
	       err_set(e, ERR_STORE, "serve-lists in the database is \"%s\"", value);
}

/* --- answers --- */

static void
refuse(struct core_front *to, uint32_t id, uint16_t code, const char *text)
{
	const struct answer a = {
		.kind = ASK_FILE, .id = id, .code = code, .text = span_str(text)
	};

	core_reply(to, &a, -1);
}

/* Not here; other clusters' servers may have it. */
static void
not_found(struct core_front *to, uint32_t id, const struct core_wanted *wanted, bool keep)
{
	char elsewhere[CORE_REMOTE_MAX];
	struct answer a = { .kind = ASK_FILE,
		.id = id,
		.code = TFTP_ERR_NOT_FOUND,
		.text = span_str("File not found"),
		.keep = keep };
	struct err e = { 0 };

	if (!core_remote_elsewhere(to->core, wanted, elsewhere, &e)) {
		log_event(LOG_ERROR, "file-failed name=%s reason=\"%s\"",
		    log_quote(span_str(wanted->name.path)), e.text);
		core_files_broken(to, id);
		return;
	}
	a.elsewhere = span_str(elsewhere);
	core_reply(to, &a, -1);
}

void
core_files_absent(struct core_front *to, uint32_t id, const struct core_wanted *wanted, bool keep)
{
	not_found(to, id, wanted, keep && core_folder_tells_front(to->core->folder, to));
}

void
core_files_broken(struct core_front *to, uint32_t id)
{
	refuse(to, id, TFTP_ERR_OTHER, "Server error");
}

void
core_files_send(struct core_front *to, uint32_t id, const struct filecache_copy *copy, bool keep)
{
	struct answer a = { .kind = ASK_FILE,
		.id = id,
		.ok = true,
		.keep = keep && core_folder_tells_front(to->core->folder, to),
		.etag = span_str(copy->facts.etag),
		.modified = copy->facts.modified,
		.version = span_str(copy->facts.version) };

	if (copy->fd >= 0) {
		a.has_file = true;
		a.file_size = copy->size;
	} else {
		a.data = copy->data;
	}
	core_reply(to, &a, copy->fd);
}

/* The phone is told nothing about the server, the log everything. */
void
core_files_fail(struct core_front *from, const struct ask *ask, const struct err *e)
{
	log_event(LOG_ERROR, "file-failed peer=%.*s name=%s reason=\"%s\"", (int)ask->peer.n,
	    (const char *)ask->peer.p, log_quote(ask->name), e->text);
	core_handouts_undo(from->core->handouts);
	core_files_broken(from, ask->id);
}

/* --- trust lists --- */

/* What an asker may have. */
struct entitled {
	bool may;
	bool keep;     /* of a refusal: it stays so until a record or setting changes */
	bool is_phone; /* of the store: what it is handed follows from what it may hold */
	struct phone phone;
};

/* A stranger that is handed a list needs a record, so that what it may believe is remembered. */
static bool
record_stranger(struct core *c, const char *name, struct phone *p, bool *found, struct err *e)
{
	struct store *s = cluster_store(c->cluster);

	return core_sightings_write(c, e) && store_phone_get(s, name, p, found, e);
}

/* Where there are other clusters, a phone that is not added here is theirs, and is to find its own
 * list and no other. */
static bool
serves_everybody(struct core *c, enum serve_lists serve, bool *everybody, struct err *e)
{
	bool shared = false;

	if (serve == SERVE_LISTS_ALL && !core_remote_any(c, &shared, e))
		return false;
	*everybody = serve == SERVE_LISTS_ALL && !shared;
	return true;
}

static bool
entitle_phone(
    struct core *c, const char *name, enum serve_lists serve, struct entitled *out, struct err *e)
{
	bool everybody = false, found;
	struct phone *p = &out->phone;

	if (!serves_everybody(c, serve, &everybody, e) ||
	    !store_phone_get(cluster_store(c->cluster), name, p, &found, e) ||
	    (!found && everybody && !record_stranger(c, name, p, &found, e)))
		return false;
	out->is_phone = found;
	out->keep = found || !everybody; /* there may be room for a record the next time */
	out->may = found && (p->origin == PHONE_ADDED || everybody) &&
		   model_has_lists(modeltable_find(cluster_models(c->cluster), p->model));
	return true;
}

/* The list by a name of nobody binds whoever asks for it. A phone asks so when there is none for
 * it: where no more strangers can be remembered, nobody would know what it holds. */
static bool
entitle_nobody(struct core *c, enum serve_lists serve, struct entitled *out, struct err *e)
{
	size_t seen;

	if (!serves_everybody(c, serve, &out->may, e))
		return false;
	if (!out->may)
		return true;
	if (!store_phone_count(cluster_store(c->cluster), PHONE_SEEN, &seen, e))
		return false;
	out->may = seen < cluster_conf(c->cluster)->seen_phones;
	out->keep = false;
	return true;
}

static bool
entitle(struct core *c, const struct fname *name, struct entitled *out, struct err *e)
{
	enum serve_lists serve;

	*out = (struct entitled){ .keep = true };
	if (!core_files_serve_lists(c, &serve, e))
		return false;
	if (serve == SERVE_LISTS_NONE)
		return true;
	if (name->has_device)
		return entitle_phone(c, name->device.name, serve, out, e);
	return entitle_nobody(c, serve, out, e);
}

/* The list for who may have one. */
static bool
choose(struct core *c, const struct ask *ask, const struct entitled *is, enum fname_kind kind,
    struct core_handed *out, struct err *e)
{
	enum store_list_kind list = kind == FNAME_CTL ? STORE_LIST_CTL : STORE_LIST_ITL;

	if (is->is_phone)
		return core_handout_list(c->handouts, &is->phone, list, ask->peer, out, e);
	out->settled = is->keep;
	out->found = cluster_list(c->cluster, list, core_digest_shared(c), &out->list);
	return true;
}

static void
send_list(struct core_front *to, uint32_t id, const struct cluster_list *list, bool keep)
{
	char version[32];
	struct answer a = { .kind = ASK_FILE,
		.id = id,
		.ok = true,
		.keep = keep,
		.data = list->file,
		.modified = (uint64_t)list->made };

	snprintf(version, sizeof version, "list %lld", (long long)list->id);
	a.version = a.etag = span_str(version);
	core_reply(to, &a, -1);
}

/* What is handed out under a phone's name is remembered before it leaves. */
static bool
remember(struct core *c, const struct ask *ask, const struct fname *name,
    const struct core_handed *handed, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	char address[PHONE_ADDRESS_MAX];
	int64_t list = handed->list.id;

	if (!name->has_device)
		return true;
	text_printable(ask_host(ask->peer), address, sizeof address);
	return handed->doubted
		   ? store_belief_doubt(s, name->device.name, list, address, core_now(), e)
		   : store_belief_add(s, name->device.name, list, address, core_now(), e);
}

void
core_files_list(struct core_front *from, const struct ask *ask, const struct fname *name)
{
	struct core *c = from->core;
	const struct core_wanted wanted = core_wanted_of(name, ask->via);
	struct entitled is;
	struct core_handed handed = { 0 };
	struct err e = { 0 };

	if (!entitle(c, name, &is, &e) || (is.may && !choose(c, ask, &is, name->kind, &handed, &e)))
		core_files_fail(from, ask, &e);
	else if (!handed.found)
		not_found(from, ask->id, &wanted, is.keep);
	else if (!remember(c, ask, name, &handed, &e))
		core_files_fail(from, ask, &e);
	else
		send_list(from, ask->id, &handed.list, handed.settled);
}

/* --- files of the provisioning folder --- */

static void
log_refused(struct core_front *from, const struct ask *ask, const char *reason)
{
	if (logbudget_take(&from->core->strangers, core_now()))
		log_event(LOG_WARNING, "file-refused peer=%.*s name=%s reason=\"%s\"",
		    (int)ask->peer.n, (const char *)ask->peer.p, log_quote(ask->name), reason);
}

static void
answer_file(struct core_front *from, const struct ask *ask, const struct fname *name)
{
	struct core *c = from->core;
	const struct core_wanted wanted = core_wanted_of(name, ask->via);
	char text[CORE_SOURCE_KEY_MAX];
	struct core_source source;
	struct filecache_key key;
	struct filecache_copy copy;
	struct err e = { 0 };

	if (!core_source_open(c, &wanted, &source, &e)) {
		core_files_fail(from, ask, &e);
		return;
	}
	if (source.file.fault == FOLDER_LEADS_OUT)
		log_refused(from, ask, "a link leads out of the provisioning folder");
	if (name->kind == FNAME_CONFIG && name->has_device && name->is_signed)
		core_handout_read(c->handouts, name->device.name, ask->peer);
	key = core_source_key(c, &wanted, &source, text);
	if (!filecache_find(c->files, &key, &copy)) {
		core_builds_ask(c->builds, from, ask, &wanted, &source);
		return;
	}
	core_files_send(from, ask->id, &copy, core_source_is_settled(&source));
	core_source_close(&source);
}

static bool
is_list(const struct fname *name)
{
	return name->kind == FNAME_CTL || name->kind == FNAME_ITL;
}

/* A cluster that never was in mixed mode has no CTL; a real one answers "not found" too. Where
 * there was one, a phone that believes it may be handed a bridge of its own: it looks there first.
 */
static bool
is_missing_ctl(const struct core *c, const struct fname *name)
{
	return name->kind == FNAME_CTL && cluster_security(c->cluster) == CLUSTER_NEVER_MIXED &&
	       (!name->has_device || !cluster_had_ctl(c->cluster));
}

void
core_files_ask(struct core_front *from, const struct ask *ask, struct span payload)
{
	struct core *c = from->core;
	struct core_wanted wanted;
	struct fname name;
	struct err e = { 0 };

	if (!fname_parse(ask->name, &name, &e)) {
		log_refused(from, ask, e.text);
		refuse(from, ask->id, TFTP_ERR_ACCESS, "Access violation");
		return;
	}
	if (name.has_device)
		sightings_add(c->sightings, &name.device, ask->peer, core_now());
	wanted = core_wanted_of(&name, ask->via);
	if (is_missing_ctl(c, &name))
		not_found(from, ask->id, &wanted, true);
	else if (is_list(&name) && name.has_device && c->batch != NULL)
		core_batch_add(c->batch, from, payload, &name);
	else if (is_list(&name))
		core_files_list(from, ask, &name);
	else if (!core_crl_ask(from, ask, name.path))
		answer_file(from, ask, &name);
}
