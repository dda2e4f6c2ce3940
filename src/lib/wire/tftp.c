#include "wire/tftp.h"

#include <inttypes.h>
#include <stdio.h>
#include <strings.h>

/* RFC 2349: timeout in seconds, RFC 7440: window in blocks. */
#define TIMEOUT_MIN 1
#define TIMEOUT_MAX 255

static const char *const mode_names[] = {
	[TFTP_OCTET] = "octet",
	[TFTP_NETASCII] = "netascii",
};

/* Modes and option names are compared without regard to case (RFC 1350, 2347). */
static bool
is_word(struct span s, const char *word)
{
	return s.n == strlen(word) && strncasecmp((const char *)s.p, word, s.n) == 0;
}

/* Decimal digits alone; false also for what does not fit 64 bits. */
static bool
number_parse(struct span s, uint64_t *out)
{
	struct rd r = rd_open(s);
	uint64_t value = 0;
	uint8_t c;

	if (rd_end(&r))
		return false;
	while (rd_u8(&r, &c)) {
		if (c < '0' || c > '9' || value > (UINT64_MAX - (uint64_t)(c - '0')) / 10)
			return false;
		value = value * 10 + (uint64_t)(c - '0');
	}
	*out = value;
	return true;
}

/* RFC 2348: a server may answer with less than was asked for, so a request for more than fits is a
 * request for the most. */
static bool
blksize_take(struct tftp_options *o, uint64_t v, bool request)
{
	if (v < TFTP_BLOCK_MIN || (v > TFTP_BLOCK_MAX && !request))
		return false;
	o->has_blksize = true;
	o->blksize = (uint16_t)(v < TFTP_BLOCK_MAX ? v : TFTP_BLOCK_MAX);
	return true;
}

static bool
timeout_take(struct tftp_options *o, uint64_t v, bool request)
{
	(void)request;
	if (v < TIMEOUT_MIN || v > TIMEOUT_MAX)
		return false;
	o->has_timeout = true;
	o->timeout = (uint8_t)v;
	return true;
}

static bool
tsize_take(struct tftp_options *o, uint64_t v, bool request)
{
	(void)request;
	o->has_tsize = true;
	o->tsize = v;
	return true;
}

static bool
windowsize_take(struct tftp_options *o, uint64_t v, bool request)
{
	(void)request;
	if (v < 1 || v > TFTP_WINDOW_MAX)
		return false;
	o->has_windowsize = true;
	o->windowsize = (uint16_t)v;
	return true;
}

static const struct option {
	const char *name;
	bool (*take)(struct tftp_options *o, uint64_t v, bool request); /* false: out of range */
} options[] = {
	{ "blksize", blksize_take },
	{ "timeout", timeout_take },
	{ "tsize", tsize_take },
	{ "windowsize", windowsize_take },
};

#define OPTION_COUNT (sizeof options / sizeof options[0])

static size_t
option_find(struct span name)
{
	size_t i = 0;

	while (i < OPTION_COUNT && !is_word(name, options[i].name))
		i++;
	return i;
}

/* Nothing but NULs up to the end: what is left of a buffer that was sent as a whole. */
static bool
is_padding(struct rd r)
{
	uint8_t c = 0;

	while (c == 0 && rd_u8(&r, &c))
		;
	return c == 0;
}

/* Pairs of name and value up to the end. RFC 2347 allows each option once: the first one counts. */
static bool
options_parse(struct rd *r, bool request, struct tftp_options *out, struct err *e)
{
	bool seen[OPTION_COUNT + 1] = { false };
	struct span name, text;
	uint64_t value;

	while (!rd_end(r)) {
		size_t at = rd_offset(r), i;

		if (request && is_padding(*r)) {
			(void)rd_rest(r);
			return true;
		}
		if (!rd_until(r, 0, &name) || !rd_until(r, 0, &text))
			return err_set(e, ERR_MALFORMED, "option at offset %zu has no end", at);
		i = option_find(name);
		if (i == OPTION_COUNT || seen[i])
			continue;
		seen[i] = true;
		if ((!number_parse(text, &value) || !options[i].take(out, value, request)) &&
		    !request)
			return err_set(e, ERR_MALFORMED, "option %s at offset %zu is out of range",
			    options[i].name, at);
	}
	return true;
}

static bool
mode_parse(struct rd *r, enum tftp_mode *out, struct err *e)
{
	size_t at = rd_offset(r);
	struct span mode;

	if (!rd_until(r, 0, &mode))
		return err_set(e, ERR_MALFORMED, "mode at offset %zu has no end", at);
	if (is_word(mode, mode_names[TFTP_OCTET]))
		*out = TFTP_OCTET;
	else if (is_word(mode, mode_names[TFTP_NETASCII]))
		*out = TFTP_NETASCII;
	else
		return err_set(
		    e, ERR_MALFORMED, "mode at offset %zu is neither octet nor netascii", at);
	return true;
}

static bool
request_parse(struct rd *r, struct tftp_packet *out, struct err *e)
{
	if (!rd_until(r, 0, &out->name))
		return err_set(e, ERR_MALFORMED, "file name has no end");
	if (out->name.n == 0)
		return err_set(e, ERR_MALFORMED, "file name is empty");
	if (out->name.n > TFTP_NAME_MAX)
		return err_set(e, ERR_MALFORMED, "file name of %zu bytes, at most %d are taken",
		    out->name.n, TFTP_NAME_MAX);
	return mode_parse(r, &out->mode, e) && options_parse(r, true, &out->options, e);
}

static bool
data_parse(struct rd *r, struct tftp_packet *out, struct err *e)
{
	if (!rd_u16(r, &out->block))
		return err_set(e, ERR_MALFORMED, "DATA of %zu bytes", r->n + 2);
	out->data = rd_rest(r);
	if (out->data.n > TFTP_BLOCK_MAX)
		return err_set(e, ERR_MALFORMED, "DATA with a block of %zu bytes", out->data.n);
	return true;
}

static bool
ack_parse(struct rd *r, struct tftp_packet *out, struct err *e)
{
	if (!rd_u16(r, &out->block) || !rd_end(r))
		return err_set(e, ERR_MALFORMED, "ACK is not 4 bytes");
	return true;
}

/* Some programs leave the NUL of the message out, or put more behind it. */
static bool
error_parse(struct rd *r, struct tftp_packet *out, struct err *e)
{
	if (!rd_u16(r, &out->error))
		return err_set(e, ERR_MALFORMED, "ERROR of %zu bytes", r->n + 2);
	if (!rd_until(r, 0, &out->message))
		out->message = rd_rest(r);
	(void)rd_rest(r);
	return true;
}

bool
tftp_parse(struct span in, struct tftp_packet *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint16_t opcode;

	*out = (struct tftp_packet){ 0 };
	if (!rd_u16(&r, &opcode))
		return err_set(e, ERR_MALFORMED, "datagram of %zu bytes", in.n);
	switch (opcode) {
	case TFTP_RRQ:
	case TFTP_WRQ:
		out->opcode = (enum tftp_opcode)opcode;
		return request_parse(&r, out, e);
	case TFTP_DATA:
		out->opcode = TFTP_DATA;
		return data_parse(&r, out, e);
	case TFTP_ACK:
		out->opcode = TFTP_ACK;
		return ack_parse(&r, out, e);
	case TFTP_ERROR:
		out->opcode = TFTP_ERROR;
		return error_parse(&r, out, e);
	case TFTP_OACK:
		out->opcode = TFTP_OACK;
		return options_parse(&r, false, &out->options, e);
	default:
		return err_set(e, ERR_MALFORMED, "opcode %u is not of TFTP", opcode);
	}
}

static void
text_write(struct wr *out, struct span s)
{
	wr_span(out, s);
	wr_u8(out, 0);
}

static void
option_write(struct wr *out, const char *name, bool has, uint64_t value)
{
	char digits[24];

	if (!has)
		return;
	snprintf(digits, sizeof digits, "%" PRIu64, value);
	text_write(out, span_str(name));
	text_write(out, span_str(digits));
}

static void
options_write(struct wr *out, const struct tftp_options *o)
{
	option_write(out, "blksize", o->has_blksize, o->blksize);
	option_write(out, "timeout", o->has_timeout, o->timeout);
	option_write(out, "tsize", o->has_tsize, o->tsize);
	option_write(out, "windowsize", o->has_windowsize, o->windowsize);
}

static bool
has_nul(struct span s)
{
	return s.n > 0 && memchr(s.p, 0, s.n) != NULL;
}

static bool
request_write(const struct tftp_packet *p, struct wr *out, struct err *e)
{
	if (p->name.n == 0 || p->name.n > TFTP_NAME_MAX || has_nul(p->name))
		return err_set(
		    e, ERR_MALFORMED, "a file name has 1 to %d bytes and no NUL", TFTP_NAME_MAX);
	text_write(out, p->name);
	text_write(out, span_str(mode_names[p->mode]));
	options_write(out, &p->options);
	return true;
}

static bool
body_write(const struct tftp_packet *p, struct wr *out, struct err *e)
{
	switch (p->opcode) {
	case TFTP_RRQ:
	case TFTP_WRQ:
		return request_write(p, out, e);
	case TFTP_DATA:
		if (p->data.n > TFTP_BLOCK_MAX)
			return err_set(e, ERR_LIMIT, "block of %zu bytes", p->data.n);
		wr_u16(out, p->block);
		wr_span(out, p->data);
		return true;
	case TFTP_ACK:
		wr_u16(out, p->block);
		return true;
	case TFTP_ERROR:
		if (has_nul(p->message))
			return err_set(e, ERR_MALFORMED, "an error message has no NUL");
		wr_u16(out, p->error);
		text_write(out, p->message);
		return true;
	case TFTP_OACK:
		options_write(out, &p->options);
		return true;
	}
	return err_set(e, ERR_BUG, "opcode %d", (int)p->opcode);
}

bool
tftp_encode(const struct tftp_packet *p, struct wr *out, struct err *e)
{
	wr_u16(out, (uint16_t)p->opcode);
	if (!body_write(p, out, e))
		return false;
	return wr_ok(out) || err_set(e, ERR_LIMIT, "packet longer than %zu bytes", out->max);
}
