#include "lists.h"

#include "base/mem.h"
#include "pki/issue.h"
#include "vectors.h"
#include "rules/signedfile.h"

#include <stdio.h>
#include <stdlib.h>

#define RECORDS_MAX 16
#define KEY_BITS    1024
#define DAY         86400

static void
need(bool ok, const char *what, const struct err *e)
{
	if (ok)
		return;
	fprintf(stderr, "lists: %s: %s\n", what, e->text);
	abort();
}

struct identity
identity_load(const char *name)
{
	char path[64];
	struct bytes pem;
	struct identity id;
	struct err e = { 0 };

	snprintf(path, sizeof path, "keys/%s.pem", name);
	need(vectors_read(path, &pem), path, &e);
	id.cert = cert_from_pem(bytes_span(&pem), &e);
	need(id.cert != NULL, path, &e);
	id.key = key_from_pem(bytes_span(&pem), &e);
	need(id.key != NULL, path, &e);
	bytes_free(&pem);
	return id;
}

struct identity
identity_make(enum purpose purpose, const char *common_name)
{
	const struct signer_template t = { .purpose = purpose,
		.common_name = common_name,
		.not_before = LISTS_NOW - DAY,
		.not_after = LISTS_NOW + DAY };
	struct identity id;
	struct bytes der;
	struct err e = { 0 };

	id.key = key_make_rsa(KEY_BITS, &e);
	need(id.key != NULL && issue_self(id.key, &t, &der, &e), common_name, &e);
	id.cert = cert_parse(bytes_span(&der), &e);
	need(id.cert != NULL, common_name, &e);
	bytes_free(&der);
	return id;
}

void
identity_free(struct identity *id)
{
	cert_free(id->cert);
	key_free(id->key);
	*id = (struct identity){ 0 };
}

struct identity
identity_forge(const struct identity *victim, const struct identity *forger)
{
	struct span key = cert_public_key(victim->cert), other = cert_public_key(forger->cert);
	struct bytes der = bytes_copy(cert_der(victim->cert)), pem;
	uint8_t *at = memmem(der.p, der.n, key.p, key.n);
	struct identity id;
	struct err e = { 0 };

	need(at != NULL && key.n == other.n, "forging", &e);
	memcpy(at, other.p, other.n);
	id.cert = cert_parse(bytes_span(&der), &e);
	need(id.cert != NULL && key_to_pem(forger->key, &pem, &e), "forging", &e);
	id.key = key_from_pem(bytes_span(&pem), &e);
	bytes_wipe(&pem);
	bytes_free(&der);
	return id;
}

static struct signedfile_head
head_for(const char *file_name, const struct identity *signer)
{
	return (struct signedfile_head){ .signer = signer->cert,
		.names = SIGNEDFILE_CUCM,
		.filename = file_name,
		.digest = ENVELOPE_SHA1,
		.timestamp = 1700000000 };
}

static struct bytes
sign(struct bytes *file, const struct identity *signer)
{
	struct bytes out;
	struct err e = { 0 };

	need(signedfile_sign(bytes_span(file), signer->key, &out, &e), "signature", &e);
	bytes_free(file);
	return out;
}

static struct trustlist_record
record_for(const struct list_entry *entry)
{
	static const uint8_t wrong[20];
	static const uint8_t full[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	static const uint8_t hash[] = { 1, 2, 3, 4, 5, 6, 7, 8, 11, 12 };
	const struct cert *c = entry->id->cert;
	struct trustlist_record r = { .function = entry->function,
		.dns_name = span_of("\0\0", 2),
		.subject = span_str(cert_subject_cucm(c)),
		.issuer = span_str(cert_issuer_cucm(c)),
		.serial = cert_serial(c),
		.public_key = cert_public_key(c),
		.signature = cert_signature(c),
		.certificate = cert_der(c),
		.cert_hash = entry->wrong_hash ? span_of(wrong, sizeof wrong) : cert_sha1(c),
		.hash_algorithm = ENVELOPE_SHA1 };

	r.order_count = entry->hash_only ? sizeof hash : sizeof full;
	memcpy(r.order, entry->hash_only ? hash : full, r.order_count);
	return r;
}

static struct bytes
list_of(const char *file_name, const struct identity *signer, const struct list_entry *entries,
    size_t count, bool https)
{
	struct trustlist_record records[RECORDS_MAX];
	struct trustlist list = { .records = records, .count = count };
	struct signedfile_head head = head_for(file_name, signer);
	struct bytes file;
	struct err e = { 0 };

	need(signedfile_envelope(&head, 1, 2, &list.env, &e), "header", &e);
	list.env.has_signer_version = https;
	list.env.signer_major = list.env.signer_minor = 1;
	for (size_t i = 0; i < count; i++)
		records[i] = record_for(&entries[i]);
	need(trustlist_encode(&list, &file, &e), "list", &e);
	return sign(&file, signer);
}

struct bytes
list_make(const char *file_name, const struct identity *signer, const struct list_entry *entries,
    size_t count)
{
	return list_of(file_name, signer, entries, count, false);
}

struct bytes
list_make_https(const char *file_name, const struct identity *signer,
    const struct list_entry *entries, size_t count)
{
	return list_of(file_name, signer, entries, count, true);
}

struct bytes
file_make(const char *file_name, const struct identity *signer, struct span payload)
{
	struct signedfile_head head = head_for(file_name, signer);
	struct bytes file;
	struct err e = { 0 };

	need(signedfile_make_sgn(&head, payload, &file, &e), "file", &e);
	return sign(&file, signer);
}
