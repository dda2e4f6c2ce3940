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
	struct picture *picture;    /* NULL only while the cluster is being made */
	struct modeltable *models;  /* likewise */
	struct handouts *handouts;  /* of the picture; NULL: to be made when they are asked for */
	struct forecast *rehearsal; /* not NULL: a change fills it and is undone */
	bool forced;                /* a change that cuts phones off goes on */
};

/* Opens database and keys of a folder whose configuration is read. No picture yet. Freed with
 * cluster_close. */
must_use bool cluster_attach(const struct conf *conf, struct cluster **out, struct err *e);

/* The same only to read it, also while a daemon has it open: nothing of it can be changed. */
must_use bool cluster_attach_to_read(const struct conf *conf, struct cluster **out, struct err *e);

/* A store of before the generation was kept there takes it over from the configuration, once
 * (doc/decisions/0017-generation.md). Before the picture is loaded. */
must_use bool cluster_generation_ensure(struct cluster *c, struct err *e);

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

/* What phones of the store would meet with the next picture, whose lists are published: ERR_REFUSED
 * when one that is well off now would be cut off, with how many, why, and what to do, unless the
 * change is forced. A rehearsal gets the forecast and fails in any case. Inside a transaction. */
must_use bool cluster_guard(
    struct cluster *c, const struct picture *next, time_t now, struct err *e);

/* The cluster is in mixed mode from now on. Inside a transaction. */
must_use bool cluster_ctl_store_mixed(struct store *s, struct err *e);

/* What the CTL is built from. Loans of the picture. */
struct ctl_plan cluster_ctl_plan(const struct picture *p, enum envelope_digest digest, time_t now);

/* What a list of this node would be made from (trustlist_build.h); loans of the picture. */
struct trustlist_plan cluster_list_plan(
    const struct picture *p, enum store_list_kind kind, enum envelope_digest digest, time_t now);

/* Signs a list that was built, and proves it. Freed with bytes_free. */
must_use bool cluster_list_sign(const struct cluster *c, const struct cert *signer,
    struct span unsigned_file, struct bytes *out, struct err *e);

/* Signs a list that was built, proves it, and adds it to the store as the next version of its node,
 * kind and digest, which l says. On success l has the rest, and bytes of its own. */
must_use bool cluster_list_publish(const struct cluster *c, struct store_list *l, struct span built,
    const struct cert *signer, const struct cluster_change *how, struct err *e);

/* A new key and certificate for a purpose of a node. rsa_bits 0: 2048. The key is to be removed
 * when the certificate is not taken into the store. */
must_use bool cluster_cert_make(const struct cluster *c, const struct store_node *node,
    enum purpose purpose, unsigned rsa_bits, time_t now, struct cert **out, struct err *e);

/* New certificates of a node; NULL for purposes that stay as they are. */
struct cluster_fresh {
	struct cert *cert[PURPOSE_COUNT];
};

/* A size of RSA keys that these purposes can have; 0: 2048. Errors: ERR_REFUSED. */
must_use bool cluster_rsa_bits_check(
    const enum purpose *purpose, size_t n, unsigned rsa_bits, struct err *e);

/* Makes those of the purposes, outside of any transaction. Nothing stays when it fails. */
must_use bool cluster_fresh_make(const struct cluster *c, const struct store_node *node,
    const enum purpose *purpose, size_t n, unsigned rsa_bits, time_t now, struct cluster_fresh *out,
    struct err *e);

/* Each becomes the active one, with an event. Inside a transaction. */
must_use bool cluster_fresh_activate(struct store *s, int64_t node,
    const struct cluster_fresh *fresh, const struct cluster_change *how, struct err *e);

/* Lets go of the certificates; with taken false of their keys too: *e then also says which stay. */
void cluster_fresh_free(
    const struct cluster *c, struct cluster_fresh *fresh, bool taken, struct err *e);

/* The key of a certificate that is retired or announced is given up. Inside a transaction; once
 * that is through, cluster_purge_finish removes keys that are given up. */
must_use bool cluster_give_up(
    struct store *s, const struct cert *cert, const struct cluster_change *how, struct err *e);
void cluster_purge_finish(const struct cluster *c);

/* Puts it into the store as the active one, and into the trust stores where a real cluster has
 * its like. Inside a transaction. */
must_use bool cluster_cert_activate(struct store *s, int64_t node, enum purpose purpose,
    const struct cert *c, time_t now, struct err *e);

/* Puts a certificate into a trust store unless it is there. Inside a transaction. */
must_use bool cluster_trust_once(
    struct store *s, enum trust_store store, const struct cert *c, time_t now, struct err *e);

/* Certificates of that purpose name the node: its host name, and its addresses. The others have
 * numbers, or (itlrecovery) the name that the node had when they were made. */
bool cluster_cert_names_node(enum purpose p);

/* Sets the settings that the names in certificates are made from. */
must_use bool cluster_cert_defaults(struct store *s, const char *name, struct err *e);

/* The host becomes part of common names: a host name of at most CLUSTER_HOST_MAX characters. */
#define CLUSTER_HOST_MAX 52 /* 64 of a common name without "ITLRECOVERY_" */
must_use bool cluster_host_check(const char *host, struct err *e);

/* Addresses of a node as the store has them: IP literals with blanks between. Adds one (that is
 * one); makes them of a NULL-terminated list. Errors: ERR_REFUSED (no address), ERR_LIMIT. */
#define CLUSTER_ADDRESSES_MAX 16
must_use bool cluster_address_add(char addresses[STORE_VALUE_MAX], const char *text, struct err *e);
must_use bool cluster_addresses_take(
    const char *const *address, char out[STORE_VALUE_MAX], struct err *e);

/* Signs off an event. */
must_use bool cluster_event(struct store *s, const struct cluster_change *how, const char *event,
    const char *object, const char *text, struct err *e);

#endif
