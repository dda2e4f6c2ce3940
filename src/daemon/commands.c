#include "daemon/commands.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 16

static const struct command {
	const char *name;
	command_run *run;
	/* "name:kind", kind t text, b boolean, i integer, l list of texts, o object; "!" after it:
	 * must be there. */
	const char *args[ARGS_MAX];
	bool plans; /* it only changes the cluster (cluster_change): commands_plan */
} table[] = {
	{ "status", command_status, { 0 } },
	{ "status/phones", command_status_phones, { "after:t" } },
	{ "backup/note", command_backup_note, { "made:i!", "saw:i!" } },
	{ "serve-lists", command_serve_lists, { "who:t" } },
	{ "node/list", command_node_list, { 0 } },
	{ "node/set", command_node_set, { "role:t!", "on:b!" }, true },
	{ "plan", command_plan, { "command:t!", "args:o!", "names:b", "said:t" } },
	{ "plan/expiry", command_expiry, { "date:t!", "names:b" } },
	{ "plan/leave", command_plan_leave, { "itl:t!", "ctl:t", "certificates:l", "names:b" } },
	{ "plan/arrive", command_plan_arrive, { "itl:t!", "ctl:t", "certificates:l" } },
	{ "node/rename", command_node_rename, { "host:t", "addresses:l", "with_itlrecovery:b" },
	    true },
	{ "log", command_log, { "object:t" } },
	{ "check", command_check, { 0 } },
	{ "diagnose", command_diagnose, { "name:t!", "console:l", "itl:t", "ctl:t", "capture:o" } },
	{ "explain", command_explain, { "name:t!", "file:t!", "itl:t", "ctl:t" } },
	{ "files/check", command_files_check, { "after:t" } },
	{ "cert/list", command_cert_list, { "all:b" } },
	{ "cert/show", command_cert_show, { "purpose:t!" } },
	{ "capf/revoke", command_capf_revoke, { "who:t!", "reason:t" } },
	{ "capf/crl", command_capf_crl, { 0 } },
	{ "cert/csr", command_cert_csr, { "purpose:t!", "san:l", "distribution:t" } },
	{ "cert/regenerate", command_cert_regenerate,
	    { "purposes:l!", "rsa_size:i", "force_size:b", "compromised:b", "node:t" }, true },
	{ "cert/stage", command_cert_stage,
	    { "purposes:l!", "rsa_size:i", "force_size:b", "node:t" }, true },
	{ "cert/activate", command_cert_activate, { "purposes:l" }, true },
	{ "cert/withdraw", command_cert_withdraw, { "purposes:l" }, true },
	{ "cert/staged", command_cert_staged, { 0 } },
	{ "cert/purge", command_cert_purge, { "purposes:l", "taken_over:b" }, true },
	{ "cert/import", command_cert_import, { "purpose:t!", "pem:t!", "force_size:b" }, true },
	{ "cert/take-over", command_cert_take_over, { "purpose:t!", "key:t!", "certificate:t!" },
	    true },
	{ "generation/show", command_generation_show, { 0 } },
	{ "generation/set", command_generation_set, { "generation:t!" }, true },
	{ "itl/reset", command_itl_reset, { 0 }, true },
	{ "itl/reset-end", command_itl_reset_end, { 0 }, true },
	{ "itl/history", command_itl_history, { 0 } },
	{ "itl/revert", command_itl_revert, { "version:i!" }, true },
	{ "rollback/prepare", command_rollback_prepare, { 0 }, true },
	{ "rollback/end", command_rollback_end, { 0 }, true },
	{ "rollback/show", command_rollback_show, { "after:t", "names:b" } },
	{ "show/itl", command_show_itl, { "phone:t" } },
	{ "show/ctl", command_show_ctl, { "phone:t" } },
	{ "ctl/set-cluster", command_ctl_set_cluster, { "mode:t!" }, true },
	{ "ctl/update", command_ctl_update, { 0 }, true },
	{ "ctl/delete", command_ctl_delete, { 0 }, true },
	{ "ctl/token-list", command_token_list, { 0 } },
	{ "ctl/token-add", command_token_add, { "certificate:t!" }, true },
	{ "ctl/token-delete", command_token_delete, { "sha256:t!" }, true },
	{ "ctl/token-draft", command_token_draft, { "sha256:t!" } },
	{ "ctl/token-publish", command_token_publish, { "sha256:t!", "files:l!" }, true },
	{ "ctl/token-end", command_token_end, { 0 }, true },
	{ "ctl/reset", command_ctl_reset, { 0 }, true },
	{ "ctl/reset-end", command_ctl_reset_end, { 0 }, true },
	{ "trust/list", command_trust_list, { "store:t" } },
	{ "trust/show", command_trust_show, { "store:t!", "sha256:t!" } },
	{ "trust/add", command_trust_add, { "store:t!", "pem:t!" }, true },
	{ "trust/remove", command_trust_remove, { "store:t!", "sha256:t!" }, true },
	{ "migrate/import", command_migrate_import, { "certificates:l!", "dry_run:b" }, true },
	{ "migrate/progress", command_migrate_progress,
	    { "from:t", "filter:t", "names:l", "after:t" } },
	{ "phone/add", command_phone_add, { "name:t!", "model:t", "group:t", "settings:o" } },
	{ "phone/list", command_phone_list, { "filter:t", "names:l", "after:t" } },
	{ "capf/report", command_capf_report,
	    { "filter:t", "names:l", "after:t", "auth_strings:b" } },
	{ "capf/issuers", command_capf_issuers, { 0 } },
	{ "capf/csr-list", command_capf_requests, { "state:t", "after:t", "pem:b" } },
	{ "capf/csr-forget", command_capf_requests_forget, { 0 } },
	{ "capf/cert-import", command_capf_cert_import, { "certificates:l!" } },
	{ "capf/export", command_capf_export, { "filter:t", "names:l", "after:t" } },
	{ "capf/chains", command_capf_chains, { "issuers:l!" } },
	{ "capf/bulk", command_bulk_begin,
	    { "filter:t", "names:l", "settings:o!", "pace:i", "dry_run:b", "skip_bad:b" } },
	{ "capf/bulk-status", command_bulk_status, { "id:i" } },
	{ "capf/bulk-stop", command_bulk_stop, { "id:i!" } },
	{ "capf/bulk-resume", command_bulk_resume, { "id:i!" } },
	{ "capf/bulk-retry", command_bulk_retry, { "id:i!" } },
	{ "phone/show", command_phone_show, { "name:t!", "history:b", "values:b" } },
	{ "phone/fetched", command_phone_fetched, { "name:t!" } },
	{ "phone/holds", command_phone_holds, { "name:t!", "hash:t", "file:t" } },
	{ "phone/set", command_phone_set, { "names:l!", "settings:o!" } },
	{ "phone/delete", command_phone_delete, { "name:t!" } },
	{ "phone/import", command_phone_import, { "rows:l!", "dry_run:b" } },
	{ "phone/release", command_phone_release, { "name:t", "all:b" } },
	{ "phone/reset", command_phone_reset,
	    { "filter:t", "names:l", "all:b", "kind:t", "canary:i", "wave:i", "tolerance:i",
		"wait:i", "again:i", "dry_run:b" } },
	{ "reset/show", command_reset_show, { "id:i" } },
	{ "reset/stop", command_reset_stop, { "id:i!" } },
	{ "reset/resume", command_reset_resume, { "id:i!", "retry:b" } },
	{ "profile/add", command_profile_add, { "name:t!", "settings:o" } },
	{ "profile/set", command_profile_set, { "name:t!", "settings:o!" } },
	{ "profile/show", command_profile_show, { "name:t!" } },
	{ "profile/list", command_profile_list, { 0 } },
	{ "profile/delete", command_profile_delete, { "name:t!" } },
	{ "group/add", command_group_add, { "name:t!", "servers:l!", "template:t" } },
	{ "group/set", command_group_set, { "name:t!", "servers:l", "template:t" } },
	{ "group/show", command_group_show, { "name:t!" } },
	{ "group/list", command_group_list, { 0 } },
	{ "group/delete", command_group_delete, { "name:t!" } },
	{ "template/add", command_template_add, { "name:t!", "xml:t!", "model:t" } },
	{ "template/set", command_template_set, { "name:t!", "xml:t", "model:t" } },
	{ "template/show", command_template_show, { "name:t!" } },
	{ "template/list", command_template_list, { 0 } },
	{ "template/delete", command_template_delete, { "name:t!" } },
	{ "template/render", command_template_render, { "name:t!", "phone:t!" } },
	{ "remote/add", command_remote_add,
	    { "name:t!", "addresses:l!", "via:t", "port:i", "position:i", "dry_run:b" } },
	{ "remote/list", command_remote_list, { 0 } },
	{ "remote/delete", command_remote_delete, { "name:t!" } },
	{ "report/features", command_report_features, { 0 } },
};

static bool
kind_fits(const json_t *value, char kind)
{
	switch (kind) {
	case 't':
		return json_is_string(value);
	case 'b':
		return json_is_boolean(value);
	case 'i':
		return json_is_integer(value);
	case 'l':
		return json_is_array(value);
	default:
		return json_is_object(value);
	}
}

/* The row of args that describes this name; NULL when there is none. */
static const char *
arg_row(const struct command *command, const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < ARGS_MAX && command->args[i] != NULL; i++)
		if (strncmp(command->args[i], name, n) == 0 && command->args[i][n] == ':')
			return command->args[i] + n + 1;
	return NULL;
}

static bool
check_args(const struct command *command, const json_t *args, struct err *e)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)args, name, value)
	{
		const char *row = arg_row(command, name);

		if (row == NULL)
			return err_set(e, ERR_MALFORMED, "%s takes no argument \"%.40s\"",
			    command->name, name);
		if (!kind_fits(value, row[0]))
			return err_set(e, ERR_MALFORMED, "%s: argument \"%s\" has the wrong type",
			    command->name, name);
	}
	for (size_t i = 0; i < ARGS_MAX && command->args[i] != NULL; i++) {
		const char *row = command->args[i];
		size_t n = strcspn(row, ":");

		if (row[n + 2] == '!' && json_object_getn(args, row, n) == NULL)
			return err_set(e, ERR_MALFORMED, "%s: argument \"%.*s\" is missing",
			    command->name, (int)n, row);
	}
	return true;
}

static const struct command *
find(const char *name, struct err *e)
{
	for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	err_set(e, ERR_UNKNOWN, "no command \"%.60s\"", name);
	return NULL;
}

/* Takes the argument that every command has: the name of the cluster, so that nobody forces the
 * wrong one. */
static bool
take_force(struct core *c, json_t *args, bool *forced, struct err *e)
{
	const char *name = json_string_value(json_object_get(args, "force"));

	*forced = name != NULL;
	if (name != NULL && strcmp(name, cluster_name(c->cluster)) != 0)
		return err_set(e, ERR_REFUSED, "--force takes the name of the cluster, which is %s",
		    cluster_name(c->cluster));
	json_object_del(args, "force");
	return true;
}

bool
commands_run(struct core *c, const char *name, json_t *args, json_t **result, struct err *e)
{
	const struct command *command = find(name, e);
	bool forced, ok;

	if (command == NULL || !take_force(c, args, &forced, e) || !check_args(command, args, e))
		return false;
	cluster_force(c->cluster, forced);
	ok = command->run(c, args, result, e);
	cluster_force(c->cluster, false);
	if (ok && forced)
		core_audit(c, "admin", "forced", name, "%s", "");
	return ok;
}

struct rehearsal {
	struct core *core;
	const struct command *command;
	const json_t *args;
};

static bool
act(void *arg, struct err *e)
{
	const struct rehearsal *r = arg;
	json_t *result = NULL;
	bool ok = r->command->run(r->core, r->args, &result, e);

	json_decref(result);
	return ok;
}

bool
commands_plan(
    struct core *c, const char *name, const json_t *args, struct forecast *out, struct err *e)
{
	struct rehearsal r = { c, find(name, e), args };

	if (r.command == NULL)
		return false;
	if (!r.command->plans)
		return err_set(
		    e, ERR_REFUSED, "%s changes nothing that phones trust: there is no plan", name);
	return check_args(r.command, args, e) && cluster_rehearse(c->cluster, act, &r, out, e);
}

const char *
args_text(const json_t *args, const char *name)
{
	const char *text = json_string_value(json_object_get(args, name));

	return text != NULL ? text : "";
}

bool
name_check(const char *what, const char *name, char out[PHONE_TEXT_MAX], struct err *e)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
	size_t n = strlen(name);

	if (n == 0 || n >= PHONE_TEXT_MAX || strspn(name, allowed) != n)
		return err_set(e, ERR_MALFORMED,
		    "%s name: expected 1 to %d of letters, digits, '-', '_' and '.'", what,
		    PHONE_TEXT_MAX - 1);
	memcpy(out, name, n + 1);
	return true;
}

char *
json_key(const char *name, char out[JSON_KEY_MAX])
{
	snprintf(out, JSON_KEY_MAX, "%s", name);
	for (char *p = out; *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	return out;
}

json_t *
json_time(time_t t)
{
	char text[TEXT_TIME_MAX];

	return t == 0 ? json_null() : json_string(text_time(t, text));
}

json_t *
json_hex(struct span s)
{
	char *hex = text_hex(s);
	json_t *j = json_string(hex);

	free(hex);
	return j;
}

json_t *
json_text(const char *s)
{
	char clean[ERR_TEXT_MAX];
	json_t *j = json_string(s);

	return j != NULL ? j : json_string(text_printable(span_str(s), clean, sizeof clean));
}
