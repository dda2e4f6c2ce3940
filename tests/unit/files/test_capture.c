#include "../check.h"

#include "files/capture.h"
#include "tempdir.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <unistd.h>

static const uint8_t frame[] = { 1, 2, 3, 4, 5, 6, 7, 8 };

struct folder {
	char dir[TEMPDIR_MAX];
	char path[TEMPDIR_MAX + 16];
};

static int
setup(void **state)
{
	struct folder *f = calloc(1, sizeof *f);

	tempdir_make(f->dir);
	tempdir_path(f->dir, "a.pcap", f->path, sizeof f->path);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct folder *f = *state;

	tempdir_remove(f->dir);
	free(f);
	return 0;
}

/* A file of count frames, each of which lost its last two bytes; cut bytes are missing at its end.
 */
static void
write_file(const struct folder *f, int count, long cut)
{
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, 65535);
	pcap_dumper_t *out = pcap_dump_open(dead, f->path);
	long size;

	for (int i = 0; i < count; i++) {
		struct pcap_pkthdr h = { .ts = { .tv_sec = 1000 + i },
			.caplen = sizeof frame,
			.len = sizeof frame + 2 };

		pcap_dump((u_char *)out, &h, frame);
	}
	size = pcap_dump_ftell(out);
	pcap_dump_close(out);
	pcap_close(dead);
	assert_int_equal(truncate(f->path, size - cut), 0);
}

static void
frames_come_in_their_order_with_number_and_time(void **state)
{
	const struct folder *f = *state;
	struct capture *c;
	struct capture_frame got;
	struct err e;
	bool end;

	write_file(f, 3, 0);
	assert_ok(capture_open(f->path, &c, &e), e);
	for (size_t i = 1; i <= 3; i++) {
		assert_ok(capture_next(c, &got, &end, &e), e);
		assert_false(end);
		assert_int_equal(got.number, i);
		assert_int_equal(got.at, 999 + i);
		assert_int_equal(got.link, 1);
		assert_span_equal(got.bytes, span_of(frame, sizeof frame));
		assert_int_equal(got.sent, sizeof frame + 2);
	}
	for (int i = 0; i < 2; i++) {
		assert_ok(capture_next(c, &got, &end, &e), e);
		assert_true(end);
	}
	capture_close(c);
}

static void
a_file_that_is_cut_gives_what_was_whole_and_names_the_packet(void **state)
{
	const struct folder *f = *state;
	struct capture *c;
	struct capture_frame got;
	struct err e;
	bool end;

	for (long cut = 1; cut < (long)sizeof frame + 16; cut++) {
		write_file(f, 2, cut);
		assert_ok(capture_open(f->path, &c, &e), e);
		assert_ok(capture_next(c, &got, &end, &e), e);
		assert_fails(capture_next(c, &got, &end, &e), e, ERR_MALFORMED, "packet 2: ");
		assert_non_null(strstr(e.text, f->path));
		capture_close(c);
	}
}

static void
what_is_no_capture_is_not_opened(void **state)
{
	const struct folder *f = *state;
	struct capture *c;
	struct err e;

	assert_fails(capture_open(f->path, &c, &e), e, ERR_IO, f->path);
	write_file(f, 0, 1);
	assert_fails(capture_open(f->path, &c, &e), e, ERR_MALFORMED, "is no capture");
	capture_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    frames_come_in_their_order_with_number_and_time, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_file_that_is_cut_gives_what_was_whole_and_names_the_packet, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_capture_is_not_opened, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
