/*
 * sides: the two clusters between which phones move, as the options of migrate name them.
 */
#ifndef ADMIN_SIDES_H
#define ADMIN_SIDES_H

#include "admin/command.h"
#include "rules/moving.h"

#include <jansson.h>

#define SIDES_SERVERS_MAX TRUST_BOOT_TVS_MAX
#define SIDES_HOST_MAX    256

/* What one of them hands to its phones. */
struct sides_cluster {
	struct bytes ctl, itl;               /* files; empty CTL: it has none */
	struct trustlist ctl_list, itl_list; /* the same, parsed */
};

struct sides {
	const char *other; /* the name of the other cluster, of --from or --to */
	bool from;         /* phones come from it to this one; else they go to it */
	struct sides_cluster us, them;
	struct moving moving, back; /* the phones' way, and the way back */
	struct {
		char host[SIDES_HOST_MAX];
		uint16_t port;
	} server[SIDES_SERVERS_MAX]; /* TVS servers of the cluster that phones leave */
	size_t servers;
};

/*
 * Reads --from or --to NAME; the other cluster's lists from --itl and --ctl or, over TFTP, from
 * --server (for --phone, else ITLFile.tlv and CTLFile.tlv); this cluster's from the daemon; TVS
 * servers from --tvs, else the --server of the cluster that phones leave and the names in its TVS
 * records, or this cluster's own. Freed with sides_free. Errors: wrong usage; a list cannot be had,
 * or is not signed by a SAST of its own; that of the other is one of this very cluster.
 */
must_use bool sides_open(struct invocation *in, struct sides *out, struct err *e);
void sides_free(struct sides *s);

/* The cluster whose TVS is asked, and the one whose lists are asked about, as words in a sentence:
 * "this cluster" and the other's name. */
const char *sides_old(const struct sides *s);
const char *sides_new(const struct sides *s);

/* What a cluster may be called: 1 to 60 letters, digits, '-', '_' and '.'. */
#define SIDES_NAME_HELP "the cluster's name, of letters, digits, '-', '_' and '.'"
bool sides_name_is_good(const char *name);

/* "lists" or "files". */
const char *sides_signs(const struct moving_signer *signer);

#endif
