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

#include <stdint.h>
#include <time.h>

#define BACKUP_NAME_MAX 256

struct backup_info {
	char cluster[BACKUP_NAME_MAX];
	time_t made;
	uint64_t saw;   /* backup_state.changes in it */
	uint64_t bytes; /* of the file */
	size_t keys;
};

/* Makes a backup of the cluster in dir, which may be in use, and puts it under its name only after
 * it was opened again and found good. A file that is there is replaced when it is a backup, else
 * ERR_CONFLICT. On failure the file is as it was before. */
must_use bool backup_make(const char *dir, const char *file, struct span passphrase, time_t now,
    struct backup_info *out, struct err *e);

/* Makes the cluster of a backup again in dir, which must not exist or be empty. Checked before it
 * appears there; on failure nothing does. Errors name the file: those of vault_open (pki/vault.h),
 * ERR_CRYPTO (damaged), ERR_REFUSED (of a newer version, or the passphrase). */
must_use bool backup_restore(const char *file, const char *dir, struct span passphrase,
    struct backup_info *out, struct err *e);

#endif
