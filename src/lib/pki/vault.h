/*
 * vault: a long text under a passphrase, sealed and opened chunk by chunk.
 *
 * The key comes from the passphrase by scrypt; each chunk is AES-256-GCM, its nonce is its number,
 * and the header, its number and whether it is the last one are authenticated with it. The header
 * tells the size of the whole, so what is missing is known before anything is opened. Whatever is
 * changed, cut, put elsewhere or appended is an error. Form: doc/decisions/0015-backup.md.
 */
#ifndef PKI_VAULT_H
#define PKI_VAULT_H

#include "base/err.h"
#include "base/span.h"

#define VAULT_HEADER   68
#define VAULT_CHUNK    (64 * 1024)
#define VAULT_TAG      16
#define VAULT_COST     16 /* of new ones: 2^16 blocks of 1 KB */
#define VAULT_COST_MIN 10
#define VAULT_COST_MAX 18
#define VAULT_SIZE_MAX ((uint64_t)1 << 40)

struct vault;

/* A new one for size bytes; header is what the file begins with. Owned: vault_free. Errors:
 * ERR_LIMIT (size), ERR_CRYPTO. */
must_use bool vault_new(struct span passphrase, uint64_t size, unsigned cost,
    uint8_t header[VAULT_HEADER], struct vault **out, struct err *e);

/* Opens one by the header that a file of file_size bytes begins with. Errors: ERR_MALFORMED (not a
 * vault), ERR_LIMIT (a newer form), ERR_IO (not all of it is there), ERR_REFUSED (the passphrase
 * does not open it). */
must_use bool vault_open(struct span header, uint64_t file_size, struct span passphrase,
    struct vault **out, struct err *e);

/* Whether a file that begins so says that it is a vault. */
bool vault_is(struct span begin);

/* Bytes inside, and those of the next chunk without its tag; *more false: there is none. */
uint64_t vault_size(const struct vault *v);
size_t vault_next(const struct vault *v, bool *more);

/* The next chunk: plain is as long as vault_next says, out is longer by VAULT_TAG; and back.
 * ERR_CRYPTO: the chunk is not the one that was written there; out is wiped. */
must_use bool vault_seal(struct vault *v, struct span plain, uint8_t *out, struct err *e);
must_use bool vault_unseal(struct vault *v, struct span chunk, uint8_t *out, struct err *e);

/* Wipes the key. Safe with NULL. */
void vault_free(struct vault *v);

#endif
