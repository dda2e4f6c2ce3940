/*
 * signer_pem: the signer whose keys are files, one per key, mode 0600, encrypted at rest.
 *
 * DIR/keys/<key id in hex>.pem, PKCS#8, AES-256 under the passphrase that key_file holds.
 */
#ifndef KEYS_SIGNER_PEM_H
#define KEYS_SIGNER_PEM_H

#include "pki/signer.h"

#include <limits.h>

/* Makes the folder (0700) and a new key file with a random passphrase (0600); neither may exist. */
must_use bool signer_pem_create(const char *keys_dir, const char *key_file, struct err *e);

/* Opens it. Errors name the file and its fault (missing, readable by others, not hex). */
must_use bool signer_pem_open(
    const char *keys_dir, const char *key_file, struct signer **out, struct err *e);

/* The file of a key, there or not. Errors: ERR_MALFORMED (no key id), ERR_LIMIT. */
must_use bool signer_pem_path(
    const char *keys_dir, struct span key_id, char out[PATH_MAX], struct err *e);

/* The private key of a TLS service as DER (PKCS#8), for the process that shakes hands with it, as
 * long as keys live in files of that process's own machine: doc/decisions/0002. Refused for
 * purposes that may not do TLS. Wipe it. */
must_use bool signer_pem_tls_key(
    struct signer *s, enum purpose purpose, struct span key_id, struct bytes *der, struct err *e);

/* What the key is for, as its file says; it is opened, and must be usable. */
must_use bool signer_pem_purpose(
    struct signer *s, struct span key_id, enum purpose *out, struct err *e);

#endif
