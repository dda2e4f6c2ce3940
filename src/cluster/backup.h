/*
 * backup: a whole cluster in one encrypted file, and back.
 *
 * What is in it: sealtone.conf, the store, the private keys with their passphrase, and models.csv
 * and the secret of an online CA where there are such. Not in it: the provisioning folder. Form and
 * reasons: doc/decisions/0015-backup.md.
 */
#ifndef CLUSTER_BACKUP_H
#define CLUSTER_BACKUP_H

#include "base/err.h"
#include "base/span.h"
#include "cluster/forecast.h"

#include <stdint.h>
#include <time.h>

#define BACKUP_NAME_MAX 256

struct backup_info {
	char cluster[BACKUP_NAME_MAX];
	time_t made;
	uint64_t saw;   /* backup_state.changes in it */
	uint64_t bytes; /* of the file */
	size_t keys;
	bool inside;              /* made in the folder of its own cluster, with which it is lost */
	char lacks[ERR_TEXT_MAX]; /* an earlier signer of lists whose key is not in it; "": none */
};

struct backup_target {
	const char *file;
	bool replace; /* any backup that is there, also of another cluster or passphrase */
};

/* Makes a backup of the cluster in dir, which may be in use, and puts it under its name only after
 * it was opened again and found good. A file that is there is replaced when it is a backup of this
 * cluster that the passphrase opens, else ERR_CONFLICT. ERR_REFUSED: phones are served what is in
 * its folder. On failure the file is as it was before. */
must_use bool backup_make(const char *dir, const struct backup_target *to, struct span passphrase,
    time_t now, struct backup_info *out, struct err *e);

/* What the phones of the cluster as it was last would meet. Freed with backup_held_free. */
struct backup_held {
	bool is_known;              /* there is such a cluster, and the backup is of it */
	char unread[ERR_TEXT_MAX];  /* why nothing is known though there is one; "" otherwise */
	struct forecast forecast;   /* by lists of the cluster as it was last */
	size_t lists, keys, phones; /* brought along: lists, keys, and phones that hold some */
	struct modeltable *models;  /* of the cluster as it was last */
	char node[STORE_NAME_MAX];  /* whose TVS phones ask, in the backup */
	char **revived; /* "PURPOSE SUBJECT" of keys that were given up since, and come back */
	size_t revived_count;
	char **missing; /* names of phones that the backup does not know */
	size_t missing_count;
};
void backup_held_free(struct backup_held *held);

/* The cluster as it was last. */
struct backup_last {
	const char *dir;   /* its folder; NULL: none is known, and nothing is planned */
	const char *force; /* this cluster is restored though phones are cut off; NULL: none */
};

/* Makes the cluster of a backup again in dir, which must not exist or be empty. Checked before it
 * appears there; on failure nothing does. From the cluster as it was last come what phones hold and
 * the keys that they need; one that cannot be read any more is what backups are for, and only said
 * (held->unread), as is one that is another cluster. Errors name the file: those of vault_open
 * (pki/vault.h), ERR_CRYPTO (damaged), ERR_REFUSED (of a newer version, the passphrase, or phones
 * that are well off now would be cut off). */
must_use bool backup_restore(const char *file, const char *dir, struct span passphrase,
    const struct backup_last *last, struct backup_info *out, struct backup_held *held,
    struct err *e);

/* What backup_restore would come to for the phones of the cluster in dir, which may be in use. The
 * backup is extracted inside that folder, for as long as this takes. ERR_REFUSED: it is of another
 * cluster. */
must_use bool backup_plan(const char *file, const char *dir, struct span passphrase,
    struct backup_info *out, struct backup_held *held, struct err *e);

#endif
