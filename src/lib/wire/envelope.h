/*
 * envelope: the signed header that trust lists, signed files and encrypted files share.
 *
 * Bytes and lengths only; whether the signature is right is rules/signedfile.h.
 * Facts: doc/protocols/files.md (sections 1 to 4), with their certainty there.
 * The names of rules in errors (T1, S1, E2 ...) are those of its section 1.7.
 */
#ifndef WIRE_ENVELOPE_H
#define WIRE_ENVELOPE_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

#define ENVELOPE_ELEMENTS_MAX 20
#define ENVELOPE_FILENAME_MAX 1024
#define ENVELOPE_NAME_MAX     4096

/* Header tags. */
enum envelope_tag {
	ENVELOPE_VERSION = 1,
	ENVELOPE_HEADER_LENGTH = 2,
	ENVELOPE_SIGNER = 3,
	ENVELOPE_SIGNER_NAME = 4,
	ENVELOPE_SERIAL = 5,
	ENVELOPE_ISSUER = 6,
	ENVELOPE_SIGNATURE_INFO = 7,
	ENVELOPE_DIGEST = 8,
	ENVELOPE_ALGORITHM_INFO = 9,
	ENVELOPE_ALGORITHM = 10,
	ENVELOPE_MODULUS = 11,
	ENVELOPE_SIGNATURE = 12,
	ENVELOPE_PADDING = 13,
	ENVELOPE_FILENAME = 14,
	ENVELOPE_TIMESTAMP = 15,
	ENVELOPE_ENC_INFO = 16,
	ENVELOPE_IV_INFO = 17,
	ENVELOPE_CIPHER = 18,
	ENVELOPE_IV = 19,
	ENVELOPE_BODY_PADDING = 20,
	ENVELOPE_KEY_INFO = 21,
	ENVELOPE_KEY_CIPHER = 22,
	ENVELOPE_KEY_BITS = 23,
	ENVELOPE_KEY_ALGORITHM = 24,
	ENVELOPE_WRAPPED_KEY = 25,
	ENVELOPE_PLAIN_DIGEST = 26,
	ENVELOPE_PLAIN_HASH = 27,
	ENVELOPE_SIGNER_VERSION = 28,
};

enum envelope_digest { ENVELOPE_SHA1 = 1, ENVELOPE_SHA512 = 3 };

/* What an encrypted file adds (files.md 4). */
struct envelope_enc {
	uint8_t cipher;        /* 0 */
	struct span iv;        /* 16 bytes */
	uint16_t padding;      /* 1 to 16 */
	uint8_t key_cipher;    /* 0 */
	uint16_t key_bits;     /* 8 * wrapped_key.n */
	uint8_t key_algorithm; /* 1 */
	struct span wrapped_key;
	uint8_t plain_digest; /* enum envelope_digest */
	struct span plain_hash;
};

struct envelope {
	uint8_t major, minor;
	uint16_t header_length;
	bool has_signer_version; /* tag 28 */
	uint8_t signer_major, signer_minor;
	struct span signer_name, issuer; /* with their NUL cut off */
	struct span serial;
	uint8_t digest;    /* enum envelope_digest */
	uint8_t algorithm; /* 0 */
	uint8_t modulus;   /* 0-3: 64, 128, 256, 512 bytes */
	struct span signature;
	struct span filename; /* NUL cut off */
	uint32_t timestamp;
	bool is_encrypted;
	struct envelope_enc enc;
	unsigned padding; /* bytes 0d at the end of the header */

	/* Tags in the order in which they stand, containers before what they hold, padding
	 * left out. Encoding writes them in this order; an empty one means Unified CM's order. */
	uint8_t order[ENVELOPE_ELEMENTS_MAX + 8];
	size_t order_count;

	/* The file without its tag-12 element, in two parts: what the signature covers. Loans
	 * from the parsed file. */
	struct span signed_head, signed_tail;
};

/* The version of the header at the start of a file, for those who take only some of them.
 * Errors: ERR_MALFORMED: too short, another first element, or none that envelope_parse takes (T1).
 */
must_use bool envelope_version(struct span file, uint8_t *major, uint8_t *minor, struct err *e);

/*
 * Reads the header at the start of a whole file and checks rules T1 to T9 (2.0: and E2, E4 to E6)
 * of the file's version. Spans in out are loans from the file. rest, when not NULL, is a reader of
 * what follows the header. Errors: ERR_MALFORMED with offset, element and rule.
 */
must_use bool envelope_parse(
    struct span file, struct envelope *out, struct rd *rest, struct err *e);

/*
 * Writes the header with its final lengths and padding, and the signature as it is in env
 * (for a file that is still to be signed: envelope_signature_size zeros). header_length and padding
 * of env are not read. Errors: ERR_LIMIT when a length field is too small.
 */
must_use bool envelope_encode(const struct envelope *env, struct wr *out, struct err *e);

/* Bytes of signature that a modulus code stands for; 0 for an unknown code. */
size_t envelope_modulus_size(uint8_t modulus);

/* The modulus code for a signature of that size. */
must_use bool envelope_modulus_code(size_t signature_size, uint8_t *out, struct err *e);

/* Bytes of hash of a digest code: 20, 64; 0 for an unknown code. */
size_t envelope_digest_size(uint8_t digest);

/* "SHA1", "SHA512"; "unknown". */
const char *envelope_digest_name(uint8_t digest);

/* The name of a header tag as Unified CM prints it ("SIGNERNAME"); one of our own for those that it
 * does not print ("WRAPPEDKEY"); "unknown". */
const char *envelope_tag_name(uint8_t tag);

#endif
