/*
 * commands_options: the options of each command. Internal to commands.c, which is the table of the
 * commands themselves.
 */
#ifndef ADMIN_COMMANDS_OPTIONS_H
#define ADMIN_COMMANDS_OPTIONS_H

#include "admin/command.h"

static const struct command_option init_options[] = {
	{ "cluster", "NAME", "name of the cluster (default: the host's first label)" },
	{ "host", "FQDN", "this server's host name (default: as the machine says)" },
	{ "address", "IP", "an address that phones reach this server by; may be repeated" },
	{ "base-port", "N",
	    "unprivileged ports from N on, for trying out: tftp N, http N+1, https N+2, tvs N+3, "
	    "capf N+4, admin page N+5" },
	{ "passphrase-file", "FILE",
	    "the recovery kit's passphrase is its first line (default: SEALTONE_PASSPHRASE, else a "
	    "new one, which is printed)" },
	{ "no-recovery-kit", NULL, "make none" },
	{ 0 },
};

static const struct command_option purge_options[] = {
	{ "taken-over", NULL, "those too that were taken over from other clusters" },
	{ 0 },
};

static const struct command_option add_options[] = {
	{ "model", "MODEL", "the phone's model, for instance 8861" },
	{ "group", "GROUP", "its call-manager group" },
	{ "mic", "FILE", "its factory certificate, PEM" },
	{ "profile", "PROFILE", "its security profile" },
	{ "template", "TEMPLATE", "its own template (default: that of its group or model)" },
	{ "value", "KEY=VALUE", "what its template is filled with; may be repeated" },
	{ 0 },
};

static const struct command_option set_options[] = {
	{ "operation", "OPERATION", "install-upgrade, delete, troubleshoot or none" },
	{ "auth-mode", "MODE", "null-string, auth-string, existing-lsc or existing-mic" },
	{ "auth-string", "DIGITS", "4 to 10 digits, or generate" },
	{ "key-order", "ORDER", "rsa-only, ec-only or ec-preferred" },
	{ "rsa-size", "BITS", "512, 1024, 2048, 3072 or 4096" },
	{ "ec-size", "BITS", "256, 384 or 521" },
	{ "complete-by", "TIME", "YYYY-MM-DDTHH[:MM] or YYYY:MM:DD:HH in local time" },
	{ "model", "MODEL", "the phone's model" },
	{ "group", "GROUP", "its call-manager group" },
	{ "mic", "FILE", "its factory certificate, PEM; nothing to take it away" },
	{ "profile", "PROFILE", "its security profile; nothing for none" },
	{ "template", "TEMPLATE", "its own template; nothing for that of its group or model" },
	{ "value", "KEY=VALUE",
	    "what its template is filled with; nothing after = takes it away; may be repeated" },
	{ 0 },
};

static const struct command_option show_options[] = {
	{ "history", NULL, "with what happened to it" },
	{ "values", NULL, "with what its template is filled with, passwords too" },
	{ 0 },
};

static const struct command_option profile_options[] = {
	{ "mode", "MODE", "keep, non-secure, authenticated or encrypted" },
	{ "transport", "TRANSPORT", "keep, tcp, udp, tls or tcp+udp" },
	{ "encrypted-config", "yes|no", "TFTP Encrypted Config" },
	{ "authentication-url", "URL", "the secure URLs: https, or nothing to keep the phone's" },
	{ "directory-url", "URL", "" },
	{ "services-url", "URL", "" },
	{ "messages-url", "URL", "" },
	{ "information-url", "URL", "" },
	{ "idle-url", "URL", "" },
	{ 0 },
};

static const struct command_option group_options[] = {
	{ "server", "HOST[:PORT]", "a call manager; up to three, the first choice first" },
	{ "template", "TEMPLATE", "for phones of this group; nothing for none" },
	{ 0 },
};

static const struct command_option template_options[] = {
	{ "file", "FILE", "the configuration with {{key}} and {{key|otherwise}} in it, UTF-8" },
	{ "model", "MODEL", "for phones of this model or family; nothing for none" },
	{ 0 },
};

static const struct command_option render_options[] = {
	{ "phone", "NAME", "the phone whose record fills it" },
	{ 0 },
};

static const struct command_option remote_options[] = {
	{ "via", "http|tftp", "how it is asked (default: http)" },
	{ "port", "N", "of its addresses (default: 6970 or 69)" },
	{ "position", "N", "its place in the order, from 1 (default: the last)" },
	{ "phone", "NAME", "one of its phones, when it hands trust lists to its own phones only" },
	{ "no-check", NULL, "do not look whether that cluster signs its files" },
	{ 0 },
};

static const struct command_option report_options[] = {
	{ "csv", NULL, "as models.csv of the cluster's folder has it" },
	{ 0 },
};

static const struct command_option dry_run_options[] = {
	{ "dry-run", NULL, "check every row, change nothing" },
	{ 0 },
};

static const struct command_option all_options[] = {
	{ "all", NULL, "every phone of the cluster" },
	{ 0 },
};

static const struct command_option phone_options[] = {
	{ "phone", "NAME", "what this phone is handed" },
	{ 0 },
};

static const struct command_option rollback_options[] = {
	{ "phones", NULL, "name the phones that have yet to come" },
	{ 0 },
};

static const struct command_option node_set_options[] = {
	{ "host", "FQDN", "its host name from now on; certificates that name it are made anew" },
	{ "address", "IP", "an address of it; may be repeated, replaces all" },
	{ "with-itlrecovery", NULL,
	    "the signer of trust lists too, by which phones follow the change" },
	{ 0 },
};

static const struct command_option log_options[] = {
	{ "object", "NAME", "of one phone, node or trust store" },
	{ 0 },
};

static const struct command_option pem_options[] = {
	{ "pem", NULL, "print the certificate itself" },
	{ 0 },
};

static const struct command_option diagnose_options[] = {
	{ "console", "FILE", "its console log, or its status messages" },
	{ "itl", "FILE", "the ITL that it holds, taken from the phone" },
	{ "ctl", "FILE", "the CTL that it holds" },
	{ "capture", "FILE", "a packet capture of it (pcap, pcapng; - is standard input)" },
	{ "address", "ADDRESS",
	    "its address in the capture, when its name is not to be seen there" },
	{ 0 },
};

static const struct command_option explain_options[] = {
	{ "itl", "FILE", "the ITL that it holds (default: each that it was handed)" },
	{ "ctl", "FILE", "the CTL that it holds" },
	{ 0 },
};

static const struct command_option verify_options[] = {
	{ "cert", "FILE", "the signer's certificate, PEM" },
	{ "trust", "ITL", "a trust list that names the signer" },
	{ 0 },
};

static const struct command_option cert_export_options[] = {
	{ "node", "NODE", "the server whose certificate it is (default: this one's)" },
	{ "der", NULL, "DER instead of PEM; for one certificate" },
	{ "chain", NULL, "with the CAs above it, up to the root" },
	{ "out", "FILE", "where to write it (default: standard output)" },
	{ 0 },
};

static const struct command_option trust_export_options[] = {
	{ "all", NULL, "every certificate of the store" },
	{ "der", NULL, "DER instead of PEM; for one certificate" },
	{ "out", "FILE", "where to write it; - is standard output" },
	{ 0 },
};

static const struct command_option cert_csr_options[] = {
	{ "san", "NAME", "a further alternative name, DNS name or address; may be repeated" },
	{ "distribution", "node|multi-san", "name this server (default), or all of the cluster" },
	{ "out", "FILE", "where to write it; - is standard output" },
	{ 0 },
};

static const struct command_option cert_regenerate_options[] = {
	{ "node", "NAME", "of that node (default: this one, and no other has its keys here)" },
	{ "rsa-size", "BITS", "of RSA keys: 2048 (default), 3072 or 4096" },
	{ "force-size", NULL, "also a size that phones do not take" },
	{ "staged", NULL,
	    "only announce them in the trust lists; sealtone cert activate makes them count" },
	{ "compromised", NULL,
	    "somebody else has the old keys: they are removed, and help no phone over" },
	{ 0 },
};

static const struct command_option cert_import_options[] = {
	{ "force-size", NULL, "also one whose key is larger than phones take" },
	{ 0 },
};

static const struct command_option take_over_options[] = {
	{ "passphrase-file", "FILE", "the file's passphrase is the first line (default: none)" },
	{ 0 },
};

static const struct command_option earlier_options[] = {
	{ "all", NULL, "earlier ones too" },
	{ 0 },
};

static const struct command_option out_options[] = {
	{ "out", "FILE", "where to write it; - is standard output" },
	{ 0 },
};

static const struct command_option revoke_options[] = {
	{ "reason", "REASON",
	    "unspecified (default), keyCompromise, affiliationChanged, superseded, "
	    "cessationOfOperation or privilegeWithdrawn" },
	{ 0 },
};

static const struct command_option sign_options[] = {
	{ "cert", "FILE", "the signer's certificate, PEM (default: in the file of --key)" },
	{ "key", "FILE", "the signer's private key, PEM; may hold the certificate too" },
	{ "digest", "DIGEST", "sha1 (default) or sha512" },
	{ "name", "NAME", "the name that phones ask for (default: the file's, with its ending)" },
	{ "out", "FILE",
	    "where to write it (default: the file with its new ending); - is standard output" },
	{ 0 },
};

static const struct command_option build_options[] = {
	{ "cert", "FILE", "the signer's certificate, PEM (default: in the file of --key)" },
	{ "key", "FILE", "the signer's private key, PEM; may hold the certificate too" },
	{ "record", "FUNCTION=FILE",
	    "a certificate and what it is for: sast, tftp, ccm, ccm+tftp, capf, tvs, app-server; "
	    "may be repeated (the signer is named as SAST in any case)" },
	{ "digest", "DIGEST", "sha1 (default) or sha512" },
	{ "out", "FILE", "where to write it (default: FILE); - is standard output" },
	{ 0 },
};

static const struct command_option encrypt_options[] = {
	{ "phone", "FILE", "the phone's certificate, PEM (default: that of --cert)" },
	{ "cert", "FILE", "the signer's certificate when --phone is given, else the phone's, PEM" },
	{ "key", "FILE", "the signer's private key, PEM; may hold its certificate too" },
	{ "digest", "DIGEST", "sha1 (default) or sha512" },
	{ "name", "NAME", "the name that phones ask for (default: the file's, with its ending)" },
	{ "out", "FILE",
	    "where to write it (default: the file with its new ending); - is standard output" },
	{ 0 },
};

static const struct command_option decrypt_options[] = {
	{ "key", "FILE", "the phone's private key, PEM" },
	{ "cert", "FILE", "the signer's certificate, to verify the signature first, PEM" },
	{ "trust", "ITL", "a trust list that names the signer, to verify first" },
	{ "out", "FILE", "where to write it (default: without .enc.sgn); - is standard output" },
	{ 0 },
};

static const struct command_option check_options[] = {
	{ "strict", NULL, "warnings fail it too" },
	{ "offline", NULL, "look at the folder itself, even while a daemon runs" },
	{ 0 },
};

static const struct command_option probe_options[] = {
	{ "itl", "FILE", "the trust list that phones hold (default: the cluster's current one)" },
	{ "cert", "FILE", "ask about this certificate, PEM" },
	{ "https", NULL, "ask as about a secure URL's, not as about a file's signer" },
	{ "old-tls", NULL, "as a 7900 and its like, which speak TLS 1.0 only" },
	{ 0 },
};

static const struct command_option capture_options[] = {
	{ "phone", "ADDRESS", "of this phone only" },
	{ "itl", "FILE", "the trust list that it holds: servers' certificates are compared" },
	{ 0 },
};

static const struct command_option list_options[] = {
	{ "file", "FILE", "only phones whose names are in FILE, one a line" },
	{ 0 },
};

static const struct command_option capf_report_options[] = {
	{ "csv", NULL, "comma-separated values with all columns, for spreadsheets" },
	{ "file", "FILE", "only phones whose names are in FILE, one a line" },
	{ "auth-strings", NULL, "with the authentication strings (CSV and JSON)" },
	{ 0 },
};

static const struct command_option csr_options[] = {
	{ "state", "STATE", "only those that are waiting, signed or stale" },
	{ "csv", NULL, "comma-separated values" },
	{ 0 },
};

static const struct command_option export_options[] = {
	{ "out", "FILE", "where to write it; - is standard output" },
	{ "pkcs12", NULL, "one PKCS#12 file instead of PEM; encrypted when there is a passphrase" },
	{ "passphrase-file", "FILE",
	    "its passphrase is the first line (default: SEALTONE_PASSPHRASE)" },
	{ "issuers-only", NULL, "the issuer chains without the LSCs" },
	{ "file", "FILE", "only phones whose names are in FILE, one a line" },
	{ 0 },
};

static const struct command_option passphrase_options[] = {
	{ "passphrase-file", "FILE",
	    "the passphrase is its first line (default: SEALTONE_PASSPHRASE)" },
	{ 0 },
};

static const struct command_option backup_options[] = {
	{ "passphrase-file", "FILE",
	    "the passphrase is its first line (default: SEALTONE_PASSPHRASE)" },
	{ "replace", NULL,
	    "a backup in FILE goes whosever it is (default: one of this cluster that the "
	    "passphrase opens)" },
	{ 0 },
};

static const struct command_option bulk_options[] = {
	{ "operation", "OPERATION", "install-upgrade, delete, troubleshoot or none" },
	{ "auth-mode", "MODE", "as in phone set" },
	{ "auth-string", "generate", "each phone gets its own" },
	{ "key-order", "ORDER", "rsa-only, ec-only or ec-preferred" },
	{ "rsa-size", "BITS", "as in phone set" },
	{ "ec-size", "BITS", "256, 384 or 521" },
	{ "complete-by", "TIME", "YYYY-MM-DDTHH[:MM] or YYYY:MM:DD:HH in local time" },
	{ "file", "FILE", "only phones whose names are in FILE, one a line" },
	{ "pace", "N/min", "so many phones a minute (default: all at once)" },
	{ "dry-run", NULL, "check every phone, change nothing" },
	{ "skip-bad", NULL, "leave out phones that cannot have it" },
	{ 0 },
};

static const struct command_option migrate_bundle_options[] = {
	{ "passphrase-file", "FILE", "the bundles' passphrase is the first line (default: none)" },
	{ 0 },
};

static const struct command_option migrate_import_options[] = {
	{ "type", "TYPE",
	    "what the certificates are, when neither label nor file name says it: CallManager, "
	    "CallManager-ECDSA, ITLRecovery, CAPF, TVS or tomcat" },
	{ "passphrase-file", "FILE", "the bundles' passphrase is the first line (default: none)" },
	{ "dry-run", NULL, "say what would be taken, change nothing" },
	{ 0 },
};

#define MIGRATE_OTHER \
	{ "from", "NAME", "phones come from the cluster of this name" }, \
	    { "to", "NAME", "phones go to the cluster of this name" }, \
	    { "server", "ADDRESS[:PORT]", "where it serves its lists over TFTP" }, \
	    { "phone", "NAME", "one of its phones, whose lists are asked for" }, \
	    { "itl", "FILE", "its trust list, in place of --server" }, \
	{ \
		"ctl", "FILE", "its CTL, if it has one" \
	}

#define MIGRATE_TVS \
	{ \
		"tvs", "HOST[:PORT]", \
		    "a TVS server that phones have in the cluster they leave, up to three times " \
		    "(default: --server, the names in its list, or our own)" \
	}

static const struct command_option migrate_prepare_options[] = {
	MIGRATE_OTHER,
	{ "certs", "FILE|DIR", "its certificates: import them, as migrate import does" },
	{ "passphrase-file", "FILE", "their passphrase is the first line (default: none)" },
	{ "dry-run", NULL, "import nothing" },
	{ "out", "DIR", "write our certificates that are to be uploaded there" },
	{ 0 },
};

static const struct command_option plan_migrate_options[] = {
	MIGRATE_OTHER,
	{ "certs", "FILE|DIR", "its certificates: as if migrate import had taken them" },
	{ "passphrase-file", "FILE", "their passphrase is the first line (default: none)" },
	{ 0 },
};

static const struct command_option migrate_verify_options[] = {
	MIGRATE_OTHER,
	MIGRATE_TVS,
	{ 0 },
};

static const struct command_option migrate_move_options[] = {
	{ "from", "NAME", "the cluster that they come from" },
	{ "csv", "FILE", "add these phones, as phone import does" },
	{ "file", "FILE", "phones that are here, whose names are in FILE, one a line" },
	{ "end", NULL, "expect those of that cluster no more" },
	{ "dry-run", NULL, "check it, change nothing" },
	{ 0 },
};

static const struct command_option migrate_progress_options[] = {
	{ "from", "NAME", "only those from that cluster" },
	{ "file", "FILE", "only phones whose names are in FILE, one a line" },
	{ "csv", NULL, "comma-separated values" },
	{ 0 },
};

static const struct command_option token_options[] = {
	{ "module", "FILE", "PKCS#11 library of the token" },
	{ "token", "NAME", "its label or serial number (default: the only one that is there)" },
	{ "key-id", "HEX", "object id of the certificate on it (default: the only one)" },
	{ "pin-file", "FILE", "its PIN is the first line (default: asked for at the terminal)" },
	{ 0 },
};

static const struct command_option reset_options[] = {
	{ "kind", "KIND",
	    "reset (default: boot anew), restart (the software) or apply (the "
	    "configuration)" },
	{ "all", NULL, "every phone that was added" },
	{ "file", "FILE", "only phones whose names are in FILE, one a line" },
	{ "canary", "PERCENT", "so many go first (default: 5)" },
	{ "wave", "N", "phones of each wave after them (default: 50; 0: all)" },
	{ "wait", "DURATION", "so long each may take to come back: 90s, 10m (default), 2h, 3d" },
	{ "tolerance", "PERCENT", "more of a wave not back, and it stops (default: 5)" },
	{ "dry-run", NULL, "say how many, reset none" },
	{ 0 },
};

static const struct command_option resume_options[] = {
	{ "retry", NULL, "with the lost phones of the wave once more (default: without them)" },
	{ 0 },
};

#endif
