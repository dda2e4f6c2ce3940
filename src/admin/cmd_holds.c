#include "admin/answer.h"
#include "admin/readfile.h"

#include "base/text.h"
#include "wire/trustlist.h"

#include <stdlib.h>
#include <string.h>

/* MD5, SHA-1 or SHA-256 in hex: else it is the name of a file. */
static bool
is_hash(const char *word)
{
	const size_t n = strlen(word);

	return (n == 32 || n == 40 || n == 64) && strspn(word, "0123456789abcdefABCDEF") == n;
}

static bool
pass_list(json_t *args, const char *path, struct err *e)
{
	struct bytes file;
	char *hex;

	if (!readfile(path, &file, e))
		return false;
	if (file.n == 0 || file.n > TRUSTLIST_PHONE_MAX) {
		err_set(e, ERR_LIMIT, "%s %s", path,
		    file.n == 0 ? "is empty" : "is too large for a trust list");
		bytes_free(&file);
		return false;
	}
	hex = text_hex(bytes_span(&file));
	json_object_set_new(args, "file", json_string(hex));
	free(hex);
	bytes_free(&file);
	return true;
}

bool
run_phone_holds(struct invocation *in, struct err *e)
{
	static const char *const fields[] = { "name", "version", "foreign", "sha256", "possible",
		NULL };
	const char *what = in->word[1];
	json_t *args = json_pack("{s:s}", "name", in->word[0]);

	if (args == NULL)
		return err_set(e, ERR_MALFORMED, "a phone's name is not UTF-8");
	if (is_hash(what))
		json_object_set_new(args, "hash", json_string(what));
	else if (strcmp(what, "unknown") != 0 && !pass_list(args, what, e)) {
		json_decref(args);
		return false;
	}
	return answer_fields(in, "phone/holds", args, fields, e);
}
