#include "admin/passphrase.h"

#include "admin/readfile.h"
#include "base/passphrase.h"

#include <stdlib.h>

static bool
from_file(const char *path, struct bytes *out, struct err *e)
{
	struct bytes text;
	struct span line;
	bool ok;

	if (!readfile(path, &text, e))
		return false;
	ok = passphrase_line(bytes_span(&text), &line, e);
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
	if (!passphrase_check(span_str(value), e))
		return err_in(e, "SEALTONE_PASSPHRASE");
	*out = bytes_copy(span_str(value));
	return true;
}
