#include "wire/der.h"

#include "base/rd.h"

#define SEQUENCE         0x30
#define LONG_FORM        0x80
#define LENGTH_BYTES_MAX 3 /* no message that holds a certificate reaches 16 MB */

static bool
read_length(struct rd *r, size_t *out)
{
	uint8_t first, byte = 0;
	size_t n = 0;

	if (!rd_u8(r, &first))
		return false;
	*out = first;
	if (first < LONG_FORM)
		return true;
	if (first - LONG_FORM > LENGTH_BYTES_MAX || !rd_peek(r, &byte) || byte == 0)
		return false;
	for (int i = 0; i < first - LONG_FORM; i++) {
		if (!rd_u8(r, &byte))
			return false;
		n = n << 8 | byte;
	}
	*out = n;
	return n >= LONG_FORM;
}

bool
der_is_whole(struct span s)
{
	struct rd r = rd_open(s);
	uint8_t tag;
	size_t length;

	return rd_u8(&r, &tag) && tag == SEQUENCE && read_length(&r, &length) && r.n == length;
}
