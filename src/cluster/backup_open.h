/*
 * backup_open: the files of a backup in a folder, and whether they make a cluster. Internal to
 * backup.
 */
#ifndef CLUSTER_BACKUP_OPEN_H
#define CLUSTER_BACKUP_OPEN_H

#include "cluster/backup.h"
#include "wire/backupindex.h"

#define BACKUP_CONF     "sealtone.conf"
#define BACKUP_KEY_FILE "keys.passphrase"
#define BACKUP_SECRET   "online-ca.secret"
#define BACKUP_MODELS   "models.csv"

/* Whether the file begins as a backup does; false also when it cannot be read. */
bool backup_is(const char *file);

/* What it says of itself, from its begin. Freed with backupindex_free. Errors do not name the file.
 */
must_use bool backup_index(
    const char *file, struct span passphrase, struct backupindex *out, struct err *e);

/* Decrypts the file into an empty folder, brought to the disk. */
must_use bool backup_extract(const char *file, struct span passphrase, const char *into,
    struct backup_info *out, struct err *e);

/* Opens what was extracted: the configuration, the database, each key; and compares them: every
 * active certificate and every own one in the current trust lists has its key. Fills saw and lacks.
 */
must_use bool backup_check(const char *dir, struct backup_info *out, struct err *e);

#endif
