#include "net/cmp_client.h"

#include "base/text.h"

#include <openssl/cmp.h>
#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#define MESSAGE_S_MIN 1

/* What a CA says when it does not believe who asks (RFC 4210, section 5.2.3). */
#define CREDENTIAL_FAULTS \
	(1 << OSSL_CMP_PKIFAILUREINFO_badMessageCheck | \
	    1 << OSSL_CMP_PKIFAILUREINFO_wrongIntegrity | \
	    1 << OSSL_CMP_PKIFAILUREINFO_signerNotTrusted | \
	    1 << OSSL_CMP_PKIFAILUREINFO_notAuthorized)

/* --- where --- */

struct place {
	char *host, *path;
	int port;
};

static void
place_free(struct place *p)
{
	OPENSSL_free(p->host);
	OPENSSL_free(p->path);
}

static bool
place_parse(const char *url, struct place *out, struct err *e)
{
	int tls = 0;

	*out = (struct place){ 0 };
	if (OSSL_HTTP_parse_url(
		url, &tls, NULL, &out->host, NULL, &out->port, &out->path, NULL, NULL) == 1 &&
	    tls == 0 && strncmp(url, "http://", 7) == 0)
		return true;
	ERR_clear_error();
	place_free(out);
	return err_set(e, ERR_MALFORMED, "\"%.80s\" is no http:// URL", url);
}

bool
cmp_url_check(const char *url, struct err *e)
{
	struct place p;

	if (!place_parse(url, &p, e))
		return false;
	place_free(&p);
	return true;
}

/* --- what --- */

static bool
broken(const char *what, struct err *e)
{
	ERR_clear_error();
	return err_set(e, ERR_CRYPTO, "CMP: %s cannot be used", what);
}

static bool
put_wishes(OSSL_CMP_CTX *ctx, X509_REQ *csr, struct err *e)
{
	STACK_OF(X509_EXTENSION) *wished = X509_REQ_get_extensions(csr);
	EVP_PKEY *key = X509_REQ_get_pubkey(csr);

	if (key == NULL || OSSL_CMP_CTX_set0_newPkey(ctx, 0, key) != 1) {
		EVP_PKEY_free(key);
		sk_X509_EXTENSION_pop_free(wished, X509_EXTENSION_free);
		return broken("the phone's key", e);
	}
	if (wished != NULL && OSSL_CMP_CTX_set0_reqExtensions(ctx, wished) != 1) {
		sk_X509_EXTENSION_pop_free(wished, X509_EXTENSION_free);
		return broken("the request's extensions", e);
	}
	return OSSL_CMP_CTX_set1_subjectName(ctx, X509_REQ_get_subject_name(csr)) == 1 ||
	       broken("the request's subject", e);
}

static bool
put_request(OSSL_CMP_CTX *ctx, struct span pem, struct err *e)
{
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509_REQ *csr = bio != NULL ? PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL) : NULL;
	bool ok = csr != NULL ? put_wishes(ctx, csr, e) : broken("the request", e);

	X509_REQ_free(csr);
	BIO_free(bio);
	return ok;
}

/* --- whom to believe --- */

static bool
add_trusted(X509_STORE *store, struct span der, struct err *e)
{
	const unsigned char *p = der.p;
	X509 *x509 = d2i_X509(NULL, &p, (long)der.n);
	bool ok = x509 != NULL && X509_STORE_add_cert(store, x509) == 1;

	X509_free(x509);
	return ok || broken("a trusted certificate", e);
}

static bool
put_trusted(OSSL_CMP_CTX *ctx, const struct cmp_request *r, struct err *e)
{
	X509_STORE *store = X509_STORE_new();
	bool ok = store != NULL || broken("the trust store", e);

	for (size_t i = 0; ok && i < r->trusted_count; i++)
		ok = add_trusted(store, r->trusted[i], e);
	if (ok && OSSL_CMP_CTX_set0_trustedStore(ctx, store) == 1)
		return true;
	X509_STORE_free(store);
	return ok ? broken("the trust store", e) : false;
}

static bool
put_protection(OSSL_CMP_CTX *ctx, const struct cmp_request *r, struct err *e)
{
	return (OSSL_CMP_CTX_set1_referenceValue(
		    ctx, (const unsigned char *)r->reference, (int)strlen(r->reference)) == 1 &&
		   OSSL_CMP_CTX_set1_secretValue(ctx, r->secret.p, (int)r->secret.n) == 1) ||
	       broken("reference or secret", e);
}

static bool
put_options(OSSL_CMP_CTX *ctx, const struct cmp_request *r, const struct place *p, struct err *e)
{
	int all = (int)r->timeout_s, each = all / 2 > MESSAGE_S_MIN ? all / 2 : MESSAGE_S_MIN;

	return (OSSL_CMP_CTX_set1_server(ctx, p->host) == 1 &&
		   OSSL_CMP_CTX_set_serverPort(ctx, p->port) == 1 &&
		   OSSL_CMP_CTX_set1_serverPath(ctx, p->path) == 1 &&
		   OSSL_CMP_CTX_set_option(
		       ctx, OSSL_CMP_OPT_POPO_METHOD, OSSL_CRMF_POPO_RAVERIFIED) == 1 &&
		   OSSL_CMP_CTX_set_option(ctx, OSSL_CMP_OPT_UNPROTECTED_ERRORS, 1) == 1 &&
		   OSSL_CMP_CTX_set_option(ctx, OSSL_CMP_OPT_MSG_TIMEOUT, each) == 1 &&
		   OSSL_CMP_CTX_set_option(ctx, OSSL_CMP_OPT_TOTAL_TIMEOUT, all) == 1) ||
	       broken("a setting", e);
}

/* --- what came of it --- */

/* The newest error says what happened, the oldest why; both are the CA's words when it has some. */
static void
say_why(struct err *e)
{
	const char *data = NULL;
	int flags = 0;
	unsigned long code = ERR_peek_last_error_all(NULL, NULL, NULL, &data, &flags);
	unsigned long first = ERR_peek_error();
	const char *reason = ERR_reason_error_string(code);
	const char *cause = first != code ? ERR_reason_error_string(first) : NULL;
	char clean[ERR_TEXT_MAX];

	err_set(e, ERR_IO, "%s%s%s%s%s", reason != NULL ? reason : "no reason is known",
	    cause != NULL ? ": " : "", cause != NULL ? cause : "",
	    (flags & ERR_TXT_STRING) && data != NULL && *data != '\0' ? ": " : "",
	    (flags & ERR_TXT_STRING) && data != NULL ? data : "");
	text_printable(span_str(e->text), clean, sizeof clean);
	err_set(e, ERR_IO, "%s", clean);
	ERR_clear_error();
}

/* Our side did not believe the answer. */
static bool
is_disbelieved(void)
{
	static const int reasons[] = { CMP_R_WRONG_PBM_VALUE, CMP_R_ERROR_VALIDATING_PROTECTION,
		CMP_R_ERROR_VALIDATING_SIGNATURE, CMP_R_NO_SUITABLE_SENDER_CERT };
	unsigned long first = ERR_peek_error();

	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (ERR_GET_LIB(first) == ERR_LIB_CMP && ERR_GET_REASON(first) == reasons[i])
			return true;
	return false;
}

static enum cmp_outcome
outcome_of(const OSSL_CMP_CTX *ctx)
{
	int faults = OSSL_CMP_CTX_get_failInfoCode(ctx);

	if (is_disbelieved() || (faults > 0 && (faults & CREDENTIAL_FAULTS)))
		return CMP_BAD_CREDENTIALS;
	return OSSL_CMP_CTX_get_status(ctx) == OSSL_CMP_PKISTATUS_rejection ? CMP_REJECTED
									    : CMP_NO_ANSWER;
}

static enum cmp_outcome
ask(OSSL_CMP_CTX *ctx, struct bytes *cert_der, struct err *e)
{
	X509 *cert = OSSL_CMP_exec_certreq(ctx, OSSL_CMP_CR, NULL);
	enum cmp_outcome outcome = CMP_CERTIFIED;
	unsigned char *der = NULL;
	int n;

	if (cert == NULL) {
		outcome = outcome_of(ctx);
		say_why(e);
		return outcome;
	}
	n = i2d_X509(cert, &der); /* owned by ctx */
	*cert_der = bytes_copy(span_of(der, n > 0 ? (size_t)n : 0));
	OPENSSL_free(der);
	return outcome;
}

enum cmp_outcome
cmp_certify(const struct cmp_request *r, struct bytes *cert_der, struct err *e)
{
	OSSL_CMP_CTX *ctx = OSSL_CMP_CTX_new(NULL, NULL);
	enum cmp_outcome outcome = CMP_NO_ANSWER;
	struct place p;

	*cert_der = (struct bytes){ 0 };
	if (!place_parse(r->url, &p, e)) {
		OSSL_CMP_CTX_free(ctx);
		return outcome;
	}
	if (ctx == NULL)
		broken("OpenSSL", e);
	else if (put_options(ctx, r, &p, e) && put_protection(ctx, r, e) &&
		 put_trusted(ctx, r, e) && put_request(ctx, r->csr, e))
		outcome = ask(ctx, cert_der, e);
	place_free(&p);
	OSSL_CMP_CTX_free(ctx);
	return outcome;
}
