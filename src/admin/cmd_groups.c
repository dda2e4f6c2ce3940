#include "admin/answer.h"

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
