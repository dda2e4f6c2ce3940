#include "keys/signer_pem.h"

#include "base/mem.h"
#include "base/text.h"
#include "files/wholefile.h"
#include "keys/keyfile.h"
#include "pki/crl.h"
#include "pki/csr.h"
#include "pki/issue.h"
#include "pki/ocsp.h"
#include "rules/signedfile.h"
#include "rules/usage.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSPHRASE_BYTES 32
#define PASSPHRASE_HEX   (2 * PASSPHRASE_BYTES)

struct signer_pem {
	struct signer signer; /* first: what callers hold */
	char *keys_dir;
	struct bytes passphrase;
	struct keyfile **loaded; /* opened once, kept until close */
	size_t loaded_count;
};

static const struct signer_ops pem_ops;

static struct signer_pem *
pem_of(struct signer *s)
{
	return (struct signer_pem *)s;
}

bool
signer_pem_path(const char *keys_dir, struct span key_id, char out[PATH_MAX], struct err *e)
{
	char *hex;
	int n;

	if (key_id.n != SIGNER_KEY_ID)
		return err_set(
		    e, ERR_MALFORMED, "key id of %zu bytes, not %d", key_id.n, SIGNER_KEY_ID);
	hex = text_hex(key_id);
	n = snprintf(out, PATH_MAX, "%s/%s.pem", keys_dir, hex);
	free(hex);
	return n < PATH_MAX || err_set(e, ERR_LIMIT, "%s: the path is too long", keys_dir);
}

static bool
keyfile_read(const struct signer_pem *p, struct span id, struct keyfile *out, struct err *e)
{
	char path[PATH_MAX];
	struct bytes text;
	bool ok;

	if (!signer_pem_path(p->keys_dir, id, path, e) ||
	    !wholefile_read_secret(path, KEYFILE_MAX, &text, e))
		return err_in(e, "key");
	ok = keyfile_parse(bytes_span(&text), bytes_span(&p->passphrase), out, e);
	bytes_wipe(&text);
	if (!ok)
		return err_in(e, "key %s", path);
	if (span_eq(key_id(out->key), id))
		return true;
	keyfile_free(out);
	return err_set(e, ERR_CRYPTO, "key %s: holds another key than its name says", path);
}

static const struct keyfile *
loaded_find(const struct signer_pem *p, struct span id)
{
	for (size_t i = 0; i < p->loaded_count; i++)
		if (span_eq(key_id(p->loaded[i]->key), id))
			return p->loaded[i];
	return NULL;
}

/* NULL with the error when it is not there or broken. A loan until remove or close. */
static const struct keyfile *
key_load(struct signer_pem *p, struct span id, struct err *e)
{
	const struct keyfile *known = loaded_find(p, id);
	struct keyfile *f;

	if (known != NULL)
		return known;
	f = mem_new(1, sizeof *f);
	if (!keyfile_read(p, id, f, e)) {
		free(f);
		return NULL;
	}
	p->loaded = mem_grow(p->loaded, p->loaded_count + 1, sizeof *p->loaded);
	p->loaded[p->loaded_count++] = f;
	return f;
}

/* The key, if its purpose allows the request. */
static const struct keyfile *
key_for(struct signer_pem *p, struct span id, enum usage request, struct err *e)
{
	const struct keyfile *f = key_load(p, id, e);

	return f != NULL && usage_check(f->purpose, request, e) ? f : NULL;
}

static bool
pem_make(struct signer *s, const struct signer_template *t, struct bytes *cert_der, struct err *e)
{
	struct signer_pem *p = pem_of(s);
	struct keyfile f = { .purpose = t->purpose };
	struct bytes der = { 0 }, text = { 0 };
	char path[PATH_MAX];
	bool ok;

	f.key = key_make_for(t->purpose, t->rsa_bits, e);
	ok = f.key != NULL && issue_self(f.key, t, &der, e) &&
	     (f.cert = cert_parse(bytes_span(&der), e)) != NULL &&
	     keyfile_encode(&f, bytes_span(&p->passphrase), &text, e) &&
	     signer_pem_path(p->keys_dir, key_id(f.key), path, e) &&
	     wholefile_write_new(path, bytes_span(&text), S_IRUSR | S_IWUSR, e);
	if (ok)
		*cert_der = der;
	else
		bytes_free(&der);
	bytes_wipe(&text);
	keyfile_free(&f);
	return ok || err_in(e, "new key for %s", purpose_name(t->purpose));
}

static bool
keep_check(const struct keyfile *f, struct err *e)
{
	static const unsigned sizes[] = { 512, 1024, 2048, 4096 };

	if (!key_fits(f->key, f->cert))
		return err_set(e, ERR_REFUSED, "the certificate is for another key");
	for (size_t i = 0; key_is_rsa(f->key) && i < sizeof sizes / sizeof sizes[0]; i++)
		if (key_bits(f->key) == sizes[i])
			return true;
	return err_set(e, ERR_REFUSED,
	    "%s %u: headers of lists can say RSA keys of 512, 1024, 2048 and 4096 bits",
	    key_is_rsa(f->key) ? "RSA" : "EC", key_bits(f->key));
}

static bool
keep_write(const struct signer_pem *p, const struct keyfile *f, struct err *e)
{
	struct bytes text = { 0 };
	char path[PATH_MAX];
	bool ok = signer_pem_path(p->keys_dir, key_id(f->key), path, e);

	if (ok && access(path, F_OK) == 0)
		return err_set(e, ERR_CONFLICT, "the key is here already");
	ok = ok && keyfile_encode(f, bytes_span(&p->passphrase), &text, e) &&
	     wholefile_write_new(path, bytes_span(&text), S_IRUSR | S_IWUSR, e);
	bytes_wipe(&text);
	return ok;
}

static bool
pem_keep(struct signer *s, enum purpose purpose, struct span key_pem, struct span cert_der,
    struct err *e)
{
	struct keyfile f = { .purpose = purpose };
	bool ok;

	f.cert = cert_parse(cert_der, e);
	if (f.cert != NULL)
		f.key = key_from_pem(key_pem, e);
	ok = f.key != NULL && keep_check(&f, e) && keep_write(pem_of(s), &f, e);
	keyfile_free(&f);
	return ok || err_in(e, "key for %s", purpose_name(purpose));
}

/* The header names this certificate, in either form of the names. */
static bool
names_cert(const struct envelope *env, const struct cert *c)
{
	return span_eq(env->serial, cert_serial(c)) &&
	       (span_is(env->issuer, cert_issuer_cucm(c)) ||
		   span_is(env->issuer, cert_issuer_peer(c)));
}

/* "CN=name" is an attribute of a name in either form. */
static bool
has_common_name(struct span name, const char *common)
{
	const size_t n = strlen(common);

	for (size_t at = 0; at + 3 + n <= name.n; at++) {
		const char *here = (const char *)name.p + at;
		bool begins = at == 0 || here[-1] == ';' || here[-1] == ',';
		bool ends = at + 3 + n == name.n || here[3 + n] == ';' || here[3 + n] == ',';

		if (begins && ends && memcmp(here, "CN=", 3) == 0 &&
		    memcmp(here + 3, common, n) == 0)
			return true;
	}
	return false;
}

/* The header names the certificate that another CA made for this key: issuer and serial are that
 * CA's, the common name is the request's (rules/signedcert.h). Under the issuer of the certificate
 * beside the key it would be that of another key. */
static bool
names_ca_signed(const struct envelope *env, const struct cert *c)
{
	return has_common_name(env->signer_name, cert_common_name(c)) &&
	       !span_is(env->issuer, cert_issuer_cucm(c)) &&
	       !span_is(env->issuer, cert_issuer_peer(c));
}

static bool
signer_check(const struct envelope *env, const struct keyfile *f, struct err *e)
{
	char name[128];

	if (names_cert(env, f->cert) || names_ca_signed(env, f->cert))
		return true;
	return err_set(e, ERR_REFUSED, "it names the signer %s, which is not this key's: %s",
	    text_printable(env->signer_name, name, sizeof name), cert_subject_cucm(f->cert));
}

static bool
pem_sign_list(
    struct signer *s, struct span key_id, struct span file, struct bytes *out, struct err *e)
{
	const struct keyfile *f = key_for(pem_of(s), key_id, USAGE_SIGN_LIST, e);
	struct trustlist list;
	bool ok;

	if (f == NULL)
		return false;
	if (!trustlist_parse(file, &list, e))
		return err_in(e, "to be signed as a trust list");
	ok = signer_check(&list.env, f, e) && signedfile_sign(file, f->key, out, e);
	trustlist_free(&list);
	return ok || err_in(e, "trust list");
}

static bool
pem_sign_file(
    struct signer *s, struct span key_id, struct span file, struct bytes *out, struct err *e)
{
	const struct keyfile *f = key_for(pem_of(s), key_id, USAGE_SIGN_FILE, e);
	struct envelope env;
	struct span content;

	if (f == NULL)
		return false;
	if (!signedfile_parse(file, &env, &content, e))
		return err_in(e, "to be signed as a file");
	if (!env.is_encrypted && !signedfile_may_carry(content))
		return err_set(e, ERR_REFUSED,
		    "to be signed as a file: its payload could be taken for a trust list");
	if (signer_check(&env, f, e) && signedfile_sign(file, f->key, out, e))
		return true;
	return err_in(e, "signed file");
}

/* Usually it is the certificate beside the key: it is parsed already. */
static struct cert *
cert_of(const struct keyfile *f, struct span der, struct err *e)
{
	return span_eq(cert_der(f->cert), der) ? cert_ref(f->cert) : cert_parse(der, e);
}

static bool
pem_issue(struct signer *s, struct span key_id, struct span issuer_der,
    const struct signer_lsc *lsc, struct bytes *out, struct err *e)
{
	const struct keyfile *f = key_for(pem_of(s), key_id, USAGE_ISSUE, e);
	struct cert *issuer;
	bool ok;

	if (f == NULL)
		return false;
	issuer = cert_of(f, issuer_der, e);
	if (issuer == NULL)
		return err_in(e, "issuer of the LSC");
	ok = issue_lsc(f->key, issuer, lsc, out, e);
	cert_free(issuer);
	return ok;
}

/* The key of an issuer, and its certificate (cert_free); NULL: it may not issue, or cannot be read.
 */
static const struct keyfile *
issuer_for(
    struct signer *s, struct span key_id, struct span der, struct cert **issuer, struct err *e)
{
	const struct keyfile *f = key_for(pem_of(s), key_id, USAGE_ISSUE, e);

	*issuer = f != NULL ? cert_of(f, der, e) : NULL;
	return *issuer != NULL ? f : NULL;
}

static bool
pem_crl(struct signer *s, struct span key_id, struct span issuer_der, const struct signer_crl *crl,
    struct bytes *der, struct err *e)
{
	struct cert *issuer;
	const struct keyfile *f = issuer_for(s, key_id, issuer_der, &issuer, e);
	bool ok = f != NULL && crl_make(f->key, issuer, crl, der, e);

	cert_free(issuer);
	return ok;
}

static bool
pem_ocsp(struct signer *s, struct span key_id, struct span issuer_der,
    const struct signer_ocsp *what, struct bytes *der, struct err *e)
{
	struct cert *issuer;
	const struct keyfile *f = issuer_for(s, key_id, issuer_der, &issuer, e);
	bool ok = f != NULL && ocsp_make(f->key, issuer, what, der, e);

	cert_free(issuer);
	return ok;
}

static bool
pem_csr(
    struct signer *s, struct span key_id, struct span like_der, struct bytes *pem, struct err *e)
{
	const struct keyfile *f = key_load(pem_of(s), key_id, e);
	struct cert *like;
	bool ok;

	if (f == NULL)
		return false;
	like = cert_of(f, like_der, e);
	ok = like != NULL && csr_make(f->key, like, pem, e);
	cert_free(like);
	return ok || err_in(e, "request for a certificate");
}

static bool
pem_has(struct signer *s, struct span key_id, struct err *e)
{
	return key_load(pem_of(s), key_id, e) != NULL;
}

static void
loaded_drop(struct signer_pem *p, struct span id)
{
	for (size_t i = 0; i < p->loaded_count; i++) {
		if (!span_eq(key_id(p->loaded[i]->key), id))
			continue;
		keyfile_free(p->loaded[i]);
		free(p->loaded[i]);
		p->loaded[i] = p->loaded[--p->loaded_count];
		return;
	}
}

static bool
pem_remove(struct signer *s, struct span key_id, struct err *e)
{
	struct signer_pem *p = pem_of(s);
	char path[PATH_MAX];

	if (!signer_pem_path(p->keys_dir, key_id, path, e) || !wholefile_remove(path, e))
		return err_in(e, "key");
	loaded_drop(p, key_id);
	return true;
}

static void
pem_close(struct signer *s)
{
	struct signer_pem *p = pem_of(s);

	for (size_t i = 0; i < p->loaded_count; i++) {
		keyfile_free(p->loaded[i]);
		free(p->loaded[i]);
	}
	free(p->loaded);
	bytes_wipe(&p->passphrase);
	free(p->keys_dir);
	free(p);
}

static const struct signer_ops pem_ops = {
	.make = pem_make,
	.keep = pem_keep,
	.sign_list = pem_sign_list,
	.sign_file = pem_sign_file,
	.issue = pem_issue,
	.crl = pem_crl,
	.ocsp = pem_ocsp,
	.csr = pem_csr,
	.has = pem_has,
	.remove = pem_remove,
	.close = pem_close,
};

bool
signer_pem_create(const char *keys_dir, const char *key_file, struct err *e)
{
	uint8_t secret[PASSPHRASE_BYTES];
	char line[PASSPHRASE_HEX + 2];
	char *hex;
	bool ok;

	if (getrandom(secret, sizeof secret, 0) != sizeof secret)
		return err_sys(e, "no random bytes");
	if (mkdir(keys_dir, S_IRWXU) != 0)
		return errno == EEXIST ? err_set(e, ERR_CONFLICT, "%s: exists already", keys_dir)
				       : err_sys(e, "%s", keys_dir);
	hex = text_hex(span_of(secret, sizeof secret));
	snprintf(line, sizeof line, "%s\n", hex);
	ok = wholefile_write_new(key_file, span_str(line), S_IRUSR | S_IWUSR, e);
	mem_wipe_free(hex, PASSPHRASE_HEX);
	mem_wipe(line, sizeof line);
	mem_wipe(secret, sizeof secret);
	if (!ok)
		rmdir(keys_dir);
	return ok;
}

/* The passphrase is the hex text itself, so that openssl can be given the file. */
static bool
passphrase_read(const char *key_file, struct bytes *out, struct err *e)
{
	struct bytes raw;
	bool ok;

	if (!wholefile_read_secret(key_file, PASSPHRASE_HEX + 1, out, e))
		return err_in(e, "key file");
	if (out->n > 0 && out->p[out->n - 1] == '\n')
		out->n--;
	ok = out->n == PASSPHRASE_HEX && text_unhex(bytes_span(out), &raw, NULL);
	if (!ok) {
		bytes_wipe(out);
		return err_set(e, ERR_MALFORMED, "key file %s: must be %d hex digits", key_file,
		    PASSPHRASE_HEX);
	}
	bytes_wipe(&raw);
	return true;
}

bool
signer_pem_open(const char *keys_dir, const char *key_file, struct signer **out, struct err *e)
{
	struct bytes passphrase;
	struct signer_pem *p;
	struct stat st;

	if (stat(keys_dir, &st) != 0)
		return err_sys(e, "folder of keys %s", keys_dir);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_IO, "folder of keys %s: is not a folder", keys_dir);
	if (!passphrase_read(key_file, &passphrase, e))
		return false;
	p = mem_new(1, sizeof *p);
	p->signer.ops = &pem_ops;
	p->keys_dir = mem_text(keys_dir, strlen(keys_dir));
	p->passphrase = passphrase;
	*out = &p->signer;
	return true;
}

bool
signer_pem_purpose(struct signer *s, struct span key_id, enum purpose *out, struct err *e)
{
	const struct keyfile *f = key_load(pem_of(s), key_id, e);

	if (f == NULL)
		return false;
	*out = f->purpose;
	return true;
}

bool
signer_pem_tls_key(
    struct signer *s, enum purpose purpose, struct span key_id, struct bytes *der, struct err *e)
{
	const struct keyfile *f;

	if (s->ops != &pem_ops)
		return err_set(e, ERR_REFUSED, "this signer's keys do not leave it");
	f = key_for(pem_of(s), key_id, USAGE_TLS, e);
	if (f == NULL)
		return false;
	if (f->purpose != purpose)
		return err_set(e, ERR_REFUSED, "the key is for %s, not for %s",
		    purpose_name(f->purpose), purpose_name(purpose));
	return key_to_der(f->key, der, e);
}
