#include "cluster/conf_row.h"

#include "base/text.h"
#include "pki/issue.h"
#include "pki/signer.h"
#include "wire/envelope.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
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
	    "Which key signs trust lists: ITLRecovery's as Unified CM 12.0 and later (G12), or\n"
	    "CallManager's as 10.0 to 11.5 (G10)." },
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
	    "that serves nothing else), or auto: own where old-tls is yes, else capf." },
	{ "capf", "crl-url", CONF_URL, AT(crl_url), 0, 200, "",
	    "Where those who check LSCs find the revocation list, as the LSCs say: the URL of\n"
	    "this server's files, for instance http://192.0.2.10:6970/. Nothing: they say none." },
	{ "capf", "crl-validity", CONF_NUMBER, AT(crl_days), 1, 365, "days",
	    "Life of a revocation list; a new one is made after half of it." },
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
	{ "capf", "auth-string-tries", CONF_NUMBER, AT(auth_string_tries), 1, 1000, "",
	    "After so many wrong authentication strings the right one is not taken any more: a "
	    "new\n"
	    "one must be made." },

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

	{ "keys", "key-file", CONF_PATH, AT(key_file), NO_RANGE,
	    "File with the passphrase of the private keys. Keep a copy of it and of keys/ apart\n"
	    "from each other." },
	{ "keys", "keepers", CONF_NUMBER, AT(keepers), 0, 64, "",
	    "Processes that sign files; 0 means one per processor." },

	{ "log", "level", CONF_LEVEL, AT(log_level), NO_RANGE, "The least that is logged." },
};

#define ROWS (sizeof rows / sizeof *rows)

struct word {
	const char *text;
	unsigned value;
};

static const struct word switch_words[] = { { "no", false }, { "yes", true }, { "off", false },
	{ "on", true } };
static const struct word generation_words[] = { { "G10", GENERATION_G10 },
	{ "G12", GENERATION_G12 } };
static const struct word digest_words[] = { { "sha1", ENVELOPE_SHA1 },
	{ "sha512", ENVELOPE_SHA512 } };
static const struct word server_words[] = { { "ip", CONF_SERVERS_BY_IP },
	{ "name", CONF_SERVERS_BY_NAME } };
static const struct word usage_words[] = { { "cucm", SIGNER_LSC_USAGES_CUCM },
	{ "client", SIGNER_LSC_USAGES_CLIENT } };
static const struct word issuer_words[] = { { "auto", CONF_ISSUER_AUTO },
	{ "capf", CONF_ISSUER_CAPF }, { "own", CONF_ISSUER_OWN } };
static const struct word expired_words[] = { { "refuse", CONF_EXPIRED_REFUSE },
	{ "enrol-only", CONF_EXPIRED_ENROL_ONLY } };
static const struct word level_words[] = { { "debug", LOG_DEBUG }, { "info", LOG_INFO },
	{ "warning", LOG_WARNING }, { "error", LOG_ERROR } };

#define WORDS(array) array, sizeof(array) / sizeof *(array)

/* The kinds whose values are words. */
static const struct {
	const struct word *words;
	size_t count;
} words_of[] = {
	[CONF_SWITCH] = { WORDS(switch_words) },
	[CONF_GENERATION] = { WORDS(generation_words) },
	[CONF_DIGEST] = { WORDS(digest_words) },
	[CONF_SERVER_NAMES] = { WORDS(server_words) },
	[CONF_EXPIRED_MIC] = { WORDS(expired_words) },
	[CONF_LEVEL] = { WORDS(level_words) },
	[CONF_LSC_USAGES] = { WORDS(usage_words) },
	[CONF_LSC_ISSUER] = { WORDS(issuer_words) },
};

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

static unsigned
value_get(const struct conf_row *row, const struct conf *c)
{
	const void *at = (const char *)c + row->offset;

	switch (row->kind) {
	case CONF_PORT:
		return *(const uint16_t *)at;
	case CONF_NUMBER:
	case CONF_DIGEST:
	case CONF_SERVER_NAMES:
	case CONF_LSC_USAGES:
	case CONF_LSC_ISSUER:
	case CONF_WINDOW:
	case CONF_EXPIRED_MIC:
		return *(const unsigned *)at;
	case CONF_SWITCH:
		return *(const bool *)at;
	case CONF_GENERATION:
		return *(const enum generation *)at;
	case CONF_LEVEL:
		return *(const enum log_level *)at;
	case CONF_PATH:
	case CONF_NAME_PART:
	case CONF_URL:
	case CONF_WORDS:
	case CONF_ADDRESSES:
		break;
	}
	assert(false); /* a row whose value is no number */
	return 0;
}

static void
value_put(const struct conf_row *row, struct conf *c, unsigned v)
{
	void *at = (char *)c + row->offset;

	switch (row->kind) {
	case CONF_PORT:
		*(uint16_t *)at = (uint16_t)v;
		return;
	case CONF_NUMBER:
	case CONF_DIGEST:
	case CONF_SERVER_NAMES:
	case CONF_LSC_USAGES:
	case CONF_LSC_ISSUER:
	case CONF_WINDOW:
	case CONF_EXPIRED_MIC:
		*(unsigned *)at = v;
		return;
	case CONF_SWITCH:
		*(bool *)at = v != 0;
		return;
	case CONF_GENERATION:
		*(enum generation *)at = (enum generation)v;
		return;
	case CONF_LEVEL:
		*(enum log_level *)at = (enum log_level)v;
		return;
	case CONF_PATH:
	case CONF_NAME_PART:
	case CONF_URL:
	case CONF_WORDS:
	case CONF_ADDRESSES:
		break;
	}
	assert(false); /* a row whose value is no number */
}

/* "debug, info, warning or error". */
static void
words_join(enum conf_kind kind, char out[CONF_RANGE_MAX])
{
	size_t n = 0, count = words_of[kind].count;

	for (size_t i = 0; i < count && n < CONF_RANGE_MAX; i++)
		n += (size_t)snprintf(out + n, CONF_RANGE_MAX - n, "%s%s",
		    i == 0          ? ""
		    : i + 1 < count ? ", "
				    : " or ",
		    words_of[kind].words[i].text);
}

static void
name_part_range(const struct conf_row *row, char out[CONF_RANGE_MAX])
{
	if (row->min == row->max)
		snprintf(out, CONF_RANGE_MAX, "nothing, or %u upper-case letters", row->max);
	else
		snprintf(out, CONF_RANGE_MAX,
		    "nothing, or %u to %u printable ASCII characters without ; , and \"", row->min,
		    row->max);
}

void
conf_row_range(const struct conf_row *row, char out[CONF_RANGE_MAX])
{
	switch (row->kind) {
	case CONF_PORT:
	case CONF_NUMBER:
		snprintf(out, CONF_RANGE_MAX, "%u to %u%s%s", row->min, row->max,
		    row->unit[0] != '\0' ? " " : "", row->unit);
		return;
	case CONF_PATH:
		snprintf(out, CONF_RANGE_MAX, "a path, from the cluster's folder or absolute");
		return;
	case CONF_WINDOW:
		snprintf(out, CONF_RANGE_MAX, "two times of the day, as 22:00-05:00");
		return;
	case CONF_WORDS:
		snprintf(out, CONF_RANGE_MAX, "words of capital letters, separated by blanks");
		return;
	case CONF_ADDRESSES:
		snprintf(out, CONF_RANGE_MAX, "an IPv4 or IPv6 address, at most %d of them",
		    CONF_LISTEN_MAX);
		return;
	case CONF_SWITCH:
	case CONF_GENERATION:
	case CONF_DIGEST:
	case CONF_SERVER_NAMES:
	case CONF_LSC_USAGES:
	case CONF_LSC_ISSUER:
	case CONF_EXPIRED_MIC:
	case CONF_LEVEL:
		words_join(row->kind, out);
		return;
	case CONF_URL:
		snprintf(out, CONF_RANGE_MAX,
		    "nothing, or an http or https URL that ends with /, at most %u characters",
		    row->max);
		return;
	case CONF_NAME_PART:
		name_part_range(row, out);
	}
}

static bool
path_put(const struct conf_row *row, struct conf *c, const char *value)
{
	char whole[CONF_PATH_MAX];
	int n = value[0] == '/' ? snprintf(whole, sizeof whole, "%s", value)
				: snprintf(whole, sizeof whole, "%s/%s", c->dir, value);

	if (value[0] == '\0' || n >= CONF_PATH_MAX)
		return false;
	snprintf((char *)c + row->offset, CONF_PATH_MAX, "%s", whole);
	return true;
}

static bool
capitals_put(const struct conf_row *row, struct conf *c, const char *value)
{
	size_t n = strlen(value);

	if (n >= CONF_TEXT_MAX || strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ") != n ||
	    strspn(value, " ") == n)
		return false;
	memcpy((char *)c + row->offset, value, n + 1);
	return true;
}

static bool
address_put(struct conf *c, const char *value)
{
	uint8_t binary[sizeof(struct in6_addr)];

	if (c->listen_count == CONF_LISTEN_MAX || strlen(value) >= CONF_ADDRESS_MAX)
		return false;
	if (inet_pton(AF_INET, value, binary) != 1 && inet_pton(AF_INET6, value, binary) != 1)
		return false;
	for (size_t i = 0; i < c->listen_count; i++)
		if (strcmp(c->listen[i], value) == 0)
			return false;
	snprintf(c->listen[c->listen_count++], CONF_ADDRESS_MAX, "%s", value);
	return true;
}

static bool
word_put(const struct conf_row *row, struct conf *c, const char *value)
{
	for (size_t i = 0; i < words_of[row->kind].count; i++) {
		const struct word *w = &words_of[row->kind].words[i];

		if (strcmp(w->text, value) != 0)
			continue;
		value_put(row, c, w->value);
		return true;
	}
	return false;
}

static bool
number_put(const struct conf_row *row, struct conf *c, const char *value)
{
	unsigned long v;

	if (!text_number(value, row->min, row->max, &v))
		return false;
	value_put(row, c, (unsigned)v);
	return true;
}

/* Of exactly two letters is the country. */
static bool
name_part_put(const struct conf_row *row, struct conf *c, const char *value)
{
	size_t n = strlen(value);

	if (n != 0 && (n < row->min || !issue_name_check(row->name, value, row->max, NULL)))
		return false;
	if (n != 0 && row->min == row->max && strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != n)
		return false;
	snprintf((char *)c + row->offset, CONF_TEXT_MAX, "%s", value);
	return true;
}

/* "22:00", in minutes. */
static bool
minute_read(const char *text, unsigned *out)
{
	char part[3] = { text[0], text[1], '\0' };
	unsigned long hour, minute;

	if (text[2] != ':' || !text_number(part, 0, 23, &hour))
		return false;
	memcpy(part, text + 3, 2);
	if (!text_number(part, 0, 59, &minute))
		return false;
	*out = (unsigned)(hour * 60 + minute);
	return true;
}

static bool
url_put(const struct conf_row *row, struct conf *c, const char *value)
{
	size_t n = strlen(value);

	if (n != 0 &&
	    (n > row->max || value[n - 1] != '/' || !text_is_printable(span_str(value)) ||
		strpbrk(value, " ,;\"") != NULL ||
		(strncmp(value, "http://", 7) != 0 && strncmp(value, "https://", 8) != 0)))
		return false;
	snprintf((char *)c + row->offset, CONF_TEXT_MAX, "%s", value);
	return true;
}

static bool
window_put(const struct conf_row *row, struct conf *c, const char *value)
{
	unsigned from, to;

	if (strlen(value) != strlen("22:00-05:00") || value[5] != '-' ||
	    !minute_read(value, &from) || !minute_read(value + 6, &to))
		return false;
	value_put(row, c, from << 16 | to);
	return true;
}

static bool
put(const struct conf_row *row, struct conf *c, const char *value)
{
	switch (row->kind) {
	case CONF_PORT:
	case CONF_NUMBER:
		return number_put(row, c, value);
	case CONF_PATH:
		return path_put(row, c, value);
	case CONF_WINDOW:
		return window_put(row, c, value);
	case CONF_WORDS:
		return capitals_put(row, c, value);
	case CONF_ADDRESSES:
		return address_put(c, value);
	case CONF_NAME_PART:
		return name_part_put(row, c, value);
	case CONF_URL:
		return url_put(row, c, value);
	case CONF_SWITCH:
	case CONF_GENERATION:
	case CONF_DIGEST:
	case CONF_SERVER_NAMES:
	case CONF_LSC_USAGES:
	case CONF_LSC_ISSUER:
	case CONF_EXPIRED_MIC:
	case CONF_LEVEL:
		break;
	}
	return word_put(row, c, value);
}

bool
conf_row_set(const struct conf_row *row, struct conf *c, const char *value, struct err *e)
{
	char range[CONF_RANGE_MAX];

	if (put(row, c, value))
		return true;
	conf_row_range(row, range);
	return err_set(e, ERR_MALFORMED, "must be %s", range);
}

/* Paths below the cluster's folder are written from there, so that the folder can be moved. */
static void
path_print(const struct conf *c, const char *path, char out[CONF_PATH_MAX])
{
	size_t n = strlen(c->dir);
	bool below = strncmp(path, c->dir, n) == 0 && path[n] == '/' && path[n + 1] != '\0';

	snprintf(out, CONF_PATH_MAX, "%s", below ? path + n + 1 : path);
}

/* Of two words for one value the first is written. */
static void
word_print(enum conf_kind kind, unsigned value, char out[CONF_PATH_MAX])
{
	for (size_t i = 0; i < words_of[kind].count; i++)
		if (words_of[kind].words[i].value == value) {
			snprintf(out, CONF_PATH_MAX, "%s", words_of[kind].words[i].text);
			return;
		}
}

bool
conf_row_value(const struct conf_row *row, const struct conf *c, size_t i, char out[CONF_PATH_MAX])
{
	if (row->kind == CONF_ADDRESSES) {
		if (i < c->listen_count)
			snprintf(out, CONF_PATH_MAX, "%s", c->listen[i]);
		return i < c->listen_count;
	}
	if (i > 0)
		return false;
	if (row->kind == CONF_PATH) {
		path_print(c, (const char *)c + row->offset, out);
		return true;
	}
	if (row->kind == CONF_NAME_PART || row->kind == CONF_URL || row->kind == CONF_WORDS) {
		snprintf(out, CONF_PATH_MAX, "%s", (const char *)c + row->offset);
		return true;
	}
	if (row->kind == CONF_PORT || row->kind == CONF_NUMBER) {
		snprintf(out, CONF_PATH_MAX, "%u", value_get(row, c));
		return true;
	}
	if (row->kind == CONF_WINDOW) {
		unsigned v = value_get(row, c), from = v >> 16, to = v & UINT16_MAX;

		snprintf(out, CONF_PATH_MAX, "%02u:%02u-%02u:%02u", from / 60, from % 60, to / 60,
		    to % 60);
		return true;
	}
	word_print(row->kind, value_get(row, c), out);
	return true;
}
