#include "daemon/serverjson.h"

#include "base/text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SHOWN_MAX 80

static bool
is_ipv6(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET6, host, &address) == 1;
}

static bool
is_ipv4(const char *host)
{
	struct in_addr address;

	return inet_pton(AF_INET, host, &address) == 1;
}

bool
serverjson_is_address(const char *host)
{
	return is_ipv4(host) || is_ipv6(host);
}

/* Digits and dots alone are meant as an address, and must be one. */
static bool
is_host(const char *host)
{
	static const char allowed[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.";
	size_t n = strlen(host);

	if (is_ipv6(host))
		return true;
	if (n == 0 || strspn(host, allowed) != n || host[0] == '.' || host[0] == '-' ||
	    strstr(host, "..") != NULL)
		return false;
	return strspn(host, "0123456789.") != n || is_ipv4(host);
}

/* Where the host ends and the port begins; NULL port: none is named. */
static bool
split(char *text, char **host, const char **port)
{
	char *end;

	*host = text;
	*port = NULL;
	if (text[0] == '[') {
		end = strchr(text, ']');
		if (end == NULL || (end[1] != '\0' && end[1] != ':'))
			return false;
		*host = text + 1;
		*port = end[1] == ':' ? end + 2 : NULL;
		*end = '\0';
		return is_ipv6(*host);
	}
	end = strchr(text, ':');
	if (end == NULL || is_ipv6(text))
		return true;
	*port = end + 1;
	*end = '\0';
	return true;
}

static bool
server_read(const char *text, struct phonecfg_server *out, struct err *e)
{
	char copy[PHONECFG_HOST_MAX + 16], shown[SHOWN_MAX], *host;
	unsigned long number = 0;
	const char *port;

	*out = (struct phonecfg_server){ 0 };
	if ((size_t)snprintf(copy, sizeof copy, "%s", text) < sizeof copy &&
	    split(copy, &host, &port) && is_host(host) && strlen(host) < sizeof out->host &&
	    (port == NULL || text_number(port, 1, 65535, &number))) {
		snprintf(out->host, sizeof out->host, "%s", host);
		out->port = (uint16_t)number;
		return true;
	}
	return err_set(e, ERR_MALFORMED, "server \"%s\": expected HOST, HOST:PORT or [IPv6]:PORT",
	    text_printable(span_str(text), shown, sizeof shown));
}

bool
serverjson_read(
    const json_t *texts, struct phonecfg_server *server, size_t max, size_t *count, struct err *e)
{
	size_t n = json_array_size(texts);

	*count = 0;
	if (n == 0 || n > max)
		return err_set(e, ERR_LIMIT, "%zu servers, expected 1 to %zu", n, max);
	for (size_t i = 0; i < n; i++) {
		const char *text = json_string_value(json_array_get(texts, i));

		if (text == NULL)
			return err_set(e, ERR_MALFORMED, "servers: expected texts");
		if (!server_read(text, &server[i], e))
			return false;
		for (size_t k = 0; k < i; k++)
			if (strcasecmp(server[k].host, server[i].host) == 0 &&
			    server[k].port == server[i].port)
				return err_set(e, ERR_CONFLICT, "server %s is named twice", text);
	}
	*count = n;
	return true;
}

json_t *
serverjson_of(const struct phonecfg_server *server, size_t count)
{
	char text[PHONECFG_HOST_MAX + 16];
	json_t *all = json_array();

	for (size_t i = 0; i < count; i++) {
		bool v6 = strchr(server[i].host, ':') != NULL;

		if (server[i].port == 0)
			snprintf(text, sizeof text, "%s", server[i].host);
		else
			snprintf(text, sizeof text, v6 ? "[%s]:%u" : "%s:%u", server[i].host,
			    (unsigned)server[i].port);
		json_array_append_new(all, json_string(text));
	}
	return all;
}
