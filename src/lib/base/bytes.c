#include "base/bytes.h"

#include "base/mem.h"

#include <stdlib.h>

struct bytes
bytes_copy(struct span s)
{
	return (struct bytes){ (uint8_t *)mem_text(s.p, s.n), s.n };
}

void
bytes_free(struct bytes *b)
{
	free(b->p);
	*b = (struct bytes){ 0 };
}

void
bytes_wipe(struct bytes *b)
{
	mem_wipe_free(b->p, b->n);
	*b = (struct bytes){ 0 };
}
