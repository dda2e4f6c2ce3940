/*
 * lists: trust lists and signed files made to order from the keys of tests/vectors/keys.
 */
#ifndef TESTS_RULES_LISTS_H
#define TESTS_RULES_LISTS_H

#include "base/purpose.h"
#include "pki/cert.h"
#include "pki/key.h"
#include "wire/trustlist.h"

/* A certificate and its key. */
struct identity {
	struct cert *cert;
	struct privkey *key;
};

/* name: "sast" for keys/sast.pem. Ends the test program when it cannot be read. */
struct identity identity_load(const char *name);
void identity_free(struct identity *id);

/* A new key of few bits (strength does not matter here, time does), self-signed, valid a day before
 * and after LISTS_NOW. */
#define LISTS_NOW 1700000000
struct identity identity_make(enum purpose purpose, const char *common_name);

/* A certificate with issuer, serial and names of victim and the key of forger. */
struct identity identity_forge(const struct identity *victim, const struct identity *forger);

/* A record to be: the whole certificate, or its hash only, which may be a wrong one. */
struct list_entry {
	uint16_t function;
	const struct identity *id;
	bool hash_only;
	bool wrong_hash;
};

/* A signed list of count records. */
struct bytes list_make(const char *file_name, const struct identity *signer,
    const struct list_entry *entries, size_t count);

/* The same with signer version 1.1: configurations come by HTTPS (files.md 1.2). */
struct bytes list_make_https(const char *file_name, const struct identity *signer,
    const struct list_entry *entries, size_t count);

/* A signed file (.sgn). */
struct bytes file_make(const char *file_name, const struct identity *signer, struct span payload);

#endif
