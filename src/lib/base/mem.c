#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void
out_of_memory(void)
{
	fputs("out of memory\n", stderr);
	abort();
}

void *
mem_new(size_t count, size_t size)
{
	void *p = calloc(count ? count : 1, size ? size : 1);

	if (p == NULL)
		out_of_memory();
	return p;
}

void *
mem_grow(void *p, size_t count, size_t size)
{
	void *q = reallocarray(p, count ? count : 1, size ? size : 1);

	if (q == NULL)
		out_of_memory();
	return q;
}

char *
mem_text(const void *p, size_t n)
{
	char *text;

	if (n == SIZE_MAX)
		out_of_memory();
	text = mem_new(n + 1, 1);
	if (n > 0)
		memcpy(text, p, n);
	return text;
}

void
mem_wipe(void *p, size_t n)
{
	if (n > 0)
		explicit_bzero(p, n);
}

void
mem_wipe_free(void *p, size_t n)
{
	if (p == NULL)
		return;
	mem_wipe(p, n);
	free(p);
}
