#include "wire/ask.h"

#include "base/text.h"

/* The first byte of a message: which of the two it is. */
#define TYPE_ASK    'Q'
#define TYPE_ANSWER 'A'

#define ELEMENT_MAX 65535 /* of a CAPF message */
#define ETAG_MAX    64
#define VERSION_MAX 200

static bool
get_bool(struct rd *r, bool *out)
{
	uint8_t v;

	if (!rd_u8(r, &v) || v > 1)
		return false;
	*out = v == 1;
	return true;
}

static void
put_u64(struct wr *out, uint64_t v)
{
	wr_u32(out, (uint32_t)(v >> 32));
	wr_u32(out, (uint32_t)v);
}

static bool
get_u64(struct rd *r, uint64_t *out)
{
	uint32_t high, low;

	if (!rd_u32(r, &high) || !rd_u32(r, &low))
		return false;
	*out = (uint64_t)high << 32 | low;
	return true;
}

static bool
check_kind(enum ask_kind kind, const char *what, struct err *e)
{
	if ((unsigned)kind < ASK_FILE || (unsigned)kind > ASK_OCSP)
		return err_set(e, ERR_MALFORMED, "%s of kind %u, expected %d to %d", what,
		    (unsigned)kind, ASK_FILE, ASK_OCSP);
	return true;
}

static bool
check_number(unsigned v, unsigned max, const char *what, struct err *e)
{
	return v <= max || err_set(e, ERR_MALFORMED, "%s is %u, at most %u", what, v, max);
}

/* What will stand in a header, a log line or a record. */
static bool
check_text(struct span s, size_t max, const char *what, struct err *e)
{
	if (s.n > max)
		return err_set(e, ERR_LIMIT, "%s has %zu characters, at most %zu", what, s.n, max);
	return text_is_printable(s) || err_set(e, ERR_MALFORMED, "%s is not printable", what);
}

struct span
ask_host(struct span peer)
{
	const char *colon, *close;

	if (peer.p == NULL || peer.n == 0)
		return peer;
	colon = memrchr(peer.p, ':', peer.n);
	close = memrchr(peer.p, ']', peer.n);
	if (peer.p[0] == '[' && close != NULL)
		return span_of(peer.p + 1, (size_t)(close - (const char *)peer.p) - 1);
	return colon != NULL ? span_of(peer.p, (size_t)(colon - (const char *)peer.p)) : peer;
}

static bool
check_element(struct span s, const char *what, struct err *e)
{
	return s.n <= ELEMENT_MAX ||
	       err_set(e, ERR_LIMIT, "%s has %zu bytes, at most %d", what, s.n, ELEMENT_MAX);
}

static bool
check_ask(const struct ask *a, struct err *e)
{
	if (!check_kind(a->kind, "question", e) ||
	    !check_number(a->report, REPORT_SILENT, "report of a question", e) ||
	    !check_number(a->via, ASK_VIA_HTTPS, "way of a question", e) ||
	    !check_number(a->capf_end, CAPF_END_REFUSED, "capf end of a question", e))
		return false;
	return check_element(a->signed_data, "signed data of a question", e) &&
	       check_element(a->sha2_signed, "SHA-2 signed data of a question", e) &&
	       check_element(a->sudi, "SUDI data of a question", e) &&
	       check_text(a->peer, ASK_ADDRESS_MAX - 1, "peer of a question", e);
}

static bool
check_answer(const struct answer *a, struct err *e)
{
	if (!check_kind(a->kind, "answer", e) ||
	    !check_number(a->capf, ANSWER_CAPF_STORE, "capf action of an answer", e))
		return false;
	if (a->data.n > ASK_INLINE_MAX)
		return err_set(e, ERR_LIMIT, "file of %zu bytes in an answer, at most %d",
		    a->data.n, ASK_INLINE_MAX);
	return check_text(a->etag, ETAG_MAX, "etag of an answer", e) &&
	       check_text(a->version, VERSION_MAX, "version of an answer", e);
}

static bool
check_size(size_t n, const char *what, struct err *e)
{
	return n <= ASK_MESSAGE_MAX ||
	       err_set(e, ERR_LIMIT, "%s of %zu bytes, at most %d", what, n, ASK_MESSAGE_MAX);
}

bool
ask_encode(const struct ask *a, struct wr *out, struct err *e)
{
	const struct span spans[] = { a->peer, a->name, a->certificate, a->subject, a->issuer,
		a->serial, a->password, a->public_key, a->text, a->signed_data, a->sha2_signed,
		a->sudi };
	size_t start = out->n;

	if (!check_ask(a, e))
		return false;
	wr_u8(out, TYPE_ASK);
	wr_u8(out, (uint8_t)a->kind);
	wr_u32(out, a->id);
	wr_u32(out, a->session);
	wr_u8(out, a->report);
	wr_u8(out, a->via);
	wr_u8(out, a->capf_end);
	wr_u8(out, a->capf_version);
	wr_u8(out, a->cert_type);
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
		wr_sized(out, spans[i]);
	if (!wr_ok(out))
		return err_set(e, ERR_LIMIT, "question does not fit %zu bytes", out->max);
	return check_size(out->n - start, "question", e);
}

bool
ask_parse(struct span in, struct ask *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t type, kind;
	struct span *const spans[] = { &out->peer, &out->name, &out->certificate, &out->subject,
		&out->issuer, &out->serial, &out->password, &out->public_key, &out->text,
		&out->signed_data, &out->sha2_signed, &out->sudi };

	*out = (struct ask){ 0 };
	if (!check_size(in.n, "question", e))
		return false;
	if (!rd_u8(&r, &type) || type != TYPE_ASK || !rd_u8(&r, &kind) || !rd_u32(&r, &out->id) ||
	    !rd_u32(&r, &out->session) || !rd_u8(&r, &out->report) || !rd_u8(&r, &out->via) ||
	    !rd_u8(&r, &out->capf_end) || !rd_u8(&r, &out->capf_version) ||
	    !rd_u8(&r, &out->cert_type))
		return err_set(
		    e, ERR_MALFORMED, "question: head broken at byte %zu", rd_offset(&r));
	out->kind = kind;
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
		if (!rd_sized(&r, spans[i]))
			return err_set(e, ERR_MALFORMED, "question: part %zu cut short at byte %zu",
			    i + 1, rd_offset(&r));
	if (!rd_end(&r))
		return err_set(e, ERR_MALFORMED, "question: %zu bytes left over at byte %zu", r.n,
		    rd_offset(&r));
	return check_ask(out, e);
}

bool
answer_encode(const struct answer *a, struct wr *out, struct err *e)
{
	const struct span spans[] = { a->text, a->data, a->certificate, a->roles, a->etag,
		a->version, a->elsewhere };
	size_t start = out->n;

	if (!check_answer(a, e))
		return false;
	wr_u8(out, TYPE_ANSWER);
	wr_u8(out, (uint8_t)a->kind);
	wr_u32(out, a->id);
	wr_u8(out, a->ok);
	wr_u16(out, a->code);
	wr_u8(out, a->has_file);
	put_u64(out, a->file_size);
	wr_u8(out, a->keep);
	put_u64(out, a->modified);
	wr_u32(out, a->ttl);
	wr_u8(out, a->capf);
	wr_u8(out, a->reason);
	wr_u8(out, a->key_type);
	wr_u8(out, a->curve);
	wr_u16(out, a->key_size);
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
		wr_sized(out, spans[i]);
	if (!wr_ok(out))
		return err_set(e, ERR_LIMIT, "answer does not fit %zu bytes", out->max);
	return check_size(out->n - start, "answer", e);
}

static bool
answer_read_head(struct rd *r, struct answer *out)
{
	uint8_t type, kind;

	if (!rd_u8(r, &type) || type != TYPE_ANSWER || !rd_u8(r, &kind))
		return false;
	out->kind = kind;
	return rd_u32(r, &out->id) && get_bool(r, &out->ok) && rd_u16(r, &out->code) &&
	       get_bool(r, &out->has_file) && get_u64(r, &out->file_size) &&
	       get_bool(r, &out->keep) && get_u64(r, &out->modified) && rd_u32(r, &out->ttl) &&
	       rd_u8(r, &out->capf) && rd_u8(r, &out->reason) && rd_u8(r, &out->key_type) &&
	       rd_u8(r, &out->curve) && rd_u16(r, &out->key_size);
}

bool
answer_parse(struct span in, struct answer *out, struct err *e)
{
	struct rd r = rd_open(in);
	struct span *const spans[] = { &out->text, &out->data, &out->certificate, &out->roles,
		&out->etag, &out->version, &out->elsewhere };

	*out = (struct answer){ 0 };
	if (!check_size(in.n, "answer", e))
		return false;
	if (!answer_read_head(&r, out))
		return err_set(e, ERR_MALFORMED, "answer: head broken at byte %zu", rd_offset(&r));
	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++)
		if (!rd_sized(&r, spans[i]))
			return err_set(e, ERR_MALFORMED, "answer: part %zu cut short at byte %zu",
			    i + 1, rd_offset(&r));
	if (!rd_end(&r))
		return err_set(e, ERR_MALFORMED, "answer: %zu bytes left over at byte %zu", r.n,
		    rd_offset(&r));
	return check_answer(out, e);
}
