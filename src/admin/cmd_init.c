#include "admin/command.h"
#include "admin/output.h"

#include "base/text.h"
#include "cluster/cluster.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool
read_port(struct invocation *in, uint16_t *out, struct err *e)
{
	const char *text = invocation_option(in, "base-port");
	unsigned long port;

	*out = 0;
	if (text == NULL)
		return true;
	if (!text_number(text, 1, 65535 - 5, &port))
		return invocation_usage(
		    in, e, "--base-port is a number from 1 to 65530, not \"%s\"", text);
	*out = (uint16_t)port;
	return true;
}

/* The first IPv4 address of a list with blanks; "" when there is none: option 150 holds no other.
 */
static void
first_ipv4(const char *addresses, char *out, size_t max)
{
	*out = '\0';
	for (const char *a = addresses; *a != '\0' && *out == '\0'; a += strspn(a, " ")) {
		size_t n = strcspn(a, " ");

		if (memchr(a, ':', n) == NULL)
			snprintf(out, max, "%.*s", (int)n, a);
		a += n;
	}
}

static void
print_dhcp(const char *addresses)
{
	char address[CONF_ADDRESS_MAX];

	first_ipv4(addresses, address, sizeof address);
	if (*address == '\0')
		return;
	printf("\nTell the phones by DHCP where their TFTP server is (option 150, and 66 for the "
	       "rest):\n"
	       "  dnsmasq    dhcp-option=150,%s\n"
	       "             dhcp-option=66,%s\n"
	       "  Kea        \"option-def\": [ { \"name\": \"tftp150\", \"code\": 150, \"type\": "
	       "\"ipv4-address\", \"array\": true, \"space\": \"dhcp4\" } ]\n"
	       "             \"option-data\": [ { \"name\": \"tftp150\", \"data\": \"%s\" }, { "
	       "\"name\": "
	       "\"tftp-server-name\", \"data\": \"%s\" } ]\n"
	       "  ISC dhcpd  option tftp150 code 150 = array of ip-address;\n"
	       "             option tftp150 %s;\n"
	       "             option tftp-server-name \"%s\";\n",
	    address, address, address, address, address, address);
}

/* What was made, read back from the folder: also the proof that it opens. */
static bool
print_made(const struct invocation *in, const char *dir, struct err *e)
{
	struct cluster *c;
	const struct conf *conf;
	char address[CONF_ADDRESS_MAX];

	if (!cluster_open(dir, &c, e))
		return false;
	conf = cluster_conf(c);
	snprintf(address, sizeof address, "%.*s", (int)strcspn(cluster_node(c)->addresses, " "),
	    cluster_node(c)->addresses);
	if (in->json) {
		json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:{s:i, s:i, s:i, s:i, s:i, s:i}}",
		    "cluster", cluster_name(c), "host", cluster_node(c)->name, "dir", conf->dir,
		    "address", address, "ports", "tftp", (int)conf->ports.tftp, "http",
		    (int)conf->ports.http, "https", (int)conf->ports.https, "tvs",
		    (int)conf->ports.tvs, "capf", (int)conf->ports.capf, "web",
		    (int)conf->ports.web);

		output_json(j);
		json_decref(j);
	} else {
		printf("Cluster %s on %s is in %s\n"
		       "Files for phones go into %s\n"
		       "TFTP %u, HTTP %u, HTTPS %u, TVS %u, CAPF %u\n\n"
		       "Start it:\n  sealtoned --dir %s\n",
		    cluster_name(c), cluster_node(c)->name, conf->dir, conf->provisioning_dir,
		    conf->ports.tftp, conf->ports.http, conf->ports.https, conf->ports.tvs,
		    conf->ports.capf, conf->dir);
		print_dhcp(cluster_node(c)->addresses);
		printf("\nThen make a backup and move it to another machine: without these keys, "
		       "phones that\nhave their trust lists take nothing from anybody.\n"
		       "  SEALTONE_PASSPHRASE=... sealtone --dir %s backup FILE\n",
		    conf->dir);
	}
	cluster_close(c);
	return true;
}

bool
run_init(struct invocation *in, struct err *e)
{
	const char *addresses[CONF_LISTEN_MAX + 1] = { 0 };
	struct cluster_create how = { .dir = in->word[0],
		.name = invocation_option(in, "cluster"),
		.host = invocation_option(in, "host"),
		.addresses = addresses,
		.now = time(NULL) };
	size_t n = 0;

	if (!read_port(in, &how.base_port, e))
		return false;
	for (size_t i = 0; i < in->given_count; i++) {
		if (strcmp(in->given[i].name, "address") != 0)
			continue;
		if (n == CONF_LISTEN_MAX)
			return invocation_usage(in, e, "at most %d addresses", CONF_LISTEN_MAX);
		addresses[n++] = in->given[i].value;
	}
	return cluster_create(&how, e) && print_made(in, how.dir, e);
}
