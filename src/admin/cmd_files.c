#include "admin/cmd_files.h"

#include "admin/client.h"
#include "admin/output.h"

#include <string.h>

static const struct output_column columns[] = {
	{ "PATH", "path" },
	{ "LINE", "line" },
	{ "SEVERITY", "severity" },
	{ "FINDING", "finding" },
	{ 0 },
};

bool
files_collect(struct invocation *in, json_t *all, struct err *e)
{
	json_t *args = json_object(), *step, *next;

	for (;;) {
		if (!client_call(in, "files/check", args, &step, e))
			return false;
		json_array_extend(all, json_object_get(step, "findings"));
		next = json_object_get(step, "next");
		if (!json_is_string(next))
			break;
		args = json_pack("{s:O}", "after", next);
		json_decref(step);
	}
	json_decref(step);
	return true;
}

static size_t
count_errors(const json_t *all)
{
	size_t errors = 0;

	for (size_t i = 0; i < json_array_size(all); i++) {
		const char *severity =
		    json_string_value(json_object_get(json_array_get(all, i), "severity"));

		errors += severity != NULL && strcmp(severity, "error") == 0;
	}
	return errors;
}

bool
run_files_check(struct invocation *in, struct err *e)
{
	json_t *all = json_array();
	bool ok = files_collect(in, all, e);
	size_t errors = count_errors(all);

	if (ok && in->json)
		output_json(all);
	else if (ok)
		output_table(all, columns);
	json_decref(all);
	if (ok && errors > 0)
		return err_set(e, ERR_MALFORMED, "%zu %s in the provisioning folder", errors,
		    errors == 1 ? "error" : "errors");
	return ok;
}
