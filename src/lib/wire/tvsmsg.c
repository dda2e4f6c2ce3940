#include "wire/tvsmsg.h"

#include "base/text.h"
#include "wire/der.h"
#include "wire/tagged.h"

#define PROTOCOL      0x57
#define VERSION       1
#define DEVICE_PREFIX 0x01
#define LENGTH_AT     8 /* offset of the length in the header */

enum element_tag {
	TAG_DEVICE = 1,
	TAG_CERTIFICATE = 2,
	TAG_SUBJECT = 3,
	TAG_ISSUER = 4,
	TAG_SERIAL = 5,
	TAG_STATUS = 7,
	TAG_ROLES = 8,
	TAG_TTL = 9,
};

#define BIT(tag) (1u << (tag))

struct element {
	uint8_t tag;
	const char *name, *rule, *expected;
	bool (*read)(struct rd *v, struct tvsmsg *m);
	bool (*is_there)(const struct tvsmsg *m);
	void (*write)(const struct tvsmsg *m, struct wr *out);
};

static bool
device_read(struct rd *v, struct tvsmsg *m)
{
	uint8_t prefix;

	if (!rd_u8(v, &prefix) || prefix != DEVICE_PREFIX)
		return false;
	m->device = rd_rest(v);
	return m->device.n > 0 && text_is_printable(m->device);
}

static bool
device_is_there(const struct tvsmsg *m)
{
	return m->device.p != NULL;
}

static void
device_write(const struct tvsmsg *m, struct wr *out)
{
	wr_u8(out, DEVICE_PREFIX);
	wr_span(out, m->device);
}

static bool
certificate_read(struct rd *v, struct tvsmsg *m)
{
	m->certificate = rd_rest(v);
	return der_is_whole(m->certificate);
}

static bool
certificate_is_there(const struct tvsmsg *m)
{
	return m->certificate.p != NULL;
}

static void
certificate_write(const struct tvsmsg *m, struct wr *out)
{
	wr_span(out, m->certificate);
}

/* A name and its one NUL, which ends the element. */
static bool
name_read(struct rd *v, struct span *out)
{
	return rd_until(v, 0, out) && rd_end(v) && out->n > 0;
}

static void
name_write(struct span name, struct wr *out)
{
	wr_span(out, name);
	wr_u8(out, 0);
}

static bool
subject_read(struct rd *v, struct tvsmsg *m)
{
	return name_read(v, &m->subject);
}

static bool
subject_is_there(const struct tvsmsg *m)
{
	return m->subject.p != NULL;
}

static void
subject_write(const struct tvsmsg *m, struct wr *out)
{
	name_write(m->subject, out);
}

static bool
issuer_read(struct rd *v, struct tvsmsg *m)
{
	return name_read(v, &m->issuer);
}

static bool
issuer_is_there(const struct tvsmsg *m)
{
	return m->issuer.p != NULL;
}

static void
issuer_write(const struct tvsmsg *m, struct wr *out)
{
	name_write(m->issuer, out);
}

static bool
serial_read(struct rd *v, struct tvsmsg *m)
{
	m->serial = rd_rest(v);
	return m->serial.n > 0;
}

static bool
serial_is_there(const struct tvsmsg *m)
{
	return m->serial.p != NULL;
}

static void
serial_write(const struct tvsmsg *m, struct wr *out)
{
	wr_span(out, m->serial);
}

static bool
status_read(struct rd *v, struct tvsmsg *m)
{
	m->has_status = true;
	return rd_u8(v, &m->status) && rd_end(v) && m->status <= TVSMSG_INVALID;
}

static bool
status_is_there(const struct tvsmsg *m)
{
	return m->has_status;
}

static void
status_write(const struct tvsmsg *m, struct wr *out)
{
	wr_u8(out, m->status);
}

static bool
roles_read(struct rd *v, struct tvsmsg *m)
{
	struct span roles = rd_rest(v);

	if (roles.n == 0 || roles.n > TVSMSG_ROLES_MAX)
		return false;
	memcpy(m->roles, roles.p, roles.n);
	m->role_count = roles.n;
	m->has_roles = true;
	return true;
}

static bool
roles_is_there(const struct tvsmsg *m)
{
	return m->has_roles;
}

static void
roles_write(const struct tvsmsg *m, struct wr *out)
{
	wr_span(out, span_of(m->roles, m->role_count));
}

static bool
ttl_read(struct rd *v, struct tvsmsg *m)
{
	m->has_ttl = true;
	return rd_u32(v, &m->ttl) && rd_end(v);
}

static bool
ttl_is_there(const struct tvsmsg *m)
{
	return m->has_ttl;
}

static void
ttl_write(const struct tvsmsg *m, struct wr *out)
{
	wr_u32(out, m->ttl);
}

/* In the order in which real devices write them: requests 1 2 and 1 3 4 5, responses 7 8 9 and
 * 7 2 8 9 (tvs.md 6, captured). */
static const struct element elements[] = {
	{ TAG_DEVICE, "device name", "V7", "01 and then printable characters", device_read,
	    device_is_there, device_write },
	{ TAG_SUBJECT, "subject name", "V6", "a name and its NUL", subject_read, subject_is_there,
	    subject_write },
	{ TAG_ISSUER, "issuer name", "V6", "a name and its NUL", issuer_read, issuer_is_there,
	    issuer_write },
	{ TAG_SERIAL, "serial", "V6", "at least 1 byte", serial_read, serial_is_there,
	    serial_write },
	{ TAG_STATUS, "status", "V6", "1 byte, 0 or 1", status_read, status_is_there,
	    status_write },
	{ TAG_CERTIFICATE, "certificate", "V8", "one whole DER certificate", certificate_read,
	    certificate_is_there, certificate_write },
	{ TAG_ROLES, "roles", "V6", "1 to 32 bytes", roles_read, roles_is_there, roles_write },
	{ TAG_TTL, "ttl", "V6", "4 bytes", ttl_read, ttl_is_there, ttl_write },
};

#define ELEMENT_COUNT (sizeof elements / sizeof elements[0])

static const struct element *
element_find(uint8_t tag)
{
	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		if (elements[i].tag == tag)
			return &elements[i];
	return NULL;
}

static uint32_t
elements_present(const struct tvsmsg *m)
{
	uint32_t present = 0;

	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		if (elements[i].is_there(m))
			present |= BIT(elements[i].tag);
	return present;
}

bool
tvsmsg_frame(struct span in, size_t *whole, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t protocol, version, command;
	uint16_t length;
	struct span rest;

	*whole = 0;
	if (!rd_u8(&r, &protocol))
		return true;
	if (protocol != PROTOCOL)
		return err_set(e, ERR_MALFORMED, "V1: protocol byte is 0x%02x, expected 0x%02x",
		    protocol, PROTOCOL);
	if (!rd_u8(&r, &version))
		return true;
	if (version != VERSION)
		return err_set(
		    e, ERR_MALFORMED, "V1: version is %u, expected %u", version, VERSION);
	if (!rd_u8(&r, &command))
		return true;
	if (command < TVSMSG_VERIFY_REQUEST || command > TVSMSG_QUERY_RESPONSE)
		return err_set(e, ERR_MALFORMED, "V2: command is %u, expected 1 to 4", command);
	if (rd_span(&r, LENGTH_AT - 3, &rest) && rd_u16(&r, &length))
		*whole = (size_t)TVSMSG_HEADER + length;
	return true;
}

/* What the answer to a certificate question must have when it is yes. */
static uint32_t
required_of(const struct tvsmsg *m)
{
	switch (m->command) {
	case TVSMSG_VERIFY_REQUEST:
		return BIT(TAG_DEVICE) | BIT(TAG_CERTIFICATE);
	case TVSMSG_QUERY_REQUEST:
		return BIT(TAG_DEVICE) | BIT(TAG_SUBJECT) | BIT(TAG_ISSUER) | BIT(TAG_SERIAL);
	case TVSMSG_VERIFY_RESPONSE:
	case TVSMSG_QUERY_RESPONSE:
		break;
	}
	if (!m->has_status || m->status != TVSMSG_VALID)
		return BIT(TAG_STATUS);
	return BIT(TAG_STATUS) | BIT(TAG_ROLES) | BIT(TAG_TTL) |
	       (m->command == TVSMSG_QUERY_RESPONSE ? BIT(TAG_CERTIFICATE) : 0);
}

static bool
check_required(const struct tvsmsg *m, uint32_t seen, const char *rule, struct err *e)
{
	uint32_t missing = required_of(m) & ~seen;

	for (size_t i = 0; i < ELEMENT_COUNT; i++)
		if (missing & BIT(elements[i].tag))
			return err_set(e, ERR_MALFORMED, "%s: element %u (%s) is missing", rule,
			    elements[i].tag, elements[i].name);
	return true;
}

/* Tag 6 is known by number only, and others may come: they are skipped (tvs.md 6). */
static bool
element_parse(struct rd *in, struct tvsmsg *m, uint32_t *seen, struct err *e)
{
	const struct element *el;
	struct tagged t;

	if (!tagged_read(in, "V4", &t, e))
		return false;
	if ((el = element_find(t.tag)) == NULL)
		return true;
	if (*seen & BIT(t.tag))
		return err_set(e, ERR_MALFORMED, "V5: element %u (%s) at byte %zu is the second",
		    t.tag, el->name, t.at);
	*seen |= BIT(t.tag);
	if (!el->read(&t.value, m))
		return err_set(e, ERR_MALFORMED,
		    "%s: element %u (%s) at byte %zu with %u bytes, expected %s", el->rule, t.tag,
		    el->name, t.at, t.length, el->expected);
	return true;
}

bool
tvsmsg_parse(struct span in, struct tvsmsg *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t protocol, version, command, reserved;
	uint32_t session_id, seen = 0;
	uint16_t length;
	size_t whole;

	*out = (struct tvsmsg){ 0 };
	if (!tvsmsg_frame(in, &whole, e))
		return false;
	if (!rd_u8(&r, &protocol) || !rd_u8(&r, &version) || !rd_u8(&r, &command) ||
	    !rd_u8(&r, &reserved) || !rd_u32(&r, &session_id) || !rd_u16(&r, &length))
		return err_set(
		    e, ERR_MALFORMED, "V1: header of %zu bytes, expected %d", in.n, TVSMSG_HEADER);
	if (whole != in.n)
		return err_set(e, ERR_MALFORMED, "V3: length is %u, %zu bytes follow the header",
		    length, in.n - TVSMSG_HEADER);
	*out = (struct tvsmsg){
		.command = command,
		.reserved = reserved,
		.session_id = session_id,
	};
	while (!rd_end(&r))
		if (!element_parse(&r, out, &seen, e))
			return false;
	return check_required(out, seen, "V9", e);
}

bool
tvsmsg_encode(const struct tvsmsg *m, struct wr *out, struct err *e)
{
	size_t body;

	if (m->role_count > TVSMSG_ROLES_MAX)
		return err_set(e, ERR_LIMIT, "tvs message with %zu roles, at most %d fit",
		    m->role_count, TVSMSG_ROLES_MAX);
	wr_u8(out, PROTOCOL);
	wr_u8(out, VERSION);
	wr_u8(out, (uint8_t)m->command);
	wr_u8(out, m->reserved);
	wr_u32(out, m->session_id);
	body = wr_len16_open(out);
	for (size_t i = 0; i < ELEMENT_COUNT; i++) {
		size_t value;

		if (!elements[i].is_there(m))
			continue;
		wr_u8(out, elements[i].tag);
		value = wr_len16_open(out);
		elements[i].write(m, out);
		wr_len16_close(out, value);
	}
	wr_len16_close(out, body);
	return wr_ok(out) || err_set(e, ERR_LIMIT, "tvs message over %d bytes", TVSMSG_MAX);
}

bool
tvsmsg_answers(const struct tvsmsg *request, const struct tvsmsg *response, struct err *e)
{
	if ((request->command != TVSMSG_VERIFY_REQUEST &&
		request->command != TVSMSG_QUERY_REQUEST) ||
	    (unsigned)response->command != request->command + 1u)
		return err_set(e, ERR_MALFORMED, "V10: command %u does not answer command %u",
		    (unsigned)response->command, (unsigned)request->command);
	if (response->session_id != request->session_id)
		return err_set(e, ERR_MALFORMED, "V10: session id is %u, expected %u",
		    response->session_id, request->session_id);
	return check_required(response, elements_present(response), "V10", e);
}
