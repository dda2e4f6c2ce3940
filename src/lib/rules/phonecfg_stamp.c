#include "rules/phonecfg_stamp.h"

#include "pki/digest.h"

#include <stdio.h>

_Static_assert(sizeof PHONECFG_STAMP_HOLDER == PHONECFG_STAMP_MAX, "a stamp takes its place");

static bool
stamp_of(struct span content, char out[PHONECFG_STAMP_MAX], struct err *e)
{
	struct digest d;
	size_t n = 0;

	if (!digest_of(DIGEST_SHA256, content, &d, e))
		return false;
	for (size_t i = 0; n + 1 < PHONECFG_STAMP_MAX; i++) {
		if (PHONECFG_STAMP_HOLDER[n] == '-')
			out[n++] = '-';
		n += (size_t)snprintf(out + n, PHONECFG_STAMP_MAX - n, "%02x", d.p[i]);
	}
	return true;
}

/* NULL when it is in several places, or in none. */
static uint8_t *
holder_of(const struct bytes *b)
{
	const size_t n = PHONECFG_STAMP_MAX - 1;
	uint8_t *at = memmem(b->p, b->n, PHONECFG_STAMP_HOLDER, n);

	if (at != NULL &&
	    memmem(at + n, b->n - (size_t)(at - b->p) - n, PHONECFG_STAMP_HOLDER, n) != NULL)
		return NULL;
	return at;
}

bool
phonecfg_stamp_put(
    struct bytes *document, char stamp[PHONECFG_STAMP_MAX], bool *is_put, struct err *e)
{
	uint8_t *at;

	*is_put = false;
	if (!stamp_of(bytes_span(document), stamp, e))
		return false;
	at = holder_of(document);
	if (at == NULL)
		return true;
	memcpy(at, stamp, PHONECFG_STAMP_MAX - 1);
	*is_put = true;
	return true;
}
