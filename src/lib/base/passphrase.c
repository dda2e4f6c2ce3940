#include "base/passphrase.h"

#include "base/text.h"

#include <string.h>

bool
passphrase_check(struct span s, struct err *e)
{
	if (s.n > PASSPHRASE_MAX)
		return err_set(
		    e, ERR_LIMIT, "a passphrase has at most %d characters", PASSPHRASE_MAX);
	if (!text_is_utf8(s) || memchr(s.p, '\0', s.n) != NULL)
		return err_set(e, ERR_MALFORMED, "the passphrase is not UTF-8 text");
	return true;
}

bool
passphrase_line(struct span text, struct span *out, struct err *e)
{
	const uint8_t *end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
	size_t n = end != NULL ? (size_t)(end - text.p) : text.n;

	if (n > 0 && text.p[n - 1] == '\r')
		n--;
	if (n == 0)
		return err_set(e, ERR_MALFORMED, "the first line is empty");
	*out = span_of(text.p, n);
	return passphrase_check(*out, e);
}
