#include "admin/passphrase.h"

#include "admin/readfile.h"
#include "base/mem.h"
#include "base/passphrase.h"

#include <stdlib.h>
#include <sys/random.h>

#define GROUPS  5
#define LETTERS 5 /* of a group */

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

/* Without those that are read for others; each as likely: what is beyond the last is drawn again.
 */
static bool
letter_draw(uint8_t *out, struct err *e)
{
	static const char letters[] = "abcdefghjkmnpqrstuvwxyz";
	uint8_t raw;

	do {
		if (getrandom(&raw, 1, 0) != 1)
			return err_sys(e, "no random bytes");
		raw &= 31;
	} while (raw >= sizeof letters - 1);
	*out = (uint8_t)letters[raw];
	return true;
}

bool
passphrase_new(struct bytes *out, struct err *e)
{
	size_t n = GROUPS * (LETTERS + 1) - 1;

	*out = (struct bytes){ mem_new(n + 1, 1), n };
	for (size_t i = 0; i < n; i++) {
		if (i % (LETTERS + 1) == LETTERS)
			out->p[i] = '-';
		else if (!letter_draw(&out->p[i], e)) {
			bytes_wipe(out);
			return false;
		}
	}
	return true;
}
