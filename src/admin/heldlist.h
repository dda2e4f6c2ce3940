/*
 * heldlist: the trust list that a phone is taken to hold, for commands that judge by it.
 */
#ifndef ADMIN_HELDLIST_H
#define ADMIN_HELDLIST_H

#include "admin/command.h"

#include "rules/trust_eval.h"

struct heldlist {
	struct bytes raw;
	struct trustlist list;
	bool is_there;
	const char *from; /* the file's name, or "the cluster's list"; NULL without one */
};

/* That of --itl (an ITL or CTL whose own signature is right), else, with ask_cluster and when a
 * folder is named, the current one of the daemon there, else none. Freed with heldlist_free, also
 * after failure. */
must_use bool heldlist_read(
    struct invocation *in, bool ask_cluster, struct heldlist *out, struct err *e);
void heldlist_free(struct heldlist *h);

/* A phone that holds it and nothing else. A loan. */
struct trust_eval_state heldlist_phone(const struct heldlist *h);

#endif
