#include "wire/frontmsg.h"

#include "base/device.h"

#define SETTING_COUNT 17
#define SERVICE_COUNT 8 /* counters of one service */
#define SERVICES      4
#define FILES_COUNT   6 /* counters of files */
#define COUNTER_COUNT (SERVICES * SERVICE_COUNT + FILES_COUNT)
#define PATH_LIMIT    4096

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
		&s->tftp_transfers, &s->tftp_transfers_per_address, &s->tftp_port_first,
		&s->tftp_port_last, &s->http_connections, &s->http_connections_per_address,
		&s->http_idle_s, &s->cache_mb, &s->file_max_mb, &s->session_base };

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
	if (service < FRONT_TVS || service > FRONT_HTTPS || old > 1 || count == 0 ||
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
	uint64_t *const files[FILES_COUNT] = { &c->tftp_sent, &c->tftp_failed, &c->tftp_running,
		&c->cache_hits, &c->cache_misses, &c->cache_bytes };
	struct front_service_counters *const services[SERVICES] = { &c->tvs, &c->capf, &c->http,
		&c->https };

	for (size_t i = 0; i < SERVICES; i++)
		service_fields(services[i], fields + i * SERVICE_COUNT);
	memcpy(fields + SERVICES * SERVICE_COUNT, files, sizeof files);
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

/* Every line is a device name. */
static bool
names_check(struct span names, struct err *e)
{
	struct rd r = rd_open(names);
	struct device device;
	struct span line;

	while (!rd_end(&r))
		if (!rd_until(&r, '\n', &line))
			return cut_short("device names", e);
		else if (!device_parse(line, &device, e))
			return err_in(e, "device names from another process");
	return true;
}

bool
front_forget_encode(const struct front_forget *f, struct wr *out, struct err *e)
{
	if (!names_check(f->devices, e))
		return false;
	wr_span(out, f->devices);
	return written(out, "device names", e);
}

bool
front_forget_parse(struct span in, struct front_forget *out, struct err *e)
{
	*out = (struct front_forget){ in };
	return names_check(in, e);
}

static bool
folder_check(struct span path, struct err *e)
{
	if (path.n >= PATH_LIMIT)
		return err_set(e, ERR_LIMIT, "path of a folder has %zu bytes, at most %d", path.n,
		    PATH_LIMIT - 1);
	return path.n == 0 || memchr(path.p, 0, path.n) == NULL ||
	       err_set(e, ERR_MALFORMED, "path of a folder holds a NUL byte");
}

bool
front_folder_encode(const struct front_folder *f, struct wr *out, struct err *e)
{
	if (!folder_check(f->path, e))
		return false;
	wr_u32(out, f->number);
	wr_span(out, f->path);
	return written(out, "folder", e);
}

bool
front_folder_parse(struct span in, struct front_folder *out, struct err *e)
{
	struct rd r = rd_open(in);

	*out = (struct front_folder){ 0 };
	if (!rd_u32(&r, &out->number))
		return cut_short("folder", e);
	out->path = rd_rest(&r);
	return folder_check(out->path, e);
}

/* A report that does not fit leaves the writer as it was, so that it can go into the next message.
 */
bool
front_served_encode(const struct front_served *s, struct wr *out, struct err *e)
{
	const struct span parts[] = { s->peer, s->name, s->version, s->text };
	const size_t count = sizeof parts / sizeof parts[0];
	size_t room = 1;

	for (size_t i = 0; i < count; i++)
		room += 2 + parts[i].n;
	if (room > out->max - out->n)
		return err_set(e, ERR_LIMIT, "report does not fit into a message");
	wr_u8(out, s->ok);
	for (size_t i = 0; i < count; i++)
		write_part(out, parts[i]);
	return written(out, "report", e);
}

bool
front_served_next(struct rd *in, struct front_served *out, struct err *e)
{
	struct span *const parts[] = { &out->peer, &out->name, &out->version, &out->text };
	uint8_t ok;

	*out = (struct front_served){ 0 };
	if (e != NULL)
		*e = (struct err){ 0 };
	if (rd_end(in))
		return false;
	if (!rd_u8(in, &ok) || ok > 1)
		return cut_short("report", e);
	out->ok = ok == 1;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		if (!read_part(in, parts[i]))
			return cut_short("report", e);
	return true;
}
