#include "admin/answer.h"
#include "admin/readfile.h"

#include <string.h>

static const char *const fields[] = { "name", "model", "builtin", "bytes", "changed", NULL };

/* The text of --file into the arguments. */
static bool
pass_file(struct invocation *in, json_t *args, struct err *e)
{
	const char *path = invocation_option(in, "file");
	struct bytes text;
	bool ok;

	if (path == NULL)
		return true;
	if (!readfile(path, &text, e))
		return false;
	ok = (text.n == 0 || memchr(text.p, '\0', text.n) == NULL) &&
	     json_object_set_new(args, "xml", json_stringn((const char *)text.p, text.n)) == 0;
	bytes_free(&text);
	return ok || err_set(e, ERR_MALFORMED, "%s: a template must be UTF-8", path);
}

static bool
change(struct invocation *in, const char *command, struct err *e)
{
	json_t *args = answer_word(in, "name");

	if (args == NULL)
		return err_set(e, ERR_MALFORMED, "the template's name is not UTF-8");
	if (!pass_file(in, args, e) ||
	    !answer_pass(args, "model", invocation_option(in, "model"), e)) {
		json_decref(args);
		return false;
	}
	return answer_fields(in, command, args, fields, e);
}

bool
run_template_add(struct invocation *in, struct err *e)
{
	if (invocation_option(in, "file") == NULL)
		return invocation_usage(in, e, "a template needs a --file");
	return change(in, "template/add", e);
}

bool
run_template_set(struct invocation *in, struct err *e)
{
	if (in->given_count == 0)
		return invocation_usage(in, e, "nothing to set: see sealtone template set --help");
	return change(in, "template/set", e);
}

/* The XML as it is, for a file or a look; with --json the whole answer. */
static bool
answer_xml(struct invocation *in, const char *command, json_t *args, struct err *e)
{
	json_t *answer;
	const char *xml;

	if (!client_call(in, command, args, &answer, e))
		return false;
	xml = json_string_value(json_object_get(answer, "xml"));
	if (in->json) {
		output_json(answer);
	} else if (xml != NULL) {
		fputs(xml, stdout);
		if (*xml != '\0' && xml[strlen(xml) - 1] != '\n')
			putchar('\n');
	}
	json_decref(answer);
	return true;
}

bool
run_template_show(struct invocation *in, struct err *e)
{
	return answer_xml(in, "template/show", answer_word(in, "name"), e);
}

bool
run_template_list(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "NAME", "name" },
		{ "MODEL", "model" },
		{ "BUILT IN", "builtin" },
		{ "BYTES", "bytes" },
		{ "CHANGED", "changed" },
		{ 0 },
	};

	return answer_table(in, "template/list", json_object(), columns, e);
}

bool
run_template_delete(struct invocation *in, struct err *e)
{
	return answer_quiet(in, "template/delete", answer_word(in, "name"), e);
}

bool
run_template_render(struct invocation *in, struct err *e)
{
	const char *phone = invocation_option(in, "phone");

	if (phone == NULL)
		return invocation_usage(in, e, "name the phone: --phone NAME");
	return answer_xml(
	    in, "template/render", json_pack("{s:s, s:s}", "name", in->word[0], "phone", phone), e);
}
