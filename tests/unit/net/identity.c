#include "../check.h"

#include "identity.h"

#include <event2/event.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

void
identity_read(const char *file, struct bytes *certificate, struct bytes *key)
{
	char path[512];
	unsigned char *der = NULL;
	PKCS8_PRIV_KEY_INFO *box;
	EVP_PKEY *k;
	X509 *x;
	FILE *f;
	int n;

	snprintf(path, sizeof path, "%s/keys/%s", getenv("SEALTONE_VECTORS"), file);
	f = fopen(path, "r");
	assert_non_null(f);
	k = PEM_read_PrivateKey(f, NULL, NULL, NULL);
	x = PEM_read_X509(f, NULL, NULL, NULL);
	fclose(f);
	box = EVP_PKEY2PKCS8(k);
	n = i2d_PKCS8_PRIV_KEY_INFO(box, &der);
	*key = bytes_copy(span_of(der, (size_t)n));
	OPENSSL_free(der);
	der = NULL;
	n = i2d_X509(x, &der);
	*certificate = bytes_copy(span_of(der, (size_t)n));
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(box);
	EVP_PKEY_free(k);
	X509_free(x);
}

struct tlspump *
identity_pump(const char *file, bool old_tls, uint8_t tickets)
{
	uint8_t ticket_key[TLSPUMP_TICKET_KEY];
	struct bytes certificate, key;
	struct tlspump *t;
	struct span chain;
	struct err e;

	memset(ticket_key, tickets, sizeof ticket_key);
	identity_read(file, &certificate, &key);
	chain = bytes_span(&certificate);
	assert_ok(tlspump_server(
		      &(struct tlspump_identity){ .chain = &chain,
			  .chain_count = 1,
			  .key = bytes_span(&key),
			  .old_tls = old_tls,
			  .ticket_key = span_of(ticket_key, tickets != 0 ? sizeof ticket_key : 0) },
		      &t, &e),
	    e);
	bytes_free(&certificate);
	bytes_wipe(&key);
	return t;
}

SSL *
identity_client(int fd, int version_max, const char *suites)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	char groups[] = "X25519:P-256:P-384";
	char signatures[] = "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA+SHA256:RSA+SHA1";
	SSL *ssl;

	/* All of it, for test_tlspump has a hostile openssl.cnf. */
	SSL_CTX_clear_options(ctx, SSL_CTX_get_options(ctx));
	SSL_CTX_set_ciphersuites(ctx, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256");
	SSL_CTX_set1_sigalgs_list(ctx, signatures);
	SSL_CTX_set_security_level(ctx, 0);
	SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(ctx, version_max);
	SSL_CTX_set1_groups_list(ctx, groups);
	SSL_CTX_set_cipher_list(ctx, suites != NULL ? suites : "DEFAULT:@SECLEVEL=0");
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	SSL_set_fd(ssl, fd);
	SSL_set_connect_state(ssl);
	return ssl;
}

/* The client waits for the socket and not for good. */
static bool
waits(SSL *client, int r)
{
	int want = SSL_get_error(client, r);

	return want == SSL_ERROR_WANT_READ || want == SSL_ERROR_WANT_WRITE;
}

bool
identity_shake(struct event_base *base, SSL *client)
{
	const struct timespec nap = { .tv_nsec = 1000000 };

	for (int i = 0; i < 5000; i++) {
		int r;

		ERR_clear_error();
		r = SSL_do_handshake(client);
		if (r == 1 || !waits(client, r)) {
			event_base_loop(base, EVLOOP_NONBLOCK);
			return r == 1;
		}
		if (event_base_loop(base, EVLOOP_NONBLOCK) == 0)
			nanosleep(&nap, NULL);
	}
	return false;
}

bool
identity_read_n(struct event_base *base, SSL *client, void *p, size_t n, unsigned seconds)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	time_t end = time(NULL) + (time_t)seconds + 1;
	uint8_t *at = p;
	size_t got;

	while (time(NULL) <= end) {
		ERR_clear_error();
		if (n > 0 && SSL_read_ex(client, at, n, &got) == 1) {
			at += got;
			n -= got;
		} else if (n > 0 && !waits(client, 0)) {
			return false;
		}
		if (n == 0)
			return true;
		event_base_loop(base, EVLOOP_NONBLOCK);
		nanosleep(&nap, NULL);
	}
	fail_msg("nothing came from the server");
	return false;
}

void
identity_hang_up(SSL *client)
{
	int fd = SSL_get_fd(client);

	SSL_free(client);
	close(fd);
}
