#include "../check.h"

#include "capf_fake.h"
#include "transcript.h"
#include "vectors.h"

#include <stdlib.h>

#define SESSION           7
#define END_SESSION_BYTES (CAPFMSG_HEADER + 4) /* a server says why it ends */

#define BIT(t)   (1u << (t))
#define ROWS_MAX 16
#define COMMANDS 23

/* One message of a row of the table in capf.md 5.4. */
struct token {
	char from; /* 'S' or 'C' */
	unsigned command;
	int reason; /* -1: not said */
	bool has_certificate, has_no_key, is_optional;
	bool is_other; /* another form of the one before: "C12 (1, certificate) or C12 (7)" */
};

struct row {
	char name[64];
	struct token token[12];
	size_t count;
};

static struct row rows[ROWS_MAX];
static size_t row_count;

static bool
is_token(const char *p)
{
	return (p[0] == 'S' || p[0] == 'C') && p[1] >= '0' && p[1] <= '9';
}

/* What stands between a message and the next one says what is particular about it. */
static void
token_parse(const char *p, const char *end, struct row *row)
{
	struct token *t = &row->token[row->count++];
	char rest[80];
	char *number_end;

	t->from = p[0];
	t->command = (unsigned)strtoul(p + 1, &number_end, 10);
	snprintf(rest, sizeof rest, "%.*s", (int)(end - number_end), number_end);
	t->reason = rest[0] == ' ' && rest[1] == '(' && rest[2] >= '0' && rest[2] <= '9'
			? rest[2] - '0'
			: -1;
	t->has_certificate = strstr(rest, "certificate)") != NULL;
	t->has_no_key = strstr(rest, "without tag 9") != NULL;
	t->is_optional = p[-1] == '[' || strstr(rest, "zero or more") != NULL;
	t->is_other = strncmp(p - 3, "or ", 3) == 0;
}

/* "| install / upgrade | S1, C2, ... |" */
static void
row_parse(char *line)
{
	char *cell = strchr(line + 2, '|'), *p = cell;
	struct row *row = &rows[row_count];

	assert_true(row_count < ROWS_MAX && cell != NULL);
	snprintf(row->name, sizeof row->name, "%.*s", (int)(cell - line - 3), line + 2);
	while (*p != '\0' && !is_token(p))
		p++;
	while (*p != '\0') {
		char *next = p + 1;

		while (*next != '\0' && !is_token(next))
			next++;
		assert_true(row->count < sizeof row->token / sizeof row->token[0]);
		token_parse(p, next, row);
		p = next;
	}
	if (row->count > 0)
		row_count++;
}

static int
read_rows(void **state)
{
	struct bytes file;
	char *text, *line, *save = NULL;
	bool inside = false;

	(void)state;
	if (!vectors_read("../../doc/protocols/capf.md", &file))
		return -1;
	text = calloc(1, file.n + 1);
	if (text == NULL)
		return -1;
	memcpy(text, file.p, file.n);
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (strncmp(line, "### ", 4) == 0)
			inside = strncmp(line, "### 5.4", 7) == 0;
		else if (inside && line[0] == '|' && line[1] == ' ')
			row_parse(line);
	}
	free(text);
	bytes_free(&file);
	return row_count == 10 ? 0 : -1;
}

/* The messages that the table lets follow command of that side, before that side speaks again. */
static uint32_t
followers(char from, unsigned command)
{
	uint32_t allowed = 0;

	for (size_t r = 0; r < row_count; r++) {
		bool after = command == 0;

		for (size_t i = 0; i < rows[r].count; i++) {
			const struct token *t = &rows[r].token[i];

			if (t->from == from)
				after = t->command == command;
			else if (after)
				allowed |= BIT(t->command);
			if (command == 0)
				break;
		}
	}
	return allowed;
}

static struct capfmsg
token_message(const struct token *t)
{
	struct capfmsg m = capf_fake_message(t->command, SESSION);

	if (t->has_no_key)
		m.has &= ~BIT(CAPFMSG_PUBLIC_KEY);
	if (t->reason != -1 && t->command == CAPFMSG_FETCH_RESPONSE && !t->has_certificate)
		m.has &= ~BIT(CAPFMSG_CERTIFICATE);
	if (t->reason != -1)
		m.reason = (uint8_t)t->reason;
	return m;
}

/* The part of core that makes the server walk this row. */
static struct capf_fake
row_core(const struct row *row)
{
	const struct token *order = &row->token[2], *last = &row->token[row->count - 1];
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_END);

	if (order->command == CAPFMSG_KEYGEN_REQUEST)
		f.start.capf = ANSWER_CAPF_INSTALL;
	else if (order->command == CAPFMSG_FETCH_REQUEST)
		f.start.capf = ANSWER_CAPF_FETCH;
	else if (order->command == CAPFMSG_DELETE_REQUEST)
		f.start.capf = ANSWER_CAPF_DELETE;
	else if (order->command == CAPFMSG_RETRY_LATER)
		f.start.capf = ANSWER_CAPF_RETRY;
	else if (order->command == CAPFMSG_STORE_REQUEST) {
		f.start.capf = ANSWER_CAPF_STORE;
		f.start.certificate = f.certificate;
	} else
		f.start.reason = (uint8_t)order->reason;
	f.is_ca_slow = last->command == CAPFMSG_RETRY_LATER;
	return f;
}

/* Which of two forms a row takes, and how often what is optional comes. */
struct walk {
	bool other;
	int repeat;
};

static bool
is_left_out(const struct row *row, size_t i, const struct walk *walk)
{
	bool has_other = i + 1 < row->count && row->token[i + 1].is_other;

	return (row->token[i].is_other && !walk->other) || (has_other && walk->other);
}

static void
server_walks(const struct row *row, const struct walk *walk)
{
	struct capf_fake f = row_core(row);
	struct pair_end server;

	pair_end_open(&server, &capf_server, NULL, SESSION, capf_fake_answer, &f);
	for (size_t i = 0; i < row->count; i++) {
		const struct token *t = &row->token[i];
		struct capfmsg m = token_message(t);
		int times = t->is_optional ? walk->repeat : 1;

		if (is_left_out(row, i, walk))
			continue;
		if (t->from == 'C') {
			for (int k = 0; k < times; k++)
				capf_fake_feed(&server, &m);
			continue;
		}
		m = capf_fake_take(&server);
		assert_int_equal(m.command, t->command);
		if (t->reason != -1)
			assert_int_equal(m.reason, t->reason);
	}
	assert_int_equal(server.turn, TURN_DONE);
	assert_int_equal(server.inbox.n, 0);
	pair_end_close(&server);
}

/* The phone that makes the client walk this row. */
static void
row_phone(const struct row *row, const struct walk *walk, struct capf_fake *f)
{
	for (size_t i = 0; i < row->count; i++) {
		const struct token *t = &row->token[i];

		if (t->from == 'C' && t->has_no_key)
			f->public_key.n = 0;
		if (t->from == 'C' && t->reason == CAPFMSG_REASON_INVALID &&
		    !is_left_out(row, i, walk))
			f->lsc.n = 0;
	}
}

static void
assert_client_wrote(struct span *written, const struct token *t)
{
	struct capfmsg m;
	struct err e = { 0 };
	size_t whole;

	assert_ok(capfmsg_frame(*written, &whole, &e), e);
	assert_true(whole > 0 && whole <= written->n);
	assert_ok(capfmsg_parse(span_of(written->p, whole), true, &m, &e), e);
	*written = span_of(written->p + whole, written->n - whole);
	assert_int_equal(m.command, t->command);
	if (t->reason != -1)
		assert_int_equal(m.reason, t->reason);
}

static void
client_walks(const struct row *row, const struct walk *walk)
{
	struct capf_fake f = capf_fake_new(ANSWER_CAPF_END);
	struct capf_client_result result;
	struct capf_client_plan plan = capf_fake_plan(&f, "", &result);
	struct pair_end client;
	struct span written = { 0 };
	bool is_retry = row->token[row->count - 1].command == CAPFMSG_RETRY_LATER;

	row_phone(row, walk, &f);
	pair_end_open(&client, &capf_client, &plan, 0, NULL, NULL);
	for (size_t i = 0; i < row->count; i++) {
		const struct token *t = &row->token[i];
		struct capfmsg m = token_message(t);

		if (is_left_out(row, i, walk))
			continue;
		if (t->from == 'C') {
			assert_client_wrote(&written, t);
			continue;
		}
		assert_int_equal(written.n, 0);
		capf_fake_feed(&client, &m);
		written = pair_end_take(&client);
	}
	assert_int_equal(client.turn, is_retry ? TURN_FAIL : TURN_DONE);
	assert_int_equal(result.ended, !is_retry);
	capf_fake_free(&f);
	pair_end_close(&client);
}

static void
capf_server_and_client_walk_every_row_of_the_note(void **state)
{
	(void)state;
	for (size_t r = 0; r < row_count; r++) {
		print_message("# %s\n", rows[r].name);
		for (int other = 0; other < 2; other++) {
			for (int repeat = 0; repeat < 3; repeat++)
				server_walks(&rows[r], &(struct walk){ other, repeat });
			client_walks(&rows[r], &(struct walk){ other, 1 });
		}
	}
}

static struct capf_fake fake;
static struct capf_client_result client_result;
static struct capf_client_plan client_plan;

/* Feeds one message of each command in a state that setup makes; all that the note does not let
 * follow is refused. */
static void
check_followers(char from, unsigned last, void (*setup)(struct pair_end *end))
{
	uint32_t allowed = followers(from, last) | BIT(CAPFMSG_ABORT_REQUEST);

	for (unsigned c = 1; c <= COMMANDS; c++) {
		struct capfmsg m = capf_fake_message(c, SESSION);
		struct pair_end end;

		setup(&end);
		assert_int_equal(end.turn, TURN_GO_ON);
		(void)pair_end_take(&end);
		capf_fake_feed(&end, &m);
		if (allowed & BIT(c)) {
			assert_null(strstr(end.err.text, "C9"));
		} else {
			assert_int_equal(end.turn, TURN_FAIL);
			assert_non_null(strstr(end.err.text, "C9"));
			assert_int_equal(
			    pair_end_take(&end).n, from == 'S' ? END_SESSION_BYTES : 0);
		}
		if (c == CAPFMSG_ABORT_REQUEST)
			assert_int_equal(end.turn, TURN_FAIL);
		capf_fake_free(&fake);
		pair_end_close(&end);
	}
}

static void
server_new(struct pair_end *end)
{
	pair_end_open(end, &capf_server, NULL, SESSION, capf_fake_answer, &fake);
}

static void
end_give(struct pair_end *end, enum capfmsg_command command)
{
	struct capfmsg m = capf_fake_message(command, SESSION);

	capf_fake_feed(end, &m);
}

static void
server_ordered(struct pair_end *end)
{
	server_new(end);
	end_give(end, CAPFMSG_AUTH_RESPONSE);
}

static void
server_issued(struct pair_end *end)
{
	server_ordered(end);
	end_give(end, CAPFMSG_KEYGEN_RESPONSE);
}

static void
capf_server_refuses_what_the_note_does_not_let_follow(void **state)
{
	(void)state;
	fake = capf_fake_new(ANSWER_CAPF_INSTALL);
	assert_int_equal(followers('S', CAPFMSG_AUTH_REQUEST), BIT(CAPFMSG_AUTH_RESPONSE));
	check_followers('S', CAPFMSG_AUTH_REQUEST, server_new);
	check_followers('S', CAPFMSG_KEYGEN_REQUEST, server_ordered);
	check_followers('S', CAPFMSG_STORE_REQUEST, server_issued);
	fake = capf_fake_new(ANSWER_CAPF_FETCH);
	check_followers('S', CAPFMSG_FETCH_REQUEST, server_ordered);
	fake = capf_fake_new(ANSWER_CAPF_DELETE);
	check_followers('S', CAPFMSG_DELETE_REQUEST, server_ordered);
}

static void
client_new(struct pair_end *end)
{
	fake = capf_fake_new(ANSWER_CAPF_END);
	client_plan = capf_fake_plan(&fake, "", &client_result);
	pair_end_open(end, &capf_client, &client_plan, 0, NULL, NULL);
}

static void
client_greeted(struct pair_end *end)
{
	client_new(end);
	end_give(end, CAPFMSG_AUTH_REQUEST);
}

static void
client_has_key(struct pair_end *end)
{
	client_greeted(end);
	end_give(end, CAPFMSG_KEYGEN_REQUEST);
}

static void
client_has_certificate(struct pair_end *end)
{
	client_has_key(end);
	end_give(end, CAPFMSG_STORE_REQUEST);
}

static void
client_has_shown(struct pair_end *end)
{
	client_greeted(end);
	end_give(end, CAPFMSG_FETCH_REQUEST);
}

static void
client_has_erased(struct pair_end *end)
{
	client_greeted(end);
	end_give(end, CAPFMSG_DELETE_REQUEST);
}

static void
capf_client_refuses_what_the_note_does_not_let_follow(void **state)
{
	(void)state;
	check_followers('C', 0, client_new);
	check_followers('C', CAPFMSG_AUTH_RESPONSE, client_greeted);
	check_followers('C', CAPFMSG_KEYGEN_RESPONSE, client_has_key);
	check_followers('C', CAPFMSG_STORE_RESPONSE, client_has_certificate);
	check_followers('C', CAPFMSG_FETCH_RESPONSE, client_has_shown);
	check_followers('C', CAPFMSG_DELETE_RESPONSE, client_has_erased);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capf_server_and_client_walk_every_row_of_the_note),
		cmocka_unit_test(capf_server_refuses_what_the_note_does_not_let_follow),
		cmocka_unit_test(capf_client_refuses_what_the_note_does_not_let_follow),
	};

	return cmocka_run_group_tests(tests, read_rows, NULL);
}
