#include "tempdir.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
tempdir_make(char out[TEMPDIR_MAX])
{
	const char *base = getenv("TMPDIR");

	snprintf(out, TEMPDIR_MAX, "%s/sealtone-test-XXXXXX", base != NULL ? base : "/tmp");
	if (mkdtemp(out) == NULL) {
		perror(out);
		abort();
	}
}

char *
tempdir_path(const char *dir, const char *name, char *out, size_t out_max)
{
	snprintf(out, out_max, "%s/%s", dir, name);
	return out;
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
	(void)st;
	(void)kind;
	(void)where;
	remove(path);
	return 0;
}

void
tempdir_remove(const char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
tempdir_count(const char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *entry;
	int n = 0;

	if (d == NULL)
		return -1;
	while ((entry = readdir(d)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			n++;
	closedir(d);
	return n;
}
