#include "cluster/backup.h"
#include "cluster/cluster_internal.h"

#include "cluster/cluster_place.h"
#include "files/wholefile.h"
#include "keys/signer_pem.h"
#include "pki/issue.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_CLUSTER 64 /* it becomes the organization in certificates */
#define PORTS            6  /* from the base port on */

/* One making. */
struct making {
	const struct cluster_create *how;
	struct cluster *cluster;
	struct cluster_change change;
	struct store_node node;
	char name[STORE_NAME_MAX];
	struct cluster_place place;
};

/* --- what is asked for --- */

static bool
host_choose(struct making *m, struct err *e)
{
	if (m->how->host != NULL)
		snprintf(m->node.name, sizeof m->node.name, "%s", m->how->host);
	else if (gethostname(m->node.name, sizeof m->node.name - 1) != 0)
		return err_sys(e, "this machine's host name");
	return cluster_host_check(m->node.name, e);
}

static bool
name_choose(struct making *m, struct err *e)
{
	if (m->how->name == NULL)
		snprintf(
		    m->name, sizeof m->name, "%.*s", (int)strcspn(m->node.name, "."), m->node.name);
	else
		snprintf(m->name, sizeof m->name, "%s", m->how->name);
	return issue_name_check("cluster name", m->name, NAME_MAX_CLUSTER, e);
}

/* One that phones elsewhere can reach, as text. */
static bool
interface_address(const struct ifaddrs *i, int family, char out[INET6_ADDRSTRLEN])
{
	const struct sockaddr *sa = i->ifa_addr;
	const void *from;

	if (sa == NULL || sa->sa_family != family || (i->ifa_flags & IFF_UP) == 0 ||
	    (i->ifa_flags & IFF_LOOPBACK) != 0)
		return false;
	if (family == AF_INET) {
		from = &((const struct sockaddr_in *)(const void *)sa)->sin_addr;
	} else {
		const struct in6_addr *in6 =
		    &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr;

		if (IN6_IS_ADDR_LINKLOCAL(in6))
			return false;
		from = in6;
	}
	return inet_ntop(family, from, out, INET6_ADDRSTRLEN) != NULL;
}

/* IPv4 first: the first one is shown to phones. */
static bool
addresses_find(struct making *m, struct err *e)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct ifaddrs *all = NULL;
	char text[INET6_ADDRSTRLEN];
	size_t count = 0;
	bool ok = true;

	if (getifaddrs(&all) != 0)
		return err_sys(e, "this machine's addresses");
	for (size_t f = 0; f < 2; f++)
		for (const struct ifaddrs *i = all; ok && i != NULL; i = i->ifa_next)
			if (count < CLUSTER_ADDRESSES_MAX &&
			    interface_address(i, families[f], text)) {
				ok = cluster_address_add(m->node.addresses, text, e);
				count++;
			}
	freeifaddrs(all);
	return ok && (count > 0 || cluster_address_add(m->node.addresses, "127.0.0.1", e));
}

static bool
wish_check(struct making *m, struct err *e)
{
	const struct cluster_create *how = m->how;

	if (how->base_port > UINT16_MAX - (PORTS - 1))
		return err_set(e, ERR_REFUSED, "base port %u: must be 1 to %d", how->base_port,
		    UINT16_MAX - (PORTS - 1));
	if (!host_choose(m, e) || !name_choose(m, e))
		return false;
	return how->addresses != NULL && how->addresses[0] != NULL
		   ? cluster_addresses_take(how->addresses, m->node.addresses, e)
		   : addresses_find(m, e);
}

/* --- what goes into it --- */

static bool
files_make(const struct making *m, struct err *e)
{
	struct conf conf = conf_default(m->place.beside);
	char database[PATH_MAX], keys[PATH_MAX];
	struct store *store;

	snprintf(database, sizeof database, "%s/%s", m->place.beside, CLUSTER_DATABASE);
	snprintf(keys, sizeof keys, "%s/%s", m->place.beside, CLUSTER_KEYS);
	conf_set_ports(&conf, m->how->base_port);
	if (!conf_write(&conf, e) || !signer_pem_create(keys, conf.key_file, e) ||
	    !store_create(database, &store, e))
		return false;
	store_close(store);
	return mkdir(conf.provisioning_dir, S_IRWXU) == 0 ||
	       err_sys(e, "%s", conf.provisioning_dir);
}

static bool
certs_make(struct making *m, struct err *e)
{
	for (int p = 0; p < PURPOSE_COUNT; p++) {
		struct cert *c;
		bool ok;

		if (p == PURPOSE_CAPF_ISSUER) /* made when it is wanted */
			continue;
		if (!cluster_cert_make(
			m->cluster, &m->node, (enum purpose)p, 0, m->how->now, &c, e))
			return false;
		ok = cluster_cert_activate(
		    m->cluster->store, m->node.id, (enum purpose)p, c, m->how->now, e);
		cert_free(c);
		if (!ok)
			return false;
	}
	return true;
}

static bool
apply_create(struct store *s, void *arg, struct err *e)
{
	struct making *m = arg;

	return store_setting_set(s, SETTING_NAME, m->name, e) &&
	       recovery_state_set_generation(s, m->cluster->conf.generation, e) &&
	       cluster_cert_defaults(s, m->name, e) && store_node_put(s, &m->node, e) &&
	       certs_make(m, e) &&
	       cluster_event(s, &m->change, "cluster-created", m->name, m->node.name, e);
}

static bool
contents_make(struct making *m, struct err *e)
{
	struct conf conf;
	bool ok;

	if (!files_make(m, e) || !conf_read(m->place.beside, &conf, e) ||
	    !cluster_attach(&conf, &m->cluster, e))
		return false;
	m->node.publisher = true;
	m->node.tftp = m->node.tvs = m->node.callmanager = m->node.capf = true;
	m->change = (struct cluster_change){ apply_create, m, m->how->now, "init", false, NULL };
	ok = cluster_change(m->cluster, &m->change, e);
	cluster_close(m->cluster);
	return ok;
}

/* Proven like every backup. The cluster is not told of it: one that lies in its own folder saves
 * nothing, and whether it was moved nobody knows. */
static bool
kit_make(const struct making *m, struct err *e)
{
	char file[PATH_MAX + sizeof CLUSTER_RECOVERY_KIT];
	const struct backup_target to = { .file = file };
	struct backup_info info;

	if (m->how->kit_passphrase.n == 0)
		return true;
	snprintf(file, sizeof file, "%s/" CLUSTER_RECOVERY_KIT, m->place.beside);
	return backup_make(m->place.beside, &to, m->how->kit_passphrase, m->how->now, &info, e) ||
	       err_in(e, "the recovery kit");
}

bool
cluster_create(const struct cluster_create *how, struct err *e)
{
	struct making m = { .how = how };
	bool ok;

	if (!wish_check(&m, e) || !cluster_place_make(how->dir,
				      "a cluster is made in a new or empty folder", &m.place, e))
		return false;
	ok = contents_make(&m, e) && kit_make(&m, e) && cluster_place_take(&m.place, e);
	if (!ok)
		cluster_folder_remove(m.place.beside);
	return ok;
}
