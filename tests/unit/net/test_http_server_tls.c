#include "http_rig.h"

#include "identity.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static const char request[] = "GET /file HTTP/1.1\r\nHost: x\r\n\r\n";

static struct http_rig *
tls_rig(void **state)
{
	return http_rig_with(state, http_rig_usual, identity_pump("ccm-ec256.pem", false, 1));
}

/* One request on a connection that is up. */
static void
ask(struct http_rig *f, SSL *client)
{
	char head[2048] = "";
	size_t n = 0;
	uint8_t body[HTTP_RIG_SIZE];

	assert_int_equal(SSL_write(client, request, sizeof request - 1), sizeof request - 1);
	while (strstr(head, "\r\n\r\n") == NULL)
		assert_true(identity_read_n(f->base, client, head + n++, 1, 5));
	assert_memory_equal(head, "HTTP/1.1 200 OK\r\n", 17);
	assert_true(identity_read_n(f->base, client, body, sizeof body, 5));
	assert_span_equal(span_of(body, sizeof body), body_span(f->file));
}

static void
http_server_serves_files_over_tls(void **state)
{
	struct http_rig *f = tls_rig(state);
	SSL *client = identity_client(http_rig_connect(f), 0, NULL);
	uint8_t byte;

	assert_true(identity_shake(f->base, client));
	for (int i = 0; i < 3; i++)
		ask(f, client);
	assert_int_equal(http_server_stats(f->server).served, 3);
	/* idle for too long: it says goodbye */
	assert_false(identity_read_n(f->base, client, &byte, 1, 5));
	assert_int_equal(SSL_get_shutdown(client) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
	identity_hang_up(client);
	http_rig_run(f, 20);
	assert_int_equal(http_server_stats(f->server).open, 0);
	assert_int_equal(http_server_stats(f->server).handshake_failed, 0);
}

static void
http_server_shows_a_new_identity_to_new_connections(void **state)
{
	struct http_rig *f = tls_rig(state);
	SSL *first = identity_client(http_rig_connect(f), 0, NULL), *second;

	assert_true(identity_shake(f->base, first));
	http_server_identity(f->server, identity_pump("tvs.pem", false, 1));
	second = identity_client(http_rig_connect(f), 0, NULL);
	assert_true(identity_shake(f->base, second));
	ask(f, first);
	ask(f, second);
	assert_int_equal(
	    EVP_PKEY_get_base_id(SSL_get0_peer_certificate(first) != NULL
				     ? X509_get0_pubkey(SSL_get0_peer_certificate(first))
				     : NULL),
	    EVP_PKEY_EC);
	assert_int_equal(EVP_PKEY_get_base_id(X509_get0_pubkey(SSL_get0_peer_certificate(second))),
	    EVP_PKEY_RSA);
	identity_hang_up(first);
	identity_hang_up(second);
}

static void
http_server_counts_old_hellos_and_other_failures(void **state)
{
	struct http_rig *f = tls_rig(state);
	SSL *client = identity_client(http_rig_connect(f), TLS1_1_VERSION, NULL);
	int fd;

	assert_false(identity_shake(f->base, client));
	http_rig_run(f, 20);
	assert_int_equal(http_server_stats(f->server).old_refused, 1);
	assert_int_equal(f->handshakes_failed, 1);
	assert_true(f->last_old);
	assert_memory_equal(f->peer, "127.0.0.1:", 10);
	assert_non_null(strstr(f->handshake, "TLSv1.1"));
	identity_hang_up(client);
	fd = http_rig_connect(f);
	http_rig_say(fd, request);
	http_rig_run(f, 20);
	assert_int_equal(http_server_stats(f->server).handshake_failed, 1);
	assert_false(f->last_old);
	close(fd);
	assert_int_equal(http_server_stats(f->server).open, 0);
	assert_int_equal(http_server_stats(f->server).failed, 0);
}

static void
http_server_ends_handshakes_that_take_too_long(void **state)
{
	struct http_rig *f = tls_rig(state);
	int fd = http_rig_connect(f);

	http_rig_say(fd, "\x16\x03\x01");
	http_rig_hear_end(f, fd, 2500);
	assert_int_equal(http_server_stats(f->server).timed_out, 1);
	assert_int_equal(http_server_stats(f->server).handshake_failed, 0);
}

static void
http_server_notices_a_waiting_tls_peer_that_leaves(void **state)
{
	static const char later[] = "GET /later HTTP/1.1\r\n\r\n";
	struct http_rig *f = tls_rig(state);
	SSL *client = identity_client(http_rig_connect(f), 0, NULL);

	assert_true(identity_shake(f->base, client));
	assert_int_equal(SSL_write(client, later, sizeof later - 1), sizeof later - 1);
	http_rig_run(f, 50);
	assert_int_equal(f->late_count, 1);
	SSL_shutdown(client);
	identity_hang_up(client);
	http_rig_run(f, 50);
	assert_int_equal(f->gone, 1);
	assert_int_equal(http_server_stats(f->server).busy, 0);
}

static void
http_server_answers_late_over_tls(void **state)
{
	static const char later[] = "GET /later HTTP/1.1\r\n\r\n";
	struct http_rig *f = tls_rig(state);
	SSL *client = identity_client(http_rig_connect(f), 0, NULL);
	char head[2048] = "";

	assert_true(identity_shake(f->base, client));
	for (unsigned i = 0; i < 3; i++) {
		size_t n = 0;

		assert_int_equal(SSL_write(client, later, sizeof later - 1), sizeof later - 1);
		http_rig_run(f, 50);
		assert_int_equal(f->late_count, i + 1);
		http_rig_answer(f, i);
		memset(head, 0, sizeof head);
		while (strstr(head, "\r\n\r\nlate") == NULL)
			assert_true(identity_read_n(f->base, client, head + n++, 1, 5));
	}
	identity_hang_up(client);
}

#define RIG_TEST(name) cmocka_unit_test_setup_teardown(name, http_rig_set_up, http_rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		RIG_TEST(http_server_serves_files_over_tls),
		RIG_TEST(http_server_shows_a_new_identity_to_new_connections),
		RIG_TEST(http_server_counts_old_hellos_and_other_failures),
		RIG_TEST(http_server_ends_handshakes_that_take_too_long),
		RIG_TEST(http_server_notices_a_waiting_tls_peer_that_leaves),
		RIG_TEST(http_server_answers_late_over_tls),
	};

	return cmocka_run_group_tests_name("net/http_server_tls", tests, NULL, NULL);
}
