#include "admin/passphrase.h"

#include "admin/readfile.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static bool
check(struct span s, struct err *e)
{
	if (s.n > PASSPHRASE_MAX)
		return err_set(
		    e, ERR_LIMIT, "a passphrase has at most %d characters", PASSPHRASE_MAX);
	if (!text_is_utf8(s) || memchr(s.p, '\0', s.n) != NULL)
		return err_set(e, ERR_MALFORMED, "the passphrase is not UTF-8 text");
	return true;
}

static struct span
first_line(struct span text)
{
	const uint8_t *end = text.n > 0 ? memchr(text.p, '\n', text.n) : NULL;
	size_t n = end != NULL ? (size_t)(end - text.p) : text.n;

	if (n > 0 && text.p[n - 1] == '\r')
		n--;
	return span_of(text.p, n);
}

static bool
from_file(const char *path, struct bytes *out, struct err *e)
{
	struct bytes text;
	struct span line;
	bool ok;

	if (!readfile(path, &text, e))
		return false;
	line = first_line(bytes_span(&text));
	ok = line.n > 0 ? check(line, e) : err_set(e, ERR_MALFORMED, "the first line is empty");
	if (ok)
		*out = bytes_copy(line);
	else
		err_in(e, "%s", path);
	bytes_wipe(&text);
	return ok;
}

bool
passphrase_get(const struct invocation *in, struct bytes *out, struct err *e)
{
	const char *path = invocation_option(in, "passphrase-file");
	const char *value = getenv("SEALTONE_PASSPHRASE");

	*out = (struct bytes){ 0 };
	if (path != NULL)
		return from_file(path, out, e);
	if (value == NULL || *value == '\0')
		return true;
	if (!check(span_str(value), e))
		return err_in(e, "SEALTONE_PASSPHRASE");
	*out = bytes_copy(span_str(value));
	return true;
}
