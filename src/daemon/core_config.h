/*
 * core_config: one phone's configuration: the administrator's file or a template, with what the
 * phone's record, profile and group and the cluster's certificates say put into it
 * (doc/protocols/config.md), in the form that the phone is given (rules/provision.h).
 */
#ifndef DAEMON_CORE_CONFIG_H
#define DAEMON_CORE_CONFIG_H

#include "daemon/core_source.h"
#include "rules/provision.h"

#define CORE_CONFIG_SOURCE_MAX 320

/* One of them, made. Freed with core_config_free. */
struct core_config {
	enum provision_form form; /* ABSENT: there is none, and nothing else is filled */
	struct bytes xml;         /* the whole one, or the companion stub */
	struct cert *recipient;   /* ENCRYPTED: whom for */
	enum envelope_digest digest;
	char version[PHONE_TEXT_MAX]; /* versionStamp of the whole one */
	/* It could not be built; xml is the last good version, or there is none. "": it could. */
	char fault[ERR_TEXT_MAX];
};

/* Makes the configuration that is wanted (FNAME_CONFIG); own is the file of that name without .sgn,
 * opened or absent. A fault of the configuration itself is no error. Errors: a profile that is not
 * there (ERR_UNKNOWN), our own trouble (ERR_STORE, ERR_IO, ERR_AGAIN). */
must_use bool core_config_make(struct core *c, const struct core_wanted *wanted,
    struct folder_file *own, struct core_config *out, struct err *e);
void core_config_free(struct core_config *m);

/* What an administrator is told about a phone's configuration. Texts are "" where there is nothing
 * to say. */
struct core_config_view {
	char source[CORE_CONFIG_SOURCE_MAX]; /* "file SEP001122334455.cnf.xml", "template sip-8800,
						that of its model"; why there is none */
	enum provision_form form;            /* that it is given when it asks for a signed one */
	char recipient[CORE_CONFIG_SOURCE_MAX]; /* "LSC 4d2a01", "MIC 01ab" */
	char reason[ERR_TEXT_MAX];              /* why nobody is the recipient */
	char version[PHONE_TEXT_MAX];           /* versionStamp of what it is given */
	char fault[ERR_TEXT_MAX];               /* file, line, reason: it cannot be built */
	time_t good_at; /* with a fault: the version that it is given was built then; 0: none is */
};

/* Fills a view; says and changes nothing. */
must_use bool core_config_explain(
    struct core *c, const struct device *d, struct core_config_view *out, struct err *e);

#endif
