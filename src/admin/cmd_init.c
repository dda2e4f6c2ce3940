#include "admin/command.h"
#include "admin/output.h"
#include "admin/passphrase.h"

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

/* --- the recovery kit --- */

struct kit {
	struct bytes passphrase; /* empty: no kit */
	bool is_new;             /* it was not given, and is told once */
};

static bool
kit_choose(const struct invocation *in, struct kit *out, struct err *e)
{
	*out = (struct kit){ 0 };
	if (invocation_option(in, "no-recovery-kit") != NULL)
		return true;
	if (!passphrase_get(in, &out->passphrase, e))
		return false;
	out->is_new = out->passphrase.n == 0;
	return !out->is_new || passphrase_new(&out->passphrase, e);
}

static json_t *
kit_json(const struct kit *kit, const char *dir)
{
	if (kit->passphrase.n == 0)
		return json_null();
	return json_pack("{s:o, s:o}", "file", json_sprintf("%s/" CLUSTER_RECOVERY_KIT, dir),
	    "pass_phrase",
	    kit->is_new ? json_stringn((const char *)kit->passphrase.p, kit->passphrase.n)
			: json_null());
}

static void
print_kit(const struct kit *kit, const char *dir)
{
	if (kit->passphrase.n == 0) {
		printf("\nThen make a backup and move it to another machine: without these keys, "
		       "phones that\nhave their trust lists take nothing from anybody.\n"
		       "  SEALTONE_PASSPHRASE=... sealtone --dir %s backup FILE\n",
		    dir);
		return;
	}
	printf("\nRecovery kit: %s/" CLUSTER_RECOVERY_KIT "\n", dir);
	if (kit->is_new)
		printf("Its passphrase, told only now and stored nowhere:\n\n  %.*s\n\n",
		    (int)kit->passphrase.n, (const char *)kit->passphrase.p);
	printf("Move that file off this machine, and keep the passphrase elsewhere, apart from it: "
	       "without\nthese keys, phones that have their trust lists take nothing from "
	       "anybody.\n"
	       "  sealtone restore " CLUSTER_RECOVERY_KIT " DIR\n"
	       "It has the keys of now. After each change of keys, and for what is set and added "
	       "since:\n"
	       "  SEALTONE_PASSPHRASE=... sealtone --dir %s backup FILE\n",
	    dir);
}

/* What was made, read back from the folder: also the proof that it opens. */
static bool
print_made(const struct invocation *in, const char *dir, const struct kit *kit, struct err *e)
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
		json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:{s:i, s:i, s:i, s:i, s:i, s:i}, s:o}",
		    "cluster", cluster_name(c), "host", cluster_node(c)->name, "dir", conf->dir,
		    "address", address, "ports", "tftp", (int)conf->ports.tftp, "http",
		    (int)conf->ports.http, "https", (int)conf->ports.https, "tvs",
		    (int)conf->ports.tvs, "capf", (int)conf->ports.capf, "web",
		    (int)conf->ports.web, "recovery_kit", kit_json(kit, conf->dir));

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
		print_kit(kit, conf->dir);
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
	struct kit kit;
	size_t n = 0;
	bool ok;

	if (!read_port(in, &how.base_port, e))
		return false;
	for (size_t i = 0; i < in->given_count; i++) {
		if (strcmp(in->given[i].name, "address") != 0)
			continue;
		if (n == CONF_LISTEN_MAX)
			return invocation_usage(in, e, "at most %d addresses", CONF_LISTEN_MAX);
		addresses[n++] = in->given[i].value;
	}
	if (!kit_choose(in, &kit, e))
		return false;
	how.kit_passphrase = bytes_span(&kit.passphrase);
	ok = cluster_create(&how, e) && print_made(in, how.dir, &kit, e);
	bytes_wipe(&kit.passphrase);
	return ok;
}
