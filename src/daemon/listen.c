#include "daemon/listen.h"

#include "daemon/portowner.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BACKLOG    4096
#define UDP_BUFFER (8 * 1024 * 1024) /* a burst of 5,000 requests: doc/decisions/0003 */
#define WILDCARDS  2

/* Fronts of a daemon that was killed keep the ports for as long as their end takes. */
#define TRIES      40
#define BETWEEN_MS 50

static const struct {
	const char *name, *setting;
	bool udp;
} services[LISTEN_SERVICE_COUNT] = {
	[LISTEN_TFTP] = { "tftp", "tftp-port", true },
	[LISTEN_HTTP] = { "http", "http-port", false },
	[LISTEN_HTTPS] = { "https", "https-port", false },
	[LISTEN_TVS] = { "tvs", "tvs-port", false },
	[LISTEN_CAPF] = { "capf", "capf-port", false },
};

const char *
listen_service_name(enum listen_service s)
{
	return services[s].name;
}

static uint16_t
service_port(const struct conf *conf, enum listen_service s)
{
	switch (s) {
	case LISTEN_TFTP:
		return conf->ports.tftp;
	case LISTEN_HTTP:
		return conf->ports.http;
	case LISTEN_HTTPS:
		return conf->ports.https;
	case LISTEN_TVS:
		return conf->ports.tvs;
	default:
		return conf->ports.capf;
	}
}

/* A literal address with a port. */
static bool
resolve(
    const char *address, uint16_t port, struct sockaddr_storage *out, socklen_t *len, struct err *e)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_DGRAM };
	struct addrinfo *found;
	char digits[8];

	snprintf(digits, sizeof digits, "%u", port);
	if (getaddrinfo(address, digits, &hints, &found) != 0)
		return err_set(
		    e, ERR_MALFORMED, "[network] listen: %s is not an IP address", address);
	memcpy(out, found->ai_addr, found->ai_addrlen);
	*len = found->ai_addrlen;
	freeaddrinfo(found);
	return true;
}

static bool
set_flag(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

/* A bound socket, or -1 with errno. shared: with SO_REUSEPORT, for one of several fronts. */
static int
bind_one(bool udp, const struct sockaddr_storage *at, socklen_t len, bool shared)
{
	int fd = socket(
	    at->ss_family, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int saved;

	if (fd < 0)
		return -1;
	if (at->ss_family == AF_INET6)
		set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (!udp)
		set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (shared)
		set_flag(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (udp && !set_flag(fd, SOL_SOCKET, SO_RCVBUFFORCE, UDP_BUFFER))
		set_flag(fd, SOL_SOCKET, SO_RCVBUF, UDP_BUFFER);
	if (bind(fd, (const struct sockaddr *)at, len) == 0 && (udp || listen(fd, BACKLOG) == 0))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

static bool
bind_failed(enum listen_service s, const char *address, uint16_t port, struct err *e)
{
	const char *kind = services[s].udp ? "UDP" : "TCP";
	char owner[100];

	if (errno == EADDRINUSE) {
		if (!portowner_find(services[s].udp, port, owner, sizeof owner))
			snprintf(owner, sizeof owner, "another program");
		return err_set(e, ERR_CONFLICT,
		    "%s port %u (%s) is in use by %s: stop it, or change [network] %s in "
		    "sealtone.conf",
		    kind, port, services[s].name, owner, services[s].setting);
	}
	if (errno == EACCES)
		return err_set(e, ERR_IO,
		    "%s port %u (%s) needs root: start as root, or change [network] %s in "
		    "sealtone.conf",
		    kind, port, services[s].name, services[s].setting);
	return err_sys(
	    e, "cannot listen on %s, %s port %u (%s)", address, kind, port, services[s].name);
}

/* Whether the port is free, when need be after a short wait; errno otherwise. */
static bool
port_is_free(bool udp, const struct sockaddr_storage *at, socklen_t len)
{
	const struct timespec between = { .tv_nsec = BETWEEN_MS * 1000000L };
	int fd;

	for (int i = 1; (fd = bind_one(udp, at, len, false)) < 0; i++) {
		if (errno != EADDRINUSE || i == TRIES)
			return false;
		nanosleep(&between, NULL);
	}
	close(fd);
	return true;
}

/* One service on one address for all fronts. The first bind, without SO_REUSEPORT, finds out
 * whether somebody else is there: a second daemon of the same user would silently share the port.
 */
static bool
open_service(const struct conf *conf, enum listen_service s, const char *address, bool optional,
    struct listen_share *shares, size_t fronts, struct err *e)
{
	struct sockaddr_storage at;
	uint16_t port = service_port(conf, s);
	socklen_t len = 0;

	if (port == 0)
		return true;
	if (!resolve(address, port, &at, &len, e))
		return false;
	if (!port_is_free(services[s].udp, &at, len))
		return (optional && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) ||
		       bind_failed(s, address, port, e);
	for (size_t i = 0; i < fronts; i++) {
		int fd = bind_one(services[s].udp, &at, len, true);

		if (fd < 0)
			return bind_failed(s, address, port, e);
		shares[i].socket[shares[i].count].service = s;
		shares[i].socket[shares[i].count].fd = fd;
		shares[i].count++;
	}
	return true;
}

bool
listen_open(const struct conf *conf, struct listen_share *shares, size_t fronts, struct err *e)
{
	static const char *const wildcards[WILDCARDS] = { "0.0.0.0", "::" };

	for (size_t i = 0; i < fronts; i++)
		shares[i].count = 0;
	for (int s = 0; s < LISTEN_SERVICE_COUNT; s++) {
		size_t count = conf->listen_count ? conf->listen_count : WILDCARDS;

		for (size_t a = 0; a < count; a++) {
			const char *address = conf->listen_count ? conf->listen[a] : wildcards[a];
			bool optional = conf->listen_count == 0 && a > 0;

			if (!open_service(conf, (enum listen_service)s, address, optional, shares,
				fronts, e)) {
				listen_close(shares, fronts);
				return false;
			}
		}
	}
	return true;
}

void
listen_close(struct listen_share *shares, size_t fronts)
{
	for (size_t i = 0; i < fronts; i++) {
		for (size_t k = 0; k < shares[i].count; k++)
			close(shares[i].socket[k].fd);
		shares[i].count = 0;
	}
}
