#include "rules/signedfile.h"

#include "pki/seal.h"
#include "pki/verify.h"

/* Room for the signature while there is none. */
static const uint8_t no_signature[KEY_RSA_BITS_MAX / 8];

/* As the peer tool writes headers: issuer before serial (files.md 1.2 and 3, captured). */
static const uint8_t peer_order[] = { ENVELOPE_VERSION, ENVELOPE_HEADER_LENGTH, ENVELOPE_SIGNER,
	ENVELOPE_SIGNER_NAME, ENVELOPE_ISSUER, ENVELOPE_SERIAL, ENVELOPE_SIGNATURE_INFO,
	ENVELOPE_DIGEST, ENVELOPE_ALGORITHM_INFO, ENVELOPE_ALGORITHM, ENVELOPE_MODULUS,
	ENVELOPE_SIGNATURE, ENVELOPE_FILENAME, ENVELOPE_TIMESTAMP };
static const uint8_t enc_order[] = { ENVELOPE_ENC_INFO, ENVELOPE_IV_INFO, ENVELOPE_CIPHER,
	ENVELOPE_IV, ENVELOPE_BODY_PADDING, ENVELOPE_KEY_INFO, ENVELOPE_KEY_CIPHER,
	ENVELOPE_KEY_BITS, ENVELOPE_KEY_ALGORITHM, ENVELOPE_WRAPPED_KEY, ENVELOPE_PLAIN_DIGEST,
	ENVELOPE_PLAIN_HASH };

const char *
signedfile_kind_name(enum signedfile_kind kind)
{
	static const char *const names[] = { "trust list", "signed file", "encrypted file" };

	return names[kind];
}

static bool
ends_with(struct span s, const char *end)
{
	size_t n = strlen(end);

	return s.n >= n && memcmp(s.p + s.n - n, end, n) == 0;
}

static bool
has_records(struct span file)
{
	struct trustlist list;
	bool some;

	if (!trustlist_parse(file, &list, NULL))
		return false;
	some = list.count > 0;
	trustlist_free(&list);
	return some;
}

bool
signedfile_kind(struct span file, enum signedfile_kind *out, struct err *e)
{
	struct envelope env;

	if (!envelope_parse(file, &env, NULL, e))
		return err_in(e, "neither a trust list nor a signed or encrypted file");
	if (env.is_encrypted)
		*out = SIGNEDFILE_ENC;
	else if (env.minor > 0 || ends_with(env.filename, ".tlv") || has_records(file))
		*out = SIGNEDFILE_LIST;
	else
		*out = SIGNEDFILE_SGN;
	return true;
}

bool
signedfile_parse(struct span file, struct envelope *env, struct span *content, struct err *e)
{
	struct encfile enc;
	struct sgn sgn;
	uint8_t major, minor;

	if (!envelope_version(file, &major, &minor, e))
		return false;
	if (major == 2) {
		if (!encfile_parse(file, &enc, e))
			return false;
		*env = enc.env;
		*content = enc.body;
		return true;
	}
	if (!sgn_parse(file, &sgn, e))
		return false;
	*env = sgn.env;
	*content = sgn.payload;
	return true;
}

static enum digest_kind
digest_kind_of(uint8_t digest)
{
	return digest == ENVELOPE_SHA512 ? DIGEST_SHA512 : DIGEST_SHA1;
}

bool
signedfile_may_carry(struct span payload)
{
	static const uint8_t head[] = { TRUSTLIST_RECORD_LENGTH, 0, 2 };

	return payload.n < sizeof head || memcmp(payload.p, head, sizeof head) != 0;
}

bool
signedfile_check(const struct envelope *env, const struct cert *signer, struct err *e)
{
	const struct span parts[] = { env->signed_head, env->signed_tail };

	if (!span_eq(env->serial, cert_serial(signer)))
		return err_set(e, ERR_CRYPTO,
		    "header element 5 SERIALNUMBER: signed by another certificate than %s",
		    cert_subject_cucm(signer));
	return verify_rsa(signer, digest_kind_of(env->digest), parts, 2, env->signature, e);
}

bool
signedfile_record_signed(const struct trustlist *list, const struct trustlist_record *r)
{
	return r->function == FUNCTION_SAST && trustlist_has(r, TRUSTLIST_SERIAL) &&
	       trustlist_has(r, TRUSTLIST_ISSUER) && span_eq(r->serial, list->env.serial) &&
	       span_eq(r->issuer, list->env.issuer);
}

const struct trustlist_record *
signedfile_list_signer(const struct trustlist *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (signedfile_record_signed(list, &list->records[i]) &&
		    trustlist_has(&list->records[i], TRUSTLIST_CERTIFICATE))
			return &list->records[i];
	return NULL;
}

/* T14 for one record that holds a certificate. */
static bool
check_certificate(const struct trustlist_record *r, struct err *e)
{
	struct cert *c = cert_parse(r->certificate, e);
	const char *wrong = NULL;

	if (c == NULL)
		return err_in(e, "element 9 CERTIFICATE (T14)");
	if (trustlist_has(r, TRUSTLIST_SERIAL) && !span_eq(r->serial, cert_serial(c)))
		wrong = "6 SERIALNUMBER";
	else if (trustlist_has(r, TRUSTLIST_PUBLIC_KEY) &&
		 !span_eq(r->public_key, cert_public_key(c)))
		wrong = "7 PUBLICKEY";
	else if (trustlist_has(r, TRUSTLIST_SIGNATURE) && !span_eq(r->signature, cert_signature(c)))
		wrong = "8 SIGNATURE";
	cert_free(c);
	return wrong == NULL ||
	       err_set(e, ERR_MALFORMED, "element %s is not that of the certificate (T14)", wrong);
}

static bool
check_records(const struct trustlist *list, struct err *e)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct trustlist_record *r = &list->records[i];

		if (trustlist_has(r, TRUSTLIST_CERTIFICATE) && !check_certificate(r, e))
			return err_in(e, "offset %zu: record %zu", r->offset, i + 1);
	}
	return true;
}

bool
signedfile_check_list(const struct trustlist *list, const struct cert *signer, struct err *e)
{
	const struct trustlist_record *r = signedfile_list_signer(list);
	struct cert *own;
	bool ok;

	if (r == NULL)
		return err_set(e, ERR_MALFORMED,
		    "no SAST record with a certificate has the header's serial and issuer (T13)");
	if (!check_records(list, e))
		return false;
	own = signer != NULL ? cert_ref(signer) : cert_parse(r->certificate, e);
	ok = own != NULL && signedfile_check(&list->env, own, e);
	cert_free(own);
	return ok || err_in(e, "signature (T10)");
}

bool
signedfile_envelope(const struct signedfile_head *head, uint8_t major, uint8_t minor,
    struct envelope *out, struct err *e)
{
	const struct cert *c = head->signer;
	bool peer = head->names == SIGNEDFILE_PEER;
	size_t size = (cert_key_bits(c) + 7) / 8;
	struct envelope env = {
		.major = major,
		.minor = minor,
		.signer_name = span_str(peer ? cert_subject_peer(c) : cert_subject_cucm(c)),
		.issuer = span_str(peer ? cert_issuer_peer(c) : cert_issuer_cucm(c)),
		.serial = cert_serial(c),
		.digest = (uint8_t)head->digest,
		.signature = span_of(no_signature, size),
		.filename = span_str(head->filename),
		.timestamp = head->timestamp,
	};

	if (!cert_is_rsa(c))
		return err_set(e, ERR_REFUSED, "files are signed with RSA; the key of %s is %s",
		    cert_subject_cucm(c), cert_key_text(c));
	if (env.filename.n == 0 || env.filename.n > ENVELOPE_FILENAME_MAX)
		return err_set(e, ERR_LIMIT, "file name of %zu characters; 1 to %d are taken",
		    env.filename.n, ENVELOPE_FILENAME_MAX);
	if (!envelope_modulus_code(size, &env.modulus, e))
		return err_in(e, "key of %s", cert_subject_cucm(c));
	if (peer) {
		memcpy(env.order, peer_order, sizeof peer_order);
		env.order_count = sizeof peer_order;
	}
	*out = env;
	return true;
}

bool
signedfile_make_sgn(const struct signedfile_head *head, struct span payload,
    struct bytes *unsigned_file, struct err *e)
{
	struct sgn s = { .payload = payload };

	return signedfile_envelope(head, 1, 0, &s.env, e) && sgn_encode(&s, unsigned_file, e);
}

static void
set_encryption(struct envelope *env, const struct sealed *sealed)
{
	env->is_encrypted = true;
	env->enc = (struct envelope_enc){
		.cipher = 0,
		.iv = sealed->iv,
		.padding = (uint16_t)sealed->padding,
		.key_cipher = 0,
		.key_bits = (uint16_t)(8 * sealed->wrapped_key.n),
		.key_algorithm = 1,
		.wrapped_key = sealed->wrapped_key,
		.plain_digest = env->digest,
		.plain_hash = sealed->hash,
	};
	if (env->order_count == 0)
		return;
	memcpy(env->order + env->order_count, enc_order, sizeof enc_order);
	env->order_count += sizeof enc_order;
}

bool
signedfile_encrypt(const struct signedfile_head *head, struct span plain, const struct cert *phone,
    struct bytes *unsigned_file, struct err *e)
{
	struct encfile f = { 0 };
	struct sealed sealed;
	bool ok;

	if (!signedfile_envelope(head, 2, 0, &f.env, e) ||
	    !seal_close(phone, digest_kind_of(f.env.digest), plain, &sealed, e))
		return false;
	set_encryption(&f.env, &sealed);
	f.body = sealed.body;
	ok = encfile_encode(&f, unsigned_file, e);
	seal_free(&sealed);
	return ok;
}

bool
signedfile_decrypt(
    const struct encfile *f, const struct privkey *k, struct bytes *plain, struct err *e)
{
	const struct sealed sealed = {
		.iv = f->env.enc.iv,
		.padding = f->env.enc.padding,
		.wrapped_key = f->env.enc.wrapped_key,
		.digest = digest_kind_of(f->env.enc.plain_digest),
		.hash = f->env.enc.plain_hash,
		.body = f->body,
	};

	return seal_open(k, &sealed, plain, e);
}

/* The whole file parses as what it is. Gives its envelope, whose spans are loans from the file. */
static bool
parse_any(struct span file, struct envelope *env, struct err *e)
{
	enum signedfile_kind kind;
	struct trustlist list;
	struct encfile enc;

	if (!signedfile_kind(file, &kind, e))
		return false;
	if (kind == SIGNEDFILE_LIST) {
		if (!trustlist_parse(file, &list, e))
			return false;
		*env = list.env;
		trustlist_free(&list);
		return true;
	}
	if (kind == SIGNEDFILE_ENC) {
		if (!encfile_parse(file, &enc, e))
			return false;
		*env = enc.env;
		return true;
	}
	return envelope_parse(file, env, NULL, e);
}

bool
signedfile_put_signature(struct bytes *file, struct span signature, struct err *e)
{
	struct envelope env;

	if (!envelope_parse(bytes_span(file), &env, NULL, e))
		return false;
	if (signature.n != env.signature.n)
		return err_set(e, ERR_CRYPTO,
		    "the file has room for a signature of %zu bytes, not %zu", env.signature.n,
		    signature.n);
	memcpy(file->p + (env.signature.p - file->p), signature.p, signature.n);
	return true;
}

bool
signedfile_sign(struct span file, const struct privkey *k, struct bytes *out, struct err *e)
{
	struct envelope env;
	struct span parts[2];
	struct bytes signature;
	bool ok;

	if (!parse_any(file, &env, e))
		return false;
	parts[0] = env.signed_head;
	parts[1] = env.signed_tail;
	if (!key_sign_rsa(k, digest_kind_of(env.digest), parts, 2, &signature, e))
		return false;
	*out = bytes_copy(file);
	ok = signedfile_put_signature(out, bytes_span(&signature), e);
	bytes_free(&signature);
	if (!ok)
		bytes_free(out);
	return ok;
}
