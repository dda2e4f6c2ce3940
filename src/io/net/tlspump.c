#include "net/tlspump.h"

#include "base/mem.h"
#include "base/rd.h"

#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>

#define TICKET_SECONDS   (2 * 3600)
#define PREFERRED_GROUPS "X25519:P-256:P-384"
#define SUITES_13        "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"
#define SIGNATURES \
	"ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:" \
	"RSA+SHA256:RSA+SHA384:RSA+SHA512"
#define SUITES "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES"

/* What a hello showed, kept with its connection: the highest version, and whether only the old
 * profile would have served it. */
#define HELLO_VERSION 0xffffu
#define HELLO_OLD     0x10000u

struct tlspump {
	SSL_CTX *ctx;
};

/* All that tells old phones from new ones (doc/protocols/tls.md, section 9). */
struct profile {
	int version_min, level;
	const char *suites, *signatures;
};

static const struct profile profile_now = { TLS1_2_VERSION, 2, SUITES "@SECLEVEL=2", SIGNATURES };
static const struct profile profile_old = { TLS1_VERSION, 0,
	SUITES ":AES256-SHA:AES128-SHA:@SECLEVEL=0", SIGNATURES ":ECDSA+SHA1:RSA+SHA1" };

/* The suites that only the old profile has. */
static bool
is_old_suite(const SSL_CIPHER *c)
{
	uint16_t id = SSL_CIPHER_get_protocol_id(c);

	return id == 0x0035 || id == 0x002f;
}

/* False, with the first reason that OpenSSL gave. */
static bool
refuse(struct err *e, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_error());

	ERR_clear_error();
	return err_set(e, ERR_CRYPTO, "%s: %s", what, reason ? reason : "no reason given");
}

/* The highest version a hello offers. */
static uint16_t
offered_version(SSL *ssl)
{
	const unsigned char *p;
	size_t n;
	uint16_t v = (uint16_t)SSL_client_hello_get0_legacy_version(ssl), highest = 0;
	uint8_t length;
	struct rd r;

	if (!SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_supported_versions, &p, &n))
		return v;
	r = rd_open(span_of(p, n));
	if (!rd_u8(&r, &length))
		return v;
	while (rd_u16(&r, &v))
		if (v <= TLS1_3_VERSION && v > highest)
			highest = v;
	return highest;
}

/* No suite of the hello is switched on, and one of the old profile is there. */
static bool
offers_old_suites_only(SSL *ssl)
{
	const unsigned char *p;
	size_t n = SSL_client_hello_get0_ciphers(ssl, &p);
	const STACK_OF(SSL_CIPHER) *on = SSL_get_ciphers(ssl);
	bool old = false;

	for (; n >= 2; p += 2, n -= 2) {
		const SSL_CIPHER *c = SSL_CIPHER_find(ssl, p);

		if (c == NULL)
			continue;
		old = old || is_old_suite(c);
		for (int i = 0; i < sk_SSL_CIPHER_num(on); i++)
			if (sk_SSL_CIPHER_value(on, i) == c)
				return false;
	}
	return old;
}

static int
note_hello(SSL *ssl, int *alert, void *arg)
{
	uint16_t version = offered_version(ssl);
	uintptr_t hello = version;

	(void)alert, (void)arg;
	if (SSL_get_security_level(ssl) == profile_now.level && version >= TLS1_VERSION &&
	    (version < TLS1_2_VERSION || offers_old_suites_only(ssl)))
		hello |= HELLO_OLD;
	SSL_set_app_data(ssl, (void *)hello);
	return SSL_CLIENT_HELLO_SUCCESS;
}

/* Every choice is made here and none is left to openssl.cnf. */
static bool
set_profile(SSL_CTX *ctx, const struct profile *p)
{
	char signatures[256], groups[] = PREFERRED_GROUPS; /* OpenSSL's macros take no const */

	snprintf(signatures, sizeof signatures, "%s", p->signatures);
	SSL_CTX_clear_options(ctx, SSL_CTX_get_options(ctx));
	SSL_CTX_set_options(ctx, SSL_OP_NO_SSLv3 | SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
				     SSL_OP_CIPHER_SERVER_PREFERENCE |
				     SSL_OP_ENABLE_MIDDLEBOX_COMPAT | SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN |
				  SSL_MODE_ENABLE_PARTIAL_WRITE |
				  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_security_level(ctx, p->level);
	SSL_CTX_set_client_hello_cb(ctx, note_hello, NULL);
	return SSL_CTX_set_min_proto_version(ctx, p->version_min) == 1 &&
	       SSL_CTX_set_max_proto_version(ctx, 0) == 1 &&
	       SSL_CTX_set_cipher_list(ctx, p->suites) == 1 &&
	       SSL_CTX_set_ciphersuites(ctx, SUITES_13) == 1 &&
	       SSL_CTX_set1_sigalgs_list(ctx, signatures) == 1 &&
	       SSL_CTX_set1_groups_list(ctx, groups) == 1;
}

static X509 *
read_certificate(struct span der)
{
	const unsigned char *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);

	if (x != NULL && p != der.p + der.n) {
		X509_free(x);
		x = NULL;
	}
	return x;
}

static bool
set_chain(SSL_CTX *ctx, const struct tlspump_identity *id, struct err *e)
{
	for (size_t i = 0; i < id->chain_count; i++) {
		X509 *x = read_certificate(id->chain[i]);
		bool ok = x != NULL && (i == 0 ? SSL_CTX_use_certificate(ctx, x)
					       : SSL_CTX_add1_chain_cert(ctx, x)) == 1;

		X509_free(x);
		if (!ok) {
			refuse(e, "not usable");
			return err_in(e, "certificate %zu", i + 1);
		}
	}
	return id->chain_count > 0 || err_set(e, ERR_CRYPTO, "no certificate");
}

static bool
set_key(SSL_CTX *ctx, struct span der, struct err *e)
{
	const unsigned char *p = der.p;
	PKCS8_PRIV_KEY_INFO *box = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)der.n);
	EVP_PKEY *key = box != NULL ? EVP_PKCS82PKEY(box) : NULL;
	bool ok = key != NULL && SSL_CTX_use_PrivateKey(ctx, key) == 1 &&
		  SSL_CTX_check_private_key(ctx) == 1;

	EVP_PKEY_free(key);
	PKCS8_PRIV_KEY_INFO_free(box);
	return ok || refuse(e, "private key");
}

static bool
set_no_tickets(SSL_CTX *ctx, struct err *e)
{
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	return SSL_CTX_set_num_tickets(ctx, 0) == 1 || refuse(e, "session tickets");
}

/* Sessions live in tickets only, which every front can open. They are bound to the certificate, so
 * that neither another service nor the next certificate takes them up. */
static bool
set_tickets(SSL_CTX *ctx, const struct tlspump_identity *id, struct err *e)
{
	uint8_t key[TLSPUMP_TICKET_KEY], context[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	bool ok;

	if (id->ticket_key.n == 0)
		return set_no_tickets(ctx, e);
	if (id->ticket_key.n != sizeof key)
		return err_set(e, ERR_CRYPTO, "ticket key of %zu bytes, not %zu", id->ticket_key.n,
		    sizeof key);
	memcpy(key, id->ticket_key.p, sizeof key);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_timeout(ctx, TICKET_SECONDS);
	ok = X509_digest(SSL_CTX_get0_certificate(ctx), EVP_sha256(), context, &n) == 1 &&
	     SSL_CTX_set_session_id_context(ctx, context, n) == 1 &&
	     SSL_CTX_set_tlsext_ticket_keys(ctx, key, sizeof key) == 1 &&
	     SSL_CTX_set_num_tickets(ctx, 1) == 1;
	mem_wipe(key, sizeof key);
	return ok || refuse(e, "session tickets");
}

bool
tlspump_server(const struct tlspump_identity *id, struct tlspump **out, struct err *e)
{
	struct tlspump *t;
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	if (ctx == NULL)
		return refuse(e, "TLS");
	if (!set_profile(ctx, id->old_tls ? &profile_old : &profile_now)) {
		refuse(e, "TLS settings");
		goto out;
	}
	if (!set_chain(ctx, id, e) || !set_key(ctx, id->key, e) || !set_tickets(ctx, id, e))
		goto out;
	t = mem_new(1, sizeof *t);
	t->ctx = ctx;
	*out = t;
	return true;
out:
	SSL_CTX_free(ctx);
	return false;
}

void
tlspump_free(struct tlspump *t)
{
	if (t == NULL)
		return;
	SSL_CTX_free(t->ctx);
	free(t);
}

struct bufferevent *
tlspump_accept(struct tlspump *t, struct event_base *base, int fd)
{
	SSL *ssl = SSL_new(t->ctx);
	struct bufferevent *bev;

	if (ssl == NULL)
		return NULL;
	bev = bufferevent_openssl_socket_new(
	    base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	if (bev == NULL)
		SSL_free(ssl);
	else
		bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
	return bev;
}

bool
tlspump_is_up(struct bufferevent *bev)
{
	return SSL_is_init_finished(bufferevent_openssl_get_ssl(bev));
}

void
tlspump_goodbye(struct bufferevent *bev)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	if (SSL_is_init_finished(ssl))
		SSL_shutdown(ssl);
	ERR_clear_error();
}

static const char *
version_name(unsigned version)
{
	switch (version) {
	case SSL3_VERSION:
		return "SSLv3";
	case TLS1_VERSION:
		return "TLSv1.0";
	case TLS1_1_VERSION:
		return "TLSv1.1";
	case TLS1_2_VERSION:
		return "TLSv1.2";
	case TLS1_3_VERSION:
		return "TLSv1.3";
	default:
		return "an unknown version";
	}
}

static bool
is_about_versions_or_suites(unsigned long error)
{
	switch (ERR_GET_LIB(error) == ERR_LIB_SSL ? ERR_GET_REASON(error) : 0) {
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_VERSION_TOO_LOW:
	case SSL_R_NO_SHARED_CIPHER:
		return true;
	default:
		return false;
	}
}

enum tlspump_failure
tlspump_failure(struct bufferevent *bev, char *text, size_t text_max)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);
	uintptr_t hello = (uintptr_t)SSL_get_app_data(ssl);
	unsigned long error = 0, next;
	const char *reason;
	int code;

	/* They come last first, and libevent puts one of its own among them; the first of
	 * OpenSSL's says most. */
	while ((next = bufferevent_get_openssl_error(bev)) != 0)
		if (ERR_GET_LIB(next) != 0)
			error = next;
	code = ERR_GET_REASON(error);
	reason = ERR_reason_error_string(error);
	if (ERR_GET_LIB(error) == ERR_LIB_SSL && code >= SSL_AD_REASON_OFFSET)
		snprintf(text, text_max, "the peer sent alert: %s",
		    SSL_alert_desc_string_long(code - SSL_AD_REASON_OFFSET));
	else
		snprintf(text, text_max, "%s",
		    reason != NULL ? reason : "connection closed during the handshake");
	if (hello != 0 && strlen(text) < text_max)
		snprintf(text + strlen(text), text_max - strlen(text),
		    " (the peer offers up to %s)", version_name((unsigned)(hello & HELLO_VERSION)));
	return (hello & HELLO_OLD) != 0 && is_about_versions_or_suites(error) ? TLSPUMP_FAIL_OLD
									      : TLSPUMP_FAIL_OTHER;
}

void
tlspump_describe(struct bufferevent *bev, char *text, size_t text_max)
{
	SSL *ssl = bufferevent_openssl_get_ssl(bev);

	snprintf(text, text_max, "%s %s%s", SSL_get_version(ssl), SSL_get_cipher_name(ssl),
	    SSL_session_reused(ssl) ? " resumed" : "");
}
