/*
 * phonecfg: what concerns security in a phone's configuration (SEP<MAC>.cnf.xml).
 *
 * Facts: doc/protocols/config.md. Only phonecfg_xml.c knows that it is XML.
 */
#ifndef RULES_PHONECFG_H
#define RULES_PHONECFG_H

#include "base/bytes.h"
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
 * Reads a configuration, a phone's own or XMLDefault.cnf.xml. Elements that are absent leave their
 * defaults; unknown ones are ignored, of repeated ones the first counts, servers without an address
 * are left out. Errors: ERR_LIMIT (over PHONECFG_MAX bytes, too many servers), ERR_REFUSED (a
 * document type, and so any entity), ERR_MALFORMED (not well formed, with the line; a value that
 * its element cannot have).
 */
must_use bool phonecfg_parse(struct span xml, struct phonecfg *out, struct err *e);

/* --- writing --- */

#define PHONECFG_VPN_MAX      10 /* certHash1 to certHash10 */
#define PHONECFG_MANAGERS_MAX 3  /* of a call-manager group */
#define PHONECFG_URLS         6
#define PHONECFG_KEY_MAX      64  /* of a placeholder, with the NUL */
#define PHONECFG_VALUE_MAX    512 /* a filled-in value, with the NUL */
#define PHONECFG_STAMP_MAX    37  /* a versionStamp that we write, with the NUL */

/* The elements of the secure URLs, in the order of rules/profile.h. */
extern const char *const phonecfg_secure_url_element[PHONECFG_URLS];

/* The value for a placeholder of a template. False: there is none. */
typedef bool phonecfg_lookup(void *arg, const char *key, char value[PHONECFG_VALUE_MAX]);

/* What is put into a copy of the administrator's XML. Everything it does not name stays as it is.
 */
struct phonecfg_wish {
	/* Placeholders "{{key}}" and "{{key|otherwise}}" in texts and attributes; NULL: they are
	 * text like any other. */
	phonecfg_lookup *lookup;
	void *arg;
	bool is_default; /* XMLDefault.cnf.xml: only TVS and the call-manager group */
	struct phonecfg_server capf[PHONECFG_CAPF_MAX];
	size_t capf_count; /* 0: capfList goes away */
	enum phonecfg_capf_auth capf_auth;
	struct phonecfg_server tvs[PHONECFG_TVS_READ];
	size_t tvs_count; /* 0: TVS goes away */
	struct phonecfg_server
	    manager[PHONECFG_MANAGERS_MAX];     /* port 0: that of the XML, else 5060 */
	size_t manager_count;                   /* 0: the group of the XML stays */
	enum phonecfg_mode mode;                /* UNSET: stays */
	unsigned transport;                     /* transportLayerProtocol 1 to 4; 0: stays */
	bool encrypted;                         /* encrConfig */
	const char *cert_hash;                  /* certHash; "" when not encrypted */
	struct span vpn_sha1[PHONECFG_VPN_MAX]; /* 20 bytes each, into an existing vpnGroup */
	size_t vpn_count;                       /* 0: stays */
	const char *secure_url[PHONECFG_URLS];  /* NULL or "": that of the XML */
	bool rollback; /* secure URLs speak HTTP: the plain URL of the XML where it has one, else
			  the secure one with http and without the secure port */
};

/*
 * A copy of xml with what w says, as UTF-8, and a versionStamp that follows from its content (so
 * the same input gives the same bytes), which is given too when stamp is not NULL; "" when there is
 * none. Otherwise equal in canonical XML, comments kept. Freed with bytes_free. Errors: those of
 * phonecfg_parse, with the line; ERR_UNKNOWN (placeholder without a value, with its name and line);
 * ERR_LIMIT (the result is over PHONECFG_MAX, both sizes); a root element that is not "device"
 * ("Default" for XMLDefault.cnf.xml).
 */
must_use bool phonecfg_build(struct span xml, const struct phonecfg_wish *w, struct bytes *out,
    char stamp[PHONECFG_STAMP_MAX], struct err *e);

/* The companion of an encrypted configuration, from the full one (doc/protocols/files.md, section
 * 4). cert_hash "" when no certificate can be used. */
must_use bool phonecfg_stub(
    struct span full, const char *cert_hash, struct bytes *out, struct err *e);

/* The versionStamp of a configuration; "" when it has none. */
must_use bool phonecfg_version(struct span xml, char *out, size_t out_max, struct err *e);

#endif
