#include "net/tlsdial.h"

#include "base/mem.h"
#include "net/clock.h"

#include <errno.h>
#include <event2/bufferevent_ssl.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#define SUITES_13 "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"
#define GROUPS    "X25519:P-256:P-384"
#define SIGNATURES \
	"ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:" \
	"RSA+SHA256:RSA+SHA384:RSA+SHA512:ECDSA+SHA1:RSA+SHA1"

struct tlsdial {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
};

struct phone {
	int version_max;
	const char *suites;
};

static const struct phone phones[] = {
	[TLSDIAL_1_3] = { TLS1_3_VERSION, "ECDHE+AESGCM:ECDHE+AES:AES256-SHA:AES128-SHA" },
	[TLSDIAL_1_2] = { TLS1_2_VERSION, "ECDHE+AESGCM:ECDHE+AES:AES256-SHA:AES128-SHA" },
	[TLSDIAL_1_0] = { TLS1_VERSION, "AES256-SHA:AES128-SHA" },
};

static const char *
reason(void)
{
	unsigned long error = ERR_get_error();
	const char *text = ERR_reason_error_string(error);

	ERR_clear_error();
	return text != NULL ? text : "no reason given";
}

/* Everything is set here; a phone knows no openssl.cnf. */
static bool
set_phone(SSL_CTX *ctx, const struct phone *phone)
{
	char signatures[] = SIGNATURES, groups[] = GROUPS; /* OpenSSL's macros take no const */

	SSL_CTX_clear_options(ctx, SSL_CTX_get_options(ctx));
	SSL_CTX_set_options(ctx, SSL_OP_NO_SSLv3 | SSL_OP_NO_COMPRESSION |
				     SSL_OP_LEGACY_SERVER_CONNECT | SSL_OP_IGNORE_UNEXPECTED_EOF |
				     SSL_OP_ENABLE_MIDDLEBOX_COMPAT);
	SSL_CTX_set_mode(ctx, SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_AUTO_RETRY);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_security_level(ctx, 0);
	return SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) == 1 &&
	       SSL_CTX_set_max_proto_version(ctx, phone->version_max) == 1 &&
	       SSL_CTX_set_cipher_list(ctx, phone->suites) == 1 &&
	       SSL_CTX_set_ciphersuites(ctx, SUITES_13) == 1 &&
	       SSL_CTX_set1_sigalgs_list(ctx, signatures) == 1 &&
	       SSL_CTX_set1_groups_list(ctx, groups) == 1;
}

static bool
set_certificate(SSL_CTX *ctx, const struct tlsdial_config *config)
{
	const unsigned char *p = config->key.p;
	PKCS8_PRIV_KEY_INFO *box;
	EVP_PKEY *key;
	bool ok;

	if (config->certificate.p == NULL)
		return true;
	box = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)config->key.n);
	key = box != NULL ? EVP_PKCS82PKEY(box) : NULL;
	ok = key != NULL &&
	     SSL_CTX_use_certificate_ASN1(ctx, (int)config->certificate.n, config->certificate.p) ==
		 1 &&
	     SSL_CTX_use_PrivateKey(ctx, key) == 1;
	EVP_PKEY_free(key);
	PKCS8_PRIV_KEY_INFO_free(box);
	return ok;
}

bool
tlsdial_new(const struct tlsdial_config *config, int fd, struct tlsdial **out, struct err *e)
{
	struct tlsdial *t = mem_new(1, sizeof *t);

	t->fd = fd;
	t->ctx = SSL_CTX_new(TLS_client_method());
	if (t->ctx != NULL && set_phone(t->ctx, &phones[config->version]) &&
	    set_certificate(t->ctx, config) && (t->ssl = SSL_new(t->ctx)) != NULL &&
	    SSL_set_fd(t->ssl, fd) == 1 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0) {
		SSL_set_connect_state(t->ssl);
		*out = t;
		return true;
	}
	tlsdial_free(t);
	return err_set(e, ERR_CRYPTO, "TLS client: %s", reason());
}

/* In place of OpenSSL's own verification. */
static int
judge_leaf(X509_STORE_CTX *store, void *arg)
{
	const struct tlsdial_judge *judge = arg;
	X509 *x = X509_STORE_CTX_get0_cert(store);
	unsigned char *p = NULL;
	int n = x != NULL ? i2d_X509(x, &p) : -1;
	bool ok = n > 0 && judge->verify(judge->arg, span_of(p, (size_t)n), NULL);

	OPENSSL_free(p);
	return ok ? 1 : 0;
}

bool
tlsdial_bufferevent(const struct tlsdial_config *config, const struct tlsdial_judge *judge,
    struct event_base *base, struct bufferevent **out, struct err *e)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = NULL;

	if (ctx != NULL && set_phone(ctx, &phones[config->version]) &&
	    set_certificate(ctx, config)) {
		SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
		SSL_CTX_set_cert_verify_callback(ctx, judge_leaf, (void *)(uintptr_t)judge);
		ssl = SSL_new(ctx);
	}
	SSL_CTX_free(ctx);
	if (ssl != NULL)
		*out = bufferevent_openssl_socket_new(
		    base, -1, ssl, BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE);
	if (ssl != NULL && *out != NULL) {
		bufferevent_openssl_set_allow_dirty_shutdown(*out, 1);
		return true;
	}
	SSL_free(ssl);
	return err_set(e, ERR_CRYPTO, "TLS client: %s", reason());
}

/* After a call that gave r: waits until it is worth another try; false with a reason otherwise. */
static bool
wait_for(struct tlsdial *t, int r, uint64_t deadline, struct err *e)
{
	int want = SSL_get_error(t->ssl, r), saved = errno;
	struct pollfd p = { .fd = t->fd };
	uint64_t now = clock_ms();

	if (want == SSL_ERROR_SYSCALL && ERR_peek_error() == 0)
		return err_set(e, ERR_IO, "TLS: %s",
		    saved != 0 ? strerror(saved) : "the server closed the connection");
	if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE)
		return err_set(e, ERR_IO, "TLS: %s",
		    want == SSL_ERROR_ZERO_RETURN ? "the server closed the connection" : reason());
	p.events = want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
	if (now >= deadline || poll(&p, 1, (int)(deadline - now)) == 0)
		return err_set(e, ERR_AGAIN, "TLS: timed out");
	return true;
}

/* OpenSSL's errors and errno of earlier calls say nothing about the next one. */
static void
forget_errors(void)
{
	ERR_clear_error();
	errno = 0;
}

bool
tlsdial_handshake(struct tlsdial *t, uint64_t deadline, struct err *e)
{
	int r;

	for (;;) {
		forget_errors();
		r = SSL_do_handshake(t->ssl);
		if (r == 1)
			return true;
		if (!wait_for(t, r, deadline, e))
			return false;
	}
}

bool
tlsdial_send(struct tlsdial *t, struct span s, uint64_t deadline, struct err *e)
{
	size_t n;
	int r;

	while (s.n > 0) {
		forget_errors();
		r = SSL_write_ex(t->ssl, s.p, s.n, &n);
		if (r == 1)
			return true;
		if (!wait_for(t, r, deadline, e))
			return false;
	}
	return true;
}

bool
tlsdial_receive(
    struct tlsdial *t, uint8_t *p, size_t max, size_t *n, uint64_t deadline, struct err *e)
{
	int r;

	*n = 0;
	for (;;) {
		forget_errors();
		r = SSL_read_ex(t->ssl, p, max, n);
		if (r == 1 || SSL_get_error(t->ssl, r) == SSL_ERROR_ZERO_RETURN)
			return true;
		if (!wait_for(t, r, deadline, e))
			return false;
	}
}

bool
tlsdial_leaf(struct tlsdial *t, struct bytes *der, struct err *e)
{
	X509 *x = SSL_get0_peer_certificate(t->ssl);
	unsigned char *p = NULL;
	int n = x != NULL ? i2d_X509(x, &p) : -1;

	if (n <= 0)
		return err_set(e, ERR_CRYPTO, "the server has no certificate");
	*der = bytes_copy(span_of(p, (size_t)n));
	OPENSSL_free(p);
	return true;
}

void
tlsdial_free(struct tlsdial *t)
{
	if (t == NULL)
		return;
	if (t->ssl != NULL && SSL_is_init_finished(t->ssl))
		SSL_shutdown(t->ssl);
	ERR_clear_error();
	SSL_free(t->ssl);
	SSL_CTX_free(t->ctx);
	free(t);
}
