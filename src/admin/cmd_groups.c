/* Call-manager groups, and other clusters' servers. */
#include "admin/answer.h"

#include "base/text.h"

#include <string.h>

/* --- groups --- */

static const char *const group_fields[] = { "name", "servers", "template", NULL };

static const struct output_column group_columns[] = {
	{ "NAME", "name" },
	{ "SERVERS", "servers" },
	{ "TEMPLATE", "template" },
	{ 0 },
};

static bool
change_group(struct invocation *in, const char *command, struct err *e)
{
	json_t *args = json_pack("{s:s}", "name", in->word[0]), *servers;

	if (args == NULL)
		return err_set(e, ERR_MALFORMED, "the group's name is not UTF-8");
	servers = answer_all(in, "server", e);
	if (servers == NULL ||
	    !answer_pass(args, "template", invocation_option(in, "template"), e)) {
		json_decref(servers);
		json_decref(args);
		return false;
	}
	if (json_array_size(servers) > 0)
		json_object_set(args, "servers", servers);
	json_decref(servers);
	return answer_fields(in, command, args, group_fields, e);
}

bool
run_group_add(struct invocation *in, struct err *e)
{
	if (invocation_option(in, "server") == NULL)
		return invocation_usage(in, e, "a group needs a --server");
	return change_group(in, "group/add", e);
}

bool
run_group_set(struct invocation *in, struct err *e)
{
	if (in->given_count == 0)
		return invocation_usage(in, e, "nothing to set: see sealtone group set --help");
	return change_group(in, "group/set", e);
}

bool
run_group_show(struct invocation *in, struct err *e)
{
	return answer_fields(in, "group/show", answer_word(in, "name"), group_fields, e);
}

bool
run_group_list(struct invocation *in, struct err *e)
{
	return answer_table(in, "group/list", json_object(), group_columns, e);
}

bool
run_group_delete(struct invocation *in, struct err *e)
{
	return answer_quiet(in, "group/delete", answer_word(in, "name"), e);
}

/* --- remotes --- */

static const char *const remote_fields[] = { "name", "position", "via", "addresses", NULL };

static const struct output_column remote_columns[] = {
	{ "POSITION", "position" },
	{ "NAME", "name" },
	{ "VIA", "via" },
	{ "ADDRESSES", "addresses" },
	{ 0 },
};

static bool
pass_number(
    struct invocation *in, json_t *args, const char *option, unsigned long max, struct err *e)
{
	const char *text = invocation_option(in, option);
	unsigned long number;

	if (text == NULL)
		return true;
	if (!text_number(text, 1, max, &number))
		return invocation_usage(in, e, "--%s takes a number from 1 to %lu", option, max);
	json_object_set_new(args, option, json_integer((json_int_t)number));
	return true;
}

static bool
remote_arguments(struct invocation *in, json_t *args, struct err *e)
{
	const char *via = invocation_option(in, "via");
	json_t *addresses = json_array();

	json_object_set_new(args, "addresses", addresses);
	for (size_t i = 1; i < in->words; i++)
		if (json_array_append_new(addresses, json_string(in->word[i])) != 0)
			return err_set(e, ERR_MALFORMED, "an address is not UTF-8");
	if (via != NULL && strcmp(via, "http") != 0 && strcmp(via, "tftp") != 0)
		return invocation_usage(in, e, "--via takes http or tftp");
	return json_object_set_new(args, "name", json_string(in->word[0])) == 0
		   ? answer_pass(args, "via", via, e) && pass_number(in, args, "port", 65535, e) &&
			 pass_number(in, args, "position", 1000, e)
		   : err_set(e, ERR_MALFORMED, "the name is not UTF-8");
}

bool
run_remote_add(struct invocation *in, struct err *e)
{
	json_t *args = json_object();

	if (!remote_arguments(in, args, e)) {
		json_decref(args);
		return false;
	}
	return answer_fields(in, "remote/add", args, remote_fields, e);
}

bool
run_remote_list(struct invocation *in, struct err *e)
{
	return answer_table(in, "remote/list", json_object(), remote_columns, e);
}

bool
run_remote_delete(struct invocation *in, struct err *e)
{
	return answer_quiet(in, "remote/delete", answer_word(in, "name"), e);
}
