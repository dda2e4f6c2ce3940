#include "rules/fname.h"

#include <assert.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The name that kind and device stand for. */
static void
check_device(const struct fname *f)
{
	char want[FNAME_MAX + 1];

	if (f->kind == FNAME_CONFIG)
		snprintf(want, sizeof want, "%s.cnf.xml", f->device.name);
	else
		snprintf(want, sizeof want, "%s%s.tlv", f->kind == FNAME_CTL ? "CTL" : "ITL",
		    f->device.name);
	assert(f->kind != FNAME_OTHER && strcmp(want, f->plain) == 0);
}

static void
check_path(const char *path)
{
	assert(path[0] != '\0' && path[0] != '/' && path[0] != '.');
	assert(strstr(path, "/.") == NULL && strstr(path, "//") == NULL);
	assert(strchr(path, '\\') == NULL && path[strlen(path) - 1] != '/');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fname f;
	struct err e = { 0 };
	const char *tail;

	if (!fname_parse(span_of(data, size), &f, &e)) {
		assert(e.code == ERR_REFUSED && e.text[0] != '\0');
		return 0;
	}
	tail = f.is_encrypted ? ".enc.sgn" : f.is_signed ? ".sgn" : "";
	assert(span_is(span_of(data, size), f.path));
	assert(strlen(f.plain) + strlen(tail) == size);
	assert(strncmp(f.path, f.plain, strlen(f.plain)) == 0);
	assert(strcmp(f.path + strlen(f.plain), tail) == 0);
	check_path(f.path);
	check_path(f.plain);
	if (f.has_device)
		check_device(&f);
	return 0;
}
