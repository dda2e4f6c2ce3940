#include "admin/remotecheck.h"

#include "base/wr.h"
#include "rules/signedfile.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX      (1024 * 1024)
#define CONNECT_S     5L
#define TIMEOUT_S     15L
#define SERVER_FAULT  500 /* HTTP statuses from here on */
#define FILE_NAME_MAX 64

enum found { FOUND, ABSENT, SILENT /* or of no use */ };

static size_t
collect(char *data, size_t size, size_t count, void *arg)
{
	struct wr *w = arg;

	wr_span(w, span_of(data, size * count));
	return wr_ok(w) ? size * count : 0;
}

bool
remotecheck_url(const struct remotecheck *check, const char *address, const char *name,
    char out[REMOTECHECK_URL_MAX], struct err *e)
{
	const char *colon = strchr(address, ':');
	bool is_v6 = colon != NULL && strchr(colon + 1, ':') != NULL;
	bool has_port = address[0] == '[' ? strstr(address, "]:") != NULL : colon != NULL && !is_v6;
	bool is_bare_v6 = is_v6 && address[0] != '[';
	char port[8] = "";
	int n;

	if (!has_port)
		snprintf(port, sizeof port, ":%u", check->port);
	n = snprintf(out, REMOTECHECK_URL_MAX, "%s://%s%s%s%s/%s", check->tftp ? "tftp" : "http",
	    is_bare_v6 ? "[" : "", address, is_bare_v6 ? "]" : "", port, name);
	return (n >= 0 && n < REMOTECHECK_URL_MAX) ||
	       err_set(e, ERR_MALFORMED, "address %.60s... is too long", address);
}

/* *file: what came, whatever it is. Of a server that fails it is not known what it has. */
static enum found
fetch(const char *url, struct wr *file, struct err *e)
{
	CURLcode code = CURLE_FAILED_INIT;
	CURL *curl = curl_easy_init();
	long status = 0;

	if (curl != NULL && curl_easy_setopt(curl, CURLOPT_URL, url) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,tftp") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_S) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect) == CURLE_OK &&
	    curl_easy_setopt(curl, CURLOPT_WRITEDATA, file) == CURLE_OK)
		code = curl_easy_perform(curl);
	if (curl != NULL)
		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(curl);
	if (status >= SERVER_FAULT)
		err_set(e, ERR_IO, "%s: HTTP status %ld", url, status);
	else if (code == CURLE_TFTP_NOTFOUND || code == CURLE_TFTP_PERM || status >= 400)
		return ABSENT;
	else if (code == CURLE_OK)
		return FOUND;
	else
		err_set(e, ERR_IO, "%s: %s", url, curl_easy_strerror(code));
	return SILENT;
}

/* A trust list or signed file came; anything else under such a name is as good as none. */
static enum found
look_for(const struct remotecheck *check, const char *address, const char *name, struct err *e)
{
	struct wr file = wr_new(FILE_MAX);
	enum signedfile_kind kind;
	char url[REMOTECHECK_URL_MAX];
	enum found found = SILENT;

	if (remotecheck_url(check, address, name, url, e))
		found = fetch(url, &file, e);
	if (found == FOUND && !signedfile_kind(wr_view(&file), &kind, NULL))
		found = ABSENT;
	wr_free(&file);
	return found;
}

/* A phone's signed configuration is asked for before its list, which some servers count as handed
 * out. */
static enum found
look_at_server(const struct remotecheck *check, const char *address, struct err *e)
{
	enum found found = look_for(check, address, "ITLFile.tlv", e);
	char name[FILE_NAME_MAX];

	for (size_t i = 0; i < 2 && check->phone != NULL && found == ABSENT; i++) {
		snprintf(
		    name, sizeof name, i == 0 ? "%.31s.cnf.xml.sgn" : "ITL%.31s.tlv", check->phone);
		found = look_for(check, address, name, e);
	}
	return found;
}

bool
remotecheck_run(const struct remotecheck *check, struct err *e)
{
	for (size_t i = 0; i < check->count; i++)
		switch (look_at_server(check, check->address[i], e)) {
		case FOUND:
			return true;
		case ABSENT:
			return err_set(e, ERR_REFUSED,
			    "%s has no ITLFile.tlv%s: it does not seem to have Security By "
			    "Default. Its phones would take this cluster's lists and refuse what "
			    "their own serves unsigned: all clusters must have it, or all be older "
			    "(then prepare this one for rollback first). %s",
			    check->address[i],
			    check->phone != NULL ? " and nothing signed for that phone" : "",
			    check->phone != NULL
				? "To add it all the same: --no-check"
				: "If it hands lists to its own phones only, name one: --phone "
				  "SEP...; to skip this: --no-check");
		case SILENT:
			break;
		}
	return err_in(e,
	    "no server of it answers as it should, so it cannot be checked (--no-check skips it)");
}
