/*
 * listnames: what trust lists of the store are called for people: "ITL 3", "bridge 1".
 */
#ifndef CLUSTER_LISTNAMES_H
#define CLUSTER_LISTNAMES_H

#include "store/store.h"

#define LISTNAME_MAX 48

struct listnames;

/* "ITL", "empty ITL", "CTL", "bridge", "CTL bridge", "list of others". */
const char *listnames_kind(enum store_list_kind kind);

/* Every list there ever was. Freed with listnames_free. */
must_use bool listnames_load(struct store *s, struct listnames **out, struct err *e);
void listnames_free(struct listnames *n); /* safe with NULL */

/* By store_list.id; "list 17" for one that is not there. Returns out. */
char *listnames_of(const struct listnames *n, int64_t id, char out[LISTNAME_MAX]);

#endif
