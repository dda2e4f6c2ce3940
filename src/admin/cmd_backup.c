#include "admin/answer.h"
#include "admin/command.h"
#include "admin/output.h"
#include "admin/passphrase.h"
#include "base/text.h"

#include "cluster/backup.h"
#include "cluster/backup_state.h"
#include "cluster/conf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NOT_THERE "no sealtoned answers"

static bool
passphrase_need(const struct invocation *in, struct bytes *out, struct err *e)
{
	if (!passphrase_get(in, out, e))
		return false;
	return out->n > 0 || err_set(e, ERR_REFUSED,
				 "a backup needs a passphrase: set SEALTONE_PASSPHRASE or give "
				 "--passphrase-file");
}

static void
print_info(const struct invocation *in, const struct backup_info *b, const char *file,
    const char *dir, const char *provisioning)
{
	char made[TEXT_TIME_MAX];

	text_time(b->made, made);
	if (in->json) {
		json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s}", "cluster", b->cluster,
		    "made", made, "file", file, "dir", dir, "bytes", (json_int_t)b->bytes, "keys",
		    (json_int_t)b->keys, "provisioning_dir", provisioning);

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
	struct backup_info made;
	struct bytes passphrase;
	struct conf conf;
	bool ok;

	if (in->dir == NULL)
		return invocation_usage(in, e, "no cluster: give --dir DIR or set SEALTONE_DIR");
	if (!conf_read(in->dir, &conf, e) || !passphrase_need(in, &passphrase, e))
		return false;
	ok = backup_make(in->dir, file, bytes_span(&passphrase), time(NULL), &made, e);
	bytes_wipe(&passphrase);
	if (!ok)
		return false;
	if (!note(in, &made, e))
		return err_in(e, "%s is good, but the cluster does not know of it", file);
	print_info(in, &made, file, conf.dir, conf.provisioning_dir);
	if (!in->json)
		printf("It was opened again and checked. Not in it: %s, your own files for "
		       "phones.\nMove it to another machine, and keep the passphrase apart from "
		       "it.\n",
		    conf.provisioning_dir);
	return true;
}

/* --- restore --- */

bool
run_restore(struct invocation *in, struct err *e)
{
	const char *file = in->word[0], *dir = in->word[1];
	struct backup_info made;
	struct bytes passphrase;
	struct conf conf;
	bool ok;

	if (!passphrase_need(in, &passphrase, e))
		return false;
	ok = backup_restore(file, dir, bytes_span(&passphrase), &made, e);
	bytes_wipe(&passphrase);
	if (!ok || !conf_read(dir, &conf, e))
		return false;
	print_info(in, &made, file, conf.dir, conf.provisioning_dir);
	if (!in->json)
		printf("Put your own files for phones back into %s, then start it; only one server "
		       "of this cluster may run.\n  sealtoned --dir %s\n",
		    conf.provisioning_dir, conf.dir);
	return true;
}
