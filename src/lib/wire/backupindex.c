#include "wire/backupindex.h"

#include "base/mem.h"
#include "base/wr.h"

#include <stdlib.h>

#define FILE_SIZE_MAX ((uint64_t)1 << 39)

static const char folder[] = "keys/";
#define FOLDER (sizeof folder - 1)

bool
backupindex_name_ok(const char *name)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	const char *base = strncmp(name, folder, FOLDER) == 0 ? name + FOLDER : name;
	size_t n = strlen(base);

	return n > 0 && base[0] != '.' && strspn(base, allowed) == n &&
	       strlen(name) < BACKUPINDEX_NAME;
}

void
backupindex_add(struct backupindex *i, const char *name, uint64_t size)
{
	struct backupindex_file *f;

	i->file = mem_grow(i->file, i->count + 1, sizeof *i->file);
	f = &i->file[i->count++];
	*f = (struct backupindex_file){ .size = size };
	memcpy(f->name, name, strnlen(name, sizeof f->name - 1));
}

static void
put_text(struct wr *w, const char *text)
{
	size_t mark = wr_len16_open(w);

	wr_text(w, text);
	wr_len16_close(w, mark);
}

bool
backupindex_encode(const struct backupindex *i, struct bytes *out, struct err *e)
{
	struct wr w = wr_new(4 + BACKUPINDEX_MAX);

	if (i->count > BACKUPINDEX_FILES)
		return err_set(e, ERR_LIMIT, "more than %d files", BACKUPINDEX_FILES);
	wr_u32(&w, 0);
	wr_u64(&w, i->made);
	put_text(&w, i->cluster);
	wr_u16(&w, (uint16_t)i->count);
	for (size_t k = 0; k < i->count; k++) {
		put_text(&w, i->file[k].name);
		wr_u64(&w, i->file[k].size);
	}
	if (wr_ok(&w)) {
		size_t n = wr_view(&w).n - 4;

		wr_patch16(&w, 0, (uint16_t)(n >> 16));
		wr_patch16(&w, 2, (uint16_t)n);
	}
	return wr_done(&w, out, e);
}

static bool
take_text(struct rd *r, char *out, size_t max)
{
	uint16_t n;
	struct span s;

	if (!rd_u16(r, &n) || n >= max || !rd_span(r, n, &s) || memchr(s.p, '\0', s.n) != NULL)
		return false;
	memcpy(out, s.p, s.n);
	out[s.n] = '\0';
	return true;
}

static bool
take_file(struct rd *r, struct backupindex *i)
{
	struct backupindex_file f = { 0 };

	if (!take_text(r, f.name, sizeof f.name) || !rd_u64(r, &f.size) || f.size > FILE_SIZE_MAX ||
	    !backupindex_name_ok(f.name))
		return false;
	for (size_t k = 0; k < i->count; k++)
		if (strcmp(i->file[k].name, f.name) == 0)
			return false;
	backupindex_add(i, f.name, f.size);
	return true;
}

bool
backupindex_parse(struct span text, struct backupindex *out, struct err *e)
{
	struct rd r = rd_open(text);
	struct backupindex i = { 0 };
	uint16_t count = 0;
	bool ok = rd_u64(&r, &i.made) && take_text(&r, i.cluster, sizeof i.cluster) &&
		  rd_u16(&r, &count) && count <= BACKUPINDEX_FILES;

	for (uint16_t k = 0; ok && k < count; k++)
		ok = take_file(&r, &i);
	if (ok && rd_end(&r)) {
		*out = i;
		return true;
	}
	backupindex_free(&i);
	return err_set(
	    e, ERR_MALFORMED, "offset %zu of the index: not as a backup has it", rd_offset(&r));
}

uint64_t
backupindex_size(const struct backupindex *i)
{
	uint64_t sum = 0;

	for (size_t k = 0; k < i->count; k++)
		sum += i->file[k].size;
	return sum;
}

void
backupindex_free(struct backupindex *i)
{
	free(i->file);
	*i = (struct backupindex){ 0 };
}
