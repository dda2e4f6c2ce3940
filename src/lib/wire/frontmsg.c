#include "wire/frontmsg.h"

#define SETTING_COUNT 10
#define SERVICE_COUNT 8
#define COUNTER_COUNT (2 * SERVICE_COUNT + 3)

static bool
written(const struct wr *out, const char *what, struct err *e)
{
	return wr_ok(out) || err_set(e, ERR_LIMIT, "%s does not fit into a message", what);
}

static bool
cut_short(const char *what, struct err *e)
{
	return err_set(e, ERR_MALFORMED, "%s from another process is cut short or too long", what);
}

/* The members in the order in which they travel. */
static void
settings_fields(struct front_settings *s, uint32_t *fields[SETTING_COUNT])
{
	uint32_t *const all[SETTING_COUNT] = { &s->handshake_s, &s->tvs_idle_s, &s->capf_answer_s,
		&s->capf_keygen_s, &s->connections, &s->connections_per_address, &s->half_open,
		&s->tftp_transfers, &s->tftp_transfers_per_address, &s->session_base };

	memcpy(fields, all, sizeof all);
}

bool
front_settings_encode(const struct front_settings *s, struct wr *out, struct err *e)
{
	struct front_settings copy = *s;
	uint32_t *fields[SETTING_COUNT];

	settings_fields(&copy, fields);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		wr_u32(out, *fields[i]);
	return written(out, "settings", e);
}

bool
front_settings_parse(struct span in, struct front_settings *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint32_t *fields[SETTING_COUNT];

	settings_fields(out, fields);
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (!rd_u32(&r, fields[i]))
			return cut_short("settings", e);
	return rd_end(&r) || cut_short("settings", e);
}

static void
write_part(struct wr *out, struct span s)
{
	size_t mark = wr_len16_open(out);

	wr_span(out, s);
	wr_len16_close(out, mark);
}

static bool
read_part(struct rd *r, struct span *out)
{
	uint16_t n;

	return rd_u16(r, &n) && rd_span(r, n, out);
}

bool
front_identity_encode(const struct front_identity *id, struct wr *out, struct err *e)
{
	wr_u8(out, (uint8_t)id->service);
	wr_u8(out, id->old_tls);
	wr_u8(out, (uint8_t)id->chain_count);
	for (size_t i = 0; i < id->chain_count; i++)
		write_part(out, id->chain[i]);
	write_part(out, id->key);
	write_part(out, id->ticket_key);
	return written(out, "identity", e);
}

bool
front_identity_parse(struct span in, struct front_identity *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t service, old, count;

	*out = (struct front_identity){ 0 };
	if (!rd_u8(&r, &service) || !rd_u8(&r, &old) || !rd_u8(&r, &count))
		return cut_short("identity", e);
	if ((service != FRONT_TVS && service != FRONT_CAPF) || count == 0 ||
	    count > FRONTMSG_CHAIN_MAX)
		return err_set(e, ERR_MALFORMED, "identity of service %u with %u certificates",
		    service, count);
	out->service = (enum front_service)service;
	out->old_tls = old != 0;
	out->chain_count = count;
	for (size_t i = 0; i < count; i++)
		if (!read_part(&r, &out->chain[i]))
			return cut_short("identity", e);
	if (!read_part(&r, &out->key) || !read_part(&r, &out->ticket_key) || !rd_end(&r))
		return cut_short("identity", e);
	return true;
}

static void
service_fields(struct front_service_counters *s, uint64_t **fields)
{
	uint64_t *const all[SERVICE_COUNT] = { &s->accepted, &s->served, &s->handshake_failed,
		&s->old_refused, &s->over_limit, &s->timed_out, &s->broken, &s->open };

	memcpy(fields, all, sizeof all);
}

static void
counter_fields(struct front_counters *c, uint64_t *fields[COUNTER_COUNT])
{
	service_fields(&c->tvs, fields);
	service_fields(&c->capf, fields + SERVICE_COUNT);
	fields[COUNTER_COUNT - 3] = &c->tftp_sent;
	fields[COUNTER_COUNT - 2] = &c->tftp_failed;
	fields[COUNTER_COUNT - 1] = &c->tftp_running;
}

bool
front_counters_encode(const struct front_counters *c, struct wr *out, struct err *e)
{
	struct front_counters copy = *c;
	uint64_t *fields[COUNTER_COUNT];

	counter_fields(&copy, fields);
	for (size_t i = 0; i < COUNTER_COUNT; i++) {
		wr_u32(out, (uint32_t)(*fields[i] >> 32));
		wr_u32(out, (uint32_t)*fields[i]);
	}
	return written(out, "counters", e);
}

bool
front_counters_parse(struct span in, struct front_counters *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint64_t *fields[COUNTER_COUNT];
	uint32_t high, low;

	counter_fields(out, fields);
	for (size_t i = 0; i < COUNTER_COUNT; i++) {
		if (!rd_u32(&r, &high) || !rd_u32(&r, &low))
			return cut_short("counters", e);
		*fields[i] = (uint64_t)high << 32 | low;
	}
	return rd_end(&r) || cut_short("counters", e);
}

void
front_counters_add(struct front_counters *a, const struct front_counters *b)
{
	struct front_counters copy = *b;
	uint64_t *to[COUNTER_COUNT], *from[COUNTER_COUNT];

	counter_fields(a, to);
	counter_fields(&copy, from);
	for (size_t i = 0; i < COUNTER_COUNT; i++)
		*to[i] += *from[i];
}
