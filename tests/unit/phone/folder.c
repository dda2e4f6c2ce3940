#include "folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

void
folder_make(char *out)
{
	const char *base = getenv("TMPDIR");

	snprintf(out, FOLDER_MAX, "%s/sealtone-phone-XXXXXX", base != NULL ? base : "/tmp");
	if (mkdtemp(out) == NULL) {
		perror(out);
		abort();
	}
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void
folder_remove(const char *path)
{
	nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
