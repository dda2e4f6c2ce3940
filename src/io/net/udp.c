#include "net/udp.h"

#include "base/mem.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <unistd.h>

/* A small datagram takes about 768 bytes of the receive buffer: room for the first packets of ten
 * thousand phones that come back at once. */
#define BUFFER_BYTES (8 * 1024 * 1024)

/* Datagrams of one length to one peer go to the kernel as one: its limits. */
#define MERGED_SEGMENTS 64
#define MERGED_BYTES    65000

union control {
	char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t))];
	struct cmsghdr align;
};

bool
udp_address_equal(const union udp_address *a, const union udp_address *b)
{
	if (a->any.sa_family != b->any.sa_family)
		return false;
	if (a->any.sa_family == AF_INET)
		return a->v4.sin_port == b->v4.sin_port &&
		       a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
	return a->v6.sin6_port == b->v6.sin6_port && a->v6.sin6_scope_id == b->v6.sin6_scope_id &&
	       memcmp(&a->v6.sin6_addr, &b->v6.sin6_addr, sizeof a->v6.sin6_addr) == 0;
}

static bool
option_on(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof value) == 0;
}

static bool
address_of(int fd, union udp_address *out, struct err *e)
{
	socklen_t n = sizeof *out;

	*out = (union udp_address){ 0 };
	if (getsockname(fd, &out->any, &n) != 0)
		return err_sys(e, "address of a UDP socket");
	if (out->any.sa_family != AF_INET && out->any.sa_family != AF_INET6)
		return err_set(e, ERR_BUG, "not an internet socket");
	return true;
}

static bool
is_wildcard(const union udp_address *a)
{
	if (a->any.sa_family == AF_INET)
		return a->v4.sin_addr.s_addr == htonl(INADDR_ANY);
	return IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr);
}

/* Past the limit of the system when we may, else as far as it goes. */
static void
buffer_enlarge(int fd, int force, int plain)
{
	if (!option_on(fd, SOL_SOCKET, force, BUFFER_BYTES))
		(void)option_on(fd, SOL_SOCKET, plain, BUFFER_BYTES);
}

bool
udp_prepare(int fd, struct err *e)
{
	union udp_address a;
	bool v4, told;

	if (!address_of(fd, &a, e))
		return false;
	v4 = a.any.sa_family == AF_INET;
	buffer_enlarge(fd, SO_RCVBUFFORCE, SO_RCVBUF);
	buffer_enlarge(fd, SO_SNDBUFFORCE, SO_SNDBUF);
	if (v4)
		(void)option_on(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
	if (!is_wildcard(&a))
		return true;
	told = v4 ? option_on(fd, IPPROTO_IP, IP_PKTINFO, 1)
		  : option_on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
	return told || err_sys(e, "ask where datagrams come to");
}

/* An IPv6 socket for both families has siblings for both. */
static bool
v6only_copy(int from, int to)
{
	int only = 0;
	socklen_t n = sizeof only;

	return getsockopt(from, IPPROTO_IPV6, IPV6_V6ONLY, &only, &n) == 0 &&
	       option_on(to, IPPROTO_IPV6, IPV6_V6ONLY, only);
}

static bool
sibling_bind(int from, int fd, union udp_address a, uint16_t port, struct err *e)
{
	socklen_t n = a.any.sa_family == AF_INET ? sizeof a.v4 : sizeof a.v6;

	if (a.any.sa_family == AF_INET)
		a.v4.sin_port = htons(port);
	else
		a.v6.sin6_port = htons(port);
	if (a.any.sa_family == AF_INET6 && !v6only_copy(from, fd))
		return err_sys(e, "families of a UDP socket");
	if (bind(fd, &a.any, n) == 0)
		return udp_prepare(fd, e);
	if (errno == EADDRINUSE)
		return err_set(e, ERR_CONFLICT, "UDP port %u is taken", port);
	return err_sys(e, "UDP port %u", port);
}

bool
udp_sibling(int fd, uint16_t port, int *out, struct err *e)
{
	union udp_address a;
	int made;

	if (!address_of(fd, &a, e))
		return false;
	made = socket(a.any.sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (made < 0)
		return err_sys(e, "UDP socket");
	if (!sibling_bind(fd, made, a, port, e)) {
		close(made);
		return false;
	}
	*out = made;
	return true;
}

struct udp_in {
	size_t packet_max;
	uint8_t *memory; /* UDP_BATCH times packet_max */
	struct mmsghdr head[UDP_BATCH];
	struct iovec part[UDP_BATCH];
	union udp_address peer[UDP_BATCH];
	union control control[UDP_BATCH];
};

struct udp_in *
udp_in_new(size_t packet_max)
{
	struct udp_in *in = mem_new(1, sizeof *in);

	in->packet_max = packet_max;
	in->memory = mem_new(UDP_BATCH, packet_max);
	for (size_t i = 0; i < UDP_BATCH; i++) {
		in->part[i] = (struct iovec){ in->memory + i * packet_max, packet_max };
		in->head[i].msg_hdr = (struct msghdr){ .msg_name = &in->peer[i],
			.msg_iov = &in->part[i],
			.msg_iovlen = 1,
			.msg_control = &in->control[i] };
	}
	return in;
}

void
udp_in_free(struct udp_in *in)
{
	if (in == NULL)
		return;
	free(in->memory);
	free(in);
}

size_t
udp_in_receive(struct udp_in *in, int fd)
{
	int n;

	for (size_t i = 0; i < UDP_BATCH; i++) {
		in->head[i].msg_hdr.msg_namelen = sizeof in->peer[i];
		in->head[i].msg_hdr.msg_controllen = sizeof in->control[i];
	}
	n = recvmmsg(fd, in->head, UDP_BATCH, MSG_DONTWAIT, NULL);
	return n > 0 ? (size_t)n : 0;
}

static void
local_read(struct msghdr *m, struct udp_datagram *out)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	struct in_pktinfo v4;
	struct in6_pktinfo v6;

	if (c == NULL)
		return;
	if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
		memcpy(&v4, CMSG_DATA(c), sizeof v4);
		out->group = v4.ipi_addr.s_addr != v4.ipi_spec_dst.s_addr;
		out->local = (struct udp_local){ .family = AF_INET, .address.v4 = v4.ipi_spec_dst };
	} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
		memcpy(&v6, CMSG_DATA(c), sizeof v6);
		out->group = IN6_IS_ADDR_MULTICAST(&v6.ipi6_addr);
		out->local = (struct udp_local){
			.family = AF_INET6, .interface = v6.ipi6_ifindex, .address.v6 = v6.ipi6_addr
		};
	}
}

struct udp_datagram
udp_in_get(struct udp_in *in, size_t i)
{
	struct mmsghdr *m = &in->head[i];
	struct udp_datagram d = { .peer = in->peer[i],
		.data = span_of(in->memory + i * in->packet_max, m->msg_len),
		.cut = (m->msg_hdr.msg_flags & MSG_TRUNC) != 0 };

	local_read(&m->msg_hdr, &d);
	return d;
}

/* One datagram, or several that the kernel takes apart again. */
struct message {
	unsigned first, count; /* slots */
	size_t segment;        /* the length of all but the last, which may be shorter */
	size_t bytes;
	bool closed; /* the last one is shorter */
	struct udp_local local;
};

struct udp_out {
	int fd;
	unsigned count, message_count;
	uint64_t round, dropped;
	size_t segment_max; /* longer datagrams are not merged; 0: none is */
	struct udp_slot slot[UDP_BATCH];
	struct message message[UDP_BATCH];
	struct mmsghdr head[UDP_BATCH]; /* by message */
	union udp_address peer[UDP_BATCH];
	union control control[UDP_BATCH];
	struct iovec part[UDP_BATCH * 2]; /* two for each slot */
};

struct udp_out *
udp_out_new(size_t packet_max)
{
	struct udp_out *out = mem_new(1, sizeof *out);

	out->fd = -1;
	out->round = 1;
	out->segment_max = UINT16_MAX;
	for (size_t i = 0; i < UDP_BATCH; i++)
		out->slot[i].packet = wr_new(packet_max);
	return out;
}

void
udp_out_free(struct udp_out *out)
{
	if (out == NULL)
		return;
	for (size_t i = 0; i < UDP_BATCH; i++)
		wr_free(&out->slot[i].packet);
	free(out);
}

struct udp_slot *
udp_out_slot(struct udp_out *out, int fd)
{
	struct udp_slot *s;

	if (out->count == UDP_BATCH || out->fd != fd)
		udp_out_flush(out);
	out->fd = fd;
	s = &out->slot[out->count];
	wr_reset(&s->packet);
	s->data = (struct span){ 0 };
	return s;
}

/* Adds a control message; the space of a message has room for its two kinds. */
static void
control_add(struct msghdr *m, union control *c, int level, int type, const void *value, size_t n)
{
	struct cmsghdr head = { .cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(n) };
	char *at = c->bytes + m->msg_controllen;

	memset(at, 0, CMSG_SPACE(n));
	memcpy(at, &head, sizeof head);
	memcpy(at + CMSG_LEN(0), value, n);
	m->msg_control = c;
	m->msg_controllen += CMSG_SPACE(n);
}

/* Says to the kernel which of our addresses the datagram shall come from. */
static void
local_write(struct msghdr *m, union control *control, const struct udp_local *local)
{
	const struct in_pktinfo v4 = { .ipi_spec_dst = local->address.v4 };
	const struct in6_pktinfo v6 = { .ipi6_addr = local->address.v6,
		.ipi6_ifindex = local->interface };

	if (local->family == AF_INET)
		control_add(m, control, IPPROTO_IP, IP_PKTINFO, &v4, sizeof v4);
	else if (local->family == AF_INET6)
		control_add(m, control, IPPROTO_IPV6, IPV6_PKTINFO, &v6, sizeof v6);
}

static bool
local_equal(const struct udp_local *a, const struct udp_local *b)
{
	if (a->family != b->family || a->interface != b->interface)
		return false;
	if (a->family == AF_INET6)
		return memcmp(&a->address.v6, &b->address.v6, sizeof a->address.v6) == 0;
	return a->family == 0 || a->address.v4.s_addr == b->address.v4.s_addr;
}

/* Lets the slot ride with the message before it; false: it needs one of its own. */
static bool
message_extend(
    struct udp_out *out, const union udp_address *peer, const struct udp_local *local, size_t bytes)
{
	unsigned at = out->message_count - 1;
	struct message *m = &out->message[at];
	struct msghdr *head = &out->head[at].msg_hdr;
	const uint16_t segment = (uint16_t)m->segment;

	if (m->closed || m->count == MERGED_SEGMENTS || bytes > m->segment ||
	    m->segment > out->segment_max || m->bytes + bytes > MERGED_BYTES ||
	    !udp_address_equal(&out->peer[at], peer) || !local_equal(&m->local, local))
		return false;
	if (m->count == 1)
		control_add(
		    head, &out->control[at], SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
	m->count++;
	m->bytes += bytes;
	m->closed = bytes < m->segment;
	head->msg_iovlen += 2;
	return true;
}

static void
message_begin(struct udp_out *out, unsigned slot, const union udp_address *peer,
    const struct udp_local *local, size_t bytes)
{
	unsigned at = out->message_count++;

	out->message[at] = (struct message){
		.first = slot, .count = 1, .segment = bytes, .bytes = bytes, .local = *local
	};
	out->peer[at] = *peer;
	out->head[at].msg_hdr = (struct msghdr){ .msg_name = &out->peer[at],
		.msg_namelen = peer->any.sa_family == AF_INET ? sizeof peer->v4 : sizeof peer->v6,
		.msg_iov = &out->part[slot * 2],
		.msg_iovlen = 2 };
	local_write(&out->head[at].msg_hdr, &out->control[at], local);
}

uint64_t
udp_out_add(struct udp_out *out, const union udp_address *peer, const struct udp_local *local)
{
	unsigned slot = out->count++;
	struct udp_slot *s = &out->slot[slot];
	struct iovec *part = &out->part[slot * 2];
	size_t bytes = s->packet.n + s->data.n;

	/* sendmmsg does not write to what an iovec names, though its type is not const. */
	part[0] = (struct iovec){ s->packet.p, s->packet.n };
	part[1] = (struct iovec){ (void *)(uintptr_t)s->data.p, s->data.n };
	if (out->message_count == 0 || !message_extend(out, peer, local, bytes))
		message_begin(out, slot, peer, local, bytes);
	return out->round;
}

uint64_t
udp_out_round(const struct udp_out *out)
{
	return out->round;
}

/* They go one by one. If any of them goes, the kernel, or the way to this peer, takes no merged
 * datagrams, or none of this length: from now on no others are merged either. */
static void
message_split(struct udp_out *out, unsigned at)
{
	const struct message *m = &out->message[at];
	struct msghdr head = out->head[at].msg_hdr;
	unsigned gone = 0;

	head.msg_iovlen = 2;
	head.msg_controllen -= CMSG_SPACE(sizeof(uint16_t));
	for (unsigned i = 0; i < m->count; i++) {
		head.msg_iov = &out->part[(m->first + i) * 2];
		gone += sendmsg(out->fd, &head, MSG_DONTWAIT) >= 0;
	}
	if (gone > 0)
		out->segment_max = m->segment - 1;
	out->dropped += m->count - gone;
}

/* What the kernel says when it is not the moment that is wrong but the merging. */
static bool
is_about_merging(int error)
{
	return error == EINVAL || error == EMSGSIZE || error == EIO || error == EOPNOTSUPP;
}

void
udp_out_flush(struct udp_out *out)
{
	unsigned sent = 0;

	while (sent < out->message_count) {
		int n =
		    sendmmsg(out->fd, out->head + sent, out->message_count - sent, MSG_DONTWAIT);

		if (n > 0) {
			sent += (unsigned)n;
		} else if (errno != EINTR) {
			if (out->message[sent].count > 1 && is_about_merging(errno))
				message_split(out, sent);
			else
				out->dropped += out->message[sent].count;
			sent++;
		}
	}
	out->count = out->message_count = 0;
	out->round++;
}

uint64_t
udp_out_dropped(const struct udp_out *out)
{
	return out->dropped;
}
