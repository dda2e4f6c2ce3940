/* The other clusters' servers are ours, on the same loop; each tells what it was asked. */
#include "../check.h"

#include "daemon/front_remote.h"
#include "net/http_server.h"
#include "net/tftpd.h"
#include "wire/tftp.h"

#include <arpa/inet.h>
#include <event2/event.h>
#include <stdlib.h>
#include <unistd.h>

#define SERVERS 3
#define MANY    500

/* One other cluster's server: it has the files in its list. */
struct server {
	struct http_server *http;
	struct tftpd *tftpd;
	uint16_t port;
	const char
	    *has; /* names, a blank around each; each file's content is its server's letter */
	const char *fails; /* names likewise: it has trouble with them */
	char letter;
	bool silent;
	unsigned asked;
};

struct place {
	struct event_base *base;
	struct server server[SERVERS];
	struct front_remote *remote;
	char elsewhere[256];
};

static bool
names(const char *list, const char *name)
{
	char word[128];

	snprintf(word, sizeof word, " %s ", name);
	return strstr(list, word) != NULL;
}

static void
on_http(void *arg, struct http_request *r)
{
	struct server *s = arg;
	const char *path = http_request_path(r);

	s->asked++;
	if (s->silent)
		return;
	if (names(s->fails, path + 1))
		http_reply(r, 500, "text/plain", span_str("trouble"));
	else if (names(s->has, path + 1))
		http_reply(r, 200, "application/octet-stream", span_of(&s->letter, 1));
	else
		http_reply(r, 404, "text/plain", span_str("no"));
}

static void
on_tftp(void *arg, const struct ask *ask)
{
	struct server *s = arg;
	char name[128] = "";
	struct body *body;

	if (ask->kind != ASK_FILE)
		return;
	s->asked++;
	memcpy(name, ask->name.p, ask->name.n);
	body = names(s->has, name) ? body_copy(span_of(&s->letter, 1)) : NULL;
	tftpd_answer(s->tftpd, ask->id, body,
	    names(s->fails, name) ? TFTP_ERR_OTHER : TFTP_ERR_NOT_FOUND, span_str("no"));
	body_unref(body);
}

static int
bound(int kind, uint16_t *port)
{
	int fd = socket(AF_INET, kind | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof at;

	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	*port = ntohs(at.sin_port);
	return fd;
}

static void
serve(struct place *p, struct server *s, bool tftp)
{
	int fd = bound(tftp ? SOCK_DGRAM : SOCK_STREAM, &s->port);
	const struct http_server_config http = { .files = true, .request = on_http, .arg = s };
	const struct tftpd_config config = { .ask = on_tftp, .arg = s };
	size_t n = strlen(p->elsewhere);
	struct err e = { 0 };

	if (tftp) {
		s->tftpd = tftpd_new(p->base, &config);
		assert_ok(tftpd_listen(s->tftpd, fd, &e), e);
	} else {
		s->http = http_server_new(p->base, &http);
		assert_int_equal(listen(fd, 1000), 0);
		assert_ok(http_server_listen(s->http, fd, &e), e);
	}
	snprintf(p->elsewhere + n, sizeof p->elsewhere - n, "%s://127.0.0.1:%u\n",
	    tftp ? "tftp" : "http", (unsigned)s->port);
}

static const struct front_remote_config quick = {
	.silence_ms = 200, .timeout_ms = 2000, .dead_ms = 400, .absent_ms = 300, .common_ms = 300
};

/* Three servers: HTTP, TFTP, HTTP. */
static int
setup(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	p->base = event_base_new();
	for (size_t i = 0; i < SERVERS; i++) {
		p->server[i].has = p->server[i].fails = "";
		p->server[i].letter = (char)('a' + (int)i);
		serve(p, &p->server[i], i == 1);
	}
	p->remote = front_remote_new(p->base, &quick);
	*state = p;
	return 0;
}

static int
teardown(void **state)
{
	struct place *p = *state;

	front_remote_free(p->remote);
	for (size_t i = 0; i < SERVERS; i++) {
		http_server_free(p->server[i].http);
		tftpd_free(p->server[i].tftpd);
	}
	event_base_free(p->base);
	free(p);
	return 0;
}

struct came {
	bool done;
	enum front_remote_end end;
	char text[8];
};

static void
on_done(void *arg, enum front_remote_end end, struct body *body)
{
	struct came *c = arg;

	assert_false(c->done);
	c->done = true;
	c->end = end;
	if (body != NULL)
		snprintf(c->text, sizeof c->text, "%.*s", (int)body_span(body).n,
		    (const char *)body_span(body).p);
}

static void
ask(struct place *p, const char *name, struct came *c)
{
	*c = (struct came){ 0 };
	front_remote_ask(p->remote, span_str(name), span_str(p->elsewhere), on_done, c);
}

static struct came
get(struct place *p, const char *name)
{
	struct came c;

	ask(p, name, &c);
	while (!c.done)
		event_base_loop(p->base, EVLOOP_ONCE);
	return c;
}

static void
wait_ms(struct place *p, unsigned ms)
{
	const struct timeval tv = { .tv_usec = (suseconds_t)ms * 1000 };

	event_base_loopexit(p->base, &tv);
	event_base_dispatch(p->base);
}

static void
front_remote_asks_in_order_until_one_has_it(void **state)
{
	struct place *p = *state;
	struct came c;

	p->server[1].has = p->server[2].has = " SEP001122334455.cnf.xml.sgn ";
	c = get(p, "SEP001122334455.cnf.xml.sgn");
	assert_int_equal(c.end, FRONT_REMOTE_FOUND);
	assert_string_equal(c.text, "b");
	assert_int_equal(p->server[0].asked, 1);
	assert_int_equal(p->server[1].asked, 1);
	assert_int_equal(p->server[2].asked, 0);
	/* A phone's own file is fetched each time, and looked for each time. */
	p->server[1].has = "";
	c = get(p, "SEP001122334455.cnf.xml.sgn");
	assert_string_equal(c.text, "c");
	p->server[2].has = "";
	c = get(p, "SEP001122334455.cnf.xml.sgn");
	assert_int_equal(c.end, FRONT_REMOTE_ABSENT);
	p->server[0].has = " SEP001122334455.cnf.xml.sgn ";
	c = get(p, "SEP001122334455.cnf.xml.sgn");
	assert_string_equal(c.text, "a");
}

/* Somebody else may have it; if nobody has, it is not said that there is none. */
static void
front_remote_takes_trouble_with_one_file_for_no_silence(void **state)
{
	struct place *p = *state;
	struct came c;

	for (size_t i = 0; i < 2; i++) {
		p->server[i].fails = " one two ";
		p->server[i].has = " three ";
	}
	p->server[2].has = " two ";
	c = get(p, "one");
	assert_int_equal(c.end, FRONT_REMOTE_UNREACHED);
	c = get(p, "two");
	assert_string_equal(c.text, "c");
	c = get(p, "three");
	assert_string_equal(c.text, "a");
	p->server[0].fails = "";
	p->server[0].has = "";
	c = get(p, "three");
	assert_string_equal(c.text, "a"); /* kept */
	p->server[1].fails = "";
	p->server[1].has = " one ";
	c = get(p, "one");
	assert_string_equal(c.text, "b");
}

static void
front_remote_keeps_common_files_and_their_absence_for_a_while(void **state)
{
	struct place *p = *state;
	struct came c;

	p->server[0].has = " Ringlist.xml.sgn ";
	for (int i = 0; i < 3; i++) {
		c = get(p, "Ringlist.xml.sgn");
		assert_string_equal(c.text, "a");
		c = get(p, "New_Zealand/g3-tones.xml");
		assert_int_equal(c.end, FRONT_REMOTE_ABSENT);
	}
	assert_int_equal(p->server[0].asked, 2);
	assert_int_equal(p->server[2].asked, 1);
	wait_ms(p, 350);
	p->server[0].has = " New_Zealand/g3-tones.xml ";
	c = get(p, "Ringlist.xml.sgn");
	assert_int_equal(c.end, FRONT_REMOTE_ABSENT);
	c = get(p, "New_Zealand/g3-tones.xml");
	assert_string_equal(c.text, "a");
}

static void
front_remote_leaves_a_silent_server_out_for_a_while(void **state)
{
	struct place *p = *state;
	struct came c;

	p->server[0].silent = true;
	p->server[1].has = " one two ";
	c = get(p, "one");
	assert_string_equal(c.text, "b");
	c = get(p, "two");
	assert_string_equal(c.text, "b");
	assert_int_equal(p->server[0].asked, 1);
	/* It may have what nobody else has. */
	c = get(p, "three");
	assert_int_equal(c.end, FRONT_REMOTE_UNREACHED);
	wait_ms(p, 450);
	p->server[0].silent = false;
	p->server[0].has = " three ";
	c = get(p, "three");
	assert_string_equal(c.text, "a");
}

static void
front_remote_says_that_nobody_is_there(void **state)
{
	struct place *p = *state;
	uint16_t port;
	int fd = bound(SOCK_STREAM, &port);
	struct err e = { 0 };
	struct came c;

	front_remote_free(p->remote);
	p->remote = front_remote_new(p->base, &(struct front_remote_config){ 0 });
	snprintf(p->elsewhere, sizeof p->elsewhere, "http://127.0.0.1:%u\nnonsense\n", port);
	c = get(p, "one");
	assert_int_equal(c.end, FRONT_REMOTE_UNREACHED);
	/* It refused at once, which costs nobody time: it is asked again. */
	p->server[2].has = " one ";
	assert_int_equal(listen(fd, 1000), 0);
	assert_ok(http_server_listen(p->server[2].http, fd, &e), e);
	c = get(p, "one");
	assert_string_equal(c.text, "c");
	p->elsewhere[0] = '\0';
	c = get(p, "one");
	assert_int_equal(c.end, FRONT_REMOTE_ABSENT);
}

static void
front_remote_fetches_once_for_all_who_ask_at_once(void **state)
{
	struct place *p = *state;
	struct came *c = calloc(MANY, sizeof *c);

	p->server[2].has = " SEP001122334455.cnf.xml.sgn ";
	for (size_t i = 0; i < MANY; i++)
		ask(p, "SEP001122334455.cnf.xml.sgn", &c[i]);
	for (size_t i = 0; i < MANY; i++) {
		while (!c[i].done)
			event_base_loop(p->base, EVLOOP_ONCE);
		assert_string_equal(c[i].text, "c");
	}
	assert_int_equal(p->server[2].asked, 1);
	free(c);
}

static void
front_remote_runs_some_at_once_and_lets_the_others_wait(void **state)
{
	struct place *p = *state;
	struct front_remote_config config = quick;
	struct came *c = calloc(MANY, sizeof *c);
	size_t refused = 0, absent = 0;
	char name[32];

	config.at_once = 8;
	config.waiting = MANY - 100;
	front_remote_free(p->remote);
	p->remote = front_remote_new(p->base, &config);
	for (size_t i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "file%zu", i);
		ask(p, name, &c[i]);
		assert_true(front_remote_stats(p->remote).running <= 8);
		refused += c[i].done;
	}
	assert_int_equal(refused, 100 - 8);
	for (size_t i = 0; i < MANY; i++) {
		while (!c[i].done)
			event_base_loop(p->base, EVLOOP_ONCE);
		absent += c[i].end == FRONT_REMOTE_ABSENT;
	}
	assert_int_equal(absent, MANY - refused);
	free(c);
}

/* All servers are known to be silent: thousands end at once, one after the other. */
static void
front_remote_ends_many_that_wait_for_silent_servers(void **state)
{
	struct place *p = *state;
	struct front_remote_config config = quick;
	struct came *c = calloc(20000, sizeof *c);
	char name[32];

	config.at_once = 1;
	config.waiting = 20000;
	config.dead_ms = 60000;
	front_remote_free(p->remote);
	p->remote = front_remote_new(p->base, &config);
	p->server[0].silent = true;
	snprintf(p->elsewhere, sizeof p->elsewhere, "http://127.0.0.1:%u\n",
	    (unsigned)p->server[0].port);
	for (size_t i = 0; i < 20000; i++) {
		snprintf(name, sizeof name, "file%zu", i);
		ask(p, name, &c[i]);
	}
	for (size_t i = 0; i < 20000; i++) {
		while (!c[i].done)
			event_base_loop(p->base, EVLOOP_ONCE);
		assert_int_equal(c[i].end, FRONT_REMOTE_UNREACHED);
	}
	free(c);
}

static void
front_remote_free_with_questions_open_tells_nobody(void **state)
{
	struct place *p = *state;
	struct came c[3];

	p->server[0].silent = true;
	for (size_t i = 0; i < 3; i++)
		ask(p, i == 2 ? "other" : "one", &c[i]);
	wait_ms(p, 50);
	front_remote_free(p->remote);
	p->remote = NULL;
	wait_ms(p, 300);
	assert_false(c[0].done || c[1].done || c[2].done);
}

static void
front_remote_knows_the_servers_by_their_address(void **state)
{
	const struct span where =
	    span_str("http://192.0.2.1:6970\ntftp://[2001:db8::1]:69\nhttp://192.0.2.17:6970");

	(void)state;
	assert_true(front_remote_is_server(where, span_str("192.0.2.1:50000")));
	assert_true(front_remote_is_server(where, span_str("192.0.2.17:1")));
	assert_true(front_remote_is_server(where, span_str("[2001:db8::1]:50000")));
	assert_false(front_remote_is_server(where, span_str("192.0.2.11:6970")));
	assert_false(front_remote_is_server(where, span_str("[2001:db8::2]:69")));
	assert_false(front_remote_is_server((struct span){ 0 }, span_str("192.0.2.1:69")));
}

#define remote_test(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		remote_test(front_remote_asks_in_order_until_one_has_it),
		remote_test(front_remote_takes_trouble_with_one_file_for_no_silence),
		remote_test(front_remote_keeps_common_files_and_their_absence_for_a_while),
		remote_test(front_remote_leaves_a_silent_server_out_for_a_while),
		remote_test(front_remote_says_that_nobody_is_there),
		remote_test(front_remote_fetches_once_for_all_who_ask_at_once),
		remote_test(front_remote_runs_some_at_once_and_lets_the_others_wait),
		remote_test(front_remote_ends_many_that_wait_for_silent_servers),
		remote_test(front_remote_free_with_questions_open_tells_nobody),
		cmocka_unit_test(front_remote_knows_the_servers_by_their_address),
	};

	return cmocka_run_group_tests_name("front_remote", tests, NULL, NULL);
}
