#include "admin/answer.h"
#include "admin/client.h"
#include "admin/output.h"
#include "admin/readfile.h"

#include <stdint.h>
#include <stdlib.h>

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

/* Puts an option, when it is given, into the arguments under the same name; what JSON cannot carry
 * must not be left out silently. */
static bool
pass_on(json_t *args, const char *option, const char *value, struct err *e)
{
	return value == NULL || json_object_set_new(args, option, json_string(value)) == 0 ||
	       err_set(e, ERR_MALFORMED, "--%s is not UTF-8", option);
}

static bool
pass_mic(const struct invocation *in, json_t *args, struct err *e)
{
	const char *path = invocation_option(in, "mic");
	struct cert *mic;
	char *pem;
	bool ok;

	if (path == NULL)
		return true;
	mic = readfile_cert(path, e);
	if (mic == NULL)
		return false;
	pem = cert_to_pem(mic);
	ok = pass_on(args, "mic", pem, e);
	free(pem);
	cert_free(mic);
	return ok;
}

bool
run_phone_add(struct invocation *in, struct err *e)
{
	json_t *args = json_pack("{s:s}", "name", in->word[0]);

	if (!pass_on(args, "model", invocation_option(in, "model"), e) ||
	    !pass_on(args, "group", invocation_option(in, "group"), e) || !pass_mic(in, args, e)) {
		json_decref(args);
		return false;
	}
	return answer_fields(in, "phone/add", args, phone_fields, e);
}

bool
run_phone_list(struct invocation *in, struct err *e)
{
	return answer_table(in, "phone/list", answer_word(in, "filter"), list_columns, e);
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

static bool
set_arguments(const struct invocation *in, json_t *names, json_t *settings, struct err *e)
{
	for (size_t w = 0; w < in->words; w++)
		if (json_array_append_new(names, json_string(in->word[w])) != 0)
			return err_set(e, ERR_MALFORMED, "a phone's name is not UTF-8");
	for (size_t g = 0; g < in->given_count; g++)
		if (!pass_on(settings, in->given[g].name, in->given[g].value, e))
			return false;
	return true;
}

static void
print_set(const struct invocation *in, const json_t *phones)
{
	bool secret = invocation_option(in, "auth-string") != NULL;
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)phones, i, one)
	{
		printf("%s: %s, %s", output_text(json_object_get(one, "name")),
		    output_text(json_object_get(one, "operation")),
		    output_text(json_object_get(one, "operation_status")));
		if (secret)
			printf(", authentication string %s",
			    output_text(json_object_get(one, "auth_string")));
		putchar('\n');
	}
}

bool
run_phone_set(struct invocation *in, struct err *e)
{
	json_t *names, *settings, *args, *phones;

	if (in->given_count == 0)
		return invocation_usage(in, e, "nothing to set: see sealtone phone set --help");
	names = json_array();
	settings = json_object();
	args = json_pack("{s:o, s:o}", "names", names, "settings", settings);
	if (!set_arguments(in, names, settings, e)) {
		json_decref(args);
		return false;
	}
	if (!client_call(in, "phone/set", args, &phones, e))
		return false;
	if (in->json)
		output_json(json_array_size(phones) == 1 ? json_array_get(phones, 0) : phones);
	else
		print_set(in, phones);
	json_decref(phones);
	return true;
}

bool
run_phone_delete(struct invocation *in, struct err *e)
{
	return answer_quiet(in, "phone/delete", json_pack("{s:s}", "name", in->word[0]), e);
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

	if (all == (in->words == 1))
		return invocation_usage(in, e, "name one phone, or say --all");
	return answer_table(in, "phone/release",
	    all ? json_pack("{s:b}", "all", 1) : json_pack("{s:s}", "name", in->word[0]), columns,
	    e);
}
