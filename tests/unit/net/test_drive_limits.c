#include "../check.h"

#include "base/mem.h"
#include "drive_rig.h"
#include "identity.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void
drive_does_not_wait_for_good_for_a_peer_to_hang_up(void **state)
{
	struct rig *f = *state;
	SSL *client = rig_connect(f);

	rig_say(client, "d");
	rig_run(f, 2500);
	assert_int_equal(drive_stats(f->drive).open, 0);
	assert_int_equal(seen.stopped, 1);
	identity_hang_up(client);
}

static void
drive_reports_garbage_and_old_hellos_a_few_times_a_second(void **state)
{
	struct rig *f = *state;
	SSL *old = identity_client(rig_connect_raw(f), TLS1_VERSION, "AES256-SHA:@SECLEVEL=0");

	assert_false(identity_shake(f->base, old));
	identity_hang_up(old);
	assert_int_equal(f->last_report, REPORT_TLS_OLD);
	for (int i = 0; i < 200; i++) {
		int fd = rig_connect_raw(f);

		assert_int_equal(write(fd, "GET / HTTP/1.0\r\n\r\n", 18), 18);
		rig_run(f, 1);
		close(fd);
	}
	rig_run(f, 20);
	assert_int_equal(f->last_report, REPORT_TLS_FAILED);
	assert_in_range(f->reports, 2, 40);
	assert_int_equal(drive_stats(f->drive).old_refused, 1);
	assert_int_equal(drive_stats(f->drive).handshake_failed, 200);
	assert_int_equal(drive_stats(f->drive).half_open, 0);
	assert_int_equal(seen.started, 0);
}

static void
drive_reports_a_peer_that_hangs_up_without_a_word(void **state)
{
	struct rig *f = *state;
	SSL *client = identity_client(rig_connect_raw(f), 0, NULL);

	assert_true(identity_shake(f->base, client));
	identity_hang_up(client);
	rig_run(f, 50);
	assert_int_equal(f->last_report, REPORT_SILENT);
	assert_int_equal(f->reports, 1);
}

static void
drive_closes_slow_peers_within_the_deadline(void **state)
{
	struct rig *f = *state;
	SSL *drip, *silent;
	int raw = rig_connect_raw(f);
	unsigned from;

	assert_in_range(rig_close_time(f, raw), 700, 2500);
	close(raw);
	assert_int_equal(drive_stats(f->drive).timed_out, 1);
	silent = rig_connect(f);
	assert_in_range(rig_close_time(f, SSL_get_fd(silent)), 700, 2500);
	identity_hang_up(silent);
	assert_string_equal(seen.why, "no message within 1 s");
	/* one byte now and then is no message */
	drip = rig_connect(f);
	from = rig_clock();
	rig_put(drip, "\0\0\1\0", 4);
	while (drive_stats(f->drive).open == 1 && rig_clock() - from < 6000) {
		rig_put(drip, "e", 1);
		rig_run(f, 100);
	}
	assert_in_range(rig_clock() - from, 700, 2500);
	assert_int_equal(drive_stats(f->drive).timed_out, 3);
	assert_int_equal(drive_stats(f->drive).broken, 0);
	identity_hang_up(drip);
}

static void
drive_is_patient_with_a_peer_at_slow_work(void **state)
{
	struct rig *f = *state;
	SSL *client = rig_connect(f);

	rig_say(client, "s");
	rig_hear(f, client, "s");
	rig_run(f, 1500);
	rig_say(client, "e");
	rig_hear(f, client, "e");
	assert_in_range(rig_close_time(f, SSL_get_fd(client)), 2500, 4500);
	identity_hang_up(client);
}

static void
drive_stops_answering_a_peer_that_does_not_read(void **state)
{
	struct rig *f = *state;
	SSL *client = rig_connect(f);
	uint8_t *in = mem_new(200, RIG_BIG_REPLY);

	for (int i = 0; i < 200; i++)
		rig_say(client, "b");
	rig_run(f, 300);
	/* what it reads after all is whole and in order */
	assert_true(identity_read_n(f->base, client, in, (size_t)200 * RIG_BIG_REPLY, 5));
	for (int i = 0; i < 200; i++)
		rig_say(client, "b");
	rig_run(f, 2000);
	assert_int_equal(drive_stats(f->drive).timed_out, 1);
	assert_int_equal(drive_stats(f->drive).open, 0);
	identity_hang_up(client);
	free(in);
}

static void
drive_serves_others_while_500_handshakes_are_half_open(void **state)
{
	struct drive_config config = rig_usual;
	struct rig *f;
	unsigned from;
	int fds[500];
	SSL *client;

	config.handshake_s = 60;
	for (config.half_open = 50; config.half_open <= 600; config.half_open += 550) {
		f = rig_with(state, config);
		for (int i = 0; i < 500; i++) {
			fds[i] = rig_connect_raw(f);
			/* the first bytes of a hello */
			assert_int_equal(write(fds[i], "\x16\x03\x01\x02\x00\x01", 6), 6);
			if (i % 50 == 0)
				rig_run(f, 1);
		}
		rig_run(f, 20);
		assert_int_equal(
		    drive_stats(f->drive).half_open, config.half_open < 500 ? 50 : 500);
		assert_int_equal(
		    drive_stats(f->drive).over_limit, config.half_open < 500 ? 450 : 0);
		from = rig_clock();
		client = rig_connect(f);
		rig_say(client, "e");
		rig_hear(f, client, "e");
		assert_in_range(rig_clock() - from, 0, 1000);
		identity_hang_up(client);
		for (int i = 0; i < 500; i++)
			close(fds[i]);
		rig_run(f, 20);
		assert_int_equal(drive_stats(f->drive).half_open, 0);
	}
}

static void
drive_closes_at_once_what_is_over_a_limit(void **state)
{
	struct drive_config config = rig_usual;
	struct rig *f;
	SSL *clients[3];
	int fd;

	for (int by_address = 0; by_address < 2; by_address++) {
		config.connections = by_address ? 100 : 3;
		config.connections_per_address = by_address ? 3 : 100;
		f = rig_with(state, config);
		for (int i = 0; i < 3; i++)
			clients[i] = rig_connect(f);
		fd = rig_connect_raw(f);
		assert_in_range(rig_close_time(f, fd), 0, 50);
		close(fd);
		assert_int_equal(drive_stats(f->drive).over_limit, 1);
		assert_int_equal(drive_stats(f->drive).open, 3);
		identity_hang_up(clients[0]);
		rig_run(f, 20);
		clients[0] = rig_connect(f);
		rig_say(clients[0], "e");
		rig_hear(f, clients[0], "e");
		for (int i = 0; i < 3; i++)
			identity_hang_up(clients[i]);
	}
}

#define served(f) cmocka_unit_test_setup_teardown(f, rig_set_up, rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		served(drive_does_not_wait_for_good_for_a_peer_to_hang_up),
		served(drive_reports_garbage_and_old_hellos_a_few_times_a_second),
		served(drive_reports_a_peer_that_hangs_up_without_a_word),
		served(drive_closes_slow_peers_within_the_deadline),
		served(drive_is_patient_with_a_peer_at_slow_work),
		served(drive_stops_answering_a_peer_that_does_not_read),
		served(drive_serves_others_while_500_handshakes_are_half_open),
		served(drive_closes_at_once_what_is_over_a_limit),
	};
	struct rlimit files;

	/* 500 connections have two ends here. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 2000 &&
	    files.rlim_max >= 2000)
		files.rlim_cur = 2000;
	setrlimit(RLIMIT_NOFILE, &files);
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
