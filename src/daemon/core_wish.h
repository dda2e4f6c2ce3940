/*
 * core_wish: what Sealtone puts into a phone's configuration: its security elements, and the values
 * of a template's placeholders.
 */
#ifndef DAEMON_CORE_WISH_H
#define DAEMON_CORE_WISH_H

#include "daemon/core_subject.h"
#include "rules/phonecfg.h"

struct core_common;

struct core_wish_value {
	char key[PHONECFG_KEY_MAX];
	char text[PHONECFG_VALUE_MAX];
};

/* A wish and what its pointers lead to. */
struct core_wish {
	struct phonecfg_wish wish;
	char cert_hash[PROVISION_HASH_MAX];
	struct core *core;
	const struct core_subject *subject; /* NULL: XMLDefault.cnf.xml */
	struct core_wish_value *value;      /* of the phone, by key; read when one is looked up */
	size_t values;
	bool is_read;
	struct err lookup; /* what went wrong while a value was looked up; code ERR_NONE: nothing */
};

/* Fills it for a phone, or for everybody when subject is NULL. from_template: its placeholders are
 * filled. The wish is good until the next change of the cluster; freed with core_wish_free. */
must_use bool core_wish_fill(struct core *c, const struct core_subject *subject, bool from_template,
    struct core_wish *out, struct err *e);

void core_wish_free(struct core_wish *w);

/* What all phones are told (servers, VPN gateways, rollback) is read anew. */
void core_wish_forget(struct core *c);

#endif
