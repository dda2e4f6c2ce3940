#include "vectors.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

#define FILE_MAX (16 * 1024 * 1024)

static bool
vectors_path(const char *path, char *out, size_t out_max)
{
	const char *folder = getenv("SEALTONE_VECTORS");
	int n;

	if (folder == NULL) {
		fprintf(stderr, "SEALTONE_VECTORS is not set; run the tests with meson test\n");
		return false;
	}
	n = snprintf(out, out_max, "%s/%s", folder, path);
	return n > 0 && (size_t)n < out_max;
}

static bool
read_stream(FILE *f, struct bytes *out)
{
	long n;

	if (fseek(f, 0, SEEK_END) != 0 || (n = ftell(f)) < 0 || n > FILE_MAX)
		return false;
	rewind(f);
	*out = (struct bytes){ mem_new(n > 0 ? (size_t)n : 1, 1), (size_t)n };
	if (fread(out->p, 1, out->n, f) == out->n)
		return true;
	bytes_free(out);
	return false;
}

bool
vectors_read(const char *path, struct bytes *out)
{
	char whole[4096];
	FILE *f;
	bool ok;

	if (!vectors_path(path, whole, sizeof whole))
		return false;
	f = fopen(whole, "rb");
	ok = f != NULL && read_stream(f, out);
	if (!ok)
		perror(whole);
	if (f != NULL)
		fclose(f);
	return ok;
}

json_t *
vectors_json(void)
{
	char path[4096];
	json_error_t e;
	json_t *all;

	if (!vectors_path("expected.json", path, sizeof path))
		return NULL;
	all = json_load_file(path, 0, &e);
	if (all == NULL)
		fprintf(stderr, "%s: line %d: %s\n", path, e.line, e.text);
	return all;
}

size_t
vectors_each(const char *kind, vectors_visit *visit, void *arg)
{
	json_t *all = vectors_json(), *entry;
	const char *path;
	size_t count = 0;

	json_object_foreach(all, path, entry)
	{
		const char *is = json_string_value(json_object_get(entry, "kind"));
		struct bytes file;

		if (is == NULL || strcmp(is, kind) != 0)
			continue;
		if (!vectors_read(path, &file)) {
			count = 0;
			break;
		}
		visit(arg, path, entry, bytes_span(&file));
		bytes_free(&file);
		count++;
	}
	json_decref(all);
	return count;
}

long long
vectors_number(const json_t *object, const char *key)
{
	const json_t *v = json_object_get(object, key);

	return json_is_integer(v) ? json_integer_value(v) : -1;
}

const char *
vectors_text(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

bool
vectors_is_hex(const json_t *object, const char *key, struct span s)
{
	const char *want = vectors_text(object, key);
	char *hex = text_hex(s);
	bool is = want != NULL && strcmp(hex, want) == 0;

	free(hex);
	return is;
}

struct bytes
vectors_splice(struct span file, size_t at, size_t cut, struct span put)
{
	struct bytes out;

	if (at > file.n || cut > file.n - at) {
		fprintf(stderr, "splice of %zu bytes at %zu in %zu\n", cut, at, file.n);
		abort();
	}
	out = (struct bytes){ NULL, file.n - cut + put.n };
	out.p = mem_new(out.n > 0 ? out.n : 1, 1);
	if (at > 0)
		memcpy(out.p, file.p, at);
	if (put.n > 0)
		memcpy(out.p + at, put.p, put.n);
	if (file.n > at + cut)
		memcpy(out.p + at + put.n, file.p + at + cut, file.n - at - cut);
	return out;
}
