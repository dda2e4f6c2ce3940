#include "pair.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

#define STREAM_MAX   (16 * 1024 * 1024)
#define RANDOM_PIECE 64

/* What can only be a fault of a test or of a session ends the process. */
static void
insist(bool is_so, const char *what)
{
	if (is_so)
		return;
	fprintf(stderr, "pair: %s\n", what);
	abort();
}

static void
end_flush(struct pair_end *end, struct wr *out)
{
	insist(wr_ok(out), "a session left an overflow in its output");
	if (out->n > 0) {
		end->writes = mem_grow(end->writes, end->write_count + 1, sizeof *end->writes);
		end->writes[end->write_count++] = out->n;
		wr_span(&end->sent, wr_view(out));
	}
	wr_free(out);
}

/* Keeps a question in its wire form and gives it back as core would see it. */
static struct ask
end_keep_ask(struct pair_end *end, const struct ask *ask)
{
	struct wr w = wr_new(ASK_MESSAGE_MAX);
	struct err e;

	end->asks = mem_grow(end->asks, end->ask_count + 1, sizeof *end->asks);
	insist(ask_encode(ask, &w, &e), "a question cannot be encoded");
	insist(wr_done(&w, &end->asks[end->ask_count], &e), "a question does not fit");
	return pair_end_asked(end, end->ask_count++);
}

static bool
end_ask_core(struct pair_end *end, const struct ask *ask, struct bytes *wire, struct answer *out)
{
	struct ask seen = end_keep_ask(end, ask);
	struct answer answer = { .kind = seen.kind, .id = seen.id };
	struct wr w = wr_new(ASK_MESSAGE_MAX);
	struct err e;

	if (end->answerer == NULL || !end->answerer(end->arg, &seen, &answer))
		return false;
	insist(answer_encode(&answer, &w, &e), "an answer cannot be encoded");
	insist(wr_done(&w, wire, &e), "an answer does not fit");
	insist(answer_parse(bytes_span(wire), out, &e), "an answer cannot be read");
	return true;
}

static void
end_turned(struct pair_end *end, enum turn turn, struct wr *out, struct ask *ask)
{
	while (turn == TURN_ASK) {
		struct bytes wire = { 0 };
		struct answer answer;
		bool is_answered = end_ask_core(end, ask, &wire, &answer);

		end_flush(end, out);
		if (!is_answered)
			break;
		*out = wr_new(end->kind->message_max);
		*ask = (struct ask){ 0 };
		turn = end->kind->answer(end->session, &answer, out, ask, &end->err);
		bytes_free(&wire);
	}
	end_flush(end, out);
	end->turn = turn;
}

void
pair_end_open(struct pair_end *end, const struct session_kind *kind, const void *plan,
    uint32_t number, pair_answerer *answerer, void *arg)
{
	struct peer peer = { .text = "127.0.0.1:50000", .session = number };
	struct wr out = wr_new(kind->message_max);
	struct ask ask = { 0 };
	enum turn turn;

	*end = (struct pair_end){
		.kind = kind,
		.answerer = answerer,
		.arg = arg,
		.session = mem_new(1, kind->size),
		.inbox = wr_new(STREAM_MAX),
		.sent = wr_new(STREAM_MAX),
	};
	turn = kind->start(end->session, &peer, plan, &out, &ask, &end->err);
	end_turned(end, turn, &out, &ask);
}

static void
end_message(struct pair_end *end, struct span in)
{
	struct bytes message = bytes_copy(in);
	struct wr out = wr_new(end->kind->message_max);
	struct ask ask = { 0 };
	enum turn turn;

	end->message_count++;
	turn = end->kind->message(end->session, bytes_span(&message), &out, &ask, &end->err);
	/* The question is a loan from the message: it must have gone before. */
	end_turned(end, turn, &out, &ask);
	bytes_free(&message);
}

/* The length of a whole message at the start of the inbox; 0: none yet, or the end. */
static size_t
end_frame(struct pair_end *end)
{
	size_t whole;

	if (end->turn != TURN_GO_ON)
		return 0;
	if (!end->kind->frame(wr_view(&end->inbox), &whole, &end->err)) {
		pair_end_break(end, end->err.text);
		end->turn = TURN_FAIL;
		return 0;
	}
	insist(whole <= end->kind->message_max, "a message over the limit of its kind");
	return whole <= end->inbox.n ? whole : 0;
}

void
pair_end_feed(struct pair_end *end, struct span bytes)
{
	size_t whole;

	wr_span(&end->inbox, bytes);
	while ((whole = end_frame(end)) > 0) {
		struct bytes rest;

		end_message(end, span_of(end->inbox.p, whole));
		rest = bytes_copy(span_of(end->inbox.p + whole, end->inbox.n - whole));
		wr_reset(&end->inbox);
		wr_span(&end->inbox, bytes_span(&rest));
		bytes_free(&rest);
	}
}

void
pair_end_break(struct pair_end *end, const char *why)
{
	struct ask ask = { 0 };

	if (end->turn != TURN_GO_ON && end->turn != TURN_ASK)
		return;
	if (end->kind->broken != NULL && end->kind->broken(end->session, why, &ask) == TURN_ASK)
		(void)end_keep_ask(end, &ask);
	err_set(&end->err, ERR_IO, "%s", why);
	end->turn = TURN_FAIL;
}

struct ask
pair_end_asked(const struct pair_end *end, size_t i)
{
	struct ask ask;
	struct err e;

	insist(i < end->ask_count, "no such question");
	insist(ask_parse(bytes_span(&end->asks[i]), &ask, &e), "a question cannot be read");
	return ask;
}

struct span
pair_end_take(struct pair_end *end)
{
	struct span all = wr_view(&end->sent), news = { 0 };

	if (all.n > end->delivered)
		news = span_of(all.p + end->delivered, all.n - end->delivered);
	end->delivered = all.n;
	return news;
}

void
pair_end_close(struct pair_end *end)
{
	end->kind->stop(end->session);
	free(end->session);
	wr_free(&end->inbox);
	wr_free(&end->sent);
	for (size_t i = 0; i < end->ask_count; i++)
		bytes_free(&end->asks[i]);
	free(end->asks);
	free(end->writes);
}

/* Knuth's linear congruential generator: the same pieces on every machine. */
static size_t
piece_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return 1 + (*seed >> 16) % RANDOM_PIECE;
}

/* How many of the n bytes that wait travel now; carried have travelled before. */
static size_t
piece_size(struct pair_line *line, size_t n, size_t carried)
{
	if (line->cut > carried && line->cut < carried + n)
		n = line->cut - carried;
	if (line->piece > 0 && n > line->piece)
		n = line->piece;
	if (line->seed != 0) {
		size_t limit = piece_random(&line->seed);

		n = n > limit ? limit : n;
	}
	return n;
}

/* One piece from one end to the other; how many bytes it had. */
static size_t
carry(struct pair_end *from, struct pair_end *to, struct pair_line *line, size_t carried)
{
	size_t n = piece_size(line, from->sent.n - from->delivered, carried);
	struct bytes piece;

	if (n == 0)
		return 0;
	piece = bytes_copy(span_of(from->sent.p + from->delivered, n));
	from->delivered += n;
	pair_end_feed(to, bytes_span(&piece));
	bytes_free(&piece);
	return n;
}

void
pair_run(struct pair_end *server, struct pair_end *client, const struct pair_line *line)
{
	struct pair_line state = *line;
	size_t carried = 0, before;

	do {
		before = carried;
		carried += carry(server, client, &state, carried);
		carried += carry(client, server, &state, carried);
		if (line->break_after > 0 &&
		    server->message_count + client->message_count >= line->break_after) {
			pair_end_break(server, "connection lost");
			pair_end_break(client, "connection lost");
			return;
		}
	} while (carried > before);
}
