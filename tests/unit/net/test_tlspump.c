#include "../check.h"

#include "base/mem.h"
#include "identity.h"

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* A loop, and what the last server connection on it came to. */
struct fixture {
	struct event_base *base;
	struct bufferevent *bev;
	bool up, failed;
	enum tlspump_failure failure;
	char text[200];
};

static int
set_up(void **state)
{
	struct fixture *f = mem_new(1, sizeof *f);

	f->base = event_base_new();
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	if (f->bev != NULL)
		bufferevent_free(f->bev);
	event_base_free(f->base);
	free(f);
	return 0;
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct fixture *f = arg;

	if (what & BEV_EVENT_CONNECTED) {
		f->up = true;
		tlspump_describe(bev, f->text, sizeof f->text);
		return;
	}
	if (!f->up) {
		f->failed = true;
		f->failure = tlspump_failure(bev, f->text, sizeof f->text);
	}
	bufferevent_free(bev);
	f->bev = NULL;
}

/* A server connection on the pump; the other end of its socket. */
static int
serve(struct fixture *f, struct tlspump *pump)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	if (f->bev != NULL)
		bufferevent_free(f->bev);
	f->up = f->failed = false;
	f->bev = tlspump_accept(pump, f->base, fds[0]);
	assert_non_null(f->bev);
	bufferevent_setcb(f->bev, NULL, NULL, on_event, f);
	bufferevent_enable(f->bev, EV_READ);
	return fds[1];
}

/* Old and new clients against old and new servers. */
static const struct handshake {
	const char *file;
	bool old_tls;
	int version;
	const char *suites;
	bool ok;
	enum tlspump_failure failure;
	const char *text; /* part of the description or of the reason */
} handshakes[] = {
	{ "tvs.pem", false, TLS1_3_VERSION, NULL, true, 0, "TLSv1.3 TLS_AES_256_GCM" },
	{ "tvs.pem", false, TLS1_2_VERSION, NULL, true, 0, "TLSv1.2 ECDHE-RSA-AES256-GCM" },
	{ "ccm-ec256.pem", false, TLS1_3_VERSION, NULL, true, 0, "TLSv1.3" },
	{ "ccm-ec256.pem", false, TLS1_2_VERSION, NULL, true, 0, "TLSv1.2 ECDHE-ECDSA-AES256-GCM" },
	{ "tftp-ec384.pem", false, TLS1_2_VERSION, NULL, true, 0, "TLSv1.2 ECDHE-ECDSA-AES256" },
	{ "tvs.pem", false, TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0", true, 0,
	    "TLSv1.2 ECDHE-RSA-AES128-GCM" },
	{ "tvs.pem", false, TLS1_1_VERSION, NULL, false, TLSPUMP_FAIL_OLD, "up to TLSv1.1" },
	{ "tvs.pem", false, TLS1_VERSION, "AES256-SHA:AES128-SHA:@SECLEVEL=0", false,
	    TLSPUMP_FAIL_OLD, "unsupported protocol (the peer offers up to TLSv1.0)" },
	{ "tvs.pem", false, TLS1_2_VERSION, "AES256-SHA:AES128-SHA:@SECLEVEL=0", false,
	    TLSPUMP_FAIL_OLD, "no shared cipher" },
	{ "tvs.pem", false, TLS1_2_VERSION, "DHE-RSA-AES256-SHA:@SECLEVEL=0", false,
	    TLSPUMP_FAIL_OTHER, "no shared cipher" },
	{ "tvs.pem", true, TLS1_3_VERSION, NULL, true, 0, "TLSv1.3" },
	{ "tvs.pem", true, TLS1_2_VERSION, NULL, true, 0, "TLSv1.2 ECDHE-RSA-AES256-GCM" },
	{ "tvs.pem", true, TLS1_2_VERSION, "AES256-SHA:@SECLEVEL=0", true, 0,
	    "TLSv1.2 AES256-SHA" },
	{ "tvs.pem", true, TLS1_1_VERSION, "AES128-SHA:@SECLEVEL=0", true, 0,
	    "TLSv1.1 AES128-SHA" },
	{ "tvs.pem", true, TLS1_VERSION, "AES256-SHA:AES128-SHA:@SECLEVEL=0", true, 0,
	    "TLSv1 AES256-SHA" },
	{ "tvs.pem", true, TLS1_VERSION, "ALL:@SECLEVEL=0", true, 0, "TLSv1 ECDHE-RSA-AES256-SHA" },
	{ "lsc1024.pem", true, TLS1_VERSION, "AES256-SHA:@SECLEVEL=0", true, 0,
	    "TLSv1 AES256-SHA" },
	{ "ccm-ec256.pem", true, TLS1_VERSION, "AES256-SHA:@SECLEVEL=0", false, TLSPUMP_FAIL_OTHER,
	    "no shared cipher" },
};

static void
tlspump_serves_old_phones_only_where_that_is_switched_on(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof handshakes / sizeof handshakes[0]; i++) {
		const struct handshake *h = &handshakes[i];
		struct tlspump *pump = identity_pump(h->file, h->old_tls, 1);
		SSL *client = identity_client(serve(f, pump), h->version, h->suites);
		bool ok = identity_shake(f->base, client);

		if (ok != h->ok || ok != f->up || (!ok && f->failure != h->failure) ||
		    strstr(f->text, h->text) == NULL)
			fail_msg("row %zu: %s", i, f->text);
		identity_hang_up(client);
		tlspump_free(pump);
	}
}

static void
tlspump_tells_the_alert_of_a_peer(void **state)
{
	struct fixture *f = *state;
	struct tlspump *pump = identity_pump("tvs.pem", false, 1);
	SSL *client = identity_client(serve(f, pump), TLS1_2_VERSION, NULL);

	SSL_set_verify(client, SSL_VERIFY_PEER, NULL);
	assert_false(identity_shake(f->base, client));
	identity_hang_up(client);
	assert_true(f->failed);
	assert_int_equal(f->failure, TLSPUMP_FAIL_OTHER);
	assert_non_null(strstr(f->text, "alert: unknown CA"));
	tlspump_free(pump);
}

static void
tlspump_calls_garbage_and_silence_neither_old_nor_ours(void **state)
{
	static const char *const garbage[] = { "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\xff\xff....",
		"", "\x80\x2e\x01\x00\x02" };
	struct fixture *f = *state;
	struct tlspump *pump = identity_pump("tvs.pem", false, 1);

	for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++) {
		int fd = serve(f, pump);

		assert_int_equal(write(fd, garbage[i], strlen(garbage[i])), strlen(garbage[i]));
		close(fd);
		for (int n = 0; n < 50 && !f->failed; n++)
			event_base_loop(f->base, EVLOOP_NONBLOCK);
		assert_true(f->failed);
		assert_int_equal(f->failure, TLSPUMP_FAIL_OTHER);
		assert_true(strlen(f->text) > 0);
	}
	tlspump_free(pump);
}

/* The hello of a 7900: SSLv3 record, TLS 1.0, two suites, no extension at all
 * (doc/protocols/tls.md, section 9). */
static const uint8_t old_hello[] = { 22, 3, 0, 0, 47, 1, 0, 0, 43, 3, 1, /* random */ 1, 2, 3, 4, 5,
	6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
	/* session id */ 0, /* suites */ 0, 4, 0, 0x35, 0, 0x2f, /* compression */ 1, 0 };

static void
tlspump_answers_the_bare_hello_of_an_old_phone(void **state)
{
	struct fixture *f = *state;
	struct tlspump *pump = identity_pump("tvs.pem", true, 1);
	int fd = serve(f, pump);
	uint8_t in[4096] = { 0 };

	assert_int_equal(write(fd, old_hello, sizeof old_hello), sizeof old_hello);
	for (int i = 0; i < 20; i++)
		event_base_loop(f->base, EVLOOP_NONBLOCK);
	assert_true(read(fd, in, sizeof in) > 48);
	/* a handshake record of TLS 1.0 with a ServerHello that took AES256-SHA */
	assert_memory_equal(in, ((uint8_t[]){ 22, 3, 1 }), 3);
	assert_int_equal(in[5], 2);
	assert_memory_equal(in + 9, ((uint8_t[]){ 3, 1 }), 2);
	assert_memory_equal(in + 44 + in[43], ((uint8_t[]){ 0, 0x35 }), 2);
	close(fd);
	tlspump_free(pump);
}

/* Shakes hands and gives the session, after one more message so that tickets of TLS 1.3 arrive. */
static SSL_SESSION *
session_of(struct fixture *f, struct tlspump *pump, int version, SSL_SESSION *offer)
{
	SSL *client = identity_client(serve(f, pump), version, NULL);
	SSL_SESSION *session;
	uint8_t byte;

	if (offer != NULL)
		SSL_set_session(client, offer);
	assert_true(identity_shake(f->base, client));
	bufferevent_write(f->bev, "!", 1);
	assert_true(identity_read_n(f->base, client, &byte, 1, 5));
	session = SSL_get1_session(client);
	SSL_shutdown(client); /* one that is not shut down may not be resumed */
	identity_hang_up(client);
	return session;
}

static void
tlspump_resumes_a_session_of_another_front_with_the_same_ticket_key(void **state)
{
	struct fixture *f = *state;
	const int versions[] = { TLS1_3_VERSION, TLS1_2_VERSION, TLS1_VERSION };

	for (size_t i = 0; i < 3; i++) {
		struct tlspump *first = identity_pump("tvs.pem", true, 7);
		struct tlspump *second = identity_pump("tvs.pem", true, 7);
		struct tlspump *stranger = identity_pump("tvs.pem", true, 8);
		struct tlspump *renewed = identity_pump("capf.pem", true, 7);
		SSL_SESSION *session = session_of(f, first, versions[i], NULL);

		assert_null(strstr(f->text, "resumed"));
		SSL_SESSION_free(session_of(f, second, versions[i], session));
		assert_non_null(strstr(f->text, "resumed"));
		SSL_SESSION_free(session_of(f, stranger, versions[i], session));
		assert_null(strstr(f->text, "resumed"));
		SSL_SESSION_free(session_of(f, renewed, versions[i], session));
		assert_null(strstr(f->text, "resumed"));
		SSL_SESSION_free(session);
		tlspump_free(first);
		tlspump_free(second);
		tlspump_free(stranger);
		tlspump_free(renewed);
	}
}

/* A session without a ticket has nothing that it could be resumed by. */
static void
tlspump_gives_no_ticket_without_a_ticket_key(void **state)
{
	struct fixture *f = *state;
	const int versions[] = { TLS1_3_VERSION, TLS1_2_VERSION, TLS1_VERSION };

	for (size_t i = 0; i < 3; i++) {
		struct tlspump *with = identity_pump("capf.pem", true, 1);
		struct tlspump *without = identity_pump("capf.pem", true, 0);
		SSL_SESSION *session = session_of(f, with, versions[i], NULL);

		assert_true(SSL_SESSION_has_ticket(session));
		SSL_SESSION_free(session);
		session = session_of(f, without, versions[i], NULL);
		assert_false(SSL_SESSION_has_ticket(session));
		SSL_SESSION_free(session_of(f, without, versions[i], session));
		assert_null(strstr(f->text, "resumed"));
		SSL_SESSION_free(session);
		tlspump_free(with);
		tlspump_free(without);
	}
}

static void
tlspump_refuses_what_does_not_fit(void **state)
{
	struct bytes certificate, key, other_certificate, other_key;
	uint8_t tickets[TLSPUMP_TICKET_KEY] = { 0 };
	struct tlspump *t = NULL;
	struct span chain[2];
	struct err e;

	(void)state;
	identity_read("tvs.pem", &certificate, &key);
	identity_read("ccm.pem", &other_certificate, &other_key);
	chain[0] = bytes_span(&certificate);
	chain[1] = span_of(certificate.p, certificate.n - 1);
	struct tlspump_identity id = { .chain = chain,
		.chain_count = 1,
		.key = bytes_span(&other_key),
		.ticket_key = span_of(tickets, sizeof tickets) };

	assert_fails(tlspump_server(&id, &t, &e), e, ERR_CRYPTO, "private key");
	id.key = span_of(key.p, key.n - 1);
	assert_fails(tlspump_server(&id, &t, &e), e, ERR_CRYPTO, "private key");
	id.key = bytes_span(&key);
	id.chain_count = 2;
	assert_fails(tlspump_server(&id, &t, &e), e, ERR_CRYPTO, "certificate 2");
	id.chain_count = 0;
	assert_fails(tlspump_server(&id, &t, &e), e, ERR_CRYPTO, "no certificate");
	id.chain_count = 1;
	id.ticket_key.n = 48;
	assert_fails(tlspump_server(&id, &t, &e), e, ERR_CRYPTO, "ticket key of 48 bytes");
	bytes_free(&certificate);
	bytes_free(&key);
	bytes_free(&other_certificate);
	bytes_free(&other_key);
}

/* A system policy that would forbid everything that these tests do, had we left it any say. */
static const char policy[] = "openssl_conf = init\n"
			     "[init]\nssl_conf = ssl\n"
			     "[ssl]\nsystem_default = strict\n"
			     "[strict]\nMinProtocol = TLSv1.3\nCipherString = DEFAULT:@SECLEVEL=4\n"
			     "Ciphersuites = TLS_AES_128_CCM_SHA256\nGroups = P-521\n"
			     "SignatureAlgorithms = ed25519\nOptions = -SessionTicket\n";

static void
tlspump_is_tested_under_that_policy(void **state)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	(void)state;
	assert_int_equal(SSL_CTX_get_min_proto_version(ctx), TLS1_3_VERSION);
	assert_int_equal(SSL_CTX_get_security_level(ctx), 4);
	SSL_CTX_free(ctx);
}

#define on_loop(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tlspump_is_tested_under_that_policy),
		on_loop(tlspump_serves_old_phones_only_where_that_is_switched_on),
		on_loop(tlspump_tells_the_alert_of_a_peer),
		on_loop(tlspump_calls_garbage_and_silence_neither_old_nor_ours),
		on_loop(tlspump_answers_the_bare_hello_of_an_old_phone),
		on_loop(tlspump_resumes_a_session_of_another_front_with_the_same_ticket_key),
		on_loop(tlspump_gives_no_ticket_without_a_ticket_key),
		cmocka_unit_test(tlspump_refuses_what_does_not_fit),
	};
	char path[] = "/tmp/sealtone-openssl-XXXXXX";
	int fd = mkstemp(path), failed;

	if (fd < 0 || write(fd, policy, sizeof policy - 1) != (ssize_t)(sizeof policy - 1))
		return 1;
	close(fd);
	setenv("OPENSSL_CONF", path, 1);
	signal(SIGPIPE, SIG_IGN);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return failed;
}
