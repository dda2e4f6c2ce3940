/*
 * conf: sealtone.conf, what must be known before the store opens.
 *
 * Every setting is a row of one table (section, name, kind, range, default, explanation); the file
 * that init writes, the reader and its errors follow from it. Errors name file, line, setting and
 * allowed range.
 */
#ifndef CLUSTER_CONF_H
#define CLUSTER_CONF_H

#include "base/err.h"
#include "base/log.h"
#include "rules/trustlist_build.h"

#include <stdint.h>

#define CONF_PATH_MAX    1024
#define CONF_LISTEN_MAX  16
#define CONF_ADDRESS_MAX 64
#define CONF_TEXT_MAX    256
#define CONF_KEYS        "keys" /* the folder of private keys, in the cluster's */

struct conf_ports {
	uint16_t tftp, http, https, tvs, capf, web; /* http, https: 0 when not served */
};

/* What a phone whose MIC has expired may do: nothing, or an install operation. */
enum conf_expired_mic { CONF_EXPIRED_REFUSE, CONF_EXPIRED_ENROL_ONLY };

/* What phones are told a server is. */
enum conf_server_names { CONF_SERVERS_BY_IP, CONF_SERVERS_BY_NAME };

/* Whose key signs LSCs. */
enum conf_lsc_issuer {
	CONF_ISSUER_AUTO, /* its own where old TLS is on for CAPF, else CAPF's */
	CONF_ISSUER_CAPF,
	CONF_ISSUER_OWN,
	CONF_ISSUER_OFFLINE, /* another CA, by hand */
	CONF_ISSUER_ONLINE   /* another CA, over CMP */
};

/* What proves that a phone has taken a bridge. */
enum conf_bridge_proof { CONF_PROOF_BOOT, CONF_PROOF_TOLD };

struct conf {
	char dir[CONF_PATH_MAX]; /* the cluster's folder, absolute */
	/* [network] */
	char listen[CONF_LISTEN_MAX]
		   [CONF_ADDRESS_MAX]; /* addresses; none: every one of the machine */
	size_t listen_count;
	struct conf_ports ports;
	uint16_t tftp_port_first, tftp_port_last; /* of transfers; 0: any free port */
	unsigned workers;                         /* fronts; 0 means one per core */
	/* [files] */
	char provisioning_dir[CONF_PATH_MAX]; /* absolute */
	unsigned file_max_mb;                 /* a larger file is not served */
	unsigned cache_mb;                    /* finished copies in each process */
	unsigned server_names;                /* enum conf_server_names */
	/* [trust] */
	enum generation generation;
	unsigned digest; /* enum envelope_digest, for lists and signed files */
	bool bridges;    /* phones that hold old lists are helped by the keys that these name */
	unsigned bridge_signers; /* SAST records of a bridge, at most */
	unsigned bridge_proof;   /* enum conf_bridge_proof */
	bool activate;           /* announced keys count by themselves ... */
	unsigned activate_share; /* ... when so many percent of the phones know them */
	/* [tvs], [capf] */
	bool tvs_old_tls, capf_old_tls; /* TLS 1.0 and 1.1, RSA key exchange, security level 0 */
	unsigned tvs_idle_s;
	unsigned capf_answer_s;       /* how long a phone may take to answer */
	unsigned capf_keygen_s;       /* the same for key generation */
	unsigned cert_warn_days;      /* this long before a certificate expires */
	unsigned lsc_days;            /* validity of an LSC, 1 to 1825 */
	char crl_url[CONF_TEXT_MAX];  /* "": none; ends with '/' */
	char ocsp_url[CONF_TEXT_MAX]; /* "": none */
	unsigned crl_days;            /* life of a revocation list */
	unsigned lsc_issuer;          /* enum conf_lsc_issuer */
	unsigned lsc_usages;          /* enum signer_lsc_usages */
	/* With CONF_ISSUER_ONLINE. */
	char online_ca_url[CONF_TEXT_MAX], online_ca_reference[CONF_TEXT_MAX];
	char online_ca_secret_file[CONF_PATH_MAX]; /* absolute */
	unsigned online_ca_timeout_s;
	/* Of an LSC's subject; "": as the issuer has it. */
	char lsc_unit[CONF_TEXT_MAX], lsc_org[CONF_TEXT_MAX], lsc_locality[CONF_TEXT_MAX];
	char lsc_state[CONF_TEXT_MAX], lsc_country[CONF_TEXT_MAX];
	bool renew;            /* LSCs at two thirds of their life, by themselves */
	unsigned renew_window; /* local time: begin << 16 | end, in minutes of the day */
	unsigned renew_per_window, renew_at_once; /* phones */
	unsigned capf_keygen_tries;     /* key generations of one operation that may fail */
	bool weak_lsc_keys;             /* RSA of 512 and 1024 bits */
	char capf_names[CONF_TEXT_MAX]; /* what device names begin with, separated by blanks */
	unsigned expired_mic;           /* enum conf_expired_mic */
	unsigned auth_string_tries;     /* wrong ones that lock it */
	unsigned address_tries;         /* wrong ones that block an address for a while */
	/* [limits] */
	unsigned handshake_s; /* a TLS handshake must end within this */
	unsigned connections; /* TLS connections of one front */
	unsigned connections_per_address;
	unsigned tftp_transfers; /* of one front */
	unsigned tftp_transfers_per_address;
	unsigned http_connections; /* of one front, over HTTP and over HTTPS each */
	unsigned http_connections_per_address;
	unsigned http_idle_s;
	unsigned seen_phones; /* records made by first contact, at most */
	/* [reset] */
	char reset_hook[CONF_PATH_MAX]; /* absolute; "": none */
	char reset_user[CONF_TEXT_MAX]; /* whom it runs as; "": whoever runs sealtoned */
	unsigned reset_hook_s;          /* then a run is ended */
	unsigned reset_hooks_at_once;
	/* [backup] */
	char backup_folder[CONF_PATH_MAX];     /* absolute; "": the daemon makes none */
	char backup_passphrase[CONF_PATH_MAX]; /* file, absolute; "": none */
	unsigned backup_at;                    /* local time, minutes of the day */
	bool backup_after_changes;
	unsigned backup_keep_days, backup_keep_least;
	/* [keys] */
	char key_file[CONF_PATH_MAX]; /* absolute; opens the private keys */
	unsigned keepers;             /* 0 means one per core */
	/* [log] */
	enum log_level log_level;
};

/* The defaults, for a cluster in dir. */
struct conf conf_default(const char *dir);

/* Ports base, base + 1, ... as the contract of init says; base 0: the real ports (69, 6970, 6971,
 * 2445, 3804, 8443). */
void conf_set_ports(struct conf *c, uint16_t base);

/* Reads DIR/sealtone.conf over the defaults. Errors: ERR_IO; ERR_MALFORMED "sealtone.conf:12: [tvs]
 * idle-timeout: must be 1 to 3600 seconds"; unknown sections and settings, and repeated ones, are
 * errors. */
must_use bool conf_read(const char *dir, struct conf *out, struct err *e);

/* LSCs are signed by the issuer of its own: a key that undoes RSA key exchange for strangers, as
 * old TLS does, signs none. */
bool conf_issuer_is_own(const struct conf *c);

/* No key of this cluster signs LSCs. */
bool conf_issuer_is_external(const struct conf *c);

/* Writes the file with every setting, its explanation, range and default. Fails when it exists. */
must_use bool conf_write(const struct conf *c, struct err *e);

#endif
