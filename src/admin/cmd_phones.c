#include "admin/client.h"
#include "admin/output.h"
#include "admin/readfile.h"

#include <stdlib.h>
#include <string.h>

static const char *const phone_fields[] = { "name", "model", "group", "origin", "operation",
	"operation_status", "operation_changed", "auth_mode", "auth_string", "key_order",
	"rsa_size", "ec_size", "complete_by", "lsc_status", "lsc_serial", "lsc_expires", "trust",
	"released", "last_seen", "last_address", NULL };

static const struct output_column list_columns[] = {
	{ "NAME", "name" },
	{ "MODEL", "model" },
	{ "ORIGIN", "origin" },
	{ "OPERATION STATUS", "operation_status" },
	{ "LSC", "lsc_status" },
	{ "LSC EXPIRES", "lsc_expires" },
	{ "TRUST", "trust" },
	{ "LAST SEEN", "last_seen" },
	{ 0 },
};

static void
print_phone(const struct invocation *in, const json_t *phone)
{
	if (in->json)
		output_json(phone);
	else
		output_fields(phone, phone_fields);
}

/* Puts a given option into the arguments under the same name. */
static void
pass_on(const struct invocation *in, json_t *args, const char *option)
{
	const char *value = invocation_option(in, option);

	if (value != NULL)
		json_object_set_new(args, option, json_string(value));
}

bool
run_phone_add(struct invocation *in, struct err *e)
{
	const char *mic_path = invocation_option(in, "mic");
	json_t *args = json_pack("{s:s}", "name", in->word[0]);
	json_t *phone;

	pass_on(in, args, "model");
	pass_on(in, args, "group");
	if (mic_path != NULL) {
		struct cert *mic = readfile_cert(mic_path, e);
		char *pem;

		if (mic == NULL) {
			json_decref(args);
			return false;
		}
		pem = cert_to_pem(mic);
		json_object_set_new(args, "mic", json_string(pem));
		free(pem);
		cert_free(mic);
	}
	if (!client_call(in, "phone/add", args, &phone, e))
		return false;
	print_phone(in, phone);
	json_decref(phone);
	return true;
}

bool
run_phone_list(struct invocation *in, struct err *e)
{
	json_t *phones;

	if (!client_call(in, "phone/list",
		in->words == 1 ? json_pack("{s:s}", "filter", in->word[0]) : json_object(), &phones,
		e))
		return false;
	if (in->json)
		output_json(phones);
	else
		output_table(phones, list_columns);
	json_decref(phones);
	return true;
}

bool
run_phone_show(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "TIME", "at" },
		{ "BY", "actor" },
		{ "EVENT", "event" },
		{ "TEXT", "text" },
		{ 0 },
	};
	bool history = invocation_option(in, "history") != NULL;
	json_t *phone;

	if (!client_call(in, "phone/show",
		json_pack("{s:s, s:b}", "name", in->word[0], "history", history), &phone, e))
		return false;
	print_phone(in, phone);
	if (history && !in->json) {
		printf("\nHistory\n");
		output_table(json_object_get(phone, "history"), columns);
	}
	json_decref(phone);
	return true;
}

bool
run_phone_set(struct invocation *in, struct err *e)
{
	json_t *names = json_array(), *settings = json_object();
	json_t *phones;
	size_t i;
	json_t *one;

	for (size_t w = 0; w < in->words; w++)
		json_array_append_new(names, json_string(in->word[w]));
	for (size_t g = 0; g < in->given_count; g++)
		json_object_set_new(settings, in->given[g].name, json_string(in->given[g].value));
	if (in->given_count == 0) {
		json_decref(names);
		json_decref(settings);
		return invocation_usage(in, e, "nothing to set: see sealtone phone set --help");
	}
	if (!client_call(in, "phone/set",
		json_pack("{s:o, s:o}", "names", names, "settings", settings), &phones, e))
		return false;
	if (in->json)
		output_json(json_array_size(phones) == 1 ? json_array_get(phones, 0) : phones);
	else
		json_array_foreach(phones, i, one) printf("%s: %s, %s%s%s\n",
		    output_text(json_object_get(one, "name")),
		    output_text(json_object_get(one, "operation")),
		    output_text(json_object_get(one, "operation_status")),
		    invocation_option(in, "auth-string") != NULL ? ", authentication string " : "",
		    invocation_option(in, "auth-string") != NULL
			? output_text(json_object_get(one, "auth_string"))
			: "");
	json_decref(phones);
	return true;
}

bool
run_phone_delete(struct invocation *in, struct err *e)
{
	json_t *result;

	if (!client_call(in, "phone/delete", json_pack("{s:s}", "name", in->word[0]), &result, e))
		return false;
	if (in->json)
		output_json(result);
	json_decref(result);
	return true;
}

bool
run_phone_release(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "NAME", "name" },
		{ "EMPTY LIST HANDED OUT", "empty_list_taken" },
		{ 0 },
	};
	bool all = invocation_option(in, "all") != NULL;
	json_t *args, *result;

	if (all == (in->words == 1))
		return invocation_usage(in, e, "name one phone, or say --all");
	args = all ? json_pack("{s:b}", "all", 1) : json_pack("{s:s}", "name", in->word[0]);
	if (!client_call(in, "phone/release", args, &result, e))
		return false;
	if (in->json)
		output_json(result);
	else
		output_table(result, columns);
	json_decref(result);
	return true;
}
