#include "cluster/cluster_internal.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define LABEL_MAX 63

/* RFC 952 and 1123: letters, digits and hyphens between dots. */
static bool
label_is_good(const char *label, size_t n)
{
	if (n == 0 || n > LABEL_MAX || label[0] == '-' || label[n - 1] == '-')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isascii((unsigned char)label[i]) ||
		    (!isalnum((unsigned char)label[i]) && label[i] != '-'))
			return false;
	return true;
}

bool
cluster_host_check(const char *host, struct err *e)
{
	uint8_t binary[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, host, binary) == 1 || inet_pton(AF_INET6, host, binary) == 1)
		return err_set(e, ERR_REFUSED, "host: %s is an address; a name is needed", host);
	if (strlen(host) > CLUSTER_HOST_MAX)
		return err_set(e, ERR_LIMIT,
		    "host: %.80s: has more than %d characters; certificates with names made from "
		    "it hold no more",
		    host, CLUSTER_HOST_MAX);
	for (const char *label = host;;) {
		size_t n = strcspn(label, ".");

		if (!label_is_good(label, n))
			return err_set(e, ERR_REFUSED,
			    "host: \"%s\" is not a host name (letters, digits, hyphens and dots)",
			    host);
		if (label[n] == '\0')
			return true;
		label += n + 1;
	}
}

bool
cluster_address_add(char addresses[STORE_VALUE_MAX], const char *text, struct err *e)
{
	size_t n = strlen(addresses);

	if (n + strlen(text) + 2 > STORE_VALUE_MAX)
		return err_set(e, ERR_LIMIT, "too many addresses");
	snprintf(addresses + n, STORE_VALUE_MAX - n, "%s%s", n > 0 ? " " : "", text);
	return true;
}

bool
cluster_addresses_take(const char *const *address, char out[STORE_VALUE_MAX], struct err *e)
{
	uint8_t binary[sizeof(struct in6_addr)];

	out[0] = '\0';
	for (size_t i = 0; address[i] != NULL; i++) {
		if (i == CLUSTER_ADDRESSES_MAX)
			return err_set(
			    e, ERR_LIMIT, "more than %d addresses", CLUSTER_ADDRESSES_MAX);
		if (inet_pton(AF_INET, address[i], binary) != 1 &&
		    inet_pton(AF_INET6, address[i], binary) != 1)
			return err_set(e, ERR_REFUSED,
			    "address %.80s: must be an IPv4 or IPv6 address", address[i]);
		if (!cluster_address_add(out, address[i], e))
			return false;
	}
	return true;
}
