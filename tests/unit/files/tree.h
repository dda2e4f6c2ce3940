/*
 * tree: a provisioning folder in a test's own temporary folder, changed by one call each. Paths are
 * relative to the temporary folder; a call that fails ends the test.
 */
#ifndef TESTS_UNIT_FILES_TREE_H
#define TESTS_UNIT_FILES_TREE_H

#include "../check.h"
#include "tempdir.h"

struct tree {
	char dir[TEMPDIR_MAX];
	char path[1024]; /* of the last call of tree_path */
};

void tree_make(struct tree *t);
void tree_remove(struct tree *t);

const char *tree_path(struct tree *t, const char *name);

void tree_folder(struct tree *t, const char *name);
void tree_write(struct tree *t, const char *name, const char *text); /* in place */
void tree_rename(struct tree *t, const char *from, const char *to);
void tree_link(struct tree *t, const char *target, const char *name); /* symbolic */
void tree_delete(struct tree *t, const char *name);                   /* with what is in it */

/* Rights do not stop root: until tree_regain_rights it is nobody. */
void tree_lose_rights(struct tree *t);
void tree_regain_rights(void);

#endif
