#include "admin/filejson.h"

#include "admin/output.h"

#include "base/text.h"
#include "pki/digest.h"

#include <stdio.h>
#include <stdlib.h>

static void
set_hex(json_t *o, const char *key, struct span s)
{
	char *hex;

	if (s.p == NULL)
		return;
	hex = text_hex(s);
	json_object_set_new(o, key, json_string(hex));
	free(hex);
}

static void
set_text(json_t *o, const char *key, struct span s)
{
	if (s.p != NULL)
		json_object_set_new(o, key, output_string(s));
}

static void
set_number(json_t *o, const char *key, json_int_t n)
{
	json_object_set_new(o, key, json_integer(n));
}

static void
set_digest(json_t *o, const char *key, enum digest_kind kind, struct span s)
{
	struct digest d;

	if (digest_of(kind, s, &d, NULL))
		set_hex(o, key, digest_span(&d));
}

static void
set_version(json_t *o, const char *key, uint8_t major, uint8_t minor)
{
	char text[16];

	snprintf(text, sizeof text, "%u.%u", major, minor);
	json_object_set_new(o, key, json_string(text));
}

static json_t *
envelope_json(const struct envelope *env)
{
	json_t *o = json_object();

	set_version(o, "version", env->major, env->minor);
	set_number(o, "header_length", env->header_length);
	if (env->has_signer_version)
		set_version(o, "signer_version", env->signer_major, env->signer_minor);
	set_text(o, "signer_name", env->signer_name);
	set_hex(o, "serial", env->serial);
	set_text(o, "issuer", env->issuer);
	set_number(o, "digest", env->digest);
	json_object_set_new(o, "digest_name", json_string(envelope_digest_name(env->digest)));
	set_number(o, "sigalg", env->algorithm);
	set_number(o, "modulus", env->modulus);
	set_number(o, "signature_length", (json_int_t)env->signature.n);
	set_text(o, "filename", env->filename);
	set_number(o, "timestamp", env->timestamp);
	set_number(o, "padding_bytes", env->padding);
	return o;
}

static json_t *
record_json(const struct trustlist_record *r)
{
	const char *name = function_name(r->function);
	json_t *o = json_object(), *order = json_array();
	struct span dns = r->dns_name;

	for (size_t i = 0; i < r->order_count; i++)
		json_array_append_new(order, json_integer(r->order[i]));
	while (dns.n > 0 && dns.p[dns.n - 1] == '\0')
		dns.n--;
	set_number(o, "length", r->length);
	json_object_set_new(o, "order", order);
	set_text(o, "dns", dns);
	set_text(o, "subject", r->subject);
	set_number(o, "role", r->function);
	if (name != NULL)
		json_object_set_new(o, "role_name", json_string(name));
	set_text(o, "issuer", r->issuer);
	set_hex(o, "serial", r->serial);
	if (r->public_key.p != NULL)
		set_number(o, "public_key", (json_int_t)r->public_key.n);
	if (r->signature.p != NULL)
		set_number(o, "signature", (json_int_t)r->signature.n);
	if (r->certificate.p != NULL) {
		set_number(o, "certificate", (json_int_t)r->certificate.n);
		set_digest(o, "sha1", DIGEST_SHA1, r->certificate);
	}
	set_hex(o, "ip", r->ip_address);
	set_hex(o, "cert_hash", r->cert_hash);
	if (trustlist_has(r, TRUSTLIST_HASH_ALGORITHM))
		set_number(o, "hash_alg", r->hash_algorithm);
	return o;
}

json_t *
filejson_list(const struct trustlist *list)
{
	json_t *o = envelope_json(&list->env), *records = json_array();

	for (size_t i = 0; i < list->count; i++)
		json_array_append_new(records, record_json(&list->records[i]));
	json_object_set_new(o, "records", records);
	return o;
}

json_t *
filejson_sgn(const struct sgn *s)
{
	json_t *o = envelope_json(&s->env);

	set_number(o, "payload_length", (json_int_t)s->payload.n);
	set_digest(o, "payload_sha256", DIGEST_SHA256, s->payload);
	return o;
}

json_t *
filejson_enc(const struct encfile *f)
{
	json_t *o = envelope_json(&f->env);

	set_number(o, "cipher", f->env.enc.cipher);
	set_hex(o, "iv", f->env.enc.iv);
	set_number(o, "padding", f->env.enc.padding);
	set_number(o, "keycipher", f->env.enc.key_cipher);
	set_number(o, "keybits", f->env.enc.key_bits);
	set_number(o, "keyalg", f->env.enc.key_algorithm);
	set_number(o, "enc_digest", f->env.enc.plain_digest);
	set_hex(o, "plain_hash", f->env.enc.plain_hash);
	set_number(o, "body_length", (json_int_t)f->body.n);
	return o;
}
