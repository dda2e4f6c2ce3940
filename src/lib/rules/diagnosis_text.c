#include "rules/diagnosis.h"
#include "rules/diagnosis_internal.h"

#define AGAIN     "set the operation again: sealtone phone set NAME --operation install-upgrade"
#define RESET_HIM "then reset the phone"
#define NEW_TRUST \
	"if the signer's key of a cluster that it knows can be had: sealtone cert take-over " \
	"itlrecovery FILE, then sealtone phone holds NAME LIST with the list from the phone, " \
	"then " \
	"reset it; or let that cluster's TVS vouch for our signer (sealtone cert export " \
	"itlrecovery, into its phone-sast-trust); else erase the trust list at the phone " \
	"(sealtone report features has the keys of its model)"

static const struct {
	const char *id;
	enum diagnosis_severity severity;
	unsigned row; /* of the troubleshooting table */
	const char *symptom, *cause, *fix;
} kinds[DIAGNOSIS_KINDS] = {
	[DIAGNOSIS_CAPF_NOT_IN_LIST] = { "capf-not-in-list", DIAGNOSIS_PROBLEM, 1,
	    "No valid CAPF server",
	    "the lists that the phone holds have no CAPF record, or the name of the CAPF server is "
	    "not resolved",
	    "look at the CAPF record (sealtone show itl --phone NAME), " RESET_HIM
	    " so that it takes the list; where names are used: a DNS record" },
	[DIAGNOSIS_CAPF_UNREACHED] = { "capf-unreached", DIAGNOSIS_PROBLEM, 2,
	    "LSC: Connection failed",
	    "the CAPF certificate is not that of the record in its list, CAPF is stopped, port "
	    "3804 "
	    "is blocked, or the name is not resolved",
	    "sealtone node list (is capf on?); reset the phone so that it takes the current list; "
	    "capture port 3804 on both sides" },
	[DIAGNOSIS_OPERATION_LATE] = { "operation-late", DIAGNOSIS_PROBLEM, 3,
	    "LSC: Failed; Failed: User Initiated Request Late/Timedout",
	    "Operation Completes By was over before the phone came",
	    "set the operation again with a later time, at least an hour ahead: sealtone phone set "
	    "NAME --operation install-upgrade --complete-by TIME; look at this machine's clock" },
	[DIAGNOSIS_CAPF_PENDING] = { "capf-pending", DIAGNOSIS_PROBLEM, 4,
	    "LSC: Connection failed; Operation Pending",
	    "one of five: its ITL is another one, its ITL is damaged, TVS fails, the mode asks for "
	    "a "
	    "certificate that it does not have, or a name is not resolved",
	    "sealtone diagnose NAME --itl FILE with the list from the phone tells them apart; "
	    "reset "
	    "the phone" },
	[DIAGNOSIS_DNS_UNKNOWN] = { "dns-unknown", DIAGNOSIS_PROBLEM, 5, "DNS unknown IPv4 host",
	    "the name server that the phone uses has no record of that name",
	    "add the A or AAAA record, or give phones addresses ([files] server-names = ip, then "
	    "reset the phone)" },
	[DIAGNOSIS_CAPF_NO_ADDRESS] = { "capf-no-address", DIAGNOSIS_PROBLEM, 6,
	    "SEC_CAPF_BIO_F: CAPF create bio failed",
	    "the phone does not know the address of the CAPF server",
	    "the lines before it name the host: add its A or AAAA record, or give phones addresses "
	    "([files] server-names = ip)" },
	[DIAGNOSIS_LSC_INVALID] = { "lsc-invalid", DIAGNOSIS_PROBLEM, 7, "Failed: Invalid LSC",
	    "the issuer of its LSC is not in capf-trust, or the LSC has expired",
	    "sealtone trust add capf-trust FILE with the earlier CAPF certificate; or another "
	    "mode: "
	    "sealtone phone set NAME --auth-mode null-string (auth-string, existing-mic) "
	    "--operation "
	    "install-upgrade" },
	[DIAGNOSIS_MIC_INVALID] = { "mic-invalid", DIAGNOSIS_PROBLEM, 8, "Failed: Invalid MIC",
	    "the root of its MIC is not in capf-trust, or the MIC has expired",
	    "sealtone trust add capf-trust FILE with the manufacturing root; for an expired one: "
	    "[capf] expired-mic = enrol-only, or --auth-mode auth-string or null-string" },
	[DIAGNOSIS_STRING_INVALID] = { "string-invalid", DIAGNOSIS_PROBLEM, 9,
	    "Failed: Invalid Authentication String",
	    "other digits were typed, or those of an earlier operation; a leading zero counts",
	    "a new string: sealtone phone set NAME --auth-string generate --operation "
	    "install-upgrade" },
	[DIAGNOSIS_KEY_GENERATION] = { "key-generation", DIAGNOSIS_PROBLEM, 10,
	    "Failed: Key Generation Failed/Timeout",
	    "the key is large for this model, or the phone was busy",
	    "a smaller key (--rsa-size 2048) or an EC key (--key-order ec-preferred); more time: "
	    "[capf] keygen-timeout; at night" },
	[DIAGNOSIS_CA_FAILED] = { "ca-failed", DIAGNOSIS_PROBLEM, 11,
	    "Failed: CA Communication Failure, CA Rejected Connection or Invalid Credentials",
	    "the online CA is down, its certificate is not trusted, or it refused user, template "
	    "or "
	    "request",
	    "the reason is in the log of sealtoned (online-ca); mend the CA or [capf] online-ca-*, "
	    "then " AGAIN },
	[DIAGNOSIS_EC_ONLY] = { "ec-only", DIAGNOSIS_PROBLEM, 12,
	    "Upgrade Failed: No Support for EC only in CAPF version 3",
	    "the phone's CAPF client is too old for EC keys",
	    "sealtone phone set NAME --key-order rsa-only (or ec-preferred) --operation "
	    "install-upgrade" },
	[DIAGNOSIS_MODE_DIFFERS] = { "mode-differs", DIAGNOSIS_PROBLEM, 13,
	    "the operation never completes: the phone uses another authentication mode",
	    "the configuration that the phone holds names another mode than its record: it did not "
	    "take the newest one",
	    "reset the phone; if it stays so, it refuses its configuration: look at the other "
	    "findings, or give --itl" },
	[DIAGNOSIS_LSC_FOREIGN] = { "lsc-foreign", DIAGNOSIS_PROBLEM, 14,
	    "SSL3 alert [read]:[fatal]:[unknown CA; no secure registration",
	    "the call manager does not trust the issuer of the phone's LSC, as after a move from "
	    "another cluster",
	    "a non-secure profile, then phone set NAME --operation delete, a new LSC "
	    "(install-upgrade), and the secure profile again; or give the call manager the issuer: "
	    "sealtone capf export NAME" },
	[DIAGNOSIS_LSC_NONE] = { "lsc-none", DIAGNOSIS_NOTE, 15,
	    "PXY_NO_LSC: No LSC for [SCCP], will try MIC", "the phone has no LSC",
	    "normal; where an LSC is wanted: sealtone phone set NAME --operation install-upgrade" },
	[DIAGNOSIS_LIST_REFUSED] = { "list-refused", DIAGNOSIS_PROBLEM, 16,
	    "Trust List Update Failed",
	    "the signer of the new list is in none that the phone holds, and no TVS that it knows "
	    "vouches for it",
	    "sealtone diagnose NAME --itl FILE (--ctl FILE) with the lists from the phone says "
	    "whose "
	    "they are; " NEW_TRUST },
	[DIAGNOSIS_LIST_FOREIGN] = { "list-foreign", DIAGNOSIS_PROBLEM, 16,
	    "Trust List Update Failed: the phone holds a list of another cluster",
	    "it asks for signed files, and knows neither our signers nor our TVS", NEW_TRUST },
	[DIAGNOSIS_NO_CONFIG] = { "no-configuration", DIAGNOSIS_PROBLEM, 0,
	    "the phone takes the empty list, and then refuses every signed configuration",
	    "its ITL is empty, and its CTL, as after non-secure mode, names no key that signs "
	    "configurations",
	    "sealtone ctl set-cluster mixed-mode (sealtone ctl update) for a CTL that names the "
	    "key, " RESET_HIM "; or erase the CTL at the phone (sealtone report features has the "
	    "keys of its model)" },
	[DIAGNOSIS_FILE_REFUSED] = { "file-refused", DIAGNOSIS_PROBLEM, 17,
	    "EROR:verifyFile: sgn verify file failed, errclass 8, errcode 19 (signer not in CTL); "
	    "verify FAILED",
	    "the configuration was signed by a TFTP server that the phone does not know",
	    "look which server answered (Requesting ... from ADDRESS): if it is not ours, option "
	    "150; if it is ours, the phone holds another list: sealtone diagnose NAME --itl FILE" },
	[DIAGNOSIS_SETTINGS_IGNORED] = { "settings-ignored", DIAGNOSIS_PROBLEM, 18,
	    "what is set never reaches the phone; it stays registered",
	    "the phone refuses its configuration and keeps the old one, or cannot reach CAPF",
	    "sealtone diagnose NAME --itl FILE with the list from the phone; " NEW_TRUST },
	[DIAGNOSIS_HOST_NOT_FOUND] = { "host-not-found", DIAGNOSIS_PROBLEM, 19,
	    "Host Not Found on Directories or Services",
	    "nobody vouched for the certificate of the HTTPS server: TVS is down, port 2445 is "
	    "blocked, or the phone knows no TVS",
	    "sealtone node set tvs on; open port 2445; the certificate of the server that answers: "
	    "sealtone trust add phone-trust FILE; an http URL to try" },
	[DIAGNOSIS_TVS_HANDSHAKE] = { "tvs-handshake", DIAGNOSIS_PROBLEM, 20,
	    "SSL handshake failed to port 2445",
	    "the phone and TVS have no TLS version or cipher in common, or the certificate that "
	    "TVS "
	    "shows is not that of the phone's list",
	    "for old phones [tvs] old-tls = yes; else compare the TVS record of the phone's list "
	    "(--itl FILE) with what TVS shows" },
	[DIAGNOSIS_TVS_UNKNOWN] = { "tvs-unknown", DIAGNOSIS_PROBLEM, 21,
	    "CertificateCTLCache::getCertificateInformation: certificate not found",
	    "TVS was asked about a certificate that is in no store of the cluster",
	    "sealtone trust add phone-sast-trust FILE for a signer of lists, callmanager-trust for "
	    "a "
	    "signer of files, phone-trust for an HTTPS server; " RESET_HIM },
	[DIAGNOSIS_ITL_ABSENT] = { "itl-absent", DIAGNOSIS_PROBLEM, 22,
	    "Length of ITL file: 0; ITL File not found", "TFTP is off, or no list was published",
	    "sealtone node set tftp on; sealtone check" },
	[DIAGNOSIS_LIST_UNVERIFIED] = { "list-unverified", DIAGNOSIS_PROBLEM, 23,
	    "Verification of the ITL file failed. Error parsing the ITL file!!",
	    "the signature does not verify, as after a restore without CallManager.pem",
	    "sealtone check; sealtone cert regenerate callmanager makes and signs the next list" },
	[DIAGNOSIS_LIST_SIGNER_ABSENT] = { "list-signer-absent", DIAGNOSIS_PROBLEM, 24,
	    "This etoken was not used to sign the ITL file. (every SAST record)",
	    "the certificate of the signer is not in the list",
	    "sealtone check; sealtone cert regenerate callmanager makes and signs the next list" },
	[DIAGNOSIS_CTL_ABSENT] = { "ctl-absent", DIAGNOSIS_NOTE, 26,
	    "File Not Found <CTLFile.tlv>; CTL File not found",
	    "a cluster in non-secure mode has no CTL", "none: normal" },
	[DIAGNOSIS_CTL_LEFT] = { "ctl-left", DIAGNOSIS_NOTE, 27,
	    "a CTL is there, and the cluster is in non-secure mode",
	    "it is left from mixed mode, or from another cluster; phones search it first",
	    "nothing while its signers are ours; else delete it on every server that serves it, "
	    "and erase the trust lists at the phone (sealtone report features has the keys)" },
	[DIAGNOSIS_TOKEN_UNKNOWN] = { "token-unknown", DIAGNOSIS_PROBLEM, 28,
	    "The Security Token you have inserted does not exist in the CTL File",
	    "the CTL was made without tokens, so it has no record of this one",
	    "sealtone trust add phone-sast-trust FILE with the certificates of both tokens, so "
	    "that "
	    "phones learn them by TVS; then make the CTL anew" },
	[DIAGNOSIS_LISTS_ALTERNATE] = { "lists-alternate", DIAGNOSIS_NOTE, 29,
	    "ITL File Status alternates between Match and Mismatch",
	    "the phone has two TFTP servers, and each has its own ITL",
	    "none: compare its list with that of the server it used last" },
	[DIAGNOSIS_COMMON_FILE_REFUSED] = { "common-file-refused", DIAGNOSIS_PROBLEM, 30,
	    "a wallpaper, ring list or locale is refused, the configuration is fine",
	    "the server that answered signs its own copy of the shared file (centralised TFTP)",
	    "put the file into the provisioning folder of the phone's own cluster; sealtone file "
	    "show FILE names the signer" },
	[DIAGNOSIS_CAPF_REPLACED] = { "capf-replaced", DIAGNOSIS_NOTE, 31,
	    "all phones reset on a new CAPF certificate",
	    "expected: each needs the list with the new CAPF record",
	    "none; the next time in a maintenance window" },
	[DIAGNOSIS_CAPF_BUSY] = { "capf-busy", DIAGNOSIS_PROBLEM, 32,
	    "CAPF stops answering after many installs", "CAPF closes connections above its limits",
	    "pace the operation for many phones (sealtone capf bulk --pace), or raise [limits] "
	    "connections and connections-per-address" },
	[DIAGNOSIS_CAPF_RECORD_MISSING] = { "capf-record-missing", DIAGNOSIS_PROBLEM, 33,
	    "CAPF is on, and the published ITL has no CAPF record",
	    "the list was not published since CAPF was switched on",
	    "restart sealtoned, or send it SIGHUP; " RESET_HIM },
	[DIAGNOSIS_LIST_TOO_LARGE] = { "list-too-large", DIAGNOSIS_PROBLEM, 34,
	    "the ITL is over 64 KB; phones do not load it", "too many certificates are in it",
	    "switch off TVS on nodes that need none: sealtone node set tvs off" },
	[DIAGNOSIS_SIGNER_REPLACED] = { "signer-replaced", DIAGNOSIS_PROBLEM, 35,
	    "the phone's list is signed by an earlier ITLRecovery of this cluster",
	    "ITLRecovery was made anew, as some upgrades do by themselves; the signer has its name "
	    "and another serial",
	    "sealtone restore FILE DIR from a backup with the earlier key, before anything else is "
	    "regenerated; else erase the lists at the phone" },
	[DIAGNOSIS_PLAIN_ASKED] = { "plain-asked", DIAGNOSIS_PROBLEM, 38,
	    "the phone asks for its unsigned configuration though it has a trust list",
	    "its firmware does not know signed or encrypted configurations, as after a downgrade",
	    "upgrade the firmware; until then a profile without encrypted-config" },
	[DIAGNOSIS_NOT_OPENED] = { "not-opened", DIAGNOSIS_PROBLEM, 39,
	    "a phone with encrypted configuration cannot register",
	    "its configuration is encrypted for a key that it does not have: its LSC was lost or "
	    "replaced",
	    "a profile without encrypted-config for the moment, then phone set NAME --operation "
	    "install-upgrade, then the profile again" },
	[DIAGNOSIS_ROLLBACK] = { "rollback", DIAGNOSIS_PROBLEM, 40,
	    "Extension Mobility and services are dead while Prepare Cluster for Rollback is True",
	    "phones with the empty list have no TVS record, so no HTTPS server can be vouched for",
	    "http URLs for the services, or end it: sealtone rollback end" },
	[DIAGNOSIS_SESSION_BROKEN] = { "session-broken", DIAGNOSIS_PROBLEM, 0,
	    "Failed: Phone Communication Failure",
	    "the connection to CAPF was lost again and again after the phone had said its name",
	    "look for losses between phone and port 3804, then " AGAIN },
	[DIAGNOSIS_OPERATION_FAILED] = { "operation-failed", DIAGNOSIS_PROBLEM, 0, "LSC: Failed",
	    "CAPF ended the session with a reason",
	    "sealtone phone show NAME --history has the reasons; then " AGAIN },
	[DIAGNOSIS_LSC_EXPIRED] = { "lsc-expired", DIAGNOSIS_PROBLEM, 0,
	    "secure registration, 802.1X and VPN fail", "the LSC has expired",
	    "sealtone phone set NAME --auth-mode null-string (auth-string, existing-mic) "
	    "--operation "
	    "install-upgrade: an expired LSC does not authenticate" },
	[DIAGNOSIS_LIST_BEHIND] = { "list-behind", DIAGNOSIS_NOTE, 0,
	    "the newest list was not handed to the phone yet",
	    "it has not been reset since the list was published",
	    "reset the phone; else it comes by its next boot" },
	[DIAGNOSIS_TVS_OFF] = { "tvs-off", DIAGNOSIS_NOTE, 0, "no TVS runs on this node",
	    "the role is off", "sealtone node set tvs on, unless another node has it" },
	[DIAGNOSIS_CONFIG_FAULT] = { "config-fault", DIAGNOSIS_PROBLEM, 0,
	    "the phone is given its last good configuration, or none",
	    "its configuration cannot be made", "correct the file or template that is named" },
	[DIAGNOSIS_CERT_EXPIRED] = { "certificate-expired", DIAGNOSIS_PROBLEM, 0,
	    "phones end TLS, and newer ones refuse files and lists",
	    "a certificate of the cluster has expired", "sealtone cert regenerate PURPOSE" },
	[DIAGNOSIS_NEVER_SEEN] = { "never-seen", DIAGNOSIS_NOTE, 0, "nothing was ever heard of it",
	    "it is off, or asks another server",
	    "DHCP option 150 must name this server; look at its name (SEP and its MAC)" },
	[DIAGNOSIS_OTHER_SERVER] = { "other-server", DIAGNOSIS_PROBLEM, 17,
	    "the phone asks a server for its files that is not of this cluster",
	    "DHCP option 150, or the alternate TFTP setting of the phone, names that server",
	    "DHCP option 150 (or 66) must name this server, and the phone's alternate TFTP setting "
	    "must be off; a central TFTP server that asks this one is none to worry about" },
	[DIAGNOSIS_FILES_UNANSWERED] = { "files-unanswered", DIAGNOSIS_PROBLEM, 0,
	    "the phone's requests for files are not answered",
	    "TFTP and HTTP are blocked between phone and server, or nothing runs there",
	    "open port 69 (UDP; answers come from other ports) and 6970 and 6971 (TCP); sealtone "
	    "status" },
	[DIAGNOSIS_CALLMANAGER_UNREACHED] = { "callmanager-unreached", DIAGNOSIS_PROBLEM, 0,
	    "no secure registration: no connection to the call manager comes about",
	    "the call manager does not listen on 2443 (SCCP) or 5061 (SIP), or the port is blocked",
	    "look whether it serves TLS there, and open the port" },
	[DIAGNOSIS_CALLMANAGER_UNKNOWN] = { "callmanager-unknown", DIAGNOSIS_PROBLEM, 0,
	    "no secure registration: the phone refuses the certificate of the call manager",
	    "no CCM or CCM+TFTP record of the CTL that the phone holds is that certificate",
	    "sealtone show ctl has the records; give the call manager the certificate and key that "
	    "they name, or reset the phone so that it takes the current CTL" },
};

static const char *const severities[] = {
	[DIAGNOSIS_NOTE] = "note",
	[DIAGNOSIS_PROBLEM] = "problem",
};

const char *
diagnosis_id(enum diagnosis_kind k)
{
	return kinds[k].id;
}

enum diagnosis_severity
diagnosis_severity_of(enum diagnosis_kind k)
{
	return kinds[k].severity;
}

const char *
diagnosis_severity_name(enum diagnosis_severity s)
{
	return severities[s];
}

unsigned
diagnosis_row(enum diagnosis_kind k)
{
	return kinds[k].row;
}

const char *
diagnosis_symptom(enum diagnosis_kind k)
{
	return kinds[k].symptom;
}

struct diagnosis_finding
diagnosis_new(enum diagnosis_kind k)
{
	return (
	    struct diagnosis_finding){ .kind = k, .cause = kinds[k].cause, .fix = kinds[k].fix };
}
