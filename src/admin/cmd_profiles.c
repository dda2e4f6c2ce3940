#include "admin/answer.h"

static const char *const fields[] = { "name", "mode", "transport", "encrypted_config",
	"authentication_url", "directory_url", "services_url", "messages_url", "information_url",
	"idle_url", NULL };

static bool
change(struct invocation *in, const char *command, struct err *e)
{
	json_t *settings = answer_settings(in, e);

	if (settings == NULL)
		return false;
	return answer_fields(in, command,
	    json_pack("{s:s, s:o}", "name", in->word[0], "settings", settings), fields, e);
}

bool
run_profile_add(struct invocation *in, struct err *e)
{
	return change(in, "profile/add", e);
}

bool
run_profile_set(struct invocation *in, struct err *e)
{
	if (in->given_count == 0)
		return invocation_usage(in, e, "nothing to set: see sealtone profile set --help");
	return change(in, "profile/set", e);
}

bool
run_profile_show(struct invocation *in, struct err *e)
{
	return answer_fields(in, "profile/show", answer_word(in, "name"), fields, e);
}

bool
run_profile_list(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "NAME", "name" },
		{ "MODE", "mode" },
		{ "TRANSPORT", "transport" },
		{ "ENCRYPTED CONFIG", "encrypted_config" },
		{ 0 },
	};

	return answer_table(in, "profile/list", json_object(), columns, e);
}

bool
run_profile_delete(struct invocation *in, struct err *e)
{
	return answer_quiet(in, "profile/delete", answer_word(in, "name"), e);
}
