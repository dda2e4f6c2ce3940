#include "fixture.h"

#include "cluster/backup_rotate.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define WORD "correct horse battery staple"

struct places {
	char folder[PATH_LEN], word[PATH_LEN], made[2 * PATH_LEN];
};

static void
put(const char *path, const char *text, mode_t mode)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	assert_int_equal(chmod(path, mode), 0);
}

static void
conf_add(struct fixture *f, const char *folder, const char *word)
{
	char path[PATH_LEN + 32], command[4 * PATH_LEN];
	FILE *conf;

	snprintf(path, sizeof path, "%s/sealtone.conf", f->path);
	snprintf(command, sizeof command,
	    "sed -i '/^\\[backup\\]/,/^\\[keys\\]/{/^\\[keys\\]/!d}' '%s'", path);
	assert_int_equal(system(command), 0);
	conf = fopen(path, "a");
	assert_non_null(conf);
	fprintf(conf,
	    "\n[backup]\nfolder = %s\npassphrase-file = %s\nkeep-days = 14\nkeep-least = 1\n",
	    folder, word);
	fclose(conf);
}

static struct places
places_make(struct fixture *f)
{
	struct places p;

	snprintf(p.folder, sizeof p.folder, "%.500s/backups", f->path);
	snprintf(p.word, sizeof p.word, "%.500s/backup.word", f->path);
	assert_int_equal(mkdir(p.folder, 0700), 0);
	put(p.word, WORD "\nmore\n", 0600);
	conf_add(f, p.folder, p.word);
	return p;
}

static bool
has(const struct places *p, const char *name)
{
	char path[2 * PATH_LEN];

	snprintf(path, sizeof path, "%s/%s", p->folder, name);
	return access(path, F_OK) == 0;
}

static size_t
count(const struct places *p)
{
	size_t n = 0;
	const struct dirent *entry;
	DIR *d = opendir(p->folder);

	assert_non_null(d);
	while ((entry = readdir(d)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(d);
	return n;
}

static void
a_scheduled_backup_is_one_that_restore_takes(void **state)
{
	struct fixture *f = *state;
	struct places p = places_make(f);
	struct backup_rotation *made = calloc(1, sizeof *made);
	const struct backup_last none = { 0 };
	struct backup_held held = { 0 };
	struct backup_info back;
	char into[PATH_LEN];
	struct err e = { 0 };

	assert_ok(backup_rotate(f->path, NOW, made, &e), e);
	assert_true(has(&p, "Example-20231114-221320.backup"));
	assert_int_equal(count(&p), 1);
	assert_string_equal(made->stays, "");
	snprintf(into, sizeof into, "%.500s/restored", f->path);
	assert_ok(backup_restore(made->file, into, span_str(WORD), &none, &back, &held, &e), e);
	backup_held_free(&held);
	assert_int_equal(back.keys, made->info.keys);
	free(made);
}

static void
old_ones_go_when_a_newer_one_is_good_and_nothing_else_does(void **state)
{
	struct fixture *f = *state;
	struct places p = places_make(f);
	struct backup_rotation *made = calloc(1, sizeof *made);
	char path[2 * PATH_LEN];
	struct err e = { 0 };

	snprintf(path, sizeof path, "%s/Example-20231114-221320.backup", p.folder);
	put(path, "SEALTONE, 15 days before", 0600);
	snprintf(path, sizeof path, "%s/Example-20231115-221320.backup", p.folder);
	put(path, "SEALTONE, 14 days before", 0600);
	snprintf(path, sizeof path, "%s/notes.txt", p.folder);
	put(path, "mine", 0600);
	snprintf(path, sizeof path, "%s/Example-20200101-000000.backup", p.folder);
	put(path, "called so, and is none", 0600);
	snprintf(path, sizeof path, "%s/Example-20231114-000000.backup.new", p.folder);
	put(path, "SEALTONE cut short", 0600);
	assert_ok(backup_rotate(f->path, NOW + 15 * (time_t)DAY, made, &e), e);
	assert_int_equal(made->deleted, 1);
	assert_non_null(strstr(made->stays, "Example-20200101-000000.backup: is not a backup"));
	assert_false(has(&p, "Example-20231114-221320.backup"));
	assert_true(has(&p, "Example-20231115-221320.backup"));
	assert_true(has(&p, "Example-20231129-221320.backup"));
	assert_true(has(&p, "Example-20200101-000000.backup"));
	assert_false(has(&p, "Example-20231114-000000.backup.new"));
	assert_true(has(&p, "notes.txt"));
	free(made);
}

static void
none_goes_when_the_newer_one_is_not_good(void **state)
{
	struct fixture *f = *state;
	struct places p = places_make(f);
	struct backup_rotation *made = calloc(1, sizeof *made);
	char key[PATH_LEN];
	struct err e = { 0 };

	assert_ok(backup_rotate(f->path, NOW, made, &e), e);
	assert_int_equal(unlink(fixture_key_path(f, PURPOSE_CALLMANAGER, key)), 0);
	assert_fails(backup_rotate(f->path, NOW + 400 * (time_t)DAY, made, &e), e, ERR_IO,
	    "the backup is not good");
	assert_true(has(&p, "Example-20231114-221320.backup"));
	assert_int_equal(count(&p), 1);
	free(made);
}

static void
a_passphrase_that_others_can_get_at_is_refused(void **state)
{
	struct fixture *f = *state;
	struct places p = places_make(f);
	struct backup_rotation *made = calloc(1, sizeof *made);
	char beside[2 * PATH_LEN], link[2 * PATH_LEN];
	struct err e;

	chmod(p.word, 0640);
	assert_fails(backup_rotate(f->path, NOW, made, &e), e, ERR_REFUSED, "others may use it");
	put(p.word, "\nsecond line\n", 0600);
	assert_fails(backup_rotate(f->path, NOW, made, &e), e, ERR_MALFORMED, "first line");
	put(p.word, "\xff\n", 0600); /* restore could not be given it */
	assert_fails(backup_rotate(f->path, NOW, made, &e), e, ERR_MALFORMED, "not UTF-8");
	snprintf(beside, sizeof beside, "%s/word", p.folder);
	put(beside, WORD, 0600);
	snprintf(link, sizeof link, "%.500s/link", f->path);
	assert_int_equal(symlink(beside, link), 0);
	conf_add(f, p.folder, link);
	assert_fails(backup_rotate(f->path, NOW, made, &e), e, ERR_REFUSED, "whoever gets at");
	conf_add(f, p.folder, "");
	assert_fails(backup_rotate(f->path, NOW, made, &e), e, ERR_MALFORMED, "needs a passphrase");
	assert_int_equal(count(&p), 1);
	free(made);
}

static void
a_folder_that_is_not_there_or_served_to_phones_is_refused(void **state)
{
	struct fixture *f = *state;
	struct places p = places_make(f);
	struct backup_rotation *made = calloc(1, sizeof *made);
	struct err e;

	conf_add(f, "tftpboot", p.word);
	assert_fails(backup_rotate(f->path, NOW, made, &e), e, ERR_REFUSED, "served to phones");
	conf_add(f, "not-mounted", p.word);
	assert_fails(backup_rotate(f->path, NOW, made, &e), e, ERR_IO, "No such file");
	conf_add(f, p.word, p.word);
	assert_fails(backup_rotate(f->path, NOW, made, &e), e, ERR_REFUSED, "not a folder");
	free(made);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_COPY(a_scheduled_backup_is_one_that_restore_takes),
		WITH_COPY(old_ones_go_when_a_newer_one_is_good_and_nothing_else_does),
		WITH_COPY(none_goes_when_the_newer_one_is_not_good),
		WITH_COPY(a_passphrase_that_others_can_get_at_is_refused),
		WITH_COPY(a_folder_that_is_not_there_or_served_to_phones_is_refused),
	};

	return cmocka_run_group_tests_name(
	    "backup_rotate", tests, fixture_group_setup, fixture_group_teardown);
}
