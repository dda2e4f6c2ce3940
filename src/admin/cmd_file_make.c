#include "admin/anyfile.h"
#include "admin/readfile.h"

#include "base/mem.h"
#include "pki/key.h"
#include "rules/anylist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Who signs, and under which name. */
struct making {
	struct cert *signer;
	struct privkey *key;
	char *name; /* what phones ask for */
	char *path; /* where it goes when --out does not say */
	struct signedfile_head head;
};

static struct privkey *
read_key(const char *path, struct err *e)
{
	struct bytes pem;
	struct privkey *k;

	if (!readfile(path, &pem, e))
		return NULL;
	k = key_from_pem(bytes_span(&pem), e);
	if (k == NULL)
		err_in(e, "%s", path);
	bytes_wipe(&pem);
	return k;
}

static void
making_free(struct making *m)
{
	cert_free(m->signer);
	key_free(m->key);
	free(m->name);
	free(m->path);
}

static bool
read_digest(struct invocation *in, enum envelope_digest *out, struct err *e)
{
	const char *digest = invocation_option(in, "digest");

	*out = ENVELOPE_SHA1;
	if (digest == NULL || strcmp(digest, "sha1") == 0)
		return true;
	*out = ENVELOPE_SHA512;
	return strcmp(digest, "sha512") == 0 ||
	       invocation_usage(in, e, "--digest is sha1 or sha512, not \"%s\"", digest);
}

/* The signer's key (else beside the certificate), its certificate (from cert_path, else beside the
 * key), the file's new name. */
static bool
making_fill(struct invocation *in, struct making *m, const char *cert_path, const char *suffix,
    struct err *e)
{
	const char *key_path = invocation_option(in, "key"), *name = invocation_option(in, "name");
	const char *base = strrchr(in->word[0], '/');
	enum envelope_digest digest;

	if (key_path == NULL)
		key_path = cert_path;
	if (key_path == NULL)
		return invocation_usage(in, e, "--key FILE is missing: the signer's private key");
	if (!read_digest(in, &digest, e))
		return false;
	m->key = read_key(key_path, e);
	m->signer =
	    m->key != NULL ? readfile_cert(cert_path != NULL ? cert_path : key_path, e) : NULL;
	if (m->signer == NULL)
		return false;
	if (!key_fits(m->key, m->signer))
		return err_set(e, ERR_CRYPTO,
		    "the key of %s does not belong to the certificate of %s", key_path,
		    cert_path != NULL ? cert_path : key_path);
	if (asprintf(&m->path, "%s%s", in->word[0], suffix) < 0)
		m->path = NULL;
	if (asprintf(&m->name, "%s%s",
		name != NULL   ? name
		: base != NULL ? base + 1
			       : in->word[0],
		name != NULL ? "" : suffix) < 0)
		m->name = NULL;
	m->head = (struct signedfile_head){ m->signer, SIGNEDFILE_CUCM, m->name, digest,
		(uint32_t)time(NULL) };
	return m->name != NULL && m->path != NULL;
}

/* Signs what was built and writes it. unsigned_file is freed. */
static bool
finish(struct invocation *in, const struct making *m, struct bytes *unsigned_file, struct err *e)
{
	const char *out = invocation_option(in, "out");
	struct bytes done;
	bool ok = signedfile_sign(bytes_span(unsigned_file), m->key, &done, e);

	bytes_free(unsigned_file);
	if (!ok)
		return false;
	ok = writefile(
	    out != NULL ? out : m->path, bytes_span(&done), WRITEFILE_PUBLIC, out == NULL, e);
	bytes_free(&done);
	return ok;
}

bool
run_file_sign(struct invocation *in, struct err *e)
{
	struct making m = { 0 };
	struct bytes payload = { 0 }, unsigned_file;
	bool ok = making_fill(in, &m, invocation_option(in, "cert"), ".sgn", e) &&
		  readfile(in->word[0], &payload, e) &&
		  signedfile_make_sgn(&m.head, bytes_span(&payload), &unsigned_file, e) &&
		  finish(in, &m, &unsigned_file, e);

	bytes_free(&payload);
	making_free(&m);
	return ok;
}

bool
run_file_encrypt(struct invocation *in, struct err *e)
{
	const char *phone_path = invocation_option(in, "phone"),
		   *cert = invocation_option(in, "cert");
	struct making m = { 0 };
	struct bytes plain = { 0 }, unsigned_file;
	struct cert *phone = NULL;
	bool ok;

	if (phone_path == NULL && cert == NULL)
		return invocation_usage(in, e, "--phone FILE is missing: the phone's certificate");
	ok = making_fill(in, &m, phone_path != NULL ? cert : NULL, ".enc.sgn", e) &&
	     (phone = readfile_cert(phone_path != NULL ? phone_path : cert, e)) != NULL &&
	     readfile(in->word[0], &plain, e) &&
	     signedfile_encrypt(&m.head, bytes_span(&plain), phone, &unsigned_file, e) &&
	     finish(in, &m, &unsigned_file, e);
	bytes_wipe(&plain);
	cert_free(phone);
	making_free(&m);
	return ok;
}

/* --- build --- */

struct records {
	struct anylist_record *record;
	struct cert **cert; /* of them; owned */
	size_t count;
};

static void
records_free(struct records *r)
{
	for (size_t i = 0; i < r->count; i++)
		cert_free(r->cert[i]);
	free(r->cert);
	free(r->record);
}

/* FUNCTION=FILE. */
static bool
records_add(struct invocation *in, struct records *r, const char *value, struct err *e)
{
	const char *equals = strchr(value, '=');
	char *word = equals != NULL ? strndup(value, (size_t)(equals - value)) : NULL;
	enum function function;
	bool known = word != NULL && anylist_function(word, &function);
	struct cert *c;

	free(word);
	if (!known)
		return invocation_usage(in, e,
		    "--record is FUNCTION=FILE, FUNCTION one of sast, tftp, ccm, ccm+tftp, capf, "
		    "tvs and app-server: \"%s\"",
		    value);
	c = readfile_cert(equals + 1, e);
	if (c == NULL)
		return false;
	r->record = mem_grow(r->record, r->count + 1, sizeof *r->record);
	r->cert = mem_grow(r->cert, r->count + 1, sizeof *r->cert);
	r->record[r->count] = (struct anylist_record){ function, c };
	r->cert[r->count++] = c;
	return true;
}

static bool
records_read(struct invocation *in, struct records *r, struct err *e)
{
	bool ok = true;

	for (size_t i = 0; i < in->given_count && ok; i++)
		if (strcmp(in->given[i].name, "record") == 0)
			ok = records_add(in, r, in->given[i].value, e);
	return ok;
}

/* It is a CTL when its name says so, as phones ask for one. */
bool
run_file_build(struct invocation *in, struct err *e)
{
	struct making m = { 0 };
	struct records r = { 0 };
	struct bytes unsigned_file;
	bool ok = making_fill(in, &m, invocation_option(in, "cert"), "", e) &&
		  records_read(in, &r, e) &&
		  anylist_build(strncmp(m.name, "CTL", 3) == 0, &m.head, r.record, r.count,
		      &unsigned_file, e) &&
		  finish(in, &m, &unsigned_file, e);

	records_free(&r);
	making_free(&m);
	return ok;
}

/* --- decrypt --- */

static bool
open_encrypted(struct invocation *in, const struct anyfile *f, const struct privkey *key,
    struct bytes *plain, struct err *e)
{
	bool judged;

	if (f->kind != SIGNEDFILE_ENC)
		return err_set(e, ERR_REFUSED, "%s is a %s, not an encrypted file", in->word[0],
		    signedfile_kind_name(f->kind));
	return (anyfile_verify(in, f, false, &judged, e) &&
		   signedfile_decrypt(&f->enc, key, plain, e)) ||
	       err_in(e, "%s", in->word[0]);
}

bool
run_file_decrypt(struct invocation *in, struct err *e)
{
	const char *key_path = invocation_option(in, "key");
	bool named = invocation_option(in, "out") != NULL;
	struct privkey *key;
	struct anyfile f = { 0 };
	struct bytes plain = { 0 };
	char *path;
	bool ok;

	if (key_path == NULL)
		return invocation_usage(in, e, "--key FILE is missing: the phone's private key");
	if (!anyfile_target(in, ".enc.sgn", &path, e))
		return false;
	key = read_key(key_path, e);
	ok = key != NULL && anyfile_read(in->word[0], &f, e) &&
	     open_encrypted(in, &f, key, &plain, e) &&
	     writefile(path, bytes_span(&plain), WRITEFILE_SECRET, !named, e);
	bytes_wipe(&plain);
	if (f.raw.p != NULL)
		anyfile_free(&f);
	key_free(key);
	free(path);
	return ok;
}
