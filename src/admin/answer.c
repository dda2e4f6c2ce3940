#include "admin/answer.h"

#include "admin/readfile.h"

#include <stdio.h>
#include <string.h>

#define KEY_MAX 256

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

bool
answer_pass(json_t *args, const char *option, const char *value, struct err *e)
{
	return value == NULL || json_object_set_new(args, option, json_string(value)) == 0 ||
	       err_set(e, ERR_MALFORMED, "--%s is not UTF-8", option);
}

json_t *
answer_all(const struct invocation *in, const char *option, struct err *e)
{
	json_t *all = json_array();

	for (size_t i = 0; i < in->given_count; i++)
		if (strcmp(in->given[i].name, option) == 0 &&
		    json_array_append_new(all, json_string(in->given[i].value)) != 0) {
			err_set(e, ERR_MALFORMED, "--%s is not UTF-8", option);
			json_decref(all);
			return NULL;
		}
	return all;
}

static bool
pass_value(struct invocation *in, json_t *settings, const char *text, struct err *e)
{
	const char *end = strchr(text, '=');
	char key[KEY_MAX];

	if (end == NULL || end == text)
		return invocation_usage(in, e, "--value takes KEY=VALUE");
	if ((size_t)snprintf(key, sizeof key, "value.%.*s", (int)(end - text), text) >= sizeof key)
		return invocation_usage(in, e, "--value: the key is too long");
	return json_object_set_new(settings, key, json_string(end + 1)) == 0 ||
	       err_set(e, ERR_MALFORMED, "--value is not UTF-8");
}

/* The file's certificate; without a file, that there is none. */
static bool
pass_mic(json_t *settings, const char *path, struct err *e)
{
	struct cert *mic;
	char *pem;
	bool ok;

	if (*path == '\0')
		return answer_pass(settings, "mic", "", e);
	mic = readfile_cert(path, e);
	if (mic == NULL)
		return false;
	pem = cert_to_pem(mic);
	ok = answer_pass(settings, "mic", pem, e);
	free(pem);
	cert_free(mic);
	return ok;
}

static bool
pass_setting(
    struct invocation *in, json_t *settings, const char *name, const char *value, struct err *e)
{
	if (strcmp(name, "value") == 0)
		return pass_value(in, settings, value, e);
	if (strcmp(name, "mic") == 0)
		return pass_mic(settings, value, e);
	return answer_pass(settings, name, value, e);
}

json_t *
answer_settings(struct invocation *in, struct err *e)
{
	json_t *settings = json_object();

	for (size_t i = 0; i < in->given_count; i++) {
		if (!pass_setting(in, settings, in->given[i].name, in->given[i].value, e)) {
			json_decref(settings);
			return NULL;
		}
	}
	return settings;
}
