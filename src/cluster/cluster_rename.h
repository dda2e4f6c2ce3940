/*
 * cluster_rename: another host name, domain or addresses of this node.
 */
#ifndef CLUSTER_CLUSTER_RENAME_H
#define CLUSTER_CLUSTER_RENAME_H

#include "cluster/cluster.h"

/*
 * host NULL: the name stays; addresses (NULL-terminated) NULL: they stay. Every certificate that
 * names the node gets a new key and certificate at once, as in Unified CM (doc/protocols/
 * certificates.md): callmanager, callmanager-ec, tvs and web, also those that a CA had signed.
 * CAPF's and its issuer's name no node, and LSCs hang on them: they stay. ITLRecovery, the anchor
 * by which phones follow all this, stays unless with_itlrecovery. The next lists in the same
 * transaction; nothing of it touches sealtone.conf. Errors: ERR_REFUSED (name, address; a phone
 * would refuse the list), ERR_LIMIT, ERR_CONFLICT (it is so already); all is as before then.
 */
must_use bool cluster_node_rename(struct cluster *c, const char *host, const char *const *addresses,
    bool with_itlrecovery, time_t now, struct err *e);

#endif
