#include "wire/capfmsg.h"

#include "wire/der.h"
#include "wire/tagged.h"

#include <stddef.h>

#define PROTOCOL        0x55
#define COMMAND_COUNT   CAPFMSG_SIGN_RESPONSE
#define CERT_PREFIX     0x01 /* before the nested length (capf.md 5.3, captured) */
#define CERT_BEFORE_DER 2    /* 00 and the type, which the nested length counts */
#define SHA2_PREFIX     0x03 /* the number of SHA-512, before the signature's length */
#define SOFT_VERSION    2    /* soft phones say 2, phones and servers 3 (capf.md 5.3, captured) */

#define BIT(tag) (1u << (tag))

enum element_type {
	TYPE_U8,
	TYPE_U16,
	TYPE_BYTES,       /* any */
	TYPE_TEXT,        /* characters and one NUL */
	TYPE_DIGITS,      /* up to CAPFMSG_PASSWORD_MAX digits and one NUL */
	TYPE_DER,         /* one whole structure */
	TYPE_CERTIFICATE, /* the nested form of element 4 */
	TYPE_SHA2,        /* the form of element 20 */
};

static const char *const type_expected[] = {
	[TYPE_U8] = "C6: expected 1 byte",
	[TYPE_U16] = "C6: expected 2 bytes",
	[TYPE_BYTES] = "C6: expected bytes",
	[TYPE_TEXT] = "C6: expected a text and its NUL",
	[TYPE_DIGITS] = "C6: expected up to 15 digits and a NUL",
	[TYPE_DER] = "C7: expected one whole DER structure",
	[TYPE_CERTIFICATE] = "C7: expected 01, length, 00, type and one whole DER certificate",
	[TYPE_SHA2] = "C6: expected 03, length and that many bytes",
};

struct element {
	uint8_t tag;
	enum element_type type;
	size_t member; /* its place in struct capfmsg */
	const char *name;
};

/* In the order in which both servers and phones write them: the two orders of capf.md 5.3 do not
 * contradict each other. Elements that no known code sends stand by number. */
static const struct element elements[] = {
	{ CAPFMSG_REASON, TYPE_U8, offsetof(struct capfmsg, reason), "reason" },
	{ CAPFMSG_REASON_INFO, TYPE_BYTES, offsetof(struct capfmsg, reason_info), "reason info" },
	{ CAPFMSG_CERT_TYPE, TYPE_U8, offsetof(struct capfmsg, cert_type), "certificate type" },
	{ CAPFMSG_CERTIFICATE, TYPE_CERTIFICATE, offsetof(struct capfmsg, certificate),
	    "certificate" },
	{ CAPFMSG_CERT_ID, TYPE_BYTES, offsetof(struct capfmsg, cert_id), "certificate id" },
	{ CAPFMSG_SIGNED_DATA, TYPE_BYTES, offsetof(struct capfmsg, signed_data), "signed data" },
	{ CAPFMSG_PROTOCOL_VERSION, TYPE_U8, offsetof(struct capfmsg, version), "version" },
	{ CAPFMSG_AUTH_TYPE, TYPE_U8, offsetof(struct capfmsg, auth_type), "auth type" },
	{ CAPFMSG_KEY_SIZE, TYPE_U16, offsetof(struct capfmsg, key_size), "key size" },
	{ CAPFMSG_PASSWORD, TYPE_DIGITS, offsetof(struct capfmsg, password), "password" },
	{ CAPFMSG_RETRY_DELAY, TYPE_BYTES, offsetof(struct capfmsg, retry_delay), "retry delay" },
	{ CAPFMSG_DEVICE_NAME, TYPE_TEXT, offsetof(struct capfmsg, device), "device name" },
	{ CAPFMSG_SUDI, TYPE_BYTES, offsetof(struct capfmsg, sudi), "SUDI data" },
	{ CAPFMSG_PUBLIC_KEY, TYPE_DER, offsetof(struct capfmsg, public_key), "public key" },
	{ CAPFMSG_KEY_TYPE, TYPE_U8, offsetof(struct capfmsg, key_type), "key type" },
	{ CAPFMSG_CURVE, TYPE_U8, offsetof(struct capfmsg, curve), "curve" },
	{ CAPFMSG_DIGEST_TYPE, TYPE_U8, offsetof(struct capfmsg, digest_type), "digest type" },
	{ CAPFMSG_SHA2_SIGNED, TYPE_SHA2, offsetof(struct capfmsg, sha2_signed),
	    "SHA-2 signed data" },
};

#define ELEMENT_COUNT (sizeof elements / sizeof elements[0])

/* The three of a soft phone's auth response come in an order of their own (capf.md 5.2). */
static const uint8_t soft_order[] = { CAPFMSG_PROTOCOL_VERSION, CAPFMSG_DEVICE_NAME,
	CAPFMSG_REASON };

static const struct element *
element_find(uint8_t tag)
{
	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		if (elements[i].tag == tag)
			return &elements[i];
	return NULL;
}

static bool
is_digits(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return true;
}

static bool
text_read(struct rd *v, struct span *out)
{
	return rd_until(v, 0, out) && rd_end(v);
}

/* 01, u16, 00, type, DER; the length counts from the 00 (capf.md 5.3, captured). */
static bool
certificate_read(struct rd *v, struct capfmsg *m)
{
	uint8_t prefix, zero;
	uint16_t length;
	struct rd inner;

	if (!rd_u8(v, &prefix) || prefix != CERT_PREFIX || !rd_u16(v, &length) ||
	    !rd_take(v, length, &inner) || !rd_end(v))
		return false;
	if (!rd_u8(&inner, &zero) || zero != 0 || !rd_u8(&inner, &m->inner_type))
		return false;
	m->certificate = rd_rest(&inner);
	return der_is_whole(m->certificate);
}

static bool
sha2_read(struct rd *v, struct span *out)
{
	uint8_t digest;
	uint16_t length;

	return rd_u8(v, &digest) && digest == SHA2_PREFIX && rd_u16(v, &length) &&
	       rd_span(v, length, out) && rd_end(v);
}

static bool
element_read(const struct element *el, struct rd *v, struct capfmsg *m)
{
	void *member = (char *)m + el->member;
	struct span *span = member;

	switch (el->type) {
	case TYPE_U8:
		return rd_u8(v, member) && rd_end(v);
	case TYPE_U16:
		return rd_u16(v, member) && rd_end(v);
	case TYPE_BYTES:
		*span = rd_rest(v);
		return true;
	case TYPE_TEXT:
		return text_read(v, span);
	case TYPE_DIGITS:
		return text_read(v, span) && span->n <= CAPFMSG_PASSWORD_MAX && is_digits(*span);
	case TYPE_DER:
		*span = rd_rest(v);
		return der_is_whole(*span);
	case TYPE_CERTIFICATE:
		return certificate_read(v, m);
	case TYPE_SHA2:
		return sha2_read(v, span);
	}
	return false;
}

static void
certificate_write(const struct capfmsg *m, struct wr *out)
{
	size_t mark;

	wr_u8(out, CERT_PREFIX);
	mark = wr_len16_open(out);
	wr_u8(out, 0);
	wr_u8(out, m->inner_type);
	wr_span(out, m->certificate);
	wr_len16_close(out, mark);
}

static void
sha2_write(struct span signature, struct wr *out)
{
	size_t mark;

	wr_u8(out, SHA2_PREFIX);
	mark = wr_len16_open(out);
	wr_span(out, signature);
	wr_len16_close(out, mark);
}

static void
element_write_value(const struct element *el, const struct capfmsg *m, struct wr *out)
{
	const void *member = (const char *)m + el->member;
	const struct span *span = member;

	switch (el->type) {
	case TYPE_U8:
		wr_u8(out, *(const uint8_t *)member);
		break;
	case TYPE_U16:
		wr_u16(out, *(const uint16_t *)member);
		break;
	case TYPE_BYTES:
	case TYPE_DER:
		wr_span(out, *span);
		break;
	case TYPE_TEXT:
	case TYPE_DIGITS:
		wr_span(out, *span);
		wr_u8(out, 0);
		break;
	case TYPE_CERTIFICATE:
		certificate_write(m, out);
		break;
	case TYPE_SHA2:
		sha2_write(*span, out);
		break;
	}
}

static void
element_write(const struct element *el, const struct capfmsg *m, struct wr *out)
{
	size_t mark;

	if (!(m->has & BIT(el->tag)))
		return;
	wr_u8(out, el->tag);
	mark = wr_len16_open(out);
	element_write_value(el, m, out);
	wr_len16_close(out, mark);
}

bool
capfmsg_frame(struct span in, size_t *whole, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t protocol, command;
	uint32_t session_id;
	uint16_t length;

	*whole = 0;
	if (!rd_u8(&r, &protocol))
		return true;
	if (protocol != PROTOCOL)
		return err_set(e, ERR_MALFORMED, "C1: protocol byte is 0x%02x, expected 0x%02x",
		    protocol, PROTOCOL);
	if (!rd_u8(&r, &command))
		return true;
	if (command < CAPFMSG_AUTH_REQUEST || command > COMMAND_COUNT)
		return err_set(e, ERR_MALFORMED, "C2: command is %u, expected 1 to %d", command,
		    COMMAND_COUNT);
	if (rd_u32(&r, &session_id) && rd_u16(&r, &length))
		*whole = (size_t)CAPFMSG_HEADER + length;
	return true;
}

static bool
element_parse(struct rd *in, bool strict, struct capfmsg *m, struct err *e)
{
	const struct element *el;
	struct tagged t;

	if (!tagged_read(in, "C4", &t, e))
		return false;
	if ((el = element_find(t.tag)) == NULL)
		return !strict || err_set(e, ERR_MALFORMED, "C5: element %u at byte %zu is unknown",
				      t.tag, t.at);
	if (m->has & BIT(t.tag))
		return err_set(e, ERR_MALFORMED, "C5: element %u (%s) at byte %zu is the second",
		    t.tag, el->name, t.at);
	m->has |= BIT(t.tag);
	if (!element_read(el, &t.value, m))
		return err_set(e, ERR_MALFORMED, "%s in element %u (%s) at byte %zu with %u bytes",
		    type_expected[el->type], t.tag, el->name, t.at, t.length);
	return true;
}

bool
capfmsg_parse(struct span in, bool strict, struct capfmsg *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t protocol, command;
	uint32_t session_id;
	uint16_t length;
	size_t whole;

	*out = (struct capfmsg){ 0 };
	if (!capfmsg_frame(in, &whole, e))
		return false;
	if (!rd_u8(&r, &protocol) || !rd_u8(&r, &command) || !rd_u32(&r, &session_id) ||
	    !rd_u16(&r, &length))
		return err_set(
		    e, ERR_MALFORMED, "C1: header of %zu bytes, expected %d", in.n, CAPFMSG_HEADER);
	if (whole != in.n)
		return err_set(e, ERR_MALFORMED, "C3: length is %u, %zu bytes follow the header",
		    length, in.n - CAPFMSG_HEADER);
	*out = (struct capfmsg){ .command = command, .session_id = session_id };
	while (!rd_end(&r))
		if (!element_parse(&r, strict, out, e))
			return false;
	return true;
}

static bool
is_soft_phone(const struct capfmsg *m)
{
	const uint32_t three =
	    BIT(CAPFMSG_PROTOCOL_VERSION) | BIT(CAPFMSG_DEVICE_NAME) | BIT(CAPFMSG_REASON);

	return m->command == CAPFMSG_AUTH_RESPONSE && m->has == three && m->version == SOFT_VERSION;
}

bool
capfmsg_encode(const struct capfmsg *m, struct wr *out, struct err *e)
{
	size_t mark;

	wr_u8(out, PROTOCOL);
	wr_u8(out, (uint8_t)m->command);
	wr_u32(out, m->session_id);
	mark = wr_len16_open(out);
	if (is_soft_phone(m))
		for (size_t i = 0; i < sizeof soft_order; i++)
			element_write(element_find(soft_order[i]), m, out);
	else
		for (size_t i = 0; i < ELEMENT_COUNT; i++)
			element_write(&elements[i], m, out);
	wr_len16_close(out, mark);
	return wr_ok(out) || err_set(e, ERR_LIMIT, "capf message over %d bytes", CAPFMSG_MAX);
}

const char *
capfmsg_command_name(enum capfmsg_command command)
{
	static const char *const names[] = {
		[CAPFMSG_AUTH_REQUEST] = "auth-req",
		[CAPFMSG_AUTH_RESPONSE] = "auth-res",
		[CAPFMSG_KEYGEN_REQUEST] = "keygen-req",
		[CAPFMSG_KEYGEN_RESPONSE] = "keygen-res",
		[CAPFMSG_ENCRYPT_RESPONSE] = "encrypt-res",
		[CAPFMSG_ENCRYPT_REQUEST] = "encrypt-req",
		[CAPFMSG_DECRYPT_REQUEST] = "decrypt-req",
		[CAPFMSG_DECRYPT_RESPONSE] = "decrypt-res",
		[CAPFMSG_STORE_REQUEST] = "store-req",
		[CAPFMSG_STORE_RESPONSE] = "store-res",
		[CAPFMSG_FETCH_REQUEST] = "fetch-req",
		[CAPFMSG_FETCH_RESPONSE] = "fetch-res",
		[CAPFMSG_DELETE_REQUEST] = "delete-req",
		[CAPFMSG_DELETE_RESPONSE] = "delete-res",
		[CAPFMSG_END_SESSION] = "end",
		[CAPFMSG_RETRY_LATER] = "retry-later",
		[CAPFMSG_IN_PROGRESS] = "in-progress",
		[CAPFMSG_STATUS_REQUEST] = "status-req",
		[CAPFMSG_STATUS_RESPONSE] = "status-res",
		[CAPFMSG_ABORT_REQUEST] = "abort-req",
		[CAPFMSG_ABORT_RESPONSE] = "abort-res",
		[CAPFMSG_SIGN_REQUEST] = "sign-req",
		[CAPFMSG_SIGN_RESPONSE] = "sign-res",
	};

	if (command < CAPFMSG_AUTH_REQUEST || (unsigned)command > COMMAND_COUNT)
		return "unknown";
	return names[command];
}
