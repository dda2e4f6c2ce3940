#include "wire/tlsseen.h"

#include "base/rd.h"

#define RECORD_HEADER 5
#define RECORD_MAX    (16384 + 2048) /* RFC 5246 6.2.3 */
#define MAJOR         3

enum record {
	RECORD_CHANGE_CIPHER_SPEC = 20,
	RECORD_ALERT = 21,
	RECORD_HANDSHAKE = 22,
	RECORD_APPLICATION = 23,
	RECORD_HEARTBEAT = 24,
};

enum message {
	MESSAGE_CLIENT_HELLO = 1,
	MESSAGE_SERVER_HELLO = 2,
	MESSAGE_CERTIFICATE = 11,
};

#define EXTENSION_SUPPORTED_VERSIONS 43

void
tlsseen_init(struct tlsseen *t)
{
	*t = (struct tlsseen){ .raw = wr_new(RECORD_HEADER + RECORD_MAX),
		.handshake = wr_new(TLSSEEN_HANDSHAKE_MAX) };
}

void
tlsseen_free(struct tlsseen *t)
{
	wr_free(&t->raw);
	wr_free(&t->handshake);
	bytes_free(&t->certificate);
}

/* The version in a ServerHello of TLS 1.3 stands in an extension (RFC 8446 4.1.3). */
static void
read_extensions(struct tlsseen *t, struct rd r)
{
	uint16_t all, type, length;
	struct rd one;

	if (!rd_u16(&r, &all))
		return;
	while (rd_u16(&r, &type) && rd_u16(&r, &length) && rd_take(&r, length, &one))
		if (type == EXTENSION_SUPPORTED_VERSIONS)
			(void)!rd_u16(&one, &t->version);
}

static void
read_server_hello(struct tlsseen *t, struct rd r)
{
	struct span skipped;
	uint16_t version;
	uint8_t n;

	t->hello = true;
	if (!rd_u16(&r, &version))
		return;
	t->version = version;
	if (rd_span(&r, 32, &skipped) && rd_u8(&r, &n) && rd_span(&r, n + (size_t)3, &skipped))
		read_extensions(t, r);
}

static bool
take_u24(struct rd *r, size_t *out)
{
	uint16_t high;
	uint8_t low;

	if (!rd_u16(r, &high) || !rd_u8(r, &low))
		return false;
	*out = (size_t)high << 8 | low;
	return true;
}

static void
read_certificate(struct tlsseen *t, struct rd r)
{
	struct span first;
	size_t n;

	if (t->has_certificate)
		return;
	t->has_certificate = true;
	if (take_u24(&r, &n) && n > 0 && take_u24(&r, &n) && n > 0 && rd_span(&r, n, &first))
		t->certificate = bytes_copy(first);
}

static void
read_message(struct tlsseen *t, uint8_t type, struct rd body)
{
	if (type == MESSAGE_CLIENT_HELLO)
		t->hello = true;
	else if (type == MESSAGE_SERVER_HELLO)
		read_server_hello(t, body);
	else if (type == MESSAGE_CERTIFICATE)
		read_certificate(t, body);
}

/* Takes n bytes off the front. */
static void
drop(struct wr *w, size_t n)
{
	if (n == 0)
		return;
	memmove(w->p, w->p + n, w->n - n);
	w->n -= n;
}

static void
read_handshake(struct tlsseen *t, struct span fragment)
{
	struct rd r, body, next;
	size_t n;
	uint8_t type;

	wr_span(&t->handshake, fragment);
	if (!wr_ok(&t->handshake)) {
		t->end = TLSSEEN_TOO_MUCH;
		return;
	}
	r = rd_open(wr_view(&t->handshake));
	next = r;
	while (rd_u8(&next, &type) && take_u24(&next, &n) && rd_take(&next, n, &body)) {
		read_message(t, type, body);
		r = next;
	}
	drop(&t->handshake, rd_offset(&r));
}

static void
read_alert(struct tlsseen *t, struct rd r)
{
	struct tlsseen_alert a = { 0 };

	if (t->alerts == TLSSEEN_ALERTS_MAX)
		return;
	/* One that is encrypted is longer. */
	if (r.n != 2 || !rd_u8(&r, &a.level) || !rd_u8(&r, &a.description))
		a = (struct tlsseen_alert){ 0 };
	t->alert[t->alerts++] = a;
}

static void
read_record(struct tlsseen *t, uint8_t type, struct rd body)
{
	if (type == RECORD_CHANGE_CIPHER_SPEC)
		t->encrypts = true;
	else if (type == RECORD_ALERT)
		read_alert(t, body);
	else if (type == RECORD_HANDSHAKE && !t->encrypts)
		read_handshake(t, rd_rest(&body));
}

/* Whole records at the front of raw are read and taken off. */
static void
read_records(struct tlsseen *t)
{
	struct rd r = rd_open(wr_view(&t->raw)), next = r, body;
	uint8_t type, major, minor;
	uint16_t n;

	while (t->end == TLSSEEN_READS && rd_u8(&next, &type)) {
		if (type < RECORD_CHANGE_CIPHER_SPEC || type > RECORD_HEARTBEAT) {
			t->end = TLSSEEN_NOT_TLS;
			return;
		}
		if (!rd_u8(&next, &major) || !rd_u8(&next, &minor) || !rd_u16(&next, &n))
			break;
		if (major != MAJOR || n > RECORD_MAX) {
			t->end = TLSSEEN_NOT_TLS;
			return;
		}
		if (!rd_take(&next, n, &body))
			break;
		read_record(t, type, body);
		r = next;
	}
	drop(&t->raw, rd_offset(&r));
}

void
tlsseen_feed(struct tlsseen *t, struct span bytes)
{
	struct rd r = rd_open(bytes);
	struct span part;

	while (t->end == TLSSEEN_READS && !rd_end(&r)) {
		size_t room = t->raw.max - t->raw.n;

		if (rd_span(&r, r.n < room ? r.n : room, &part))
			wr_span(&t->raw, part);
		read_records(t);
	}
}

const char *
tlsseen_alert_name(uint8_t description)
{
	static const char *const names[] = { [0] = "close notify",
		[10] = "unexpected message",
		[20] = "bad record mac",
		[21] = "decryption failed",
		[22] = "record overflow",
		[30] = "decompression failure",
		[40] = "handshake failure",
		[41] = "no certificate",
		[42] = "bad certificate",
		[43] = "unsupported certificate",
		[44] = "certificate revoked",
		[45] = "certificate expired",
		[46] = "certificate unknown",
		[47] = "illegal parameter",
		[48] = "unknown CA",
		[49] = "access denied",
		[50] = "decode error",
		[51] = "decrypt error",
		[60] = "export restriction",
		[70] = "protocol version",
		[71] = "insufficient security",
		[80] = "internal error",
		[86] = "inappropriate fallback",
		[90] = "user canceled",
		[100] = "no renegotiation",
		[109] = "missing extension",
		[110] = "unsupported extension",
		[112] = "unrecognized name",
		[116] = "certificate required" };

	return description < sizeof names / sizeof names[0] ? names[description] : NULL;
}

const char *
tlsseen_version_name(uint16_t version)
{
	switch (version) {
	case TLSSEEN_1_0:
		return "TLS 1.0";
	case TLSSEEN_1_1:
		return "TLS 1.1";
	case TLSSEEN_1_2:
		return "TLS 1.2";
	case TLSSEEN_1_3:
		return "TLS 1.3";
	default:
		return NULL;
	}
}
