#include "rules/fileshow.h"

#include "base/text.h"
#include "rules/showtext.h"

#include <stdlib.h>

static void
show_number(struct wr *out, uint8_t tag, size_t length, unsigned value)
{
	showtext_row(out, tag, envelope_tag_name(tag), length);
	showtext_end_text(out, "%u", value);
}

static void
show_hex(struct wr *out, uint8_t tag, struct span bytes)
{
	char *hex = text_hex(bytes);

	showtext_row(out, tag, envelope_tag_name(tag), bytes.n);
	wr_u8(out, '\t');
	wr_text(out, hex);
	showtext_end(out);
	free(hex);
}

static void
show_name(struct wr *out, uint8_t tag, struct span name)
{
	showtext_row(out, tag, envelope_tag_name(tag), name.n + 1);
	showtext_end_name(out, name);
}

static void
show_digest(struct wr *out, uint8_t tag, uint8_t digest)
{
	showtext_row(out, tag, envelope_tag_name(tag), 1);
	showtext_end_text(out, "%s", envelope_digest_name(digest));
}

static void
show_signer(struct wr *out, const struct envelope *env)
{
	show_number(out, ENVELOPE_SIGNER, 2, (unsigned)showtext_signer_length(env));
	show_name(out, ENVELOPE_SIGNER_NAME, env->signer_name);
	showtext_row(out, ENVELOPE_SERIAL, envelope_tag_name(ENVELOPE_SERIAL), env->serial.n);
	showtext_end_serial(out, env->serial);
	show_name(out, ENVELOPE_ISSUER, env->issuer);
}

static void
show_signature(struct wr *out, const struct envelope *env)
{
	show_number(out, ENVELOPE_SIGNATURE_INFO, 2, SHOWTEXT_SIGNATURE_INFO);
	show_digest(out, ENVELOPE_DIGEST, env->digest);
	show_number(out, ENVELOPE_ALGORITHM_INFO, 2, SHOWTEXT_ALGORITHM_INFO);
	show_number(out, ENVELOPE_ALGORITHM, 1, env->algorithm);
	show_number(out, ENVELOPE_MODULUS, 1, env->modulus);
	showtext_row(
	    out, ENVELOPE_SIGNATURE, envelope_tag_name(ENVELOPE_SIGNATURE), env->signature.n);
	showtext_end(out);
	showtext_hex_rows(out, env->signature);
}

static void
show_header(struct wr *out, const struct envelope *env)
{
	char when[TEXT_TIME_MAX];

	showtext_version(out, env);
	wr_u8(out, '\n');
	showtext_columns(out);
	show_signer(out, env);
	show_signature(out, env);
	show_name(out, ENVELOPE_FILENAME, env->filename);
	showtext_row(
	    out, ENVELOPE_TIMESTAMP, envelope_tag_name(ENVELOPE_TIMESTAMP), sizeof env->timestamp);
	showtext_end_text(out, "%s", text_time((time_t)env->timestamp, when));
}

void
fileshow_sgn(const struct sgn *s, struct wr *out)
{
	show_header(out, &s->env);
	showtext_line(out, "\nPayload:\t%zu (BYTES)", s->payload.n);
}

/* Lengths of the values of tags 17 and 21: their elements with three bytes of head each. */
#define IV_INFO_LENGTH 28
#define KEY_INFO_FIXED 16

void
fileshow_enc(const struct encfile *f, struct wr *out)
{
	const struct envelope_enc *enc = &f->env.enc;
	unsigned key_info = KEY_INFO_FIXED + (unsigned)enc->wrapped_key.n;

	show_header(out, &f->env);
	show_number(out, ENVELOPE_ENC_INFO, 2, 3 + IV_INFO_LENGTH + 3 + key_info);
	show_number(out, ENVELOPE_IV_INFO, 2, IV_INFO_LENGTH);
	show_number(out, ENVELOPE_CIPHER, 1, enc->cipher);
	show_hex(out, ENVELOPE_IV, enc->iv);
	show_number(out, ENVELOPE_BODY_PADDING, sizeof enc->padding, enc->padding);
	show_number(out, ENVELOPE_KEY_INFO, 2, key_info);
	show_number(out, ENVELOPE_KEY_CIPHER, 1, enc->key_cipher);
	show_number(out, ENVELOPE_KEY_BITS, sizeof enc->key_bits, enc->key_bits);
	show_number(out, ENVELOPE_KEY_ALGORITHM, 1, enc->key_algorithm);
	showtext_row(
	    out, ENVELOPE_WRAPPED_KEY, envelope_tag_name(ENVELOPE_WRAPPED_KEY), enc->wrapped_key.n);
	showtext_end(out);
	show_digest(out, ENVELOPE_PLAIN_DIGEST, enc->plain_digest);
	show_hex(out, ENVELOPE_PLAIN_HASH, enc->plain_hash);
	showtext_line(out, "\nPayload:\t%zu (BYTES), encrypted; %zu without padding", f->body.n,
	    f->body.n - enc->padding);
}
