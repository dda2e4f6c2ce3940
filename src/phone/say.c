#include "phone/say.h"

#include "rules/phonecfg.h"

#include <string.h>

void
say_list_request(struct console *c, const char *name, const char *to, const char *server)
{
	console_old(c, CONSOLE_NOT, "SECD: tlRequestFile: Request %s", name);
	console_old(c, CONSOLE_NOT, "TFTP: [%u]:Requesting %s from %s", c->count, name, server);
	console_new(c, CONSOLE_NOT,
	    "dgetfile(870)-GETXXTP [GT870][src=%s][dest=/tmp/%s][serv=][serv6=][sec=0]", name, to);
}

void
say_file_request(struct console *c, const char *name, const char *server, size_t max)
{
	console_old(c, CONSOLE_NOT, "TFTP: [%u]:Requesting %s from %s with size limit of %zu",
	    c->count, name, server, max);
	console_new(c, CONSOLE_NOT,
	    "dgetfile(870)-GETXXTP [GT870][src=%s][dest=/usr/ram/%s][serv=][serv6=][sec=0]", name,
	    name);
}

void
say_received(struct console *c, const char *name, size_t n)
{
	console_old(c, CONSOLE_NOT, "TFTP: [%u]:Finished --> rcvd %zu bytes", c->count, n);
	console_new(
	    c, CONSOLE_NOT, "dgetfile(870)-GETXXTP [GT870][src=%s] rcvd %zu bytes", name, n);
}

void
say_config(struct console *c, const char *plain_name, size_t max)
{
	console_old(c, CONSOLE_NOT,
	    "tftpClient: tftp request rcv'd from /usr/tmp/tftp, srcFile = %s, dstFile = "
	    "/usr/ram/%s max size = %zu",
	    plain_name, plain_name, max);
}

void
say_secure_server(struct console *c, const char *server, const char *name)
{
	console_old(c, CONSOLE_NOT, "tftpClient: auth server - tftpList[0] = ::ffff:%s", server);
	console_old(c, CONSOLE_NOT, "tftpClient: look up server - 0");
	console_old(c, CONSOLE_NOT, "SECD: lookupCTL: TFTP SRVR secure");
	console_old(c, CONSOLE_NOT, "tftpClient: secVal = 0x9");
	console_old(c, CONSOLE_NOT, "tftpClient: ::ffff:%s is a secure server", server);
	console_old(c, CONSOLE_NOT, "tftpClient: retval = SRVR_SECURE");
	console_old(c, CONSOLE_NOT, "tftpClient: Secure file requested");
	console_old(
	    c, CONSOLE_NOT, "tftpClient: authenticated file approved - add .sgn -- %s", name);
}

void
say_list_taken(struct console *c, unsigned header_length)
{
	console_old(c, CONSOLE_NOT,
	    "SECD: validate_file_envelope: File sign verify SUCCESS; header length <%u>",
	    header_length);
	console_new(c, CONSOLE_NOT, "SECUREAPP-Hashes match... authentication successful.");
	console_new(c, CONSOLE_NOT, "SECUREAPP-updateFromFile: TL parse to table: CTL_SUCCESS");
	console_new(c, CONSOLE_NOT, "SECUREAPP-updateFromFile: Updating master TL table");
	console_new(c, CONSOLE_DEB, "SECUREAPP-TL file verified successfully.");
	console_new(c, CONSOLE_INF, "SECUREAPP-TL file updated.");
}

void
say_verdict(struct console *c, const char *name, const struct trust_eval_verdict *v)
{
	console_sec(
	    c, CONSOLE_DEB, "%s %s: %s", name, trust_eval_outcome_text(v->outcome), v->reason);
}

/* A file goes by the name that it has without what the signed forms add. */
static int
plain_length(const char *name)
{
	const char *end = strstr(name, ".enc.sgn");

	if (end == NULL)
		end = strstr(name, ".sgn");
	return end != NULL ? (int)(end - name) : (int)strlen(name);
}

void
say_file_verified(struct console *c, const char *name)
{
	console_sec(
	    c, CONSOLE_NOT, "verifyFile: verify SUCCESS </usr/ram/%.*s>", plain_length(name), name);
}

void
say_file_name(struct console *c, const struct envelope *env, const char *name)
{
	if (!span_is(env->filename, name))
		console_line(c, CONSOLE_WRN, "file name element is '%.*s', asked for was %s",
		    (int)env->filename.n, (const char *)env->filename.p, name);
}

void
say_refused(struct console *c, const char *name, const struct trust_eval_verdict *v)
{
	int n = plain_length(name);

	if (!v->damaged)
		console_sec(c, CONSOLE_ERR,
		    "EROR:verifyFile: sgn verify file failed </usr/ram/%.*s>, errclass 8, errcode "
		    "19 (signer not in CTL)",
		    n, name);
	console_sec(c, CONSOLE_ERR, "EROR:verifyFile: %s", v->reason);
	console_sec(c, CONSOLE_ERR, "EROR:verifyFile: verify FAILED, </usr/ram/%.*s>", n, name);
}

void
say_cache_flushed(struct console *c)
{
	console_sec(
	    c, CONSOLE_NOT, "tvsFlushCertCache: Completed TVS Certificate cache flush request");
}

void
say_tvs_question(struct console *c, bool whole_certificate)
{
	const char *what = whole_certificate ? "Certificate Authentication" : "Query Certificate";

	console_old(c, CONSOLE_NOT, "SECD: processTvsClntReq: TVS %s request", what);
	console_old(
	    c, CONSOLE_NOT, "SECD: lookupAuthCertTvsCacheEntry: No matching entry found at cache");
	console_new(
	    c, CONSOLE_DEB, "SECUREAPP-TVS process request - processing TVS %s request.", what);
}

void
say_tvs_connect(struct console *c, const char *host, unsigned port)
{
	const char *standard = port == 2445 ? " (default)" : "";

	console_old(c, CONSOLE_NOT,
	    "SECD: connectToTvsServer: Successfully started a TLS connection establishment to the "
	    "TVS server: IP:%s, port:%u%s; Waiting for it to get connected.",
	    host, port, standard);
	console_new(c, CONSOLE_INF,
	    "SECUREAPP-Attempting connect to TVS server addr [%s], mode [IPv4]", host);
	console_new(
	    c, CONSOLE_DEB, "SECUREAPP-BIO created with: addr:%s, port:%u, mode:IPv4", host, port);
	console_new(c, CONSOLE_INF, "SECUREAPP-Sec SSL Connection - TVS.");
}

void
say_tvs_server_known(struct console *c, const char *host)
{
	console_old(
	    c, CONSOLE_NOT, "SECD: verifyCertWithHashFromTL: cert hash and hash in TL MATCH");
	console_old(
	    c, CONSOLE_NOT, "SECD: tvs_cert_vfy: TVS cert verified with hash from TL, <%s>", host);
	console_new(c, CONSOLE_DEB, "SECUREAPP-SSL session setup Cert Verification - Role is = %d",
	    FUNCTION_TVS);
	console_new(c, CONSOLE_INF,
	    "SECUREAPP-SSL session setup Cert Verification - Certificate is valid.");
}

void
say_tvs_failed(struct console *c, const char *host, const char *reason)
{
	console_old(c, CONSOLE_ERR, "SECD: EROR:clpSetupSsl: ** SSL handshake failed, <%s>", host);
	console_sec(c, CONSOLE_ERR, "EROR:clpSndStatus: SSL CLNT ERR, srvr<%s>: %s", host, reason);
}

void
say_tvs_answer(struct console *c, bool whole_certificate, bool valid)
{
	console_old(c, CONSOLE_NOT,
	    "SECD: processTvsSrvrResponse: %s Response received, status : %u",
	    whole_certificate ? "Authentication" : "Query Certificate", valid ? 0u : 1u);
	console_new(c, CONSOLE_NOT,
	    "SECUREAPP-TVS process request - Response received, status : %u", valid ? 0u : 1u);
}

void
say_tvs_cached(struct console *c, unsigned long seconds)
{
	console_old(c, CONSOLE_NOT,
	    "SECD: saveCertToTvsCache: Saving certificate in TVS cache with default time-to-live "
	    "value: %lu seconds",
	    seconds);
	console_new(c, CONSOLE_INF, "SECUREAPP-TVS added cert to TVS cache - expires in %lu hours",
	    seconds / 3600);
}

void
say_https_connect(struct console *c, const char *host, unsigned port)
{
	console_sec(c, CONSOLE_NOT, "clpSetupSsl: Trying to connect to IPV4, IP: %s, Port : %u",
	    host, port);
}

void
say_https_not_in_lists(struct console *c, const char *host, unsigned port)
{
	console_old(c, CONSOLE_NOT, "SECD: findByCertAndRoleInTL: Searching TL from CTL file");
	console_old(c, CONSOLE_NOT, "SECD: findByCertAndRoleInTL: Searching TL from ITL file");
	console_old(c, CONSOLE_ERR, "SECD: EROR:https_cert_vfy: HTTPS cert not in CTL, <%s>", host);
	console_new(c, CONSOLE_ERR, "SECUREAPP-HTTPS cert not in CTL, <%s:%u>", host, port);
}

void
say_https_by_tvs(struct console *c)
{
	console_sec(c, CONSOLE_ERR, "Authenticated the HTTPS conn via TVS");
}

/* The phone's own numbering of modes is not that of the configuration (capf.md 5.5). */
static const struct {
	unsigned number;
	const char *name;
} capf_modes[] = {
	[PHONECFG_CAPF_STRING] = { 0, "AUTH_STR" },
	[PHONECFG_CAPF_NULL_STRING] = { 1, "NULL_STR" },
	[PHONECFG_CAPF_LSC] = { 2, "LSC" },
	[PHONECFG_CAPF_MIC] = { 3, "MIC" },
};

/* The number of AUTO is captured, the others are assumed. */
static const struct {
	unsigned number;
	const char *name;
} capf_reasons[] = {
	[SAY_CAPF_AUTO] = { 1, "AUTO" },
	[SAY_CAPF_PUBKEY_MISMATCH] = { 2, "PUBKEY_MISMATCH" },
	[SAY_CAPF_DECRYPT_FILE_FAILED] = { 3, "DECRYPT_FILE_FAILED" },
};

void
say_capf_start(struct console *c, unsigned mode, bool typed, enum say_capf_reason reason)
{
	console_sec(c, CONSOLE_NOT,
	    "RCAPF_START_MODE: Start CAPF - mode:[%u]([%s]), reason:[%u]([%s]) %s",
	    capf_modes[mode].number, capf_modes[mode].name, capf_reasons[reason].number,
	    capf_reasons[reason].name, typed ? "auth-str" : "no auth-str");
	console_sec(c, CONSOLE_NOT, "CAPF_CLNT_INIT:CAPF clnt initialized");
	console_sec(c, CONSOLE_NOT, "CAPFClnt: SetDelayTimer - set with value <0>");
}

void
say_capf_failed(struct console *c, const char *reason)
{
	console_sec(c, CONSOLE_ERR, "SEC_CAPF_OP_F: CAPF operation failed, ret -7");
	console_sec(c, CONSOLE_ERR, "SEC_CAPF_OP_F: %s", reason);
}

void
say_capf_unreached(struct console *c)
{
	console_old(c, CONSOLE_CRT, "JVM: CertificateProperty: LSC: Connection failed");
	console_new(c, CONSOLE_CRT,
	    "JAVA-configmgr MQThread|cip.sec.CertificateProperty$1:? - LSC: Connection failed");
}
