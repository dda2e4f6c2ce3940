#include "../check.h"

#include "net/tftpd_table.h"

#include <arpa/inet.h>

static union udp_address
peer_of(uint32_t n)
{
	union udp_address a = { 0 };

	a.v4.sin_family = AF_INET;
	a.v4.sin_addr.s_addr = htonl(0x0a000000 + n);
	a.v4.sin_port = htons(1000);
	return a;
}

static struct tftpd_transfer *
add(struct tftpd_table *t, uint32_t n)
{
	union udp_address a = peer_of(n);

	return tftpd_table_add(t, &a);
}

static struct tftpd_transfer *
find(struct tftpd_table *t, uint32_t n)
{
	union udp_address a = peer_of(n);

	return tftpd_table_find(t, &a);
}

static void
tftpd_table_finds_each_of_many(void **state)
{
	struct tftpd_table *t = tftpd_table_new(5000, 10);

	(void)state;
	for (uint32_t n = 0; n < 5000; n++)
		assert_non_null(add(t, n));
	assert_null(add(t, 5000));
	for (uint32_t n = 0; n < 5000; n++) {
		struct tftpd_transfer *x = find(t, n);

		assert_non_null(x);
		assert_ptr_equal(tftpd_table_by_id(t, x->id), x);
	}
	assert_null(find(t, 5000));
	assert_int_equal(tftpd_table_open(t), 5000);
	tftpd_table_free(t);
}

static void
tftpd_table_keeps_a_thousand_finished_and_lets_the_oldest_go(void **state)
{
	struct tftpd_table *t = tftpd_table_new(10, 10);
	uint32_t first_id = 0;

	(void)state;
	for (uint32_t n = 0; n < 3000; n++) {
		struct tftpd_transfer *x = add(t, n);

		assert_non_null(x);
		first_id = n == 0 ? x->id : first_id;
		tftpd_table_finish(t, x);
		assert_null(tftpd_table_by_id(t, x->id));
	}
	assert_int_equal(tftpd_table_open(t), 0);
	assert_null(find(t, 0));
	assert_null(tftpd_table_by_id(t, first_id));
	assert_non_null(find(t, 2999));
	assert_int_equal(find(t, 2500)->state, TFTPD_FINISHED);
	tftpd_table_drop(t, find(t, 2500));
	assert_null(find(t, 2500));
	tftpd_table_free(t);
}

static void
tftpd_table_counts_an_ipv6_network_as_one_address(void **state)
{
	struct tftpd_table *t = tftpd_table_new(100, 2);
	union udp_address a = { .v6 = { .sin6_family = AF_INET6 } };

	(void)state;
	for (uint8_t i = 0; i < 3; i++) {
		inet_pton(AF_INET6, "2001:db8::1", &a.v6.sin6_addr);
		a.v6.sin6_addr.s6_addr[15] = i;
		assert_int_equal(tftpd_table_add(t, &a) != NULL, i < 2);
	}
	for (uint8_t i = 0; i < 3; i++) {
		inet_pton(AF_INET6, "::ffff:192.0.2.1", &a.v6.sin6_addr);
		a.v6.sin6_addr.s6_addr[15] = i;
		assert_non_null(tftpd_table_add(t, &a));
	}
	tftpd_table_free(t);
}

static void
tftpd_table_wakes_in_time_and_not_before(void **state)
{
	static const uint64_t waits[] = { 1, 63, 64, 65, 1000, 32767, 32768, 40000, 255000 };
	const uint64_t start = 123456789;
	struct tftpd_table *t = tftpd_table_new(100, 100);
	size_t woken = 0;

	(void)state;
	for (uint32_t n = 0; n < 9; n++)
		tftpd_table_wake(t, add(t, n), start + waits[n]);
	for (uint64_t now = start; now < start + 260000; now += 50) {
		struct tftpd_transfer *x;

		while ((x = tftpd_table_due(t, now)) != NULL) {
			uint64_t wait = waits[ntohl(x->peer.v4.sin_addr.s_addr) - 0x0a000000];

			assert_in_range(now, start + wait, start + wait + 128);
			woken++;
		}
	}
	assert_int_equal(woken, 9);
	tftpd_table_free(t);
}

static void
tftpd_table_moves_a_wake_forward_only_when_due(void **state)
{
	struct tftpd_table *t = tftpd_table_new(100, 100);
	struct tftpd_transfer *x = add(t, 1);

	(void)state;
	tftpd_table_wake(t, x, 10000);
	tftpd_table_wake(t, x, 20000); /* later: stays at the first */
	assert_null(tftpd_table_due(t, 9000));
	assert_ptr_equal(tftpd_table_due(t, 10100), x);
	tftpd_table_wake(t, x, 20000);
	tftpd_table_wake(t, x, 12000); /* earlier: moves */
	assert_ptr_equal(tftpd_table_due(t, 12100), x);
	tftpd_table_wake(t, x, 13000);
	tftpd_table_finish(t, x); /* finished ones sleep */
	assert_null(tftpd_table_due(t, 99000));
	tftpd_table_free(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tftpd_table_finds_each_of_many),
		cmocka_unit_test(tftpd_table_keeps_a_thousand_finished_and_lets_the_oldest_go),
		cmocka_unit_test(tftpd_table_counts_an_ipv6_network_as_one_address),
		cmocka_unit_test(tftpd_table_wakes_in_time_and_not_before),
		cmocka_unit_test(tftpd_table_moves_a_wake_forward_only_when_due),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
