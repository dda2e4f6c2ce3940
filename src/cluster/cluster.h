/*
 * cluster: one set of keys and phones, on disk and in memory; every change to its certificates and
 * lists.
 *
 * Sits on the store and the signer: the daemon's core and the offline commands (init, check) use
 * it. A folder holds sealtone.conf, sealtone.db, keys/, tftpboot/ and the control socket.
 */
#ifndef CLUSTER_CLUSTER_H
#define CLUSTER_CLUSTER_H

#include "cluster/conf.h"
#include "cluster/forecast.h"
#include "pki/cert.h"
#include "pki/signer.h"
#include "rules/handout.h"
#include "rules/modeltable.h"
#include "rules/trustview.h"
#include "store/store.h"

/* In the folder of a new cluster: a backup of it (cluster/backup.h). */
#define CLUSTER_RECOVERY_KIT "recovery-kit.backup"

struct cluster_create {
	const char *dir;
	const char *name; /* cluster name; NULL: the host's first label */
	const char *host; /* FQDN; NULL: this machine's */
	const char *const
	    *addresses;     /* IP literals, NULL-terminated; may be empty: this machine's */
	uint16_t base_port; /* 0: the real ports */
	time_t now;
	struct span kit_passphrase; /* of the recovery kit; empty: none is made */
};

/* Makes everything: keys, certificates, configuration, database, provisioning folder, first list,
 * recovery kit.
 * The folder must not exist or be empty (ERR_CONFLICT); on failure nothing is left behind. */
must_use bool cluster_create(const struct cluster_create *how, struct err *e);

struct cluster;

/* Opens a cluster for the one process that changes it. Errors name the file and what to do. Wrong
 * or missing keys are found here, not at the first signature. */
must_use bool cluster_open(const char *dir, struct cluster **out, struct err *e);
void cluster_close(struct cluster *c); /* safe with NULL */

const struct conf *cluster_conf(const struct cluster *c);
struct store *cluster_store(const struct cluster *c);
struct signer *cluster_signer(const struct cluster *c);
const struct store_node *cluster_node(const struct cluster *c); /* this node */
const char *cluster_name(const struct cluster *c);

/* The active certificate of this node for a purpose; a loan until the next change. NULL only for
 * PURPOSE_CAPF_ISSUER, which is made when the configuration first wants it. */
const struct cert *cluster_cert(const struct cluster *c, enum purpose p);

/* The certificate whose key signs LSCs, as the configuration says; a loan until the next change. */
const struct cert *cluster_issuer(const struct cluster *c);

/* The certificates of capf-trust: issuers of LSCs and MICs, and the CAs above them; a loan until
 * the next change. */
struct cert *const *cluster_capf_trust(const struct cluster *c, size_t *count);

/* What TVS answers from; a loan until the next change. */
const struct trustview *cluster_view(const struct cluster *c);

/* Counts up with every change of certificates, trust stores, roles or lists. */
uint64_t cluster_generation(const struct cluster *c);

/* What each model of phone can do: the table of the program and, read over it when the cluster is
 * opened or reloaded, models.csv of its folder. A loan until the next reload. */
const struct modeltable *cluster_models(const struct cluster *c);

/* The digest that the configuration wishes for lists and signed files; a phone whose model does not
 * take it gets SHA-1 (rules/modeltable.h). */
enum envelope_digest cluster_digest(const struct cluster *c);

struct cluster_list {
	int64_t id; /* store_list.id */
	enum envelope_digest digest;
	uint64_t version;
	struct span file; /* a loan until the next change */
	struct span sha256;
	time_t made;
};

/* The current list of this node. kind: STORE_LIST_ITL, which while rollback is prepared is the
 * empty one (cluster_recovery.h); STORE_LIST_EMPTY, the release list; STORE_LIST_CTL, which there
 * is only when the cluster is or was in mixed mode (cluster_ctl.h). SHA-1 is always published,
 * SHA-512 only when the configuration wishes it. false: none. */
bool cluster_list(const struct cluster *c, enum store_list_kind kind, enum envelope_digest digest,
    struct cluster_list *out);

/* A list (store_list.id) says what the current one of that kind says, with either digest: who
 * believes it is not behind. */
bool cluster_list_is_current(const struct cluster *c, enum store_list_kind kind, int64_t id);

/* What a phone is handed that may hold these lists (store_belief_set.lists), released or not; a
 * loan until the next change. */
must_use bool cluster_handout(
    struct cluster *c, const char *lists, bool released, const struct handout **out, struct err *e);

/* Each of these lists that a phone cannot hold which took this certificate for that of CAPF: it has
 * no record of it, nor has any list that may be held beside it. None when that is so of all ITLs:
 * then it holds one that is not among them. */
must_use bool cluster_ruled_out(struct cluster *c, const char *lists, const struct cert *capf,
    bool (*each)(void *arg, int64_t list, struct err *e), void *arg, struct err *e);
/* Of each of these lists whether a phone that holds it would refuse the ITL that it was handed, and
 * would not be helped by our TVS. handed: one ITL and at most one CTL, in the same form. */
must_use bool cluster_refusers(struct cluster *c, const char *lists, const char *handed,
    bool (*each)(void *arg, int64_t list, bool refuses, struct err *e), void *arg, struct err *e);

/* The bridge that it says in place of an ITL or a CTL, published when there is none that says the
 * same. Inside a transaction;
 * when that is undone, cluster_handouts_forget must follow. */
must_use bool cluster_bridge(struct cluster *c, const struct handout *h, enum store_list_kind kind,
    enum envelope_digest digest, time_t now, struct cluster_list *out, struct err *e);

/* The same without a trace: what is handed out in its place says the same, with another time and
 * another signature. Freed with bytes_free. */
must_use bool cluster_bridge_draft(struct cluster *c, const struct handout *h,
    enum store_list_kind kind, enum envelope_digest digest, time_t now, struct bytes *out,
    struct err *e);
void cluster_handouts_forget(struct cluster *c);

/* The changes that follow go on though they cut phones off, until it is called with false. */
void cluster_force(struct cluster *c, bool forced);
bool cluster_is_forced(const struct cluster *c);

/* What is done now is undone, and only looked at (cluster_rehearse). */
bool cluster_is_rehearsed(const struct cluster *c);

/* Runs act, which changes the cluster, and undoes what it did: *out is what it would have come to
 * for every phone. Errors: those of act. Freed with forecast_free. */
must_use bool cluster_rehearse(struct cluster *c, bool (*act)(void *arg, struct err *e), void *arg,
    struct forecast *out, struct err *e);

/* What the phones meet as things stand. */
must_use bool cluster_forecast(struct cluster *c, struct forecast *out, struct err *e);

/* What they meet at that time, when nothing is changed until then: certificates may have expired.
 * Phones for which it depends on their firmware are HANDOUT_UNKNOWN. Freed with forecast_free. */
must_use bool cluster_forecast_at(
    struct cluster *c, time_t when, struct forecast *out, struct err *e);

/* Builds the lists anew and publishes, in one transaction, those that say something else than the
 * current ones. warning is "" or one line (over 80% of 64 KB). *changed: something was published.
 */
must_use bool cluster_publish(
    struct cluster *c, time_t now, bool *changed, char warning[ERR_TEXT_MAX], struct err *e);

/* Reads sealtone.conf and models.csv again and publishes the lists that follow from them. What
 * needs new sockets (addresses, ports, workers) stays as it is until a restart. On failure
 * everything stays as it was. */
must_use bool cluster_reload(struct cluster *c, time_t now, struct err *e);

/* Switches a role of this node ("tftp", "tvs", "capf", "callmanager"); the next list in the same
 * transaction. */
must_use bool cluster_set_role(
    struct cluster *c, const char *role, bool on, time_t now, struct err *e);

/* Trust stores. All are added or none: ERR_CONFLICT names one that is in it already, save
 * to complete a chain (cluster_above.h). Removing is by SHA-256 of the certificate; ERR_REFUSED: an
 * active certificate is below it. */
must_use bool cluster_trust_add(struct cluster *c, enum trust_store s, struct cert *const *certs,
    size_t count, time_t now, struct err *e);
must_use bool cluster_trust_remove(
    struct cluster *c, enum trust_store s, struct span sha256, struct err *e);

#endif
