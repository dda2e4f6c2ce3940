#include "daemon/core_files.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/filecache.h"
#include "daemon/sightings.h"
#include "rules/fname.h"
#include "rules/signedfile.h"
#include "wire/tftp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READ_ATTEMPTS 2

/* One request on its way to its answer. */
struct request {
	struct core *core;
	struct core_front *from;
	const struct ask *ask;
	struct fname name;
};

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

static void
refuse(struct request *r, uint16_t code, const char *text)
{
	const struct answer a = {
		.kind = ASK_FILE, .id = r->ask->id, .code = code, .text = span_str(text)
	};

	core_reply(r->from, &a, -1);
}

static void
log_refused(const struct request *r, const char *why)
{
	if (logbudget_take(&r->core->strangers, core_now()))
		log_event(LOG_WARNING, "file-refused peer=%.*s name=%s reason=\"%s\"",
		    (int)r->ask->peer.n, (const char *)r->ask->peer.p, log_quote(r->ask->name),
		    why);
}

static void
not_found(struct request *r)
{
	refuse(r, TFTP_ERR_NOT_FOUND, "File not found");
}

/* Our own trouble: the phone is told nothing about the server, the log everything. */
static void
failed(struct request *r, const struct err *e)
{
	log_event(LOG_ERROR, "file-failed peer=%.*s name=%s reason=\"%s\"", (int)r->ask->peer.n,
	    (const char *)r->ask->peer.p, log_quote(r->ask->name), e->text);
	refuse(r, TFTP_ERR_OTHER, "Server error");
}

static void
send_copy(struct request *r, const struct filecache_copy *copy)
{
	struct answer a = { .kind = ASK_FILE, .id = r->ask->id, .ok = true };

	if (copy->fd >= 0) {
		a.has_file = true;
		a.file_size = copy->size;
	} else {
		a.data = copy->data;
	}
	core_reply(r->from, &a, copy->fd);
}

/* --- trust lists --- */

/* A stranger that is handed a list needs a record, so that what it may believe is remembered. */
static bool
record_stranger(struct request *r, struct phone *p, bool *found, struct err *e)
{
	struct store *s = cluster_store(r->core->cluster);
	size_t max = cluster_conf(r->core->cluster)->seen_phones;

	return sightings_write(r->core->sightings, s, max, e) &&
	       store_phone_get(s, r->name.device.name, p, found, e);
}

/* Which list this asker is handed; false with no error: none. */
static bool
may_have_list(struct request *r, enum store_list_kind *kind, struct err *e)
{
	enum serve_lists serve;
	struct phone p = { 0 };
	bool found = false;

	*kind = STORE_LIST_ITL;
	if (!core_files_serve_lists(r->core, &serve, e) || serve == SERVE_LISTS_NONE)
		return false;
	if (!r->name.has_device)
		return serve == SERVE_LISTS_ALL;
	if (!store_phone_get(cluster_store(r->core->cluster), r->name.device.name, &p, &found, e))
		return false;
	if (!found && serve == SERVE_LISTS_ALL && !record_stranger(r, &p, &found, e))
		return false;
	if (found && p.released)
		*kind = STORE_LIST_EMPTY;
	return found && (p.origin == PHONE_ADDED || serve == SERVE_LISTS_ALL);
}

/* What is handed out under a phone's name is remembered before it leaves. */
static bool
remember(struct request *r, const struct cluster_list *list, struct err *e)
{
	char address[PHONE_ADDRESS_MAX];

	if (!r->name.has_device)
		return true;
	snprintf(
	    address, sizeof address, "%.*s", (int)r->ask->peer.n, (const char *)r->ask->peer.p);
	return store_belief_add(
	    cluster_store(r->core->cluster), r->name.device.name, list->id, address, core_now(), e);
}

/* A CTL exists only in mixed mode; a real non-secure cluster answers "not found" too. */
static void
answer_list(struct request *r)
{
	enum store_list_kind kind;
	struct cluster_list list;
	struct err e = { 0 };

	if (r->name.kind == FNAME_ITL && may_have_list(r, &kind, &e) &&
	    cluster_list(r->core->cluster, kind, cluster_digest(r->core->cluster), &list) &&
	    remember(r, &list, &e))
		send_copy(r,
		    &(struct filecache_copy){ .data = list.file, .fd = -1, .size = list.file.n });
	else if (e.code != ERR_NONE)
		failed(r, &e);
	else
		not_found(r);
}

/* --- files of the provisioning folder --- */

/* What is there and is none of the files: nothing, a folder, a pipe, a link that leads out. */
static bool
is_no_file(int fault)
{
	return fault == ENOENT || fault == ENOTDIR || fault == EXDEV || fault == ELOOP ||
	       fault == ENXIO || fault == ENAMETOOLONG;
}

/* Opens a regular file below the folder; a link may not lead out of it. *fd -1: there is none. */
static bool
open_below(const struct request *r, const char *path, int *fd, struct stat *st, struct err *e)
{
	const struct conf *conf = cluster_conf(r->core->cluster);
	struct open_how how = { .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS };
	int dir = open(conf->provisioning_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	long got;
	int fault;

	*fd = -1;
	if (dir < 0)
		return err_sys(e, "cannot open the provisioning folder %s", conf->provisioning_dir);
	got = syscall(SYS_openat2, dir, path, &how, sizeof how);
	fault = got < 0 ? errno : 0;
	close(dir);
	if (fault == EXDEV)
		log_refused(r, "a link leads out of the provisioning folder");
	if (is_no_file(fault))
		return true;
	errno = fault;
	if (got < 0)
		return err_sys(e, "cannot open %s in the provisioning folder", path);
	if (fstat((int)got, st) != 0 || !S_ISREG(st->st_mode)) {
		close((int)got);
		return true;
	}
	*fd = (int)got;
	return true;
}

static bool
read_once(int fd, const struct stat *st, const struct conf *conf, struct bytes *out, struct err *e)
{
	uint64_t max = (uint64_t)conf->file_max_mb * 1024 * 1024;
	size_t size = (size_t)st->st_size, n = 0;

	if ((uint64_t)st->st_size > max)
		return err_set(e, ERR_LIMIT,
		    "file of %lld bytes; [files] max-file-size allows %u MB",
		    (long long)st->st_size, conf->file_max_mb);
	*out = (struct bytes){ mem_new(size, 1), size };
	while (n < size) {
		ssize_t got = pread(fd, out->p + n, size - n, (off_t)n);

		if (got < 0) {
			bytes_free(out);
			return err_sys(e, "cannot read the file");
		}
		if (got == 0) /* it shrank, and is not the same any more */
			return true;
		n += (size_t)got;
	}
	return true;
}

/* A phone must never be given half of a file, nor a mixture of two. *st: of what was read. */
static bool
read_whole(int fd, struct stat *st, const struct conf *conf, struct bytes *out, struct err *e)
{
	for (int attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
		struct stat before = *st;

		if (!read_once(fd, &before, conf, out, e))
			return false;
		if (fstat(fd, st) == 0 && filecache_same_file(&before, st))
			return true;
		bytes_free(out);
	}
	return err_set(e, ERR_AGAIN, "the file changed while it was read");
}

/* The signed form of a plain file, under the name that the phone asks for. */
static bool
sign(struct request *r, struct bytes *content, struct err *e)
{
	struct cluster *cluster = r->core->cluster;
	const struct cert *signer = cluster_cert(cluster, PURPOSE_CALLMANAGER);
	const struct signedfile_head head = { .signer = signer,
		.names = SIGNEDFILE_CUCM,
		.filename = r->name.path,
		.digest = (enum envelope_digest)cluster_conf(cluster)->digest,
		.timestamp = (uint32_t)core_now() };
	struct bytes raw, done;
	bool ok;

	if (!signedfile_make_sgn(&head, bytes_span(content), &raw, e))
		return false;
	ok = signer_sign_file(
	    cluster_signer(cluster), cert_key_id(signer), bytes_span(&raw), &done, e);
	bytes_free(&raw);
	if (!ok)
		return false;
	bytes_free(content);
	*content = done;
	return true;
}

/* Sends the file at path, signed first when sign_it. false: there is no such file, nothing was
 * answered. */
static bool
answer_path(struct request *r, const char *path, bool sign_it)
{
	const struct conf *conf = cluster_conf(r->core->cluster);
	uint64_t generation = sign_it ? cluster_generation(r->core->cluster) : 0;
	struct filecache_copy copy;
	struct bytes content = { 0 };
	struct err e = { 0 };
	struct stat st;
	int fd;

	if (!open_below(r, path, &fd, &st, &e)) {
		failed(r, &e);
		return true;
	}
	if (fd < 0)
		return false;
	if (filecache_find(r->core->files, r->name.path, &st, generation, &copy)) {
		send_copy(r, &copy);
	} else if (read_whole(fd, &st, conf, &content, &e) && (!sign_it || sign(r, &content, &e)) &&
		   filecache_keep(r->core->files, r->name.path, &st, generation, core_now(),
		       &content, &copy, &e)) {
		send_copy(r, &copy);
	} else {
		bytes_free(&content);
		failed(r, &e);
	}
	close(fd);
	return true;
}

/* Vendor-signed images keep the form in which they lie there; a hand-made signed configuration
 * would not verify and is never served. */
static void
answer_stored(struct request *r)
{
	const struct fname *name = &r->name;
	bool as_it_lies = !name->is_encrypted && !(name->is_signed && name->kind == FNAME_CONFIG);

	if (name->is_signed && !name->is_encrypted && answer_path(r, name->plain, true))
		return;
	if (as_it_lies && answer_path(r, name->path, false))
		return;
	not_found(r);
}

void
core_files_ask(struct core_front *from, const struct ask *ask)
{
	struct request r = { .core = from->core, .from = from, .ask = ask };
	struct err e = { 0 };

	if (!fname_parse(ask->name, &r.name, &e)) {
		log_refused(&r, e.text);
		refuse(&r, TFTP_ERR_ACCESS, "Access violation");
		return;
	}
	if (r.name.has_device)
		sightings_add(r.core->sightings, &r.name.device, ask->peer, core_now());
	if (r.name.kind == FNAME_CTL || r.name.kind == FNAME_ITL)
		answer_list(&r);
	else
		answer_stored(&r);
}

void
core_files_fail(struct core_front *from, const struct ask *ask, const struct err *e)
{
	struct request r = { .core = from->core, .from = from, .ask = ask };

	failed(&r, e);
}

bool
core_files_is_list(struct span name)
{
	struct fname f;

	return fname_parse(name, &f, NULL) && f.kind == FNAME_ITL && f.has_device;
}
