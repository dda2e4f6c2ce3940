#include "../check.h"

#include "base/mem.h"
#include "drive_rig.h"
#include "identity.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

static void
drive_answers_messages_however_they_are_cut(void **state)
{
	static const char two[] = "\0\0\0\3one\0\0\0\3won";
	struct rig *f = *state;
	SSL *client = rig_connect(f);

	for (size_t i = 0; i < sizeof two - 1; i++) {
		rig_put(client, two + i, 1);
		rig_run(f, 2);
	}
	rig_hear(f, client, "one");
	rig_hear(f, client, "won");
	rig_put(client, two, sizeof two - 1);
	rig_hear(f, client, "one");
	rig_hear(f, client, "won");
	rig_put(client, two, 9);
	rig_run(f, 5);
	rig_put(client, two + 9, sizeof two - 1 - 9);
	rig_hear(f, client, "one");
	rig_hear(f, client, "won");
	identity_hang_up(client);
	rig_run(f, 20);
	assert_int_equal(drive_stats(f->drive).served, 1);
	assert_int_equal(drive_stats(f->drive).open, 0);
}

static void
drive_sends_a_reply_as_one_record(void **state)
{
	struct rig *f = *state;
	SSL *client = rig_connect(f);
	uint8_t in[64];

	rig_say(client, "hello");
	rig_run(f, 20);
	assert_int_equal(SSL_read(client, in, sizeof in), 9);
	identity_hang_up(client);
}

static void
drive_takes_no_message_before_the_question_is_answered(void **state)
{
	static const char three[] = "\0\0\0\2q1\0\0\0\2q2\0\0\0\2e3";
	struct rig *f = *state;
	SSL *client = rig_connect(f);

	rig_put(client, three, sizeof three - 1);
	rig_run(f, 20);
	assert_int_equal(f->question_count, 1);
	assert_string_equal(f->asked_by, seen.peer);
	rig_answer(f, f->questions[0], "first");
	assert_int_equal(f->question_count, 2);
	assert_int_not_equal(f->questions[0], f->questions[1]);
	rig_hear(f, client, "first");
	/* an answer given twice, and those nobody asked for */
	rig_answer(f, f->questions[0], "late");
	rig_answer(f, 0, "none");
	rig_answer(f, UINT32_MAX, "none");
	rig_answer(f, f->questions[1], "second");
	rig_hear(f, client, "second");
	rig_hear(f, client, "e3");
	identity_hang_up(client);
}

static void
drive_takes_an_answer_from_inside_the_question(void **state)
{
	static const char three[] = "\0\0\0\2q1\0\0\0\2q2\0\0\0\2e3";
	struct rig *f = *state;
	SSL *client = rig_connect(f);

	f->answer_inside = true;
	rig_put(client, three, sizeof three - 1);
	rig_hear(f, client, "inside");
	rig_hear(f, client, "inside");
	rig_hear(f, client, "e3");
	identity_hang_up(client);
}

static void
drive_forgets_the_question_of_a_connection_that_is_gone(void **state)
{
	struct rig *f = *state;
	SSL *client = rig_connect(f), *next;

	rig_say(client, "q");
	rig_run(f, 20);
	assert_int_equal(f->question_count, 1);
	identity_hang_up(client);
	rig_run(f, 20);
	assert_int_equal(seen.broken, 1);
	assert_string_equal(seen.why, "the connection is gone");
	assert_int_equal(seen.stopped, 1);
	assert_int_equal(f->last_wishes, 1);
	assert_int_equal(drive_stats(f->drive).broken, 1);
	/* the next connection has the same slot, and a question open as well */
	next = rig_connect(f);
	rig_say(next, "q");
	rig_run(f, 20);
	assert_int_equal(f->question_count, 2);
	rig_answer(f, f->questions[0], "late");
	rig_answer(f, f->questions[1], "right");
	rig_hear(f, next, "right");
	identity_hang_up(next);
}

static void
drive_ends_in_order_when_the_session_is_done(void **state)
{
	struct rig *f = *state;
	SSL *client = rig_connect(f);

	rig_put(client, "\0\0\0\1d\0\0\0\1e", 10); /* what follows the end is thrown away */
	rig_hear(f, client, "d");
	rig_hear_end(f, client);
	assert_true(SSL_get_shutdown(client) & SSL_RECEIVED_SHUTDOWN);
	assert_int_equal(drive_stats(f->drive).open, 1);
	identity_hang_up(client);
	rig_run(f, 20);
	assert_int_equal(drive_stats(f->drive).open, 0);
	assert_int_equal(drive_stats(f->drive).served, 1);
	assert_int_equal(seen.broken, 0);
}

static void
drive_sends_the_last_words_of_a_session_that_fails(void **state)
{
	struct rig *f = *state;
	SSL *client = rig_connect(f);

	rig_say(client, "x");
	rig_hear(f, client, "x");
	rig_hear_end(f, client);
	assert_int_equal(f->last_report, REPORT_BAD_MESSAGE);
	assert_string_equal(f->report_text, "an x");
	assert_int_equal(drive_stats(f->drive).broken, 1);
	assert_int_equal(seen.broken, 0);
	identity_hang_up(client);
}

static void
drive_closes_on_what_is_no_message(void **state)
{
	static const struct {
		const char *bytes, *why;
	} rows[] = { { "\0\0\0\0", "an empty message" }, { "\0\0\x10\x01", "more than 4096 bytes" },
		{ "\xff\xff\xff\xff", "more than 4096 bytes" },
		{ "\0\0\0\1t", "the reply is too long" } };
	struct rig *f = *state;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		SSL *client = rig_connect(f);

		rig_put(client, rows[i].bytes, i == 3 ? 5 : 4);
		rig_hear_end(f, client);
		assert_non_null(strstr(f->report_text, rows[i].why));
		assert_int_equal(f->last_report, REPORT_BAD_MESSAGE);
		assert_int_equal(seen.broken, i + 1);
		identity_hang_up(client);
	}
	assert_int_equal(drive_stats(f->drive).broken, 4);
}

static void
drive_takes_a_message_of_the_greatest_length(void **state)
{
	struct rig *f = *state;
	SSL *client = rig_connect(f);
	uint8_t m[RIG_MESSAGE_MAX] = {
		[2] = (RIG_MESSAGE_MAX - 4) >> 8, [3] = (RIG_MESSAGE_MAX - 4) & 0xff
	};
	uint8_t back[RIG_MESSAGE_MAX];

	memset(m + 4, 'e', sizeof m - 4);
	rig_put(client, m, sizeof m);
	assert_true(identity_read_n(f->base, client, back, sizeof back, 5));
	assert_memory_equal(m, back, sizeof m);
	identity_hang_up(client);
}

static void
drive_drains_what_runs_and_takes_nothing_new(void **state)
{
	struct drive_config config = rig_usual;
	struct rig *f;
	SSL *idle, *asking, *fresh;
	int fd;

	config.kind = &rig_carefree;
	f = rig_with(state, config);
	idle = rig_connect(f);
	asking = rig_connect(f);
	fresh = rig_connect(f);
	rig_say(idle, "e");
	rig_hear(f, idle, "e");
	rig_say(asking, "q");
	rig_run(f, 20);
	drive_drain(f->drive);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_not_equal(connect(fd, (struct sockaddr *)&f->address, sizeof f->address), 0);
	close(fd);
	rig_hear_end(f, idle);
	rig_answer(f, f->questions[0], "last");
	rig_hear(f, asking, "last");
	rig_hear_end(f, asking);
	rig_say(fresh, "e");
	rig_hear(f, fresh, "e");
	rig_hear_end(f, fresh);
	identity_hang_up(idle);
	identity_hang_up(asking);
	identity_hang_up(fresh);
	rig_run(f, 20);
	assert_int_equal(drive_stats(f->drive).open, 0);
	assert_int_equal(drive_stats(f->drive).served, 3);
}

static void
drive_shows_a_new_certificate_to_new_connections(void **state)
{
	struct rig *f = *state;
	SSL *before = rig_connect(f), *after;
	X509 *old, *new;

	drive_identity(f->drive, identity_pump("capf.pem", false, 1));
	after = rig_connect(f);
	rig_say(before, "e");
	rig_hear(f, before, "e");
	old = SSL_get0_peer_certificate(before);
	new = SSL_get0_peer_certificate(after);
	assert_int_not_equal(X509_cmp(old, new), 0);
	identity_hang_up(before);
	identity_hang_up(after);
}

static void
drive_accepts_only_once_it_has_an_identity(void **state)
{
	struct drive_config config = rig_usual;
	struct rig *f = rig_with(state, config);
	int fd;
	SSL *client;
	struct sockaddr_in a = { .sin_family = AF_INET };
	struct err e;

	drive_free(f->drive);
	config.arg = f;
	f->drive = drive_new(f->base, &config);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = rig_listener((struct sockaddr *)&a, sizeof a);
	f->address = a;
	assert_ok(drive_listen(f->drive, fd, &e), e);
	drive_session_base(f->drive, 70000);
	client = identity_client(rig_connect_raw(f), 0, NULL);
	rig_run(f, 20);
	assert_int_equal(drive_stats(f->drive).accepted, 0);
	drive_identity(f->drive, identity_pump("tvs.pem", false, 1));
	assert_true(identity_shake(f->base, client));
	assert_int_equal(seen.last_session, 70000);
	identity_hang_up(client);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_fails(drive_listen(f->drive, fd, &e), e, ERR_IO, "not a listening socket");
}

static void
drive_names_peers_by_address_and_port(void **state)
{
	struct rig *f = *state;
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = in6addr_loopback };
	SSL *client = rig_connect(f);
	struct err e;
	int fd;

	assert_int_equal(strncmp(seen.peer, "127.0.0.1:", 10), 0);
	identity_hang_up(client);
	fd = rig_listener((struct sockaddr *)&a, sizeof a);
	if (fd < 0)
		return; /* no IPv6 here */
	assert_ok(drive_listen(f->drive, fd, &e), e);
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
	client = identity_client(fd, 0, NULL);
	assert_true(identity_shake(f->base, client));
	assert_int_equal(strncmp(seen.peer, "[::1]:", 6), 0);
	identity_hang_up(client);
}

#define served(f) cmocka_unit_test_setup_teardown(f, rig_set_up, rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		served(drive_answers_messages_however_they_are_cut),
		served(drive_sends_a_reply_as_one_record),
		served(drive_takes_no_message_before_the_question_is_answered),
		served(drive_takes_an_answer_from_inside_the_question),
		served(drive_forgets_the_question_of_a_connection_that_is_gone),
		served(drive_ends_in_order_when_the_session_is_done),
		served(drive_sends_the_last_words_of_a_session_that_fails),
		served(drive_closes_on_what_is_no_message),
		served(drive_takes_a_message_of_the_greatest_length),
		served(drive_drains_what_runs_and_takes_nothing_new),
		served(drive_shows_a_new_certificate_to_new_connections),
		served(drive_accepts_only_once_it_has_an_identity),
		served(drive_names_peers_by_address_and_port),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
