/*
 * profileplan: what of a profile touches trust, and what a change of it comes to for one phone.
 *
 * No setting of a profile changes a trust list or who signs files. Encryption needs a certificate
 * that files can be encrypted for (rules/provision.h); secure registration one to register with,
 * and a CTL that names the call manager (doc/protocols/config.md, ctl.md); secure URLs somebody who
 * speaks for the server (doc/protocols/phone.md 2.2, VERIFY_HTTPS).
 */
#ifndef RULES_PROFILEPLAN_H
#define RULES_PROFILEPLAN_H

#include "rules/profile.h"

enum profileplan_effect {
	PROFILEPLAN_WAITS,    /* no configuration until it has a certificate */
	PROFILEPLAN_NEVER,    /* no configuration: its model opens no encrypted one */
	PROFILEPLAN_OPENED,   /* its configuration is encrypted from now on */
	PROFILEPLAN_READABLE, /* not any more */
	PROFILEPLAN_TLS_NO_LSC,
	PROFILEPLAN_TLS_NO_CTL,
	PROFILEPLAN_TLS,    /* and nothing is missing */
	PROFILEPLAN_NO_TLS, /* not any more */
	PROFILEPLAN_URL,    /* another secure URL */
	PROFILEPLAN_EFFECTS,
};

struct profileplan_phone {
	bool opens;          /* there is a certificate that its files can be encrypted for */
	bool model_encrypts; /* its model opens encrypted files */
	bool has_lsc;
	bool has_ctl; /* the cluster is in mixed mode */
};

/* The effects that the change has for it, as bits 1 << effect. */
unsigned profileplan_of(const struct profile *before, const struct profile *after,
    const struct profileplan_phone *phone);

const char *profileplan_name(enum profileplan_effect f);   /* "waits" ... */
const char *profileplan_text(enum profileplan_effect f);   /* one line: what it meets */
const char *profileplan_remedy(enum profileplan_effect f); /* what helps; "" for nothing to do */

/* Something is missing: the phone would be worse off. */
bool profileplan_is_bad(enum profileplan_effect f);

#endif
