/*
 * signedfile: what a signed file is, whether its signature is right, and how one is made.
 *
 * Facts: doc/protocols/files.md, sections 1.2, 1.3, 3 and 4; T10, T13, T14, S2, E7 and E8 in
 * errors are rules of its sections 1.7, 3 and 4.
 */
#ifndef RULES_SIGNEDFILE_H
#define RULES_SIGNEDFILE_H

#include "pki/key.h"
#include "wire/encfile.h"
#include "wire/sgn.h"
#include "wire/trustlist.h"

enum signedfile_kind { SIGNEDFILE_LIST, SIGNEDFILE_SGN, SIGNEDFILE_ENC };

/* Which kind a whole file is, from its version and shape: 2.x is encrypted, 1.1 and 1.2 are trust
 * lists; 1.0 is a signed file unless its name ends in .tlv or records follow to its last byte.
 * Errors: ERR_MALFORMED when it is none of them. */
must_use bool signedfile_kind(struct span file, enum signedfile_kind *out, struct err *e);

/* "trust list", "signed file", "encrypted file". */
const char *signedfile_kind_name(enum signedfile_kind kind);

/* The header of a signed or encrypted file, and what follows it: payload or ciphertext. Loans from
 * the file. Errors: ERR_MALFORMED, also for a trust list of version 1.1 or 1.2. */
must_use bool signedfile_parse(
    struct span file, struct envelope *env, struct span *content, struct err *e);

/* The SAST record with a certificate that the header names by serial and issuer (T13); NULL when
 * there is none. A loan from the list. */
const struct trustlist_record *signedfile_list_signer(const struct trustlist *list);

/* The record is the one whose key signed the list: SAST, and serial and issuer are the header's. */
bool signedfile_record_signed(const struct trustlist *list, const struct trustlist_record *r);

/*
 * A parsed list keeps T10, T13 and T14. The signature is judged by signer, or by the list's own
 * SAST record when signer is NULL. That somebody trusts the signer is not judged here.
 * Errors: ERR_CRYPTO or ERR_MALFORMED, with record and rule.
 */
must_use bool signedfile_check_list(
    const struct trustlist *list, const struct cert *signer, struct err *e);

/* The signature of any parsed envelope was made with signer's key, whose serial the header names
 * (S2; T10 of a list). Errors: ERR_CRYPTO. */
must_use bool signedfile_check(
    const struct envelope *env, const struct cert *signer, struct err *e);

/* False for what may not be the payload of a signed file: it begins as a record of a trust list
 * does, and as a file that its vendor signed (files.md 1.4, 3). Phones take lists of versions 1.0
 * to 1.2 alike (1.2), and nobody knows whether they look at FILENAME (10.1): signed, it could be
 * handed to them as a list. Vendors' files are not signed again (3). */
bool signedfile_may_carry(struct span payload);

/* The form of names in a header: Unified CM's or the peers' (files.md 1.6), each with the order of
 * elements that goes with it. */
enum signedfile_names { SIGNEDFILE_CUCM, SIGNEDFILE_PEER };

struct signedfile_head {
	const struct cert *signer;
	enum signedfile_names names;
	const char *filename;        /* what the phone asks for, path included */
	enum envelope_digest digest; /* ENVELOPE_SHA1 by default in the field */
	uint32_t timestamp;          /* seconds since 1970 */
};

/* Fills an envelope of a version with room for the signature. Spans are loans from signer, filename
 * and constants. Errors: ERR_REFUSED (the signer's key is not RSA, or of a size that the header
 * cannot say), ERR_LIMIT (file name). */
must_use bool signedfile_envelope(const struct signedfile_head *head, uint8_t major, uint8_t minor,
    struct envelope *out, struct err *e);

/* A signed file that still lacks its signature: header and payload. Freed with bytes_free. */
must_use bool signedfile_make_sgn(const struct signedfile_head *head, struct span payload,
    struct bytes *unsigned_file, struct err *e);

/* An encrypted file for one phone that still lacks its signature. Freed with bytes_free. */
must_use bool signedfile_encrypt(const struct signedfile_head *head, struct span plain,
    const struct cert *phone, struct bytes *unsigned_file, struct err *e);

/* The plaintext of an encrypted file; its signature is not looked at. Freed with bytes_wipe.
 * Errors: ERR_CRYPTO (E7, E8). */
must_use bool signedfile_decrypt(
    const struct encfile *f, const struct privkey *k, struct bytes *plain, struct err *e);

/* Puts a signature into the room that a file has for it.
 * Errors: ERR_MALFORMED (not such a file), ERR_CRYPTO (the room is for another size). */
must_use bool signedfile_put_signature(struct bytes *file, struct span signature, struct err *e);

/* Signs a whole file of any kind that has room for the signature. Freed with bytes_free.
 * Errors: ERR_MALFORMED (not such a file), ERR_CRYPTO (key of another size or kind). */
must_use bool signedfile_sign(
    struct span file, const struct privkey *k, struct bytes *out, struct err *e);

#endif
