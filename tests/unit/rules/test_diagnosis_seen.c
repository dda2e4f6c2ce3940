/* What a packet capture shows, as rules/captured.h hands it over. */
#include "diagnosis_rig.h"

#include "lists.h"

#include <stdio.h>

#define OURS  "192.0.2.10"
#define OTHER "198.51.100.7"

/* The rig with a capture of which nothing is wrong either. */
struct scene {
	struct rig rig;
	struct captured_phone seen;
	struct packet_address own[1];
	struct identity *lsc, *mic, *server;
};

struct fixture {
	struct identity lsc, mic, server;
};

static int
setup(void **state)
{
	static struct fixture f;

	f.lsc = identity_make(PURPOSE_TVS, "CP-8861-SEP001122334455");
	f.mic = identity_make(PURPOSE_TVS, "Cisco Manufacturing CA");
	f.server = identity_make(PURPOSE_CAPF, "server");
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	identity_free(&f->lsc);
	identity_free(&f->mic);
	identity_free(&f->server);
	return 0;
}

static struct packet_address
address(const char *text)
{
	struct packet_address a;
	struct err e;

	assert_ok(packet_address_parse(text, &a, &e), e);
	return a;
}

static struct captured_file *
file(struct scene *s, const char *name, const char *server, enum captured_answer answer)
{
	struct captured_file *f = &s->seen.file[s->seen.files++];

	*f = (struct captured_file){ .server = address(server),
		.asked = 1,
		.answer = answer,
		.code = answer == CAPTURED_REFUSED ? 1 : 0,
		.packet = s->seen.files,
		.last = s->seen.files };
	snprintf(f->name, sizeof f->name, "%s", name);
	return f;
}

/* One that is as it should be. */
static struct captured_server *
server(struct scene *s, enum captured_service service, const char *at)
{
	struct captured_server *v = &s->seen.server[s->seen.servers++];

	*v = (struct captured_server){ .service = service,
		.address = address(at),
		.tries = 2,
		.established = 2,
		.both_ways = true,
		.version = TLSSEEN_1_2,
		.server = { CAPTURED_SHOWN, s->server->cert, false },
		.packet = 40 };
	return v;
}

static void
name(struct scene *s, const char *text, uint16_t type, enum captured_resolution resolution,
    unsigned asked)
{
	struct captured_name *n = &s->seen.name[s->seen.names++];

	*n = (struct captured_name){
		.type = type, .asked = asked, .resolution = resolution, .packet = 3
	};
	snprintf(n->name, sizeof n->name, "%s", text);
}

static void
alert(struct captured_server *v, bool by_phone, uint8_t description)
{
	v->alert[v->alerts++] = (struct captured_alert){ by_phone, { 2, description }, 1 };
}

static void
scene_init(struct scene *s, struct fixture *f)
{
	*s = (struct scene){
		.own = { address(OURS) }, .lsc = &f->lsc, .mic = &f->mic, .server = &f->server
	};
	rig_init(&s->rig);
	s->rig.facts.now = LISTS_NOW;
	s->rig.phone.last_seen = s->rig.phone.operation_changed = LISTS_NOW;
	s->rig.phone.lsc_not_after = LISTS_NOW + HOUR;
	s->rig.facts.phone.config_at = LISTS_NOW;
	s->rig.facts.cluster.mixed = true;
	s->rig.facts.capture =
	    (struct diagnosis_capture){ .seen = &s->seen, .own = s->own, .own_count = 1 };
}

/* What a boot of a phone that is well looks like. */
static void
well(struct scene *s)
{
	struct captured_server *v;

	file(s, "CTLSEP001122334455.tlv", OURS, CAPTURED_GIVEN);
	file(s, "ITLSEP001122334455.tlv", OURS, CAPTURED_GIVEN);
	file(s, "SEP001122334455.cnf.xml.sgn", OURS, CAPTURED_GIVEN);
	name(s, "pub.example.test", 28, CAPTURED_NO_RECORD, 1);
	name(s, "PUB.example.test", 1, CAPTURED_RESOLVED, 1);
	name(s, "_sips._tcp.example.test", 33, CAPTURED_NO_NAME, 1);
	server(s, CAPTURED_HTTPS, OURS);
	v = server(s, CAPTURED_TVS, OURS);
	v->judged = v->matches = true;
	v = server(s, CAPTURED_CAPF, OURS);
	v->judged = v->matches = true;
	v->alert[v->alerts++] = (struct captured_alert){ true, { 1, 0 }, 2 }; /* close notify */
	v = server(s, CAPTURED_SIP, OTHER);
	v->phone = (struct captured_side){ CAPTURED_SHOWN, s->lsc->cert, false };
}

/* --- what is spoilt --- */

static struct captured_server *
away(struct scene *s, enum captured_service service, const char *at, unsigned refused)
{
	struct captured_server *v = server(s, service, at);

	v->established = 0;
	v->refused = refused;
	v->both_ways = false;
	v->server = (struct captured_side){ 0 };
	return v;
}

static struct captured_server *
mismatch(struct scene *s, enum captured_service service, const char *at)
{
	struct captured_server *v = server(s, service, at);

	v->judged = true;
	snprintf(v->reason, sizeof v->reason, "no record has its serial");
	return v;
}

static void
capf_refused(struct scene *s)
{
	away(s, CAPTURED_CAPF, OURS, 2);
}

static void
capf_blocked(struct scene *s)
{
	rig_pending(&s->rig);
	away(s, CAPTURED_CAPF, OURS, 0);
}

static void
capf_mismatch(struct scene *s)
{
	mismatch(s, CAPTURED_CAPF, OURS);
}

static void
capf_distrusted(struct scene *s)
{
	alert(server(s, CAPTURED_CAPF, OURS), true, 48);
}

static void
capf_one_way(struct scene *s)
{
	server(s, CAPTURED_CAPF, OURS)->both_ways = false;
}

static void
no_such_name(struct scene *s)
{
	name(s, "pub.example.test", 1, CAPTURED_NO_NAME, 1);
	name(s, "pub.example.test", 28, CAPTURED_NO_NAME, 1);
}

static void
name_server_away(struct scene *s)
{
	name(s, "pub.example.test", 1, CAPTURED_UNANSWERED, 4);
}

static void
lsc_refused(struct scene *s)
{
	struct captured_server *v = server(s, CAPTURED_SCCP, OTHER);

	v->phone = (struct captured_side){ CAPTURED_SHOWN, s->lsc->cert, false };
	alert(v, false, 48);
}

static void
lsc_expired(struct scene *s)
{
	struct captured_server *v = server(s, CAPTURED_SIP, OTHER);

	s->rig.facts.now = cert_not_after(s->lsc->cert) + 1;
	s->rig.phone.lsc_not_after = s->rig.facts.now + HOUR;
	v->phone = (struct captured_side){ CAPTURED_SHOWN, s->lsc->cert, false };
	alert(v, false, 45);
}

static void
mic_shown(struct scene *s)
{
	server(s, CAPTURED_SIP, OTHER)->phone =
	    (struct captured_side){ CAPTURED_SHOWN, s->mic->cert, false };
}

static void
nothing_shown(struct scene *s)
{
	server(s, CAPTURED_SCCP, OTHER)->phone.sight = CAPTURED_EMPTY;
}

static void
asks_another_tvs(struct scene *s)
{
	server(s, CAPTURED_TVS, OTHER);
}

static void
refuses_our_https(struct scene *s)
{
	alert(server(s, CAPTURED_HTTPS, OURS), true, 42);
}

static void
asks_another_server(struct scene *s)
{
	file(s, "ITLSEP001122334455.tlv", OTHER, CAPTURED_GIVEN);
	file(s, "SEP001122334455.cnf.xml.sgn", OTHER, CAPTURED_GIVEN);
}

static void
tvs_refused(struct scene *s)
{
	away(s, CAPTURED_TVS, OURS, 1);
}

static void
tvs_blocked(struct scene *s)
{
	away(s, CAPTURED_TVS, OURS, 0);
}

static void
rollback_and_tvs_away(struct scene *s)
{
	s->rig.facts.cluster.rollback = true;
	away(s, CAPTURED_TVS, OURS, 1);
}

static void
tvs_mismatch(struct scene *s)
{
	mismatch(s, CAPTURED_TVS, OURS);
}

static void
tvs_handshake(struct scene *s)
{
	alert(server(s, CAPTURED_TVS, OURS), false, 40);
}

static void
no_itl(struct scene *s)
{
	file(s, "ITLSEP001122334455.tlv", OURS, CAPTURED_REFUSED);
	file(s, "ITLFile.tlv", OURS, CAPTURED_REFUSED);
}

static void
no_ctl(struct scene *s)
{
	file(s, "CTLSEP001122334455.tlv", OURS, CAPTURED_REFUSED);
	file(s, "CTLFile.tlv", OURS, CAPTURED_REFUSED)->http = true;
	s->seen.file[1].code = 404;
}

static void
ctl_in_non_secure_mode(struct scene *s)
{
	s->rig.facts.cluster.mixed = false;
	file(s, "CTLFile.tlv", OURS, CAPTURED_GIVEN);
}

static void
two_servers(struct scene *s)
{
	file(s, "ITLSEP001122334455.tlv", OURS, CAPTURED_GIVEN);
	file(s, "ITLFile.tlv", OTHER, CAPTURED_GIVEN);
}

static void
plain(struct scene *s)
{
	file(s, "ITLSEP001122334455.tlv", OURS, CAPTURED_GIVEN);
	file(s, "SEP001122334455.cnf.xml", OURS, CAPTURED_GIVEN);
}

static void
unanswered(struct scene *s)
{
	file(s, "CTLSEP001122334455.tlv", OURS, CAPTURED_SILENCE);
}

static void
call_manager_away(struct scene *s)
{
	away(s, CAPTURED_SIP, OTHER, 3);
}

static void
call_manager_unknown(struct scene *s)
{
	alert(server(s, CAPTURED_SIP, OTHER), true, 42);
}

static const struct {
	unsigned row;
	void (*spoil)(struct scene *s);
	enum diagnosis_kind kind;
	const char *cause; /* words of it; NULL: any */
} rows[] = {
	{ 2, capf_refused, DIAGNOSIS_CAPF_UNREACHED, "nothing listens" },
	{ 2, capf_mismatch, DIAGNOSIS_CAPF_UNREACHED, "not that of the CAPF record" },
	{ 2, capf_distrusted, DIAGNOSIS_CAPF_UNREACHED, "does not know the certificate" },
	{ 2, capf_one_way, DIAGNOSIS_CAPF_UNREACHED, "one way only" },
	{ 4, capf_blocked, DIAGNOSIS_CAPF_PENDING, "is blocked" },
	{ 5, no_such_name, DIAGNOSIS_DNS_UNKNOWN, NULL },
	{ 5, name_server_away, DIAGNOSIS_DNS_UNKNOWN, NULL },
	{ 14, lsc_refused, DIAGNOSIS_LSC_FOREIGN, NULL },
	{ 15, mic_shown, DIAGNOSIS_LSC_NONE, NULL },
	{ 15, nothing_shown, DIAGNOSIS_LSC_NONE, NULL },
	{ 16, asks_another_tvs, DIAGNOSIS_LIST_FOREIGN, NULL },
	{ 16, refuses_our_https, DIAGNOSIS_LIST_FOREIGN, NULL },
	{ 17, asks_another_server, DIAGNOSIS_OTHER_SERVER, NULL },
	{ 19, tvs_refused, DIAGNOSIS_HOST_NOT_FOUND, "does not run" },
	{ 19, tvs_blocked, DIAGNOSIS_HOST_NOT_FOUND, "is blocked" },
	{ 20, tvs_mismatch, DIAGNOSIS_TVS_HANDSHAKE, "in no TVS record" },
	{ 20, tvs_handshake, DIAGNOSIS_TVS_HANDSHAKE, NULL },
	{ 22, no_itl, DIAGNOSIS_ITL_ABSENT, NULL },
	{ 26, no_ctl, DIAGNOSIS_CTL_ABSENT, NULL },
	{ 27, ctl_in_non_secure_mode, DIAGNOSIS_CTL_LEFT, NULL },
	{ 29, two_servers, DIAGNOSIS_LISTS_ALTERNATE, NULL },
	{ 38, plain, DIAGNOSIS_PLAIN_ASKED, NULL },
	{ 40, rollback_and_tvs_away, DIAGNOSIS_ROLLBACK, NULL },
	{ 0, lsc_expired, DIAGNOSIS_LSC_EXPIRED, NULL },
	{ 0, unanswered, DIAGNOSIS_FILES_UNANSWERED, NULL },
	{ 0, call_manager_away, DIAGNOSIS_CALLMANAGER_UNREACHED, NULL },
	{ 0, call_manager_unknown, DIAGNOSIS_CALLMANAGER_UNKNOWN, NULL },
};

static void
each_row_is_found_by_the_capture_that_shows_it_and_nothing_else_is(void **state)
{
	static struct scene s;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		scene_init(&s, *state);
		rows[i].spoil(&s);
		rig_judge(&s.rig);
		if (s.rig.found != 1 || s.rig.last.kind != rows[i].kind)
			fail_msg("case %zu, %s: %zu found, the last is %s", i,
			    diagnosis_id(rows[i].kind), s.rig.found,
			    s.rig.found > 0 ? diagnosis_id(s.rig.last.kind) : "none");
		assert_int_equal(diagnosis_row(rows[i].kind), rows[i].row);
		assert_non_null(strstr(s.rig.last.evidence[0], "capture"));
		if (rows[i].cause != NULL && strstr(s.rig.last.cause, rows[i].cause) == NULL)
			fail_msg("case %zu: the cause is %s", i, s.rig.last.cause);
	}
}

/* Rows of the troubleshooting table that no onlooker can see: what they say is encrypted, or is
 * said on the phone's screen only, or is a fact of the server. */
static const unsigned not_seen[] = { 1, 3, 6, 7, 8, 9, 10, 11, 12, 13, 18, 21, 23, 24, 25, 28, 30,
	31, 32, 33, 34, 35, 36, 37, 39 };

static void
every_row_of_the_table_is_shown_by_a_capture_or_cannot_be(void **state)
{
	bool told[41] = { false };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		told[rows[i].row] = true;
	for (size_t i = 0; i < sizeof not_seen / sizeof not_seen[0]; i++) {
		assert_false(told[not_seen[i]]);
		told[not_seen[i]] = true;
	}
	for (unsigned i = 1; i <= 40; i++)
		if (!told[i])
			fail_msg("row %u is missing", i);
	for (int k = DIAGNOSIS_OTHER_SERVER; k < DIAGNOSIS_KINDS; k++) {
		size_t n = 0;

		for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
			n += rows[i].kind == (enum diagnosis_kind)k;
		assert_true(n > 0);
	}
}

static void
a_boot_that_went_well_shows_nothing(void **state)
{
	static struct scene s;

	scene_init(&s, *state);
	well(&s);
	rig_judge(&s.rig);
	assert_int_equal(s.rig.found, 0);
	s.rig.facts.capture.own_count = 0;
	rig_judge(&s.rig);
	assert_int_equal(s.rig.found, 0);
}

static void
one_server_that_answers_is_enough(void **state)
{
	static struct scene s;

	scene_init(&s, *state);
	server(&s, CAPTURED_TVS, OURS);
	away(&s, CAPTURED_TVS, OURS, 1);
	away(&s, CAPTURED_SIP, OTHER, 1);
	server(&s, CAPTURED_SIP, OURS);
	file(&s, "ITLSEP001122334455.tlv", OTHER, CAPTURED_REFUSED);
	file(&s, "ITLFile.tlv", OURS, CAPTURED_GIVEN);
	rig_judge(&s.rig);
	assert_int_equal(s.rig.found, 0);
}

static void
a_list_that_was_taken_from_the_phone_says_more_than_whom_it_asks(void **state)
{
	static struct scene s;

	scene_init(&s, *state);
	rig_held(&s.rig);
	server(&s, CAPTURED_TVS, OTHER);
	rig_judge(&s.rig);
	assert_int_equal(s.rig.found, 0);
}

static void
what_is_seen_of_capf_is_nearer_than_what_the_store_concludes(void **state)
{
	static struct scene s;

	scene_init(&s, *state);
	rig_pending(&s.rig);
	s.rig.phone.auth_mode = PHONE_AUTH_LSC; /* for which it has no LSC */
	s.rig.phone.lsc_serial[0] = '\0';
	away(&s, CAPTURED_CAPF, OURS, 2);
	rig_judge(&s.rig);
	assert_int_equal(s.rig.last.kind, DIAGNOSIS_CAPF_PENDING);
	assert_non_null(strstr(s.rig.last.cause, "nothing listens"));
	assert_non_null(strstr(s.rig.last.evidence[0], "2 tried, 0 established, 2 refused"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_row_is_found_by_the_capture_that_shows_it_and_nothing_else_is),
		cmocka_unit_test(every_row_of_the_table_is_shown_by_a_capture_or_cannot_be),
		cmocka_unit_test(a_boot_that_went_well_shows_nothing),
		cmocka_unit_test(one_server_that_answers_is_enough),
		cmocka_unit_test(a_list_that_was_taken_from_the_phone_says_more_than_whom_it_asks),
		cmocka_unit_test(what_is_seen_of_capf_is_nearer_than_what_the_store_concludes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
