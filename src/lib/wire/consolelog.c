#include "wire/consolelog.h"

#include "base/text.h"

#include <ctype.h>
#include <stdio.h>

#define LINE_MAX_READ 1024 /* of a longer line the beginning */

/* A line that has this text is of this kind; what and other are what stands behind a text, up to
 * one of some bytes or a text. The first row that fits counts. */
static const struct rule {
	enum consolelog_kind kind;
	const char *has;
	const char *after, *until;
	const char *other_after, *other_until;
} rules[] = {
	{ CONSOLELOG_RECEIVED, "] rcvd ", "[src=", "]", NULL, NULL },
	{ CONSOLELOG_RECEIVED, ":Finished --> rcvd ", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_ASKED, "GETXXTP", "[src=", "]", "[serv=", "]" },
	{ CONSOLELOG_ASKED, ":Requesting ", ":Requesting ", " ", " from ", " " },
	{ CONSOLELOG_ASKED, "tlRequestFile: Request ", "Request ", " ", NULL, NULL },
	{ CONSOLELOG_NOT_FOUND, "File Not Found <", "<", ">", NULL, NULL },
	{ CONSOLELOG_LIST_REFUSED, "Trust List Update Failed", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_LIST_TAKEN, "Trust List Updated", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_LIST_TAKEN, "TL file updated.", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_LIST_TAKEN, "File sign verify SUCCESS", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_NO_LIST, "No Trust List Installed", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_ERASED, "Erasing CTL and ITL files", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_FILE_VERIFIED, "verify SUCCESS <", "<", ">", NULL, NULL },
	{ CONSOLELOG_SIGNER_UNKNOWN, "(signer not in CTL)", "<", ">", NULL, NULL },
	{ CONSOLELOG_FILE_REFUSED, "verify FAILED", "<", ">", NULL, NULL },
	{ CONSOLELOG_FILE_REFUSED, ": verification of the trust list failed", NULL, NULL, NULL,
	    NULL },
	{ CONSOLELOG_HTTPS_BY_TVS, "Authenticated the HTTPS conn via TVS", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_HTTPS_UNKNOWN, "HTTPS cert not in CTL", "<", ">", NULL, NULL },
	{ CONSOLELOG_HOST_NOT_FOUND, "Host Not Found", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_TVS_CONNECT, "to the TVS server: IP:", "IP:", ",", NULL, NULL },
	{ CONSOLELOG_TVS_CONNECT, "connect to TVS server addr [", "[", "]", NULL, NULL },
	{ CONSOLELOG_TVS_KNOWN, "TVS cert verified with hash", "<", ">", NULL, NULL },
	{ CONSOLELOG_TVS_KNOWN, "Cert Verification - Certificate is valid", NULL, NULL, NULL,
	    NULL },
	{ CONSOLELOG_TVS_FAILED, "SSL handshake failed, <", "<", ">", NULL, NULL },
	{ CONSOLELOG_TVS_FAILED, "SSL3 alert read:fatal:", "<", ">", NULL, NULL },
	{ CONSOLELOG_TVS_FAILED, "SSL CLNT ERR, srvr<", "<", ">", NULL, NULL },
	{ CONSOLELOG_TVS_ASKED, "TVS Certificate Authentication request", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_TVS_ASKED, "TVS Query Certificate request", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_TVS_TRUSTED, "Response received, status : 0", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_TVS_REFUSED, "Response received, status : ", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_TVS_NOT_FOUND, ": certificate not found", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_CERTIFICATE, "Subject Name is: ", "is: ", "", NULL, NULL },
	{ CONSOLELOG_CERTIFICATE, "Serial Number is: ", "is: ", "", NULL, NULL },
	{ CONSOLELOG_DNS_UNKNOWN, "DNS unknown IPv4 host ", "host ", " ", NULL, NULL },
	{ CONSOLELOG_DNS_UNKNOWN, "DNS unknown IPv6 host ", "host ", " ", NULL, NULL },
	{ CONSOLELOG_DNS_UNKNOWN, "Failed to resolve Tvs Ip", "hostname ", " ", NULL, NULL },
	{ CONSOLELOG_DNS_UNKNOWN, "is NXDOMAIN", "reply ", " ", NULL, NULL },
	{ CONSOLELOG_DNS_RESOLVED, "Resolve Tvs Ip", "hostname ", " ", NULL, NULL },
	{ CONSOLELOG_NOT_OPENED, "PUBKEY_MISMATCH", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_NOT_OPENED, "DECRYPT_FILE_FAILED", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_CAPF_START, "Start CAPF - mode:", "]([", "]", "reason:", " " },
	{ CONSOLELOG_CAPF_NO_ADDRESS, "CAPF create bio failed", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_CAPF_FAILED, "CAPF operation failed, ret", "ret ", " ", NULL, NULL },
	{ CONSOLELOG_CAPF_NONE, "No valid CAPF server", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_LSC_UNREACHED, "LSC: Connection failed", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_LSC_FAILED, "LSC: Failed", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_LSC_INSTALLED, "LSC: Installed", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_NO_LSC, "PXY_NO_LSC", "for [", "]", NULL, NULL },
	{ CONSOLELOG_OWN_CERT, "PXY_CERT_CIPHER", "cert [", "]", NULL, NULL },
	{ CONSOLELOG_OWN_CERT, "SSL session setup - cert len=", "type=", " ", NULL, NULL },
	{ CONSOLELOG_ALERT, "SSL3 alert [read]:[fatal]:[", "[fatal]:[", "]", NULL, NULL },
	{ CONSOLELOG_TOKEN, "does not exist in the CTL File", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_ITL_ABSENT, "ITL File not found", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_CTL_ABSENT, "CTL File not found", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_LIST_BAD, "Verification of the ITL file failed", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_LIST_BAD, "Verification of the CTL file failed", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_SAST_USED, "This etoken was used to sign", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_SAST_UNUSED, "This etoken was not used to sign", NULL, NULL, NULL, NULL },
	/* Our own phone says whose signature it judged. */
	{ CONSOLELOG_SIGNER, " signer CN=", "signer ", "", NULL, NULL },
	/* Status messages name a configuration that was taken and the way that it came. */
	{ CONSOLELOG_CONFIG_TAKEN, ".sgn(", NULL, NULL, NULL, NULL },
	{ CONSOLELOG_CONFIG_TAKEN, ".cnf.xml(", NULL, NULL, NULL, NULL },
};

static const char *const names[CONSOLELOG_KINDS] = {
	[CONSOLELOG_NOTHING] = "nothing",
	[CONSOLELOG_ASKED] = "asked",
	[CONSOLELOG_RECEIVED] = "received",
	[CONSOLELOG_NOT_FOUND] = "not-found",
	[CONSOLELOG_LIST_TAKEN] = "list-taken",
	[CONSOLELOG_LIST_REFUSED] = "list-refused",
	[CONSOLELOG_NO_LIST] = "no-list",
	[CONSOLELOG_ERASED] = "erased",
	[CONSOLELOG_FILE_VERIFIED] = "file-verified",
	[CONSOLELOG_SIGNER_UNKNOWN] = "signer-unknown",
	[CONSOLELOG_FILE_REFUSED] = "file-refused",
	[CONSOLELOG_SIGNER] = "signer",
	[CONSOLELOG_CONFIG_TAKEN] = "config-taken",
	[CONSOLELOG_NOT_OPENED] = "not-opened",
	[CONSOLELOG_HTTPS_UNKNOWN] = "https-unknown",
	[CONSOLELOG_HTTPS_BY_TVS] = "https-by-tvs",
	[CONSOLELOG_HOST_NOT_FOUND] = "host-not-found",
	[CONSOLELOG_TVS_ASKED] = "tvs-asked",
	[CONSOLELOG_TVS_CONNECT] = "tvs-connect",
	[CONSOLELOG_TVS_KNOWN] = "tvs-known",
	[CONSOLELOG_TVS_FAILED] = "tvs-failed",
	[CONSOLELOG_TVS_TRUSTED] = "tvs-trusted",
	[CONSOLELOG_TVS_REFUSED] = "tvs-refused",
	[CONSOLELOG_TVS_NOT_FOUND] = "tvs-not-found",
	[CONSOLELOG_CERTIFICATE] = "certificate",
	[CONSOLELOG_DNS_UNKNOWN] = "dns-unknown",
	[CONSOLELOG_DNS_RESOLVED] = "dns-resolved",
	[CONSOLELOG_CAPF_START] = "capf-start",
	[CONSOLELOG_CAPF_NO_ADDRESS] = "capf-no-address",
	[CONSOLELOG_CAPF_FAILED] = "capf-failed",
	[CONSOLELOG_CAPF_NONE] = "capf-none",
	[CONSOLELOG_LSC_UNREACHED] = "lsc-unreached",
	[CONSOLELOG_LSC_FAILED] = "lsc-failed",
	[CONSOLELOG_LSC_INSTALLED] = "lsc-installed",
	[CONSOLELOG_NO_LSC] = "no-lsc",
	[CONSOLELOG_OWN_CERT] = "own-cert",
	[CONSOLELOG_ALERT] = "alert",
	[CONSOLELOG_TOKEN] = "token",
	[CONSOLELOG_ITL_ABSENT] = "itl-absent",
	[CONSOLELOG_CTL_ABSENT] = "ctl-absent",
	[CONSOLELOG_LIST_BAD] = "list-bad",
	[CONSOLELOG_SAST_USED] = "sast-used",
	[CONSOLELOG_SAST_UNUSED] = "sast-unused",
};

const char *
consolelog_kind_name(enum consolelog_kind k)
{
	return names[k];
}

/* --- times --- */

static bool
is_clock(const char *s)
{
	static const char form[] = "00:00:00";

	for (size_t i = 0; i < sizeof form - 1; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)s[i]) : s[i] != form[i])
			return false;
	return true;
}

/* "Nov 29 " before the time: newer firmware. */
static bool
is_day(const char *s)
{
	return isupper((unsigned char)s[0]) && islower((unsigned char)s[1]) &&
	       islower((unsigned char)s[2]) && s[3] == ' ' &&
	       (isdigit((unsigned char)s[4]) || s[4] == ' ') && isdigit((unsigned char)s[5]) &&
	       s[6] == ' ';
}

/* Near the beginning of the line: behind the number and the level, or the bracket. */
static void
take_time(const char *line, char out[CONSOLELOG_WHEN_MAX])
{
	enum { NEAR = 24, CLOCK = 8, DAY = 7 };
	size_t n = strlen(line);

	out[0] = '\0';
	for (size_t i = 0; i < NEAR && i + CLOCK <= n; i++) {
		if (!is_clock(line + i))
			continue;
		if (i >= DAY && is_day(line + i - DAY))
			snprintf(out, CONSOLELOG_WHEN_MAX, "%.*s", DAY + CLOCK, line + i - DAY);
		else
			snprintf(out, CONSOLELOG_WHEN_MAX, "%.*s", CLOCK, line + i);
		return;
	}
}

/* --- texts --- */

/* What stands behind a text, up to one of the bytes; "" when the text is not there. */
static void
take(const char *line, const char *after, const char *until, char out[CONSOLELOG_WHAT_MAX])
{
	const char *at = after != NULL ? strstr(line, after) : NULL;

	out[0] = '\0';
	if (at == NULL)
		return;
	at += strlen(after);
	snprintf(out, CONSOLELOG_WHAT_MAX, "%.*s", (int)strcspn(at, until), at);
}

/* Files are named with the folder that the phone puts them into. */
static void
drop_folder(char what[CONSOLELOG_WHAT_MAX])
{
	const char *slash = strrchr(what, '/');

	if (slash != NULL)
		memmove(what, slash + 1, strlen(slash));
}

static void
take_word_before(const char *line, const char *end, struct consolelog_event *out)
{
	const char *begin = end;

	while (begin > line && begin[-1] != ' ')
		begin--;
	snprintf(out->what, sizeof out->what, "%.*s", (int)(end - begin), begin);
}

/* The word that ends before the bracket with the way that it came. */
static void
take_config_name(const char *line, const char *has, struct consolelog_event *out)
{
	const char *at = strstr(line, has);

	if (at != NULL)
		take_word_before(line, strchr(at, '('), out);
}

/* Status messages name a file as it was asked for, logs without what a signature adds. */
static void
take_refused_name(const char *line, const char *has, struct consolelog_event *out)
{
	static const char *const added[] = { ".sgn", ".enc" };
	const char *at = strcasestr(line, has);

	if (at == NULL || *has != ':')
		return;
	take_word_before(line, at, out);
	for (size_t i = 0; i < sizeof added / sizeof added[0]; i++) {
		size_t n = strlen(out->what), m = strlen(added[i]);

		if (n > m && strcmp(out->what + n - m, added[i]) == 0)
			out->what[n - m] = '\0';
	}
}

static void
fill(const struct rule *r, const char *line, struct consolelog_event *out)
{
	char *is;

	out->kind = r->kind;
	take(line, r->after, r->until, out->what);
	take(line, r->other_after, r->other_until, out->other);
	switch (r->kind) {
	case CONSOLELOG_FILE_REFUSED:
		take_refused_name(line, r->has, out);
		drop_folder(out->what);
		break;
	case CONSOLELOG_FILE_VERIFIED:
	case CONSOLELOG_SIGNER_UNKNOWN:
		drop_folder(out->what);
		break;
	case CONSOLELOG_SIGNER:
		is = strstr(out->what, " is ");
		if (is != NULL)
			*is = '\0';
		break;
	case CONSOLELOG_CONFIG_TAKEN:
		take_config_name(line, r->has, out);
		break;
	default:
		break;
	}
}

/* A text that was made so before stays as it is. */
static void
make_printable(struct span line, char *out, size_t max)
{
	if (text_is_printable(line))
		snprintf(
		    out, max, "%.*s", (int)(line.n < max ? line.n : max - 1), (const char *)line.p);
	else
		text_printable(line, out, max);
}

bool
consolelog_line(struct span line, struct consolelog_event *out)
{
	char text[LINE_MAX_READ];

	*out = (struct consolelog_event){ 0 };
	make_printable(line, text, sizeof text);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		if (strcasestr(text, rules[i].has) == NULL)
			continue;
		fill(&rules[i], text, out);
		take_time(text, out->when);
		snprintf(out->text, sizeof out->text, "%.*s", CONSOLELOG_TEXT_MAX - 1, text);
		return true;
	}
	return false;
}

static bool
begins(struct span text, const char *with, size_t n)
{
	return text.n >= n && memcmp(text.p, with, n) == 0;
}

bool
consolelog_check(struct span text, struct err *e)
{
	const uint8_t *zero = text.n > 0 ? memchr(text.p, 0, text.n) : NULL;

	if (begins(text, "\xff\xfe", 2) || begins(text, "\xfe\xff", 2))
		return err_set(e, ERR_MALFORMED,
		    "it is UTF-16 text, by its byte order mark: save it as UTF-8");
	return zero == NULL ||
	       err_set(e, ERR_MALFORMED,
		   "its byte %zu is 0, as in UTF-16 or what is no text: save it as UTF-8",
		   (size_t)(zero - text.p) + 1);
}

struct consolelog
consolelog_open(struct span text)
{
	return (struct consolelog){ .rest = text };
}

/* Up to a line end, which is taken and not part of it. */
static struct span
next_line(struct consolelog *l)
{
	const uint8_t *end = memchr(l->rest.p, '\n', l->rest.n);
	size_t n = end != NULL ? (size_t)(end - l->rest.p) : l->rest.n, whole = n + (end != NULL);
	struct span line = span_of(l->rest.p, n);

	l->rest = span_of(l->rest.p + whole, l->rest.n - whole);
	l->line++;
	while (line.n > 0 && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' '))
		line.n--;
	return line;
}

bool
consolelog_next(struct consolelog *l, struct consolelog_event *out)
{
	while (l->rest.n > 0) {
		if (!consolelog_line(next_line(l), out))
			continue;
		out->line = l->line;
		return true;
	}
	return false;
}
