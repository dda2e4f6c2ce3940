#include "admin/answer.h"

bool
answer_table(struct invocation *in, const char *command, json_t *args,
    const struct output_column *columns, struct err *e)
{
	json_t *rows;

	if (!client_call(in, command, args, &rows, e))
		return false;
	if (in->json)
		output_json(rows);
	else
		output_table(rows, columns);
	json_decref(rows);
	return true;
}

bool
answer_fields(struct invocation *in, const char *command, json_t *args, const char *const *keys,
    struct err *e)
{
	json_t *object;

	if (!client_call(in, command, args, &object, e))
		return false;
	if (in->json)
		output_json(object);
	else
		output_fields(object, keys);
	json_decref(object);
	return true;
}

bool
answer_quiet(struct invocation *in, const char *command, json_t *args, struct err *e)
{
	static const char *const nothing[] = { NULL };

	return answer_fields(in, command, args, nothing, e);
}

json_t *
answer_word(const struct invocation *in, const char *name)
{
	return in->words == 1 ? json_pack("{s:s}", name, in->word[0]) : json_object();
}
