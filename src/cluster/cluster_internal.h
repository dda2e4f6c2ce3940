/*
 * cluster_internal: what the files of cluster_* share.
 */
#ifndef CLUSTER_CLUSTER_INTERNAL_H
#define CLUSTER_CLUSTER_INTERNAL_H

#include "cluster/cluster.h"
#include "cluster/picture.h"

#define CLUSTER_DATABASE "sealtone.db"
#define CLUSTER_KEYS     "keys"

struct cluster {
	struct conf conf;
	struct store *store;
	struct signer *signer;
	struct picture *picture;   /* NULL only while the cluster is being made */
	struct modeltable *models; /* likewise */
};

/* Opens database and keys of a folder whose configuration is read. No picture yet. Freed with
 * cluster_close. */
must_use bool cluster_attach(const struct conf *conf, struct cluster **out, struct err *e);

/* The table of cluster_models. Freed with modeltable_free. */
must_use bool cluster_models_read(const struct conf *conf, struct modeltable **out, struct err *e);

/* What a change does in the store. */
typedef bool cluster_apply(struct store *s, void *arg, struct err *e);

struct cluster_change {
	cluster_apply *apply; /* NULL: only the lists */
	void *arg;
	time_t now;
	const char *actor; /* of its events in the audit log */
	bool published;    /* out: a list says something new */
	char *warning;     /* out, ERR_TEXT_MAX bytes; may be NULL */
};

/* The one way in which a cluster changes: apply, the lists that follow from it and the next
 * generation in one transaction; then the new picture. */
must_use bool cluster_change(struct cluster *c, struct cluster_change *how, struct err *e);

/* Builds, signs, proves and adds the lists of the picture that say something new; the picture then
 * holds them, and none that says something else. Inside a transaction. */
must_use bool cluster_lists_publish(
    const struct cluster *c, struct picture *p, struct cluster_change *how, struct err *e);

/* Every list that a phone may hold now (store_held_each) is booted against a list that is to be
 * published: none of those phones would refuse it (rules/trust_boot.h). Errors: ERR_REFUSED with
 * how many phones would, and why. */
must_use bool cluster_list_guard(struct store *s, const struct picture *next,
    enum store_list_kind kind, struct span file, time_t now, struct err *e);

/* What the CTL is built from. Loans from the picture. */
struct ctl_plan cluster_ctl_plan(
    const struct conf *conf, const struct picture *p, enum envelope_digest digest, time_t now);

/* A new key and certificate for a purpose of a node. The key is to be removed when the certificate
 * is not taken into the store. */
must_use bool cluster_cert_make(const struct cluster *c, const struct store_node *node,
    enum purpose purpose, time_t now, struct cert **out, struct err *e);

/* Puts it into the store as the active one, and into the trust stores where a real cluster has
 * its like. Inside a transaction. */
must_use bool cluster_cert_activate(struct store *s, int64_t node, enum purpose purpose,
    const struct cert *c, time_t now, struct err *e);

/* Puts a certificate into a trust store unless it is there. Inside a transaction. */
must_use bool cluster_trust_once(
    struct store *s, enum trust_store store, const struct cert *c, time_t now, struct err *e);

/* Sets the settings that the names in certificates are made from. */
must_use bool cluster_cert_defaults(struct store *s, const char *name, struct err *e);

/* The host becomes part of common names: a host name of at most CLUSTER_HOST_MAX characters. */
#define CLUSTER_HOST_MAX 52 /* 64 of a common name without "ITLRECOVERY_" */
must_use bool cluster_host_check(const char *host, struct err *e);

/* Signs off an event. */
must_use bool cluster_event(struct store *s, const struct cluster_change *how, const char *event,
    const char *object, const char *text, struct err *e);

#endif
