#include "admin/command.h"

#include <stdint.h>

#define ANY SIZE_MAX

static const struct command_option init_options[] = {
	{ "cluster", "NAME", "name of the cluster (default: the host's first label)" },
	{ "host", "FQDN", "this server's host name (default: as the machine says)" },
	{ "address", "IP", "an address that phones reach this server by; may be repeated" },
	{ "base-port", "N",
	    "unprivileged ports from N on, for trying out: tftp N, http N+1, https N+2, tvs N+3, "
	    "capf N+4, admin page N+5" },
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

const struct command commands[] = {
	{ "init", "DIR",
	    "Create a cluster in DIR: keys, certificates, sealtone.conf, database, tftpboot/.", 1,
	    1, init_options, run_init },
	{ "status", "", "Services, certificates with days left, phones by trust and LSC state.", 0,
	    0, NULL, run_status },
	{ "backup", "FILE",
	    "Everything of the cluster but the provisioning folder, keys too, in one encrypted "
	    "file.",
	    1, 1, passphrase_options, run_backup },
	{ "restore", "FILE DIR", "Make the cluster of a backup again in DIR, new or empty.", 2, 2,
	    passphrase_options, run_restore },
	{ "serve-lists", "[known|all|none]",
	    "Who is handed trust lists: phones in the store, every phone that asks, nobody.", 0, 1,
	    NULL, run_serve_lists },
	{ "phone add", "NAME", "Add a phone: from now on it is handed trust lists.", 1, 1,
	    add_options, run_phone_add },
	{ "phone list", "[FILTER]",
	    "Phones that have FILTER in name, model, group, operation, status or address, or fit "
	    "criteria: \"lsc expires is before +30d and model is exactly 8861\".",
	    0, 1, list_options, run_phone_list },
	{ "phone show", "NAME", "One phone.", 1, 1, show_options, run_phone_show },
	{ "phone set", "NAME...", "Change settings of one or several phones.", 1, ANY, set_options,
	    run_phone_set },
	{ "phone fetched", "NAME",
	    "The certificates that the phone sent for troubleshoot, the last of each kind.", 1, 1,
	    pem_options, run_phone_fetched },
	{ "phone holds", "NAME LIST",
	    "Say which trust list the phone holds: its SHA-256, SHA-1 or MD5, its file, or "
	    "unknown.",
	    2, 2, NULL, run_phone_holds },
	{ "phone delete", "NAME", "Forget a phone.", 1, 1, NULL, run_phone_delete },
	{ "phone import", "FILE.csv",
	    "Add or change many phones; the first row names the columns; all or nothing.", 1, 1,
	    dry_run_options, run_phone_import },
	{ "phone release", "[NAME]",
	    "Hand the phone a signed empty list, so that it can leave for another server.", 0, 1,
	    all_options, run_phone_release },
	{ "phone reset", "[NAME...|FILTER]",
	    "Reset phones by the hook: a canary share first, then in waves; stops when phones do "
	    "not come back.",
	    0, ANY, reset_options, run_phone_reset },
	{ "reset show", "[ID]", "How far resets are; of one, with its phones.", 0, 1, NULL,
	    run_reset_show },
	{ "reset stop", "ID", "Reset no more phones; it is still told which come back.", 1, 1, NULL,
	    run_reset_stop },
	{ "reset resume", "ID", "Go on with one that has stopped.", 1, 1, resume_options,
	    run_reset_resume },
	{ "capf report", "[FILTER]",
	    "The CAPF report: operations and LSCs of phones that fit FILTER, as in phone list.", 0,
	    1, capf_report_options, run_capf_report },
	{ "capf issuers", "",
	    "Certificates that signed LSCs, how many phones may still hold one, until when.", 0, 0,
	    NULL, run_capf_issuers },
	{ "capf csr list", "", "Keys of phones that another CA has to sign (lsc-issuer = offline).",
	    0, 0, csr_options, run_capf_csr_list },
	{ "capf csr dump", "DIR",
	    "Write those that wait into a new folder: NAME.csr, and NAME.pub with the key alone.",
	    1, 1, NULL, run_capf_csr_dump },
	{ "capf csr forget", "", "Forget those that are stale.", 0, 0, NULL, run_capf_csr_forget },
	{ "capf cert import", "FILE...",
	    "Take the certificates that the CA has made for them (PEM or DER), by their keys.", 1,
	    ANY, NULL, run_capf_cert_import },
	{ "capf export", "[FILTER]",
	    "The LSCs of phones that fit FILTER, as in phone list, then their issuers' chains.", 0,
	    1, export_options, run_capf_export },
	{ "capf bulk status", "[ID]", "How far bulk operations are; of one, with its phones.", 0, 1,
	    NULL, run_capf_bulk_status },
	{ "capf bulk stop", "ID", "Give it to no more phones; those that have it keep it.", 1, 1,
	    NULL, run_capf_bulk_stop },
	{ "capf bulk resume", "ID", "Go on with one that was stopped.", 1, 1, NULL,
	    run_capf_bulk_resume },
	{ "capf bulk retry", "ID", "Once more for the phones that failed.", 1, 1, NULL,
	    run_capf_bulk_retry },
	{ "capf bulk", "[FILTER]", "One operation for all phones that fit the criteria.", 0, 1,
	    bulk_options, run_capf_bulk },
	{ "profile add", "NAME", "Add a phone security profile.", 1, 1, profile_options,
	    run_profile_add },
	{ "profile set", "NAME", "Change one: phones that have it are told.", 1, 1, profile_options,
	    run_profile_set },
	{ "profile show", "NAME", "One profile.", 1, 1, NULL, run_profile_show },
	{ "profile list", "", "All profiles.", 0, 0, NULL, run_profile_list },
	{ "profile delete", "NAME", "Delete one that no phone has.", 1, 1, NULL,
	    run_profile_delete },
	{ "group add", "NAME", "Add a call-manager group.", 1, 1, group_options, run_group_add },
	{ "group set", "NAME", "Change one; --server replaces all of its servers.", 1, 1,
	    group_options, run_group_set },
	{ "group show", "NAME", "One group.", 1, 1, NULL, run_group_show },
	{ "group list", "", "All groups.", 0, 0, NULL, run_group_list },
	{ "group delete", "NAME", "Delete one.", 1, 1, NULL, run_group_delete },
	{ "template add", "NAME", "Add a template: what phones without a file of their own get.", 1,
	    1, template_options, run_template_add },
	{ "template set", "NAME", "Change one of your own.", 1, 1, template_options,
	    run_template_set },
	{ "template show", "NAME", "Print the template itself.", 1, 1, NULL, run_template_show },
	{ "template list", "", "Templates: your own, and those that Sealtone brings along.", 0, 0,
	    NULL, run_template_list },
	{ "template delete", "NAME", "Delete one of your own that nobody names.", 1, 1, NULL,
	    run_template_delete },
	{ "template render", "NAME", "Print what a phone would get from it.", 1, 1, render_options,
	    run_template_render },
	{ "report features", "", "What each model of phone can do: d documented, a assumed.", 0, 0,
	    report_options, run_report_features },
	{ "remote add", "NAME ADDRESS...",
	    "Add another cluster's servers (IP addresses): they are asked for files that are not "
	    "here. Refused when that cluster does not sign its files.",
	    2, ANY, remote_options, run_remote_add },
	{ "remote list", "", "Other clusters' servers, in the order in which they are asked.", 0, 0,
	    NULL, run_remote_list },
	{ "remote delete", "NAME", "Ask one no more.", 1, 1, NULL, run_remote_delete },
	{ "show itl", "[FILE]", "A trust list in the layout of Unified CM's show itl, verified.", 0,
	    1, phone_options, run_show_itl },
	{ "show ctl", "[FILE]", "The same for a CTL.", 0, 1, NULL, run_show_ctl },
	{ "generation show", "", "Which key signs trust lists.", 0, 0, NULL, run_generation_show },
	{ "generation set", "G8|G10|G12",
	    "Sign as Unified CM 8.0 to 9.x, 10.0 to 11.5, or 12.0 and later; refused when a phone "
	    "could not follow.",
	    1, 1, NULL, run_generation_set, true },
	{ "itl reset localkey", "",
	    "Sign the trust lists with the other SAST key, in force until \"itl reset end\".", 0, 0,
	    NULL, run_itl_reset_localkey, true },
	{ "itl reset end", "",
	    "Sign them with their own key again (where Unified CM restarts TFTP).", 0, 0, NULL,
	    run_itl_reset_end, true },
	{ "itl history", "", "Every trust list ever published, newest first.", 0, 0, NULL,
	    run_itl_history },
	{ "itl revert", "VERSION",
	    "Make the certificates of an earlier ITL active again; the next list names them.", 1, 1,
	    NULL, run_itl_revert, true },
	{ "rollback prepare", "",
	    "Hand phones the signed empty list and HTTP URLs, no encrypted configurations.", 0, 0,
	    NULL, run_rollback_prepare, true },
	{ "rollback end", "", "Hand them the full list again.", 0, 0, NULL, run_rollback_end,
	    true },
	{ "rollback show", "", "How many phones were handed the empty list, how many not.", 0, 0,
	    rollback_options, run_rollback_show },
	{ "ctl set-cluster", "mixed-mode|non-secure-mode",
	    "Mixed mode: phones get a CTL, signed by the cluster's own keys, and may use TLS.", 1,
	    1, NULL, run_ctl_set_cluster, true },
	{ "ctl update", "[CTLFile]",
	    "Publish the CTL if it does not say what the cluster is now, which is so by itself.", 0,
	    1, NULL, run_ctl_update, true },
	{ "ctl delete", "", "Serve no CTL any more, in non-secure mode.", 0, 0, NULL,
	    run_ctl_delete, true },
	{ "cert list", "", "The cluster's certificates: whose, by whom, and when they expire.", 0,
	    0, earlier_options, run_cert_list },
	{ "cert show", "PURPOSE",
	    "callmanager, callmanager-ec, tvs, capf, itlrecovery, web or capf-issuer.", 1, 1,
	    pem_options, run_cert_show },
	{ "cert csr", "PURPOSE",
	    "A request for another CA to sign the certificate of a purpose; the key stays.", 1, 1,
	    cert_csr_options, run_cert_csr },
	{ "cert regenerate", "PURPOSE...",
	    "A new key and certificate for each, in one change; refused when a phone could not "
	    "follow.",
	    1, ANY, cert_regenerate_options, run_cert_regenerate, true },
	{ "cert activate", "[PURPOSE...]",
	    "What was announced (cert regenerate --staged) signs and serves from now on.", 0, ANY,
	    NULL, run_cert_activate, true },
	{ "cert withdraw", "[PURPOSE...]", "What was announced is announced no more.", 0, ANY, NULL,
	    run_cert_withdraw, true },
	{ "cert purge", "[PURPOSE...]",
	    "Remove the keys of earlier certificates for good; refused while a phone needs one.", 0,
	    ANY, NULL, run_cert_purge, true },
	{ "cert import", "PURPOSE FILE", "Take the certificate that it made, with its chain (PEM).",
	    2, 2, cert_import_options, run_cert_import, true },
	{ "cert take-over", "PURPOSE FILE",
	    "Take the key of a cluster that is gone (PKCS#12 or PEM), for bridges to its phones.",
	    2, 2, take_over_options, run_cert_take_over, true },
	{ "cert export", "PURPOSE", "Write the active certificate of a purpose into a file.", 1, 1,
	    cert_export_options, run_cert_export },
	{ "cert impact", "PURPOSE...",
	    "What follows when a certificate is replaced: services, phones, records.", 1, ANY, NULL,
	    run_cert_impact },
	{ "capf revoke", "NAME|SERIAL",
	    "Revoke the certificates that CAPF gave a phone, or the one with a serial.", 1, 1,
	    revoke_options, run_capf_revoke },
	{ "capf crl", "",
	    "A revocation list as it is now, PEM; phones' LSCs say where it is served.", 0, 0,
	    out_options, run_capf_crl },
	{ "trust list", "[STORE]", "Certificates of the trust stores.", 0, 1, NULL,
	    run_trust_list },
	{ "trust show", "STORE SHA256", "What one of them says.", 2, 2, pem_options,
	    run_trust_show },
	{ "trust add", "STORE FILE",
	    "Put the certificates of a file (PEM or DER) into a trust store: TVS vouches for them.",
	    2, 2, NULL, run_trust_add, true },
	{ "trust export", "STORE [SHA256]", "Write one or all of them into a file.", 1, 2,
	    trust_export_options, run_trust_export },
	{ "trust remove", "STORE SHA256", "Take it out again.", 2, 2, NULL, run_trust_remove,
	    true },
	{ "node list", "", "The servers of the cluster and their roles.", 0, 0, NULL,
	    run_node_list },
	{ "node set", "[ROLE on|off]",
	    "Switch tftp, tvs, callmanager or capf of this server, or give it another name or "
	    "other addresses: its certificates and the trust list follow.",
	    0, 2, node_set_options, run_node_set, true },
	{ "log", "", "The audit log, newest first.", 0, 0, log_options, run_log },
	{ "check", "",
	    "Where keys, certificates, trust stores, lists and roles disagree, and what to do; "
	    "also "
	    "without a daemon; fails when there are errors.",
	    0, 0, check_options, run_check },
	{ "capture", "FILE",
	    "What a packet capture (pcap, pcapng; - is standard input) says of phones: files, TVS, "
	    "CAPF, certificates, alerts, names; without a daemon.",
	    1, 1, capture_options, run_capture },
	{ "tvs probe", "HOST[:PORT]",
	    "Which certificate a TVS server shows, whether phones believe it, and what it answers "
	    "about another; also without a daemon; fails when phones would not be helped.",
	    1, 1, probe_options, run_tvs_probe },
	{ "diagnose", "NAME",
	    "Why a phone is unhappy: symptom, cause, evidence, fix; fails when something is wrong.",
	    1, 1, diagnose_options, run_diagnose },
	{ "explain", "NAME FILE",
	    "The phone's decision about a trust list or signed file, step by step; fails when a "
	    "list that it may hold refuses it.",
	    2, 2, explain_options, run_explain },
	{ "files check", "",
	    "What is wrong in the provisioning folder, and what to do; fails when there are "
	    "errors.",
	    0, 0, NULL, run_files_check },
	{ "migrate export", "FILE.p12|DIR",
	    "This cluster's certificates, without keys, for another one to trust: one PKCS#12 "
	    "file, "
	    "or one a type in DIR.",
	    1, 1, migrate_bundle_options, run_migrate_export },
	{ "migrate consolidate", "DIR",
	    "The bundles of several clusters in DIR as one of each type; needs no cluster.", 1, 1,
	    migrate_bundle_options, run_migrate_consolidate },
	{ "migrate import", "FILE|DIR",
	    "Take another cluster's certificates (PKCS#12, PEM, DER) into the trust stores, so "
	    "that "
	    "TVS vouches for its signers.",
	    1, 1, migrate_import_options, run_migrate_import, true },
	{ "migrate prepare", "",
	    "What this cluster and another must know of each other before phones move, step by "
	    "step; imports the other's certificates.",
	    0, 0, migrate_prepare_options, run_migrate_prepare },
	{ "migrate verify", "",
	    "Ask TVS of the cluster that phones leave what they will ask it; exit 1 unless all "
	    "take "
	    "the new lists.",
	    0, 0, migrate_verify_options, run_migrate_verify },
	{ "migrate move", "[FILTER]", "Phones that are expected from another cluster.", 0, 1,
	    migrate_move_options, run_migrate_move },
	{ "migrate progress", "[FILTER]",
	    "Phones that are expected: expected, came, handed our list, took it.", 0, 1,
	    migrate_progress_options, run_migrate_progress },
	{ "migrate rollback", "",
	    "What it needs for phones to go back to the cluster they came from (--to), verified as "
	    "by migrate verify.",
	    0, 0, migrate_verify_options, run_migrate_rollback },
	{ "file show", "FILE...", "What is in a trust list, signed or encrypted file.", 1, ANY,
	    NULL, run_file_show },
	{ "file verify", "FILE...",
	    "Check form and signature; a trust list is judged by its own SAST record without "
	    "--cert.",
	    1, ANY, verify_options, run_file_verify },
	{ "file sign", "FILE", "Make FILE.sgn.", 1, 1, sign_options, run_file_sign },
	{ "file strip", "FILE", "Take the signed header off.", 1, 1, out_options, run_file_strip },
	{ "file encrypt", "FILE", "Make FILE.enc.sgn for one phone.", 1, 1, encrypt_options,
	    run_file_encrypt },
	{ "file decrypt", "FILE", "Open an encrypted file with the phone's key.", 1, 1,
	    decrypt_options, run_file_decrypt },
};

const size_t command_count = sizeof commands / sizeof commands[0];
