#include "admin/answer.h"
#include "admin/client.h"
#include "admin/listing.h"
#include "admin/output.h"

#include <stdint.h>
#include <stdlib.h>

static const char *const phone_fields[] = { "name", "model", "group", "profile", "template",
	"origin", "operation", "operation_status", "progress", "operation_changed", "auth_mode",
	"auth_string", "auth_failures", "key_order", "rsa_size", "ec_size", "key_weak",
	"complete_by", "lsc_status", "lsc_serial", "lsc_expires", "trust", "released", "last_seen",
	"last_address", NULL };

static const char *const detail_fields[] = { "config.source", "config.form", "config.recipient",
	"config.reason", "config.version", "config.fault", "config.good_at", "served.list.version",
	"served.list.at", "served.list.address", "served.ctl.version", "served.ctl.at",
	"served.config.version", "served.config.form", "served.config.at", "served.config.address",
	"reset.state", "reset.kind", "reset.at", "reset.status", "reset.reason", "reset.job", NULL };

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
	if (in->json) {
		output_json(phone);
		return;
	}
	output_fields(phone, phone_fields);
	output_fields(phone, detail_fields);
}

static void
print_values(const json_t *values)
{
	const char *key;
	json_t *value;

	printf("\nValues\n");
	json_object_foreach((json_t *)(uintptr_t)values, key, value)
	{
		printf("%s = ", key);
		output_clean(stdout, json_string_value(value));
		putchar('\n');
	}
}

bool
run_phone_add(struct invocation *in, struct err *e)
{
	json_t *settings = answer_settings(in, e);

	return settings != NULL &&
	       answer_fields(in, "phone/add",
		   json_pack("{s:s, s:o}", "name", in->word[0], "settings", settings), phone_fields,
		   e);
}

bool
run_phone_list(struct invocation *in, struct err *e)
{
	json_t *args = listing_args(in, e);

	return args != NULL && listing_print(in, "phone/list", args, list_columns, e);
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
	static const struct output_column operation_columns[] = {
		{ "TIME", "at" },
		{ "STATUS", "status" },
		{ "CAUSE", "cause" },
		{ 0 },
	};
	bool history = invocation_option(in, "history") != NULL;
	bool values = invocation_option(in, "values") != NULL;
	json_t *phone;

	if (!client_call(in, "phone/show",
		json_pack(
		    "{s:s, s:b, s:b}", "name", in->word[0], "history", history, "values", values),
		&phone, e))
		return false;
	print_phone(in, phone);
	if (values && !in->json)
		print_values(json_object_get(phone, "values"));
	if (history && !in->json) {
		printf("\nCertificate operations\n");
		output_table(json_object_get(phone, "operations"), operation_columns);
		printf("\nHistory\n");
		output_table(json_object_get(phone, "history"), columns);
	}
	json_decref(phone);
	return true;
}

static json_t *
names_given(const struct invocation *in, struct err *e)
{
	json_t *names = json_array();

	for (size_t w = 0; w < in->words; w++)
		if (json_array_append_new(names, json_string(in->word[w])) != 0) {
			err_set(e, ERR_MALFORMED, "a phone's name is not UTF-8");
			json_decref(names);
			return NULL;
		}
	return names;
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
	json_t *names, *settings, *phones;

	if (in->given_count == 0)
		return invocation_usage(in, e, "nothing to set: see sealtone phone set --help");
	names = names_given(in, e);
	settings = names != NULL ? answer_settings(in, e) : NULL;
	if (settings == NULL) {
		json_decref(names);
		return false;
	}
	if (!client_call(in, "phone/set",
		json_pack("{s:o, s:o}", "names", names, "settings", settings), &phones, e))
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
		{ "CTL TO BE ERASED AT THE PHONE", "holds_ctl" },
		{ 0 },
	};
	bool all = invocation_option(in, "all") != NULL;

	if (all == (in->words == 1))
		return invocation_usage(in, e, "name one phone, or say --all");
	return answer_table(in, "phone/release",
	    all ? json_pack("{s:b}", "all", 1) : json_pack("{s:s}", "name", in->word[0]), columns,
	    e);
}
