#include "../check.h"

#include "daemon/capf_peers.h"

#include <stdio.h>

#define NOW  1700000000
#define MANY 512 /* addresses that are kept */

static void
note(struct capf_peers *s, const char *address, bool tls, const char *text, time_t now)
{
	capf_peers_note(s, span_str(address), tls, span_str(text), now);
}

static void
capf_peers_knows_an_address_without_its_port(void **state)
{
	struct capf_peers *s = capf_peers_new();
	const struct capf_peer *p;

	(void)state;
	assert_null(capf_peers_find(s, "192.0.2.7"));
	note(s, "192.0.2.7:1024", true, "no shared cipher", NOW);
	note(s, "[2001:db8::1]:1024", false, "", NOW + 1);
	p = capf_peers_find(s, "192.0.2.7");
	assert_non_null(p);
	assert_true(p->tls);
	assert_string_equal(p->text, "no shared cipher");
	assert_int_equal(p->at, NOW);
	assert_null(capf_peers_find(s, "192.0.2.70"));
	assert_null(capf_peers_find(s, "192.0.2.7:1024"));
	p = capf_peers_find(s, "2001:db8::1");
	assert_non_null(p);
	assert_false(p->tls);
	capf_peers_free(s);
}

static void
capf_peers_keeps_the_last_of_an_address(void **state)
{
	struct capf_peers *s = capf_peers_new();
	const struct capf_peer *p;

	(void)state;
	note(s, "192.0.2.7:1024", true, "first", NOW);
	note(s, "192.0.2.7:1025", false, "second", NOW + 1);
	p = capf_peers_find(s, "192.0.2.7");
	assert_false(p->tls);
	assert_string_equal(p->text, "second");
	assert_int_equal(p->at, NOW + 1);
	capf_peers_free(s);
}

static void
capf_peers_forgets_the_oldest_when_there_are_too_many(void **state)
{
	struct capf_peers *s = capf_peers_new();
	char address[32];

	(void)state;
	for (int i = 0; i < MANY + 2; i++) {
		snprintf(address, sizeof address, "10.0.%d.%d", i / 256, i % 256);
		note(s, address, false, "", NOW + i);
	}
	assert_null(capf_peers_find(s, "10.0.0.0"));
	assert_null(capf_peers_find(s, "10.0.0.1"));
	assert_non_null(capf_peers_find(s, "10.0.0.2"));
	assert_int_equal(capf_peers_find(s, "10.0.2.1")->at, NOW + MANY + 1);
	capf_peers_free(s);
}

static void
capf_peers_keeps_texts_printable_and_short(void **state)
{
	struct capf_peers *s = capf_peers_new();
	char text[2 * CAPF_PEERS_TEXT];

	(void)state;
	memset(text, 't', sizeof text);
	text[0] = '\n';
	text[sizeof text - 1] = '\0';
	note(s, "192.0.2.7:1024", true, text, NOW);
	assert_null(strchr(capf_peers_find(s, "192.0.2.7")->text, '\n'));
	assert_int_equal(strlen(capf_peers_find(s, "192.0.2.7")->text), CAPF_PEERS_TEXT - 1);
	capf_peers_free(s);
	capf_peers_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capf_peers_knows_an_address_without_its_port),
		cmocka_unit_test(capf_peers_keeps_the_last_of_an_address),
		cmocka_unit_test(capf_peers_forgets_the_oldest_when_there_are_too_many),
		cmocka_unit_test(capf_peers_keeps_texts_printable_and_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
