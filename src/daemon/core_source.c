#include "daemon/core_source.h"

#include "daemon/core_folder.h"
#include "daemon/core_handout.h"

#include <stdio.h>

#define LIST_TAIL ".tlv"
#define MEGABYTE  ((uint64_t)1024 * 1024)

struct core_wanted
core_wanted_of(const struct fname *name, uint8_t via)
{
	return (struct core_wanted){ .name = *name,
		.is_bare = via == ASK_VIA_HTTPS && name->kind == FNAME_CONFIG && name->is_signed &&
			   !name->is_encrypted };
}

static bool
open_one(struct core *c, const char *path, struct core_source *s, struct err *e)
{
	if (!folder_open(core_folder_files(c->folder), path, &s->file, e))
		return err_in(e, "%s", path);
	s->is_told = s->is_told && core_folder_tells(c->folder, path, &s->file);
	return true;
}

/* doc/protocols/files.md, sections 3 and 8. */
static bool
is_never_served(const struct fname *name)
{
	size_t n = strlen(name->plain), tail = strlen(LIST_TAIL);

	return name->kind != FNAME_CONFIG &&
	       (name->is_encrypted ||
		   (n >= tail && strcmp(name->plain + n - tail, LIST_TAIL) == 0));
}

/* There is no plain file: the signed one, as it lies. */
static bool
open_signed(struct core *c, const struct fname *name, struct core_source *s, struct err *e)
{
	bool led_out = s->file.fault == FOLDER_LEADS_OUT;

	s->is_signed_by_us = false;
	if (!open_one(c, name->path, s, e))
		return false;
	if (led_out && !core_source_is_there(&s->file))
		s->file.fault = FOLDER_LEADS_OUT;
	return true;
}

bool
core_source_open(
    struct core *c, const struct core_wanted *wanted, struct core_source *out, struct err *e)
{
	const struct fname *name = &wanted->name;
	bool is_config = name->kind == FNAME_CONFIG;

	*out = (struct core_source){ .file = { .fd = -1 }, .is_told = true };
	if (is_never_served(name))
		return true;
	out->is_signed_by_us = name->is_signed && !wanted->is_bare;
	if (out->is_signed_by_us && is_config && name->has_device)
		out->signer = core_handout_signer(c->handouts, name->device.name);
	if (!open_one(c, name->plain, out, e))
		return false;
	return is_config || !name->is_signed || core_source_is_there(&out->file) ||
	       open_signed(c, name, out, e);
}

void
core_source_close(struct core_source *s)
{
	folder_close(&s->file);
	s->file.fd = -1;
}

bool
core_source_is_there(const struct folder_file *file)
{
	return file->fd >= 0 || file->fault == FOLDER_UNREADABLE;
}

bool
core_source_read(struct core *c, struct folder_file *file, struct bytes *out, struct err *e)
{
	unsigned max_mb = cluster_conf(c->cluster)->file_max_mb;
	struct err why = { 0 };

	*out = (struct bytes){ 0 };
	if (file->fault == FOLDER_UNREADABLE)
		return err_set(e, ERR_REFUSED, "it cannot be read: its owner or mode forbids it");
	if (folder_read(file, max_mb * MEGABYTE, out, &why))
		return true;
	return err_set(
	    e, why.code, "%s%s", why.text, why.code == ERR_LIMIT ? " ([files] max-file-size)" : "");
}

/* Sets what an old key signed apart; 0: the current one did. */
static uint64_t
signer_mark(const struct cert *signer)
{
	uint64_t mark = 0;

	if (signer != NULL)
		memcpy(&mark, cert_sha256(signer).p, sizeof mark);
	return mark;
}

struct filecache_key
core_source_key(struct core *c, const struct core_wanted *wanted, const struct core_source *s,
    char name[CORE_SOURCE_KEY_MAX])
{
	bool is_made = s->is_signed_by_us || wanted->name.kind == FNAME_CONFIG;
	struct filecache_key key = { .name = name };

	/* No path begins with '/'. */
	snprintf(name, CORE_SOURCE_KEY_MAX, "%s%s", wanted->is_bare ? "/" : "", wanted->name.path);
	if (s->file.fd >= 0)
		key.of = s->file.st;
	else if (s->file.fault == FOLDER_UNREADABLE)
		key.of.st_size = -1; /* another thing than none */
	if (is_made)
		key.generation = cluster_generation(c->cluster) ^ signer_mark(s->signer);
	return key;
}

bool
core_source_is_settled(const struct core_source *s)
{
	return s->is_told && s->signer == NULL &&
	       (s->file.fd < 0 || folder_settled(&s->file.st, core_now()));
}
