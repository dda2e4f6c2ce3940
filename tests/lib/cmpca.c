/*
 * cmpca: a CA that speaks CMP over HTTP, for tests: OpenSSL's CMP server, which certifies whatever
 * key it is asked to, as the RA that it shares a secret with vouches for it.
 *
 * usage: cmpca PORT CA.pem CA.key REFERENCE SECRET [MODE]
 * MODE refuse: no request is granted; slow: each takes 3 seconds; foreign: certificates are for
 * CN=foreign. Prints "ready" when it listens.
 */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <openssl/cmp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAYS           30
#define SLOW_S         3
#define TAG_PUBLIC_KEY 6 /* of a CertTemplate (RFC 4211, section 5) */

struct ca {
	OSSL_CMP_SRV_CTX *srv;
	X509 *cert;
	EVP_PKEY *key;
	const char *mode;
	long serial;
};

static void
die(const char *what)
{
	fprintf(stderr, "cmpca: %s\n", what);
	ERR_print_errors_fp(stderr);
	exit(1);
}

static void
ca_read(struct ca *ca, const char *cert, const char *key)
{
	BIO *c = BIO_new_file(cert, "r"), *k = BIO_new_file(key, "r");

	ca->cert = c != NULL ? PEM_read_bio_X509(c, NULL, NULL, NULL) : NULL;
	ca->key = k != NULL ? PEM_read_bio_PrivateKey(k, NULL, NULL, NULL) : NULL;
	if (ca->cert == NULL || ca->key == NULL)
		die("the CA cannot be read");
	BIO_free(c);
	BIO_free(k);
}

/* OpenSSL 3.0 has no call for the key of a template: its member number 6, whose tag stands where
 * that of a SEQUENCE would. */
static EVP_PKEY *
key_of(const OSSL_CRMF_MSG *request)
{
	unsigned char *der = NULL;
	int n = i2d_OSSL_CRMF_MSG(request, &der), tag, class;
	const unsigned char *p = der, *end = der + n, *start;
	EVP_PKEY *key = NULL;
	long left;

	for (int i = 0; i < 2; i++) /* CertReqMsg, CertRequest */
		(void)ASN1_get_object(&p, &left, &tag, &class, end - p);
	(void)ASN1_get_object(&p, &left, &tag, &class, end - p); /* certReqId */
	p += left;
	(void)ASN1_get_object(&p, &left, &tag, &class, end - p); /* the template */
	end = p + left;
	while (key == NULL && p < end) {
		start = p;
		(void)ASN1_get_object(&p, &left, &tag, &class, end - p);
		p += left;
		if (tag == TAG_PUBLIC_KEY && class == V_ASN1_CONTEXT_SPECIFIC) {
			der[start - der] = V_ASN1_SEQUENCE | V_ASN1_CONSTRUCTED;
			key = d2i_PUBKEY(NULL, &start, p - start);
		}
	}
	OPENSSL_free(der);
	return key;
}

static X509_NAME *
foreign_name(void)
{
	X509_NAME *name = X509_NAME_new();

	X509_NAME_add_entry_by_txt(
	    name, "CN", MBSTRING_ASC, (const unsigned char *)"foreign", -1, -1, 0);
	return name;
}

static X509 *
certificate(struct ca *ca, const OSSL_CRMF_MSG *request)
{
	OSSL_CRMF_CERTTEMPLATE *wish = OSSL_CRMF_MSG_get0_tmpl(request);
	X509_EXTENSIONS *extensions = OSSL_CRMF_CERTTEMPLATE_get0_extensions(wish);
	EVP_PKEY *key = key_of(request);
	X509 *out = X509_new();

	if (key == NULL)
		die("a request without a key");
	X509_set_version(out, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(out), ++ca->serial);
	X509_set_issuer_name(out, X509_get_subject_name(ca->cert));
	X509_set_subject_name(out, strcmp(ca->mode, "foreign") == 0
				       ? foreign_name()
				       : OSSL_CRMF_CERTTEMPLATE_get0_subject(wish));
	X509_gmtime_adj(X509_getm_notBefore(out), 0);
	X509_gmtime_adj(X509_getm_notAfter(out), (long)DAYS * 24 * 3600);
	X509_set_pubkey(out, key);
	for (int i = 0; i < sk_X509_EXTENSION_num(extensions); i++)
		X509_add_ext(out, sk_X509_EXTENSION_value(extensions, i), -1);
	if (X509_sign(out, ca->key, EVP_sha256()) == 0)
		die("cannot sign");
	EVP_PKEY_free(key);
	return out;
}

static OSSL_CMP_PKISI *
on_request(OSSL_CMP_SRV_CTX *srv, const OSSL_CMP_MSG *message, int id, const OSSL_CRMF_MSG *request,
    const X509_REQ *p10, X509 **cert, STACK_OF(X509) * *chain, STACK_OF(X509) * *ca_pubs)
{
	struct ca *ca = OSSL_CMP_SRV_CTX_get0_custom_ctx(srv);

	(void)message, (void)id, (void)p10;
	*cert = NULL;
	*chain = *ca_pubs = NULL;
	if (strcmp(ca->mode, "refuse") == 0)
		return OSSL_CMP_STATUSINFO_new(OSSL_CMP_PKISTATUS_rejection,
		    1 << OSSL_CMP_PKIFAILUREINFO_badCertTemplate, "no such template");
	if (strcmp(ca->mode, "slow") == 0)
		sleep(SLOW_S);
	*cert = certificate(ca, request);
	return OSSL_CMP_STATUSINFO_new(OSSL_CMP_PKISTATUS_accepted, 0, NULL);
}

static int
on_confirm(OSSL_CMP_SRV_CTX *srv, const OSSL_CMP_MSG *message, int id,
    const ASN1_OCTET_STRING *hash, const OSSL_CMP_PKISI *status)
{
	(void)srv, (void)message, (void)id, (void)hash, (void)status;
	return 1;
}

static void
on_error(OSSL_CMP_SRV_CTX *srv, const OSSL_CMP_MSG *message, const OSSL_CMP_PKISI *status,
    const ASN1_INTEGER *code, const OSSL_CMP_PKIFREETEXT *details)
{
	(void)srv, (void)message, (void)status, (void)code, (void)details;
}

static void
on_post(struct evhttp_request *post, void *arg)
{
	struct ca *ca = arg;
	struct evbuffer *in = evhttp_request_get_input_buffer(post), *out = evbuffer_new();
	size_t n = evbuffer_get_length(in);
	const unsigned char *p = evbuffer_pullup(in, -1);
	OSSL_CMP_MSG *message = n > 0 ? d2i_OSSL_CMP_MSG(NULL, &p, (long)n) : NULL, *answer = NULL;
	unsigned char *der = NULL;
	int size;

	if (message != NULL)
		answer = OSSL_CMP_SRV_process_request(ca->srv, message);
	ERR_print_errors_fp(stderr);
	size = answer != NULL ? i2d_OSSL_CMP_MSG(answer, &der) : 0;
	evhttp_add_header(
	    evhttp_request_get_output_headers(post), "Content-Type", "application/pkixcmp");
	if (size > 0)
		evbuffer_add(out, der, (size_t)size);
	evhttp_send_reply(post, size > 0 ? 200 : 400, NULL, out);
	OPENSSL_free(der);
	OSSL_CMP_MSG_free(message);
	OSSL_CMP_MSG_free(answer);
	evbuffer_free(out);
}

static void
ca_open(struct ca *ca, const char *reference, const char *secret)
{
	OSSL_CMP_CTX *ctx;

	ca->srv = OSSL_CMP_SRV_CTX_new(NULL, NULL);
	if (ca->srv == NULL || OSSL_CMP_SRV_CTX_init(ca->srv, ca, on_request, NULL, NULL, on_error,
				   on_confirm, NULL) != 1)
		die("no CMP");
	ctx = OSSL_CMP_SRV_CTX_get0_cmp_ctx(ca->srv);
	if (OSSL_CMP_CTX_set1_referenceValue(
		ctx, (const unsigned char *)reference, (int)strlen(reference)) != 1 ||
	    OSSL_CMP_CTX_set1_secretValue(
		ctx, (const unsigned char *)secret, (int)strlen(secret)) != 1 ||
	    OSSL_CMP_SRV_CTX_set_accept_raverified(ca->srv, 1) != 1)
		die("no CMP");
}

int
main(int argc, char **argv)
{
	struct ca ca = { .mode = argc > 6 ? argv[6] : "" };
	struct event_base *base = event_base_new();
	struct evhttp *http = evhttp_new(base);

	if (argc < 6)
		die("usage: cmpca PORT CA.pem CA.key REFERENCE SECRET [MODE]");
	ca_read(&ca, argv[2], argv[3]);
	ca_open(&ca, argv[4], argv[5]);
	evhttp_set_gencb(http, on_post, &ca);
	if (evhttp_bind_socket(http, "127.0.0.1", (ev_uint16_t)atoi(argv[1])) != 0)
		die("the port is taken");
	puts("ready");
	fflush(stdout);
	event_base_dispatch(base);
	return 0;
}
