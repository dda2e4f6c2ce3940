#include "cluster/cluster_check_internal.h"

#include "base/mem.h"
#include "base/text.h"
#include "cluster/filecheck.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define WALK_MS 1000

/* A file that is not there is somebody else's finding. */
static void
file_add(struct cluster_look *l, const char *path, const char *content)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return;
	l->file = mem_grow(l->file, l->c.file_count + 1, sizeof *l->file);
	l->file[l->c.file_count++] =
	    (struct checkup_file){ mem_text(path, strlen(path)), content, st.st_mode };
}

/* "KEYID.pem" is of a certificate, or its name is no key's. */
static bool
is_named(const struct cluster_look *l, const char *name)
{
	bool found = false;

	for (size_t i = 0; i < l->c.own_count && !found; i++) {
		char *hex = l->own[i].cert != NULL ? text_hex(cert_key_id(l->own[i].cert)) : NULL;
		size_t n = hex != NULL ? strlen(hex) : 0;

		found = n > 0 && strncmp(name, hex, n) == 0 && strcmp(name + n, ".pem") == 0;
		free(hex);
	}
	return found;
}

static void
left_key_add(struct cluster_look *l, const char *name, const char *path)
{
	const char *ending = strrchr(name, '.');
	size_t *n = &l->c.left_key_count;

	if (ending == NULL || strcmp(ending, ".pem") != 0 || is_named(l, name))
		return;
	l->left_key = mem_grow(l->left_key, *n + 1, sizeof *l->left_key);
	l->left_key[(*n)++] = mem_text(path, strlen(path));
}

static void
key_files_add(struct cluster_look *l)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *keys;

	snprintf(path, sizeof path, "%s/%s", l->how->conf->dir, CONF_KEYS);
	file_add(l, path, "the folder of private keys");
	keys = opendir(path);
	while (keys != NULL && (entry = readdir(keys)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%.2000s/%s/%.255s", l->how->conf->dir, CONF_KEYS,
		    entry->d_name);
		file_add(l, path, "a private key");
		left_key_add(l, entry->d_name, path);
	}
	if (keys != NULL)
		closedir(keys);
}

void
cluster_check_files_look(struct cluster_look *l)
{
	const struct conf *conf = l->how->conf;
	char path[PATH_MAX];

	key_files_add(l);
	if (strncmp(conf->key_file, conf->dir, strlen(conf->dir)) != 0 ||
	    strstr(conf->key_file, "/" CONF_KEYS "/") == NULL)
		file_add(l, conf->key_file, "the passphrase of the private keys");
	snprintf(path, sizeof path, "%s/%s", conf->dir, CLUSTER_DATABASE);
	file_add(l, path, "the database, with authentication strings");
	if (conf->backup_passphrase[0] != '\0')
		file_add(l, conf->backup_passphrase, "the passphrase of backups");
	if (conf->online_ca_secret_file[0] != '\0')
		file_add(l, conf->online_ca_secret_file, "the secret of the online CA");
}

static void
on_folder_finding(void *arg, const char *path, const struct finding *f)
{
	struct cluster_look *l = arg;

	(void)path;
	(void)f;
	l->c.folder_findings++;
}

bool
cluster_check_folder_look(struct cluster_look *l, struct err *e)
{
	const struct conf *conf = l->how->conf;
	const struct filecheck check = { .folder = folder_new(conf->provisioning_dir),
		.max_size = (uint64_t)conf->file_max_mb * 1024 * 1024,
		.found = on_folder_finding,
		.arg = l };
	char after[FILECHECK_PATH_MAX] = "", next[FILECHECK_PATH_MAX];
	bool ok;

	while ((ok = filecheck_walk(&check, after, WALK_MS, next, e)) && next[0] != '\0')
		memcpy(after, next, sizeof after);
	folder_free(check.folder);
	return ok;
}
