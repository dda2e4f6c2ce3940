#include "wire/envelope.h"

#include "wire/tlv.h"

#include <assert.h>

#define HEADER_MIN     10 /* version and header length */
#define HEADER_MAX     65532
#define HEADER_ALIGN   4 /* files.md 1.7, T3 */
#define PADDING_MAX    3
#define LENGTH_AT      8 /* value of tag 2 */
#define VERSION_LENGTH 2

#define AT(member)     offsetof(struct envelope, member)
#define AT_ENC(member) offsetof(struct envelope, enc.member)

/* files.md 1.2 and 4; the names are those of 'show itl' where it has one. */
static const struct tlv_element elements[] = {
	[ENVELOPE_VERSION] = { "Version", TLV_PAIR, 0, AT(major), 0 },
	[ENVELOPE_HEADER_LENGTH] = { "HeaderLength", TLV_U16, 0, AT(header_length), 0 },
	[ENVELOPE_SIGNER] = { "SIGNERID", TLV_BOX, 0, 0, 0 },
	[ENVELOPE_SIGNER_NAME] = { "SIGNERNAME", TLV_TEXT, ENVELOPE_SIGNER, AT(signer_name),
	    ENVELOPE_NAME_MAX },
	[ENVELOPE_SERIAL] = { "SERIALNUMBER", TLV_SERIAL, ENVELOPE_SIGNER, AT(serial), 0 },
	[ENVELOPE_ISSUER] = { "CANAME", TLV_TEXT, ENVELOPE_SIGNER, AT(issuer), ENVELOPE_NAME_MAX },
	[ENVELOPE_SIGNATURE_INFO] = { "SIGNATUREINFO", TLV_BOX, 0, 0, 0 },
	[ENVELOPE_DIGEST] = { "DIGESTALGORTITHM", TLV_U8, ENVELOPE_SIGNATURE_INFO, AT(digest), 0 },
	[ENVELOPE_ALGORITHM_INFO] = { "SIGNATUREALGOINFO", TLV_BOX, ENVELOPE_SIGNATURE_INFO, 0, 0 },
	[ENVELOPE_ALGORITHM] = { "SIGNATUREALGORTITHM", TLV_U8, ENVELOPE_ALGORITHM_INFO,
	    AT(algorithm), 0 },
	[ENVELOPE_MODULUS] = { "SIGNATUREMODULUS", TLV_U8, ENVELOPE_ALGORITHM_INFO, AT(modulus),
	    0 },
	[ENVELOPE_SIGNATURE] = { "SIGNATURE", TLV_BYTES, 0, AT(signature), 0 },
	[ENVELOPE_PADDING] = { "PADDING", TLV_PADDING, 0, 0, 0 },
	[ENVELOPE_FILENAME] = { "FILENAME", TLV_TEXT, 0, AT(filename), ENVELOPE_FILENAME_MAX },
	[ENVELOPE_TIMESTAMP] = { "TIMESTAMP", TLV_U32, 0, AT(timestamp), 0 },
	[ENVELOPE_ENC_INFO] = { "ENCRYPTIONINFO", TLV_BOX, 0, 0, 0 },
	[ENVELOPE_IV_INFO] = { "IVINFO", TLV_BOX, ENVELOPE_ENC_INFO, 0, 0 },
	[ENVELOPE_CIPHER] = { "CIPHER", TLV_U8, ENVELOPE_IV_INFO, AT_ENC(cipher), 0 },
	[ENVELOPE_IV] = { "IV", TLV_BYTES, ENVELOPE_IV_INFO, AT_ENC(iv), 16 },
	[ENVELOPE_BODY_PADDING] = { "BODYPADDING", TLV_U16, ENVELOPE_IV_INFO, AT_ENC(padding), 0 },
	[ENVELOPE_KEY_INFO] = { "KEYINFO", TLV_BOX, ENVELOPE_ENC_INFO, 0, 0 },
	[ENVELOPE_KEY_CIPHER] = { "KEYCIPHER", TLV_U8, ENVELOPE_KEY_INFO, AT_ENC(key_cipher), 0 },
	[ENVELOPE_KEY_BITS] = { "KEYBITS", TLV_U16, ENVELOPE_KEY_INFO, AT_ENC(key_bits), 0 },
	[ENVELOPE_KEY_ALGORITHM] = { "KEYALGORITHM", TLV_U8, ENVELOPE_KEY_INFO,
	    AT_ENC(key_algorithm), 0 },
	[ENVELOPE_WRAPPED_KEY] = { "WRAPPEDKEY", TLV_BYTES, ENVELOPE_KEY_INFO, AT_ENC(wrapped_key),
	    0 },
	[ENVELOPE_PLAIN_DIGEST] = { "PLAINDIGEST", TLV_U8, 0, AT_ENC(plain_digest), 0 },
	[ENVELOPE_PLAIN_HASH] = { "PLAINHASH", TLV_BYTES, 0, AT_ENC(plain_hash), 0 },
	[ENVELOPE_SIGNER_VERSION] = { "SIGNERVERSION", TLV_PAIR, 0, AT(signer_major), 0 },
};

_Static_assert(AT(minor) == AT(major) + 1 && AT(signer_minor) == AT(signer_major) + 1, "pairs");
_Static_assert(sizeof elements / sizeof *elements <= TLV_TAGS_MAX, "every tag has a place");

static const struct tlv_format header_format = { elements, sizeof elements / sizeof *elements,
	"T2" };

/* Unified CM's order (files.md 1.2, captured); the tail as the peer writes it (4). */
static const uint8_t usual_order[] = { 1, 2, 28, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 17,
	18, 19, 20, 21, 22, 23, 24, 25, 26, 27 };

static const uint8_t required[] = { ENVELOPE_SIGNER_NAME, ENVELOPE_SERIAL, ENVELOPE_ISSUER,
	ENVELOPE_DIGEST, ENVELOPE_ALGORITHM, ENVELOPE_MODULUS, ENVELOPE_SIGNATURE,
	ENVELOPE_FILENAME, ENVELOPE_TIMESTAMP };

static const uint8_t required_encrypted[] = { ENVELOPE_CIPHER, ENVELOPE_IV, ENVELOPE_BODY_PADDING,
	ENVELOPE_KEY_CIPHER, ENVELOPE_KEY_BITS, ENVELOPE_KEY_ALGORITHM, ENVELOPE_WRAPPED_KEY,
	ENVELOPE_PLAIN_DIGEST, ENVELOPE_PLAIN_HASH };

static struct tlv_walk
walk_start(struct envelope *env)
{
	return (struct tlv_walk){
		.format = &header_format,
		.what = "header",
		.into = env,
		.order = env->order,
	};
}

/* The first element of a file: T1. */
static bool
version_read(struct rd *r, struct envelope *env, struct err *e)
{
	const struct tlv_walk w = walk_start(env);
	uint8_t tag;
	uint16_t n;

	if (r->n < HEADER_MIN)
		return tlv_fail(&w, r->n, ENVELOPE_VERSION, e, "T1",
		    "the file ends, a header has at least %d bytes", HEADER_MIN);
	if (!rd_u8(r, &tag) || tag != ENVELOPE_VERSION || !rd_u16(r, &n) || n != VERSION_LENGTH)
		return tlv_fail(
		    &w, 0, ENVELOPE_VERSION, e, "T1", "the file does not begin with 01 00 02");
	if (!rd_u8(r, &env->major) || !rd_u8(r, &env->minor) ||
	    !((env->major == 1 && env->minor <= 2) || (env->major == 2 && env->minor == 0)))
		return tlv_fail(&w, 0, ENVELOPE_VERSION, e, "T1", "%u.%u, not 1.0, 1.1, 1.2 or 2.0",
		    env->major, env->minor);
	return true;
}

bool
envelope_version(struct span file, uint8_t *major, uint8_t *minor, struct err *e)
{
	struct rd r = rd_open(file);
	struct envelope env;

	if (!version_read(&r, &env, e))
		return false;
	*major = env.major;
	*minor = env.minor;
	return true;
}

/* The second element, which bounds all the others: T1 to T3. */
static bool
length_read(struct rd *r, size_t file_size, struct envelope *env, struct err *e)
{
	const struct tlv_walk w = walk_start(env);
	const uint8_t t = ENVELOPE_HEADER_LENGTH;
	size_t at = rd_offset(r);
	uint8_t tag;
	uint16_t n, length;

	if (!rd_u8(r, &tag) || tag != t || !rd_u16(r, &n) || n != 2 || !rd_u16(r, &length))
		return tlv_fail(&w, at, t, e, "T1", "the second element is not 02 00 02");
	if (length < HEADER_MIN || length > file_size)
		return tlv_fail(&w, at, t, e, "T2", "%u in a file of %zu bytes", length, file_size);
	if (length % HEADER_ALIGN != 0)
		return tlv_fail(
		    &w, at, t, e, "T3", "%u is no multiple of %d", length, HEADER_ALIGN);
	env->header_length = length;
	return true;
}

/* The bytes 0d at the end of the header, if they begin here. */
static bool
padding_read(struct tlv_walk *w, struct rd *header, struct envelope *env, struct err *e)
{
	size_t at = rd_offset(header);
	struct span padding = rd_rest(header);

	for (size_t i = 0; i < padding.n; i++)
		if (padding.p[i] != ENVELOPE_PADDING)
			return tlv_fail(w, at, ENVELOPE_PADDING, e, "T3",
			    "an element follows the padding at offset %zu", at + i);
	if (padding.n > PADDING_MAX)
		return tlv_fail(w, at, ENVELOPE_PADDING, e, "T3", "%zu bytes, not 0 to %d",
		    padding.n, PADDING_MAX);
	env->padding = (unsigned)padding.n;
	return true;
}

static bool
elements_read(struct tlv_walk *w, struct rd *header, struct envelope *env, struct err *e)
{
	uint8_t tag;

	while (rd_peek(header, &tag)) {
		if (tag == ENVELOPE_PADDING)
			return padding_read(w, header, env, e);
		if (!tlv_read(w, header, e))
			return false;
	}
	return true;
}

static bool
required_check(
    const struct tlv_walk *w, struct span tags, size_t end, const char *rule, struct err *e)
{
	for (size_t i = 0; i < tags.n; i++)
		if (!w->seen[tags.p[i]])
			return tlv_fail(w, end, tags.p[i], e, rule, "missing");
	return true;
}

/* T9. */
static bool
signature_check(const struct tlv_walk *w, const struct envelope *env, struct err *e)
{
	size_t size = envelope_modulus_size(env->modulus);

	if (envelope_digest_size(env->digest) == 0)
		return tlv_fail(w, w->at[ENVELOPE_DIGEST], ENVELOPE_DIGEST, e, "T9",
		    "digest %u, not 1 or 3", env->digest);
	if (env->algorithm != 0)
		return tlv_fail(w, w->at[ENVELOPE_ALGORITHM], ENVELOPE_ALGORITHM, e, "T9",
		    "algorithm %u, not 0", env->algorithm);
	if (size == 0)
		return tlv_fail(w, w->at[ENVELOPE_MODULUS], ENVELOPE_MODULUS, e, "T9",
		    "code %u, not 0 to 3", env->modulus);
	if (env->signature.n != size)
		return tlv_fail(w, w->at[ENVELOPE_SIGNATURE], ENVELOPE_SIGNATURE, e, "T9",
		    "%zu bytes, where modulus code %u means %zu", env->signature.n, env->modulus,
		    size);
	return true;
}

/* E4 to E6. */
static bool
encryption_check(const struct tlv_walk *w, const struct envelope *env, struct err *e)
{
	const struct envelope_enc *enc = &env->enc;
	size_t hash = envelope_digest_size(enc->plain_digest);

	if (enc->padding < 1 || enc->padding > 16)
		return tlv_fail(w, w->at[ENVELOPE_BODY_PADDING], ENVELOPE_BODY_PADDING, e, "E4",
		    "%u bytes, not 1 to 16", enc->padding);
	if (enc->wrapped_key.n == 0 || enc->key_bits != 8 * enc->wrapped_key.n)
		return tlv_fail(w, w->at[ENVELOPE_KEY_BITS], ENVELOPE_KEY_BITS, e, "E5",
		    "%u bits, where the wrapped key has %zu bytes", enc->key_bits,
		    enc->wrapped_key.n);
	if (hash == 0)
		return tlv_fail(w, w->at[ENVELOPE_PLAIN_DIGEST], ENVELOPE_PLAIN_DIGEST, e, "E6",
		    "digest %u, not 1 or 3", enc->plain_digest);
	if (enc->plain_hash.n != hash)
		return tlv_fail(w, w->at[ENVELOPE_PLAIN_HASH], ENVELOPE_PLAIN_HASH, e, "E6",
		    "%zu bytes, where digest %u means %zu", enc->plain_hash.n, enc->plain_digest,
		    hash);
	return true;
}

/* What a header of this version holds: T5, T6, T9, and E2 to E6 for 2.0. */
static bool
content_check(const struct tlv_walk *w, const struct envelope *env, struct err *e)
{
	const struct span encrypted = span_of(required_encrypted, sizeof required_encrypted);

	if (!required_check(w, span_of(required, sizeof required), env->header_length, "T6", e) ||
	    !signature_check(w, env, e))
		return false;
	if (env->is_encrypted)
		return required_check(w, encrypted, env->header_length, "E2", e) &&
		       encryption_check(w, env, e);
	for (uint8_t tag = ENVELOPE_ENC_INFO; tag <= ENVELOPE_PLAIN_HASH; tag++)
		if (w->seen[tag])
			return tlv_fail(w, w->at[tag], tag, e, "T5", "unknown in version %u.%u",
			    env->major, env->minor);
	return true;
}

bool
envelope_parse(struct span file, struct envelope *out, struct rd *rest, struct err *e)
{
	struct envelope env = { 0 };
	struct tlv_walk w = walk_start(&env);
	struct rd start = rd_open(file), whole = start, header;
	struct span before, element, after;

	if (!version_read(&start, &env, e) || !length_read(&start, file.n, &env, e))
		return false;
	if (!rd_take(&whole, env.header_length, &header))
		return err_set(e, ERR_BUG, "a header longer than its file");
	if (!elements_read(&w, &header, &env, e))
		return false;
	env.order_count = w.order_count;
	env.is_encrypted = env.major == 2;
	env.has_signer_version = w.seen[ENVELOPE_SIGNER_VERSION];
	if (!content_check(&w, &env, e))
		return false;
	start = rd_open(file);
	if (!rd_span(&start, w.at[ENVELOPE_SIGNATURE], &before) ||
	    !rd_span(&start, 3 + env.signature.n, &element))
		return err_set(e, ERR_BUG, "a signature outside of its file");
	after = rd_rest(&start);
	env.signed_head = before;
	env.signed_tail = after;
	*out = env;
	if (rest != NULL)
		*rest = whole;
	return true;
}

/* The order to write in, without what this header does not have. */
static size_t
usual_order_of(const struct envelope *env, uint8_t *order)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof usual_order; i++) {
		uint8_t tag = usual_order[i];
		bool is_enc = tag >= ENVELOPE_ENC_INFO && tag <= ENVELOPE_PLAIN_HASH;

		if ((tag == ENVELOPE_SIGNER_VERSION && !env->has_signer_version) ||
		    (is_enc && !env->is_encrypted))
			continue;
		order[n++] = tag;
	}
	return n;
}

bool
envelope_encode(const struct envelope *env, struct wr *out, struct err *e)
{
	uint8_t usual[sizeof usual_order];
	struct span order = { env->order, env->order_count };
	size_t start = out->n, length;

	if (order.n == 0)
		order = span_of(usual, usual_order_of(env, usual));
	assert(order.n >= 2 && order.p[0] == ENVELOPE_VERSION);
	assert(order.p[1] == ENVELOPE_HEADER_LENGTH);
	if (!tlv_write(&header_format, "header", order, env, out, e))
		return false;
	length = out->n - start;
	while (length % HEADER_ALIGN != 0) {
		wr_u8(out, ENVELOPE_PADDING);
		length++;
	}
	if (length > HEADER_MAX)
		return err_set(e, ERR_LIMIT, "header: %zu bytes, at most %d", length, HEADER_MAX);
	wr_patch16(out, start + LENGTH_AT, (uint16_t)length);
	return wr_ok(out) || err_set(e, ERR_LIMIT, "header: does not fit");
}

size_t
envelope_modulus_size(uint8_t modulus)
{
	return modulus <= 3 ? (size_t)64 << modulus : 0;
}

bool
envelope_modulus_code(size_t signature_size, uint8_t *out, struct err *e)
{
	for (uint8_t code = 0; code <= 3; code++) {
		if (envelope_modulus_size(code) != signature_size)
			continue;
		*out = code;
		return true;
	}
	return err_set(e, ERR_LIMIT, "a signature of %zu bytes; a header can say 64, 128, 256, 512",
	    signature_size);
}

size_t
envelope_digest_size(uint8_t digest)
{
	switch (digest) {
	case ENVELOPE_SHA1:
		return 20;
	case ENVELOPE_SHA512:
		return 64;
	default:
		return 0;
	}
}

const char *
envelope_digest_name(uint8_t digest)
{
	switch (digest) {
	case ENVELOPE_SHA1:
		return "SHA1";
	case ENVELOPE_SHA512:
		return "SHA512";
	default:
		return "unknown";
	}
}

const char *
envelope_tag_name(uint8_t tag)
{
	return tlv_name(&header_format, tag);
}
