#include "tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOBODY 65534

void
tree_make(struct tree *t)
{
	tempdir_make(t->dir);
}

void
tree_remove(struct tree *t)
{
	tempdir_remove(t->dir);
}

const char *
tree_path(struct tree *t, const char *name)
{
	return tempdir_path(t->dir, name, t->path, sizeof t->path);
}

void
tree_folder(struct tree *t, const char *name)
{
	assert_int_equal(mkdir(tree_path(t, name), 0755), 0);
}

void
tree_write(struct tree *t, const char *name, const char *text)
{
	int fd = open(tree_path(t, name), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

void
tree_rename(struct tree *t, const char *from, const char *to)
{
	char old[1024];

	tempdir_path(t->dir, from, old, sizeof old);
	assert_int_equal(rename(old, tree_path(t, to)), 0);
}

void
tree_link(struct tree *t, const char *target, const char *name)
{
	assert_int_equal(symlink(target, tree_path(t, name)), 0);
}

void
tree_delete(struct tree *t, const char *name)
{
	struct stat st;

	tempdir_remove(tree_path(t, name));
	assert_int_equal(lstat(t->path, &st), -1);
}

void
tree_lose_rights(struct tree *t)
{
	if (getuid() != 0)
		return;
	assert_int_equal(chmod(t->dir, 0755), 0);
	assert_int_equal(seteuid(NOBODY), 0);
}

void
tree_regain_rights(void)
{
	assert_int_equal(seteuid(getuid()), 0);
}
