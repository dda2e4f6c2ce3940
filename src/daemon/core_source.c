#include "daemon/core_source.h"

#include "base/log.h"
#include "daemon/core_folder.h"

#include <stdio.h>

#define LIST_TAIL ".tlv"

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
	enum folder_fault fault = FOLDER_FINE;

	if (!folder_open(core_folder_files(c->folder), path, &s->file, &fault, e))
		return err_in(e, "%s", path);
	if (fault != FOLDER_FINE && logbudget_take(&c->strangers, core_now()))
		log_event(LOG_WARNING, "file-not-served name=%s reason=\"%s\"",
		    log_quote(span_str(path)),
		    fault == FOLDER_LEADS_OUT ? "a link leads out of the provisioning folder"
					      : "it cannot be read: its owner or mode forbids it");
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
	if (!open_one(c, name->plain, out, e))
		return false;
	if (is_config || !name->is_signed || out->file.fd >= 0)
		return true;
	out->is_signed_by_us = false;
	return open_one(c, name->path, out, e);
}

void
core_source_close(struct core_source *s)
{
	folder_close(&s->file);
	s->file.fd = -1;
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
	if (is_made)
		key.generation = cluster_generation(c->cluster);
	return key;
}

bool
core_source_is_settled(const struct core_source *s)
{
	return s->is_told && (s->file.fd < 0 || folder_settled(&s->file.st, core_now()));
}
