/*
 * cluster_import: certificates of the cluster's own keys that another CA has signed.
 */
#ifndef CLUSTER_CLUSTER_IMPORT_H
#define CLUSTER_CLUSTER_IMPORT_H

#include "cluster/cluster.h"
#include "base/certid.h"
#include "pki/chain.h"

#define CLUSTER_NAMES_MAX 64

struct cluster_csr {
	enum purpose purpose;
	bool all_nodes;          /* name every server of the cluster */
	const char *const *name; /* further alternative names, DNS names or addresses */
	size_t count;
};

/* A request (PKCS#10, PEM) for the key of a purpose, which stays, with what its active certificate
 * says and further alternative names; changes nothing. ERR_REFUSED: a name, or all_nodes of a
 * purpose that is of one server, itlrecovery; ERR_UNKNOWN: there is no such certificate yet. Freed
 * with bytes_free. */
must_use bool cluster_csr(
    const struct cluster *c, const struct cluster_csr *what, struct bytes *pem, struct err *e);

/*
 * Takes such a certificate, with its chain, as the active one of any purpose but itlrecovery: given
 * holds it and, in any order, what leads to a self-signed root and is in no trust store already.
 * The CAs go into the purpose's trust store (callmanager-trust, tvs-trust, capf-trust; web's:
 * phone-trust) as cluster_above.h says; the next lists in the same transaction.
 * Errors: ERR_REFUSED (none is for the key, a CA is missing, one does not belong to it; usages,
 * names or signature do not fit, see rules/signedcert.h; OpenSSL would not take it now, or of an
 * issuer no LSC below it: dates, basic constraints, path length, usages; a phone would refuse the
 * list), ERR_CONFLICT (it is active already).
 */
must_use bool cluster_import(
    struct cluster *c, enum purpose p, const struct chain *given, time_t now, struct err *e);

/* The active certificate of a purpose and those that lead to its root, as far as trust stores
 * have them. Freed with chain_free. */
void cluster_chain(const struct cluster *c, enum purpose p, struct chain *out);

/* The certificate with that SHA-256 is above an active one whose chain stands in that store. *out:
 * its purpose. */
bool cluster_chain_has(
    const struct cluster *c, enum trust_store store, struct span sha256, enum purpose *out);

/* The name under which an issuer's revocation list is served: "capf-0123456789abcdef.crl", by its
 * key. */
#define CLUSTER_CRL_NAME_MAX 32
void cluster_crl_name(const struct cert *issuer, char out[CLUSTER_CRL_NAME_MAX]);

/* The issuer whose list has that name, in capf-trust and with its key here; "capf.crl" is that of
 * the one that signs now. NULL: there is none. A loan until the next change. */
const struct cert *cluster_crl_issuer(const struct cluster *c, const char *name);

/* The one that OCSP names, in capf-trust and with its key here. NULL: there is none. A loan until
 * the next change. */
const struct cert *cluster_ocsp_issuer(const struct cluster *c, const struct certid *id);

#endif
