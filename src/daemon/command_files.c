#include "daemon/commands.h"

#include "cluster/filecheck.h"

/* Phones wait meanwhile: a large folder is looked at in several calls. */
#define STEP_MS 50

static void
add_finding(void *arg, const char *path, const struct finding *f)
{
	json_t *row = json_pack("{s:o, s:s, s:o}", "path", json_text(path), "severity",
	    findings_severity_name(f->severity), "finding", json_text(f->text));

	if (f->line > 0)
		json_object_set_new(row, "line", json_integer((json_int_t)f->line));
	json_array_append_new(arg, row);
}

bool
command_files_check(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const struct conf *conf = cluster_conf(c->cluster);
	json_t *findings = json_array();
	const struct filecheck check = { .folder = folder_new(conf->provisioning_dir),
		.max_size = (uint64_t)conf->file_max_mb * 1024 * 1024,
		.found = add_finding,
		.arg = findings };
	char next[FILECHECK_PATH_MAX];
	bool ok = filecheck_walk(&check, args_text(args, "after"), STEP_MS, next, e);

	folder_free(check.folder);
	if (!ok) {
		json_decref(findings);
		return false;
	}
	*result = json_pack("{s:o, s:o}", "findings", findings, "next",
	    next[0] != '\0' ? json_text(next) : json_null());
	return true;
}
