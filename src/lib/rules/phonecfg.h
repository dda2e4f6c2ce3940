/*
 * phonecfg: what concerns security in a phone's configuration (SEP<MAC>.cnf.xml).
 *
 * Facts: doc/protocols/config.md. Only phonecfg_xml.c knows that it is XML.
 */
#ifndef RULES_PHONECFG_H
#define RULES_PHONECFG_H

#include "base/err.h"
#include "base/span.h"

#define PHONECFG_MAX      550001 /* bytes a phone loads; phone.md 7.3, captured */
#define PHONECFG_HOST_MAX 256    /* with the NUL */
#define PHONECFG_HASH_MAX 129    /* hex digits of the longest hash, and the NUL */
#define PHONECFG_CAPF_MAX 5      /* entries of capfList */
#define PHONECFG_TVS_MAX  3      /* the first three members are used; phone.md 2.1, captured */
#define PHONECFG_TVS_READ 5      /* members that a configuration may have */

/* What capfAuthMode says. */
enum phonecfg_capf_auth {
	PHONECFG_CAPF_NONE = 0, /* the phone does not start CAPF */
	PHONECFG_CAPF_STRING = 1,
	PHONECFG_CAPF_NULL_STRING = 2,
	PHONECFG_CAPF_LSC = 3,
	PHONECFG_CAPF_MIC = 4,
};

/* What deviceSecurityMode says; 0 has been seen too. */
enum phonecfg_mode {
	PHONECFG_MODE_UNSET = 0,
	PHONECFG_NON_SECURE = 1,
	PHONECFG_AUTHENTICATED = 2,
	PHONECFG_ENCRYPTED = 3,
};

struct phonecfg_server {
	char host[PHONECFG_HOST_MAX]; /* name or address */
	uint16_t port;                /* 0: not named */
};

struct phonecfg {
	bool full_config; /* false in the companion of an encrypted one; true when absent */
	bool encrypted;   /* encrConfig */
	char cert_hash[PHONECFG_HASH_MAX]; /* as written, hex; "" when empty or absent */
	enum phonecfg_capf_auth capf_auth;
	struct phonecfg_server capf[PHONECFG_CAPF_MAX];
	size_t capf_count;
	struct phonecfg_server tvs[PHONECFG_TVS_MAX]; /* by priority */
	size_t tvs_count;
	enum phonecfg_mode mode;
};

/*
 * Reads a configuration. Elements that are absent leave their defaults; unknown ones are ignored,
 * of repeated ones the first counts, servers without an address are left out.
 * Errors: ERR_LIMIT (over PHONECFG_MAX bytes, too many servers), ERR_REFUSED (a document type, and
 * so any entity), ERR_MALFORMED (not well formed, with the line; a value that its element cannot
 * have).
 */
must_use bool phonecfg_parse(struct span xml, struct phonecfg *out, struct err *e);

#endif
