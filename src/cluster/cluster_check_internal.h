/*
 * cluster_check_internal: what the files of cluster_check share.
 */
#ifndef CLUSTER_CLUSTER_CHECK_INTERNAL_H
#define CLUSTER_CLUSTER_CHECK_INTERNAL_H

#include "cluster/backup_state.h"
#include "cluster/cluster_check.h"
#include "cluster/cluster_internal.h"

/* What was gathered; the picture for the rules lends from it. */
struct cluster_look {
	const struct cluster_check *how;
	struct signer *signer; /* NULL: the keys are locked */
	struct recovery_state recovery;
	struct tokens_state tokens;
	enum cluster_security security;
	struct store_node node, *nodes;
	size_t node_count;
	struct checkup_own *own;
	struct checkup_trusted *trusted;
	struct checkup_issuer *issuer;
	struct store_list held[PICTURE_LISTS * PICTURE_DIGESTS];
	struct checkup_list list[PICTURE_LISTS * PICTURE_DIGESTS];
	struct checkup_belief *belief;
	struct store_list *believed; /* of belief */
	char **secure_profile;
	char **left_key;
	struct checkup_file *file;
	struct backup_state backup;
	struct backup_schedule schedule;
	struct listnames *names;
	struct checkup c;
	struct err *e;
	bool failed;
};

/* Files that hold secrets, and keys that no certificate names. */
void cluster_check_files_look(struct cluster_look *l);

/* The provisioning folder. */
must_use bool cluster_check_folder_look(struct cluster_look *l, struct err *e);

#endif
