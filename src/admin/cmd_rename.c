#include "admin/answer.h"
#include "admin/replaced.h"

#include <stdio.h>

static void
print_renamed(const json_t *result)
{
	static const char *const fields[] = { "was", "node", "addresses_were", "addresses", NULL };
	const json_t *notes = json_object_get(result, "notes");

	output_fields(result, fields);
	for (size_t i = 0; i < json_array_size(notes); i++)
		printf("Note: %s\n", json_string_value(json_array_get(notes, i)));
	replaced_print(json_object_get(result, "certificates"));
}

bool
run_node_rename(struct invocation *in, struct err *e)
{
	const char *host = invocation_option(in, "host");
	json_t *addresses = answer_all(in, "address", e), *args, *result;

	if (addresses == NULL)
		return false;
	if (host == NULL && json_array_size(addresses) == 0) {
		json_decref(addresses);
		return invocation_usage(
		    in, e, "node set takes a role with on or off, or --host, or --address");
	}
	args = json_pack(
	    "{s:b}", "with_itlrecovery", invocation_option(in, "with-itlrecovery") != NULL);
	if (json_array_size(addresses) > 0)
		json_object_set(args, "addresses", addresses);
	json_decref(addresses);
	if (!answer_pass(args, "host", host, e)) {
		json_decref(args);
		return false;
	}
	if (!client_call(in, "node/rename", args, &result, e))
		return false;
	replaced_add_impact(json_object_get(result, "certificates"));
	if (in->json)
		output_json(result);
	else
		print_renamed(result);
	json_decref(result);
	return true;
}
