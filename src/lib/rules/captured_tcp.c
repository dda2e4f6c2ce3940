#include "rules/captured_internal.h"

#include "base/text.h"

#define HTTP_STATUS_AT 9 /* "HTTP/1.1 404" */

/* --- one direction --- */

static void
flow_end(struct captured_flow *f)
{
	tlsseen_free(&f->tls);
	for (size_t i = 0; i < CAPTURED_PENDING_MAX; i++)
		bytes_free(&f->pending[i].data);
}

/* The part of a segment that is new, when it is its turn. */
static bool
take_in_turn(struct captured_flow *f, uint32_t seq, struct span data)
{
	uint32_t old = f->next - seq; /* bytes of it that came before */

	if ((int32_t)old < 0)
		return false;
	if (old < data.n) {
		tlsseen_feed(&f->tls, span_of(data.p + old, data.n - old));
		f->next = seq + (uint32_t)data.n;
	}
	return true;
}

static void
take_pending(struct captured_flow *f)
{
	bool again = true;

	while (again) {
		again = false;
		for (size_t i = 0; i < CAPTURED_PENDING_MAX; i++) {
			if (f->pending[i].data.p == NULL ||
			    !take_in_turn(f, f->pending[i].seq, bytes_span(&f->pending[i].data)))
				continue;
			f->pending_bytes -= f->pending[i].data.n;
			bytes_free(&f->pending[i].data);
			again = true;
		}
	}
}

static void
keep_pending(struct captured_flow *f, uint32_t seq, struct span data)
{
	for (size_t i = 0; i < CAPTURED_PENDING_MAX; i++)
		if (f->pending[i].data.p == NULL &&
		    f->pending_bytes + data.n <= CAPTURED_PENDING_BYTES_MAX) {
			f->pending[i].seq = seq;
			f->pending[i].data = bytes_copy(data);
			f->pending_bytes += data.n;
			return;
		}
	f->lost = true;
}

static void
flow_segment(struct captured_flow *f, const struct packet *p)
{
	if (!f->begun) {
		f->begun = true;
		f->next = p->seq;
	}
	if (f->lost)
		return;
	if (!take_in_turn(f, p->seq, p->payload))
		keep_pending(f, p->seq, p->payload);
	else
		take_pending(f);
	if (p->missing > 0)
		f->lost = true;
}

/* --- connections --- */

static void
stream_end(struct captured *c, struct captured_stream *s)
{
	if (!s->used)
		return;
	for (int d = BY_PHONE; d <= BY_SERVER; d++)
		for (size_t i = 0; i < CAPTURED_PENDING_MAX; i++)
			if (s->flow[d].pending[i].data.p != NULL)
				s->flow[d].lost = true;
	if (s->server->service != CAPTURED_HTTP)
		captured_tls(c, s);
	flow_end(&s->flow[BY_PHONE]);
	flow_end(&s->flow[BY_SERVER]);
	*s = (struct captured_stream){ 0 };
}

void
captured_tcp_end(struct captured *c)
{
	for (size_t i = 0; i < CAPTURED_STREAMS_MAX; i++)
		stream_end(c, &c->stream[i]);
}

static struct captured_stream *
find_stream(struct captured *c, const struct captured_server *server, uint16_t port)
{
	for (size_t i = 0; i < CAPTURED_STREAMS_MAX; i++)
		if (c->stream[i].used && c->stream[i].server == server && c->stream[i].port == port)
			return &c->stream[i];
	return NULL;
}

/* A free place, else that of the connection that was quiet for longest. */
static struct captured_stream *
stream_begin(
    struct captured *c, struct captured_phone *phone, struct captured_server *server, uint16_t port)
{
	struct captured_stream *s = &c->stream[0];

	for (size_t i = 0; i < CAPTURED_STREAMS_MAX && s->used; i++)
		if (!c->stream[i].used || c->stream[i].last < s->last)
			s = &c->stream[i];
	stream_end(c, s);
	*s = (struct captured_stream){
		.used = true, .phone = phone, .server = server, .port = port
	};
	tlsseen_init(&s->flow[BY_PHONE].tls);
	tlsseen_init(&s->flow[BY_SERVER].tls);
	server->tries++;
	return s;
}

static struct captured_server *
find_server(struct captured_phone *phone, enum captured_service service,
    const struct packet_address *address, size_t number)
{
	for (size_t i = 0; i < phone->servers; i++)
		if (phone->server[i].service == service &&
		    packet_address_eq(&phone->server[i].address, address))
			return &phone->server[i];
	if (phone->servers == CAPTURED_SERVERS_MAX) {
		phone->left_out++;
		return NULL;
	}
	phone->server[phone->servers] =
	    (struct captured_server){ .service = service, .address = *address, .packet = number };
	return &phone->server[phone->servers++];
}

static bool
service_of(uint16_t port, enum captured_service *out)
{
	for (int i = 0; i < CAPTURED_SERVICES; i++)
		if (captured_service_port((enum captured_service)i) == port) {
			*out = (enum captured_service)i;
			return true;
		}
	return false;
}

static void
establish(struct captured_stream *s)
{
	if (!s->answered)
		s->server->established++;
	s->answered = true;
}

/* --- files over HTTP --- */

/* Requests and answers are taken where they begin a segment, as phones and servers send them. */
static void
http_segment(
    struct captured_stream *s, enum captured_direction d, const struct packet *p, size_t number)
{
	struct rd r = rd_open(p->payload);
	char status[4] = "";
	struct captured_file *f;
	struct span method, name;
	unsigned long code;

	if (d == BY_PHONE) {
		if (!rd_until(&r, ' ', &method) || !span_is(method, "GET") ||
		    !rd_until(&r, ' ', &name))
			return;
		f = captured_ask(s->phone,
		    name.n > 0 && name.p[0] == '/' ? span_of(name.p + 1, name.n - 1) : name, true,
		    p, number);
		s->file_at = f != NULL ? (size_t)(f - s->phone->file) + 1 : 0;
		return;
	}
	if (s->file_at == 0 || p->payload.n < HTTP_STATUS_AT + 3 ||
	    memcmp(p->payload.p, "HTTP/1.", 7) != 0)
		return;
	memcpy(status, p->payload.p + HTTP_STATUS_AT, 3);
	if (!text_number(status, 100, 999, &code))
		return;
	f = &s->phone->file[s->file_at - 1];
	f->code = (uint16_t)code;
	f->answer = code >= 200 && code < 400 ? CAPTURED_GIVEN : CAPTURED_REFUSED;
}

/* --- packets --- */

static void
segment(struct captured *c, struct captured_stream *s, enum captured_direction d,
    const struct packet *p, size_t number)
{
	establish(s);
	s->payload[d] = true;
	if (s->payload[BY_PHONE] && s->payload[BY_SERVER])
		s->server->both_ways = true;
	if (s->server->service == CAPTURED_HTTP) {
		http_segment(s, d, p, number);
		return;
	}
	flow_segment(&s->flow[d], p);
	captured_tls(c, s);
}

/* A SYN that is repeated is the same try. */
static struct captured_stream *
begin(struct captured *c, struct captured_phone *phone, struct captured_server *server,
    struct captured_stream *s, const struct packet *p)
{
	if (s != NULL && s->syn == p->seq && s->flow[BY_PHONE].begun)
		return s;
	if (s != NULL)
		stream_end(c, s);
	s = stream_begin(c, phone, server, p->from_port);
	s->syn = p->seq;
	s->flow[BY_PHONE].begun = true;
	s->flow[BY_PHONE].next = p->seq + 1;
	return s;
}

static void
reset(struct captured *c, struct captured_stream *s, enum captured_direction d)
{
	if (d == BY_SERVER && !s->answered)
		s->server->refused++;
	stream_end(c, s);
}

static void
stream_packet(struct captured *c, struct captured_stream *s, enum captured_direction d,
    const struct packet *p, size_t number)
{
	s->last = number;
	if ((p->flags & PACKET_RST) != 0) {
		reset(c, s, d);
		return;
	}
	if ((p->flags & PACKET_SYN) != 0 && d == BY_SERVER) {
		establish(s);
		s->flow[d].begun = true;
		s->flow[d].next = p->seq + 1;
	} else if ((p->flags & PACKET_SYN) == 0 && p->payload.n > 0) {
		segment(c, s, d, p, number);
	}
}

void
captured_tcp(struct captured *c, const struct packet *p, size_t number)
{
	enum captured_direction d = BY_PHONE;
	enum captured_service service;
	struct captured_phone *phone;
	struct captured_server *server;
	struct captured_stream *s;

	if (!service_of(p->to_port, &service)) {
		if (!service_of(p->from_port, &service))
			return;
		d = BY_SERVER;
	}
	phone = captured_phone_at(c, d == BY_PHONE ? &p->from : &p->to);
	server = phone == NULL
		     ? NULL
		     : find_server(phone, service, d == BY_PHONE ? &p->to : &p->from, number);
	if (server == NULL)
		return;
	s = find_stream(c, server, d == BY_PHONE ? p->from_port : p->to_port);
	if (d == BY_PHONE && (p->flags & (PACKET_SYN | PACKET_ACK)) == PACKET_SYN)
		s = begin(c, phone, server, s, p);
	else if (s == NULL && p->payload.n > 0) /* begun before the capture */
		s = stream_begin(c, phone, server, d == BY_PHONE ? p->from_port : p->to_port);
	if (s != NULL)
		stream_packet(c, s, d, p, number);
}
