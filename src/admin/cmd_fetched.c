#include "admin/client.h"
#include "admin/output.h"

#include <stdint.h>

static void
print_pem(const json_t *all)
{
	size_t i;
	json_t *one;

	json_array_foreach((json_t *)(uintptr_t)all, i, one)
	{
		const char *pem = json_string_value(json_object_get(one, "pem"));

		if (pem != NULL)
			fputs(pem, stdout);
	}
}

bool
run_phone_fetched(struct invocation *in, struct err *e)
{
	static const struct output_column columns[] = {
		{ "KIND", "kind" },
		{ "FETCHED", "at" },
		{ "SUBJECT", "subject" },
		{ "ISSUER", "issuer" },
		{ "SERIAL", "serial" },
		{ "EXPIRES", "expires" },
		{ 0 },
	};
	json_t *all;

	if (!client_call(in, "phone/fetched", json_pack("{s:s}", "name", in->word[0]), &all, e))
		return false;
	if (in->json)
		output_json(all);
	else if (invocation_option(in, "pem") != NULL)
		print_pem(all);
	else
		output_table(all, columns);
	json_decref(all);
	return true;
}
