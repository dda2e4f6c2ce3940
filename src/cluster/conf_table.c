#include "cluster/conf_row.h"

#include <string.h>

#define AT(member)          offsetof(struct conf, member)
#define NO_RANGE            0, 0, ""
#define PORT(member)        AT(ports.member), 1, 65535, ""
#define PORT_OR_OFF(member) AT(member), 0, 65535, ""
#define TLS_MAX             65536 /* net/drive.h */
#define TFTP_MAX            100000

static const struct conf_row rows[] = {
	{ "network", "listen", CONF_ADDRESSES, AT(listen), NO_RANGE,
	    "Address to listen on; one line for each. Without any: every address of the machine." },
	{ "network", "tftp-port", CONF_PORT, PORT(tftp), "TFTP (UDP). Phones ask port 69." },
	{ "network", "tftp-port-first", CONF_PORT, PORT_OR_OFF(tftp_port_first),
	    "With the next: the ports that TFTP transfers use, for a firewall that has to be "
	    "told.\n"
	    "Each worker takes up to 16 of them for each address. 0: any free port." },
	{ "network", "tftp-port-last", CONF_PORT, PORT_OR_OFF(tftp_port_last),
	    "The last of them." },
	{ "network", "http-port", CONF_PORT, PORT_OR_OFF(ports.http),
	    "The same files over HTTP. Phones ask port 6970. 0: not served." },
	{ "network", "https-port", CONF_PORT, PORT_OR_OFF(ports.https),
	    "The same files over HTTPS. Phones ask port 6971 when their trust list has a\n"
	    "certificate for it. 0: not served." },
	{ "network", "tvs-port", CONF_PORT, PORT(tvs), "Trust Verification Service." },
	{ "network", "capf-port", CONF_PORT, PORT(capf), "Certificate Authority Proxy Function." },
	{ "network", "web-port", CONF_PORT, PORT(web),
	    "Kept for the admin page, which this version does not have." },
	{ "network", "workers", CONF_NUMBER, AT(workers), 0, 64, "",
	    "Processes that serve phones; 0 means one per processor." },

	{ "files", "provisioning-dir", CONF_PATH, AT(provisioning_dir), NO_RANGE,
	    "Folder of the files that phones may fetch." },
	{ "files", "max-file-size", CONF_NUMBER, AT(file_max_mb), 1, 1024, "megabytes",
	    "A larger file is not served." },
	{ "files", "cache", CONF_NUMBER, AT(cache_mb), 1, 65536, "megabytes",
	    "Finished copies that each process keeps in memory." },
	{ "files", "server-names", CONF_SERVER_NAMES, AT(server_names), NO_RANGE,
	    "How servers are named to phones: by address, or by name, which phones must then be\n"
	    "able to resolve." },

	{ "trust", "generation", CONF_GENERATION, AT(generation), NO_RANGE,
	    "Which key signs the trust lists of a new cluster: ITLRecovery's as Unified CM 12.0 "
	    "and later\n"
	    "(G12), CallManager's as 10.0 to 11.5 (G10), or as 8.0 to 9.x without ITLRecovery "
	    "beside it\n"
	    "(G8). From then on \"sealtone generation set\" changes it, and this line says "
	    "nothing." },
	{ "trust", "bridges", CONF_SWITCH, AT(bridges), NO_RANGE,
	    "A phone that may hold an old list is handed one that is signed by an old key which "
	    "it\n"
	    "knows, and the current one when it has taken that." },
	{ "trust", "bridge-proof", CONF_BRIDGE_PROOF, AT(bridge_proof), NO_RANGE,
	    "What counts as having taken it: boot (the configuration was asked for after it, and "
	    "the\n"
	    "list again), or told (only what sealtone phone holds says)." },
	{ "trust", "bridge-signers", CONF_NUMBER, AT(bridge_signers), TRUSTLIST_BRIDGE_SIGNERS,
	    TRUSTLIST_BRIDGE_SIGNERS_MAX, "",
	    "SAST records of such a list at most: the key that the phone knows and the current\n"
	    "signer; with more, the other current SAST and announced ones too." },
	{ "trust", "activate", CONF_SWITCH, AT(activate), NO_RANGE,
	    "Keys that were announced (cert regenerate --staged) begin to count by themselves "
	    "when\n"
	    "phones know them." },
	{ "trust", "activate-share", CONF_NUMBER, AT(activate_share), 1, 100, "percent",
	    "So many of the phones, for that. Those that do not know them by then are helped by\n"
	    "bridges." },
	{ "trust", "digest", CONF_DIGEST, AT(digest), NO_RANGE,
	    "Hash of the signatures on trust lists and files. Phones that do not know SHA-512 "
	    "stop\n"
	    "working with it." },

	{ "tvs", "old-tls", CONF_SWITCH, AT(tvs_old_tls), NO_RANGE,
	    "Also TLS 1.0 and 1.1 with RSA key exchange, for phones that have nothing newer." },
	{ "tvs", "idle-timeout", CONF_NUMBER, AT(tvs_idle_s), 1, 3600, "seconds",
	    "A connection without a request is closed after this time." },

	{ "capf", "old-tls", CONF_SWITCH, AT(capf_old_tls), NO_RANGE,
	    "Also TLS 1.0 and 1.1 with RSA key exchange, for phones that have nothing newer." },
	{ "capf", "answer-timeout", CONF_NUMBER, AT(capf_answer_s), 1, 3600, "seconds",
	    "How long a phone may take to answer." },
	{ "capf", "keygen-timeout", CONF_NUMBER, AT(capf_keygen_s), 1, 7200, "seconds",
	    "How long it may take to generate a key; old phones need half an hour for large "
	    "ones." },
	{ "capf", "keygen-attempts", CONF_NUMBER, AT(capf_keygen_tries), 1, 20, "",
	    "How often generating a key may fail before the operation has." },
	{ "capf", "weak-lsc-keys", CONF_SWITCH, AT(weak_lsc_keys), NO_RANGE,
	    "Also RSA keys of 512 and 1024 bits, for phones that can make no others. They protect\n"
	    "nothing." },
	{ "capf", "capf-names", CONF_WORDS, AT(capf_names), NO_RANGE,
	    "What the names of devices begin with that may ask for certificates." },
	{ "capf", "lsc-validity", CONF_NUMBER, AT(lsc_days), 1, 1825, "days",
	    "Validity of the certificates that phones get; that of their issuer ends it earlier." },
	{ "capf", "lsc-issuer", CONF_LSC_ISSUER, AT(lsc_issuer), NO_RANGE,
	    "Whose key signs these certificates: capf (the one that phones see in TLS), own (one\n"
	    "that serves nothing else), auto: own where old-tls is yes, else capf;\n"
	    "offline: another CA, to which you carry the requests; or online: another CA, over\n"
	    "CMP, for which sealtoned has to be started anew." },
	{ "capf", "online-ca-url", CONF_HTTP_URL, AT(online_ca_url), 0, 200, "",
	    "With lsc-issuer = online: where that CA speaks CMP, for instance\n"
	    "http://ca.example.com:8080/ejbca/publicweb/cmp/phones." },
	{ "capf", "online-ca-reference", CONF_NAME_PART, AT(online_ca_reference), 1, 64, "",
	    "The name by which it knows this server." },
	{ "capf", "online-ca-secret-file", CONF_PATH, AT(online_ca_secret_file), NO_RANGE,
	    "File with the secret that protects messages from and to it, in one line." },
	{ "capf", "online-ca-timeout", CONF_NUMBER, AT(online_ca_timeout_s), 1, 60, "seconds",
	    "How long it may take to certify one key. Phones that have waited for 15 seconds are\n"
	    "told to come again." },
	{ "capf", "crl-url", CONF_URL, AT(crl_url), 0, 200, "",
	    "Where those who check LSCs find the revocation list, as the LSCs say: the URL of\n"
	    "this server's files, for instance http://192.0.2.10:6970/. Nothing: they say none." },
	{ "capf", "crl-validity", CONF_NUMBER, AT(crl_days), 1, 365, "days",
	    "Life of a revocation list; a new one is made after half of it." },
	{ "capf", "ocsp-url", CONF_HTTP_URL, AT(ocsp_url), 0, 200, "",
	    "Where those who check LSCs ask about one by OCSP, as the LSCs say: /ocsp of this\n"
	    "server's HTTP port, for instance http://192.0.2.10:6970/ocsp. Nothing: they say "
	    "none." },
	{ "capf", "lsc-usages", CONF_LSC_USAGES, AT(lsc_usages), NO_RANGE,
	    "Extended key usages of these certificates: cucm (server, client and IPsec, as\n"
	    "Unified CM's have them) or client alone." },
	{ "capf", "lsc-organization", CONF_NAME_PART, AT(lsc_org), 1, 64, "",
	    "The organization in their subject. Nothing here, and in the next four: what the\n"
	    "issuer has in its own." },
	{ "capf", "lsc-unit", CONF_NAME_PART, AT(lsc_unit), 1, 64, "", "The organizational unit." },
	{ "capf", "lsc-locality", CONF_NAME_PART, AT(lsc_locality), 1, 128, "", "The locality." },
	{ "capf", "lsc-state", CONF_NAME_PART, AT(lsc_state), 1, 128, "",
	    "The state or province." },
	{ "capf", "lsc-country", CONF_NAME_PART, AT(lsc_country), 2, 2, "",
	    "The country: two upper-case letters." },

	{ "capf", "renew", CONF_SWITCH, AT(renew), NO_RANGE,
	    "Phones get an install operation by themselves when two thirds of their LSC's life "
	    "are\n"
	    "over." },
	{ "capf", "renew-window", CONF_WINDOW, AT(renew_window), NO_RANGE,
	    "When they get it, in local time; the same time twice is the whole day." },
	{ "capf", "renew-per-window", CONF_NUMBER, AT(renew_per_window), 1, 1000000, "phones",
	    "At most so many in one window." },
	{ "capf", "renew-at-once", CONF_NUMBER, AT(renew_at_once), 1, 100000, "phones",
	    "At most so many that have not ended yet; others follow when they do." },
	{ "capf", "expired-mic", CONF_EXPIRED_MIC, AT(expired_mic), NO_RANGE,
	    "What a phone may do that shows a MIC that has expired: nothing, or get a new LSC." },
	{ "capf", "address-tries", CONF_NUMBER, AT(address_tries), 1, 100000, "",
	    "So many wrong authentication strings from one address within 10 minutes, for "
	    "whatever\n"
	    "phones, and no string is taken from there for 10 minutes. Raise it where many phones\n"
	    "that use strings stand behind one address." },
	{ "capf", "auth-string-tries", CONF_NUMBER, AT(auth_string_tries), 1, 1000, "",
	    "After so many wrong authentication strings the right one is not taken any more: a "
	    "new\n"
	    "one must be made." },

	{ "certificates", "warn-days", CONF_NUMBER, AT(cert_warn_days), 1, 3650, "days",
	    "So long before the end of one of our certificates, or of one in a trust store, the\n"
	    "log and status begin to say so. The issuer of LSCs is said earlier." },

	{ "limits", "handshake-timeout", CONF_NUMBER, AT(handshake_s), 1, 300, "seconds",
	    "A TLS handshake must end within this time." },
	{ "limits", "connections", CONF_NUMBER, AT(connections), 1, TLS_MAX, "",
	    "TLS connections at once of one worker." },
	{ "limits", "connections-per-address", CONF_NUMBER, AT(connections_per_address), 1, TLS_MAX,
	    "",
	    "The same from one address, as which an IPv6 /64 counts; a branch office is behind\n"
	    "one address." },
	{ "limits", "tftp-transfers", CONF_NUMBER, AT(tftp_transfers), 1, TFTP_MAX, "",
	    "TFTP transfers at once of one worker." },
	{ "limits", "tftp-transfers-per-address", CONF_NUMBER, AT(tftp_transfers_per_address), 1,
	    TFTP_MAX, "", "The same from one address, as which an IPv6 /64 counts." },
	{ "limits", "http-connections", CONF_NUMBER, AT(http_connections), 1, TLS_MAX, "",
	    "HTTP connections at once of one worker, and as many for HTTPS." },
	{ "limits", "http-connections-per-address", CONF_NUMBER, AT(http_connections_per_address),
	    1, TLS_MAX, "",
	    "The same from one address, as which an IPv6 /64 counts; a branch office is behind\n"
	    "one address." },
	{ "limits", "http-idle-timeout", CONF_NUMBER, AT(http_idle_s), 1, 3600, "seconds",
	    "A connection on which nothing moves is closed after this time." },
	{ "limits", "seen-phones", CONF_NUMBER, AT(seen_phones), 0, 1000000, "",
	    "Records made for phones that only asked for a file, at most." },

	{ "reset", "hook", CONF_PATH_OR_NONE, AT(reset_hook), NO_RANGE,
	    "Program that resets a phone: it is given name, address and reset, restart or apply.\n"
	    "Nothing: phones are waited for until they boot by themselves. This section is read\n"
	    "when sealtoned starts." },
	{ "reset", "hook-user", CONF_NAME_PART, AT(reset_user), 1, 32, "",
	    "Whom it runs as when root starts sealtoned. Nothing: root." },
	{ "reset", "hook-timeout", CONF_NUMBER, AT(reset_hook_s), 1, 3600, "seconds",
	    "After so long it is ended, and the reset has failed." },
	{ "reset", "hooks-at-once", CONF_NUMBER, AT(reset_hooks_at_once), 1, 64, "",
	    "Of it at most so many run at once." },

	{ "backup", "folder", CONF_PATH_OR_NONE, AT(backup_folder), NO_RANGE,
	    "Folder, which must be there, for backups that sealtoned makes by itself; best on\n"
	    "another machine. Nothing: it makes none. sealtoned has to be started anew when this\n"
	    "is set; the rest of the section follows SIGHUP." },
	{ "backup", "passphrase-file", CONF_PATH_OR_NONE, AT(backup_passphrase), NO_RANGE,
	    "File with their passphrase in its first line, which only its owner may read; not in\n"
	    "that folder. Keep a copy of it, but not beside the backups." },
	{ "backup", "at", CONF_MINUTE, AT(backup_at), NO_RANGE,
	    "When one is made each day, in local time." },
	{ "backup", "after-changes", CONF_SWITCH, AT(backup_after_changes), NO_RANGE,
	    "Also one as soon as keys or certificates have changed." },
	{ "backup", "keep-days", CONF_NUMBER, AT(backup_keep_days), 1, 36500, "days",
	    "Those older than this are deleted, when a newer one was found good," },
	{ "backup", "keep-least", CONF_NUMBER, AT(backup_keep_least), 1, 10000, "",
	    "but so many always stay, however old." },

	{ "keys", "key-file", CONF_PATH, AT(key_file), NO_RANGE,
	    "File with the passphrase of the private keys. Keep a copy of it and of keys/ apart\n"
	    "from each other." },
	{ "keys", "keepers", CONF_NUMBER, AT(keepers), 0, 64, "",
	    "Processes that sign files; 0 means one per processor." },

	{ "log", "level", CONF_LEVEL, AT(log_level), NO_RANGE, "The least that is logged." },
};

#define ROWS (sizeof rows / sizeof *rows)

const struct conf_row *
conf_rows(size_t *count)
{
	*count = ROWS;
	return rows;
}

const struct conf_row *
conf_row_find(const char *section, const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].section, section) == 0 && strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

bool
conf_row_section_exists(const char *section)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].section, section) == 0)
			return true;
	return false;
}
