#include "admin/answer.h"
#include "admin/cmd_plan.h"
#include "admin/command.h"
#include "admin/output.h"
#include "admin/passphrase.h"
#include "base/text.h"

#include "cluster/backup.h"
#include "cluster/backup_state.h"
#include "cluster/conf.h"
#include "cluster/forecast_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NOT_THERE "no sealtoned answers"
#define INSIDE    "it is in the cluster's own folder, and is lost with that"

static bool
passphrase_need(const struct invocation *in, struct bytes *out, struct err *e)
{
	if (!passphrase_get(in, out, e))
		return false;
	return out->n > 0 || err_set(e, ERR_REFUSED,
				 "a backup needs a passphrase: set SEALTONE_PASSPHRASE or give "
				 "--passphrase-file");
}

static json_t *
names(char *const *name, size_t count)
{
	json_t *j = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(j, output_string(span_str(name[i])));
	return j;
}

static json_t *
brought(const struct backup_held *held)
{
	return held->is_known
		   ? json_pack("{s:I, s:I, s:I}", "lists", (json_int_t)held->lists, "keys",
			 (json_int_t)held->keys, "phones", (json_int_t)held->phones)
		   : json_null();
}

static void
add_held(json_t *to, const struct backup_held *held)
{
	json_object_set_new(to, "brought", brought(held));
	json_object_set_new(to, "not_planned",
	    held->unread[0] != '\0' ? output_string(span_str(held->unread)) : json_null());
	json_object_set_new(to, "not_in_backup", names(held->missing, held->missing_count));
	json_object_set_new(to, "revived", names(held->revived, held->revived_count));
}

static void
print_info(const struct invocation *in, const struct backup_info *b, const struct backup_held *held,
    const char *file, const struct conf *conf)
{
	char made[TEXT_TIME_MAX];

	text_time(b->made, made);
	if (in->json) {
		json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "cluster", b->cluster,
		    "made", made, "file", file, "dir", conf->dir, "bytes", (json_int_t)b->bytes,
		    "keys", (json_int_t)b->keys, "provisioning_dir", conf->provisioning_dir);

		if (held != NULL)
			add_held(j, held);
		else
			json_object_set_new(
			    j, "warning", b->inside ? json_string(INSIDE) : json_null());
		output_json(j);
		json_decref(j);
		return;
	}
	printf("Cluster %s, backup of %s, %" PRIu64 " bytes, %zu keys: %s\n", b->cluster, made,
	    b->bytes, b->keys, file);
}

/* --- backup --- */

/* With no daemon the store is ours. */
static bool
note_alone(const char *dir, const struct backup_info *b, struct err *e)
{
	char database[CONF_PATH_MAX + 16];
	struct store *s;
	bool ok;

	snprintf(database, sizeof database, "%s/sealtone.db", dir);
	if (!store_open(database, &s, e))
		return false;
	ok = backup_state_note(s, b->made, b->saw, e);
	store_close(s);
	return ok;
}

static bool
note(struct invocation *in, const struct backup_info *b, struct err *e)
{
	json_t *result = NULL;
	bool ok = client_call(in, "backup/note",
	    json_pack("{s:I, s:I}", "made", (json_int_t)b->made, "saw", (json_int_t)b->saw),
	    &result, e);

	if (!ok && e->code == ERR_IO && strncmp(e->text, NOT_THERE, strlen(NOT_THERE)) == 0)
		ok = note_alone(in->dir, b, e);
	json_decref(result);
	return ok;
}

bool
run_backup(struct invocation *in, struct err *e)
{
	const char *file = in->word[0];
	const struct backup_target to = { file, invocation_option(in, "replace") != NULL };
	struct backup_info made;
	struct bytes passphrase;
	struct conf conf;
	bool ok;

	if (in->dir == NULL)
		return invocation_usage(in, e, "no cluster: give --dir DIR or set SEALTONE_DIR");
	if (!conf_read(in->dir, &conf, e) || !passphrase_need(in, &passphrase, e))
		return false;
	ok = backup_make(in->dir, &to, bytes_span(&passphrase), time(NULL), &made, e);
	bytes_wipe(&passphrase);
	if (!ok)
		return false;
	if (!note(in, &made, e))
		return err_in(e, "%s is good, but the cluster does not know of it", file);
	print_info(in, &made, NULL, file, &conf);
	if (!in->json)
		printf("It was opened again and checked. Not in it: %s, your own files for "
		       "phones.\n%s%sMove it to another machine, and keep the passphrase apart "
		       "from it.\n",
		    conf.provisioning_dir, made.inside ? "Warning: " INSIDE : "",
		    made.inside ? ".\n" : "");
	return true;
}

/* --- restore --- */

static void
print_names(const char *title, char *const *name, size_t count, const char *between)
{
	if (count == 0)
		return;
	printf("%s: ", title);
	for (size_t i = 0; i < count; i++) {
		fputs(i > 0 ? between : "", stdout);
		output_clean(stdout, name[i]);
	}
	putchar('\n');
}

static void
print_held(const struct backup_held *held, const char *from, bool will)
{
	if (held->unread[0] != '\0') {
		printf("Not planned, and nothing brought along from %s: ", from);
		output_clean(stdout, held->unread);
		putchar('\n');
	}
	if (!held->is_known)
		return;
	printf("%s from %s: lists that phones hold and the backup does not know: %zu, keys made "
	       "since that sign lists: %zu.\n",
	    will ? "Would be brought along" : "Brought along", from, held->lists, held->keys);
	print_names(
	    "Not in the backup, and to be added again with what they hold (sealtone phone add)",
	    held->missing, held->missing_count, " ");
	print_names(
	    "Given up since, and back with the backup: regenerate them if somebody else has "
	    "these keys",
	    held->revived, held->revived_count, ", ");
}

/* The cluster that phones know may be gone, which is what backups are for; a folder that was typed
 * and never was is a mistake. */
static bool
last_check(struct invocation *in, struct err *e)
{
	return !in->dir_given || access(in->dir, F_OK) == 0 ||
	       invocation_usage(in, e,
		   "--dir %s: there is no such folder; leave --dir out when there is no cluster "
		   "that phones know by now",
		   in->dir);
}

bool
run_restore(struct invocation *in, struct err *e)
{
	const char *file = in->word[0], *dir = in->word[1];
	const struct backup_last last = { in->dir, in->force };
	struct backup_held held;
	struct backup_info made;
	struct bytes passphrase;
	struct conf conf;
	bool ok;

	if (!last_check(in, e) || !passphrase_need(in, &passphrase, e))
		return false;
	ok = backup_restore(file, dir, bytes_span(&passphrase), &last, &made, &held, e);
	bytes_wipe(&passphrase);
	if (!ok)
		return false;
	ok = conf_read(dir, &conf, e);
	if (ok) {
		print_info(in, &made, &held, file, &conf);
		if (!in->json) {
			print_held(&held, last.dir, false);
			printf(
			    "Put your own files for phones back into %s, then start it; only one "
			    "server of this cluster may run.\n  sealtoned --dir %s\n",
			    conf.provisioning_dir, conf.dir);
		}
	}
	backup_held_free(&held);
	return ok;
}

/* --- what it would come to --- */

/* The place for steps that lose nobody: there are none besides the act itself. */
static json_t *
steps(const struct backup_held *held, const char *file, const char *from)
{
	json_t *j = json_array();

	if (held->forecast.newly_lost > 0)
		return j;
	json_array_append_new(j, json_string("stop sealtoned"));
	json_array_append_new(j, json_sprintf("sealtone --dir %s restore %s DIR", from, file));
	json_array_append_new(j, json_string("put your own files for phones back, and start it"));
	return j;
}

static bool
plan_json(const struct backup_held *held, const struct backup_info *made, const char *file,
    const char *dir, json_t **out, struct err *e)
{
	struct forecast_place where = { .models = held->models, .node = held->node };
	char time[TEXT_TIME_MAX], database[CONF_PATH_MAX + 16];
	struct store *s;
	bool ok;

	snprintf(database, sizeof database, "%s/sealtone.db", dir);
	if (!store_open_to_read(database, &s, e))
		return false;
	where.store = s;
	ok = forecast_json(&held->forecast, &where, true, out, e);
	store_close(s);
	if (!ok)
		return false;
	json_object_set_new(*out, "command", json_string("restore"));
	json_object_set_new(*out, "cluster", json_string(made->cluster));
	json_object_set_new(*out, "made", json_string(text_time(made->made, time)));
	add_held(*out, held);
	json_object_set_new(*out, "steps", steps(held, file, dir));
	return true;
}

bool
run_plan_restore(struct invocation *in, struct err *e)
{
	const char *file = in->word[0], *dir = in->dir;
	struct backup_held held;
	struct backup_info made;
	struct bytes passphrase;
	json_t *plan;
	bool ok;

	if (dir == NULL)
		return invocation_usage(
		    in, e, "no cluster: --dir or SEALTONE_DIR names the one that phones know now");
	if (!last_check(in, e) || !passphrase_need(in, &passphrase, e))
		return false;
	ok = backup_plan(file, dir, bytes_span(&passphrase), &made, &held, e);
	bytes_wipe(&passphrase);
	if (!ok)
		return false;
	ok = plan_json(&held, &made, file, dir, &plan, e);
	if (ok) {
		ok = plan_print(in, plan, e);
		if (!in->json && !in->sheet)
			print_held(&held, dir, true);
		json_decref(plan);
	}
	backup_held_free(&held);
	return ok;
}
