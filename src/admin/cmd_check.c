#include "admin/client.h"
#include "admin/cmd_files.h"
#include "admin/output.h"

#include "cluster/cluster_check.h"

#include <string.h>
#include <time.h>

static void
add_finding(void *arg, const struct checkup_finding *f)
{
	json_array_append_new(
	    arg, json_pack("{s:s, s:s, s:o, s:o, s:s, s:s}", "id", checkup_id(f->kind), "severity",
		     checkup_severity_name(checkup_severity_of(f->kind)), "where",
		     output_string(span_str(f->where)), "what", output_string(span_str(f->what)),
		     "why", f->why, "fix", f->fix));
}

static bool
check_folder(const struct invocation *in, json_t *all, struct err *e)
{
	const struct cluster_check how = { .now = time(NULL), .found = add_finding, .arg = all };

	return cluster_check_folder(in->dir, &how, e);
}

/* The daemon leaves the provisioning folder to files/check. */
static bool
check_online(struct invocation *in, json_t *all, struct err *e)
{
	struct checkup c = { .node = "", .addresses = "" };
	json_t *found, *files = json_array();
	bool ok;

	if (!client_call(in, "check", json_object(), &found, e)) {
		json_decref(files);
		return false;
	}
	json_array_extend(all, found);
	json_decref(found);
	ok = files_collect(in, files, e);
	c.folder_findings = json_array_size(files);
	json_decref(files);
	if (ok)
		checkup_judge_files(&c, add_finding, all);
	return ok;
}

static size_t
count_of(const json_t *all, enum checkup_severity severity)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(all); i++) {
		const char *s =
		    json_string_value(json_object_get(json_array_get(all, i), "severity"));

		n += s != NULL && strcmp(s, checkup_severity_name(severity)) == 0;
	}
	return n;
}

static void
print_blocks(const json_t *all)
{
	static const char *const keys[] = { "where", "what", "why", "fix", NULL };

	for (size_t i = 0; i < json_array_size(all); i++) {
		const json_t *one = json_array_get(all, i);

		printf("%s%s: %s\n", i > 0 ? "\n" : "",
		    output_text(json_object_get(one, "severity")),
		    output_text(json_object_get(one, "id")));
		output_fields(one, keys);
	}
	if (json_array_size(all) == 0)
		puts("No findings.");
}

/* Asks the daemon; when none answers, or no longer, the folder itself. */
static bool
check_any(struct invocation *in, json_t *all, struct err *e)
{
	if (invocation_option(in, "offline") == NULL) {
		if (check_online(in, all, e))
			return true;
		if (e->code != ERR_IO)
			return false;
		json_array_clear(all);
	}
	return check_folder(in, all, e);
}

/* One line on what was found; warnings fail only a strict check. */
static bool
verdict(const struct invocation *in, const json_t *all, struct err *e)
{
	size_t errors = count_of(all, CHECKUP_ERROR), warnings = count_of(all, CHECKUP_WARNING);

	if (errors == 0 && (warnings == 0 || invocation_option(in, "strict") == NULL))
		return true;
	return err_set(e, ERR_MALFORMED, "%zu %s and %zu %s in the cluster", errors,
	    errors == 1 ? "error" : "errors", warnings, warnings == 1 ? "warning" : "warnings");
}

bool
run_check(struct invocation *in, struct err *e)
{
	json_t *all = json_array();
	bool ok;

	if (in->words == 1)
		in->dir = in->word[0];
	if (in->dir == NULL) {
		json_decref(all);
		return invocation_usage(in, e, "no cluster: give --dir DIR or set SEALTONE_DIR");
	}
	ok = check_any(in, all, e);
	if (ok) {
		if (in->json)
			output_json(all);
		else
			print_blocks(all);
		ok = verdict(in, all, e);
	}
	json_decref(all);
	return ok;
}
