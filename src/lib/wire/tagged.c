#include "wire/tagged.h"

bool
tagged_read(struct rd *in, const char *rule, struct tagged *out, struct err *e)
{
	out->at = rd_offset(in);
	if (!rd_u8(in, &out->tag) || !rd_u16(in, &out->length))
		return err_set(
		    e, ERR_MALFORMED, "%s: element at byte %zu is cut short", rule, out->at);
	if (!rd_take(in, out->length, &out->value))
		return err_set(e, ERR_MALFORMED,
		    "%s: element %u at byte %zu has length %u, %zu bytes are left", rule, out->tag,
		    out->at, out->length, in->n);
	return true;
}
