#include "cluster/conf_row.h"

#include "base/text.h"
#include "pki/issue.h"
#include "pki/signer.h"
#include "wire/envelope.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>

struct word {
	const char *text;
	unsigned value;
};

static const struct word switch_words[] = { { "no", false }, { "yes", true }, { "off", false },
	{ "on", true } };
static const struct word generation_words[] = { { "G8", GENERATION_G8 }, { "G10", GENERATION_G10 },
	{ "G12", GENERATION_G12 } };
static const struct word digest_words[] = { { "sha1", ENVELOPE_SHA1 },
	{ "sha512", ENVELOPE_SHA512 } };
static const struct word server_words[] = { { "ip", CONF_SERVERS_BY_IP },
	{ "name", CONF_SERVERS_BY_NAME } };
static const struct word usage_words[] = { { "cucm", SIGNER_LSC_USAGES_CUCM },
	{ "client", SIGNER_LSC_USAGES_CLIENT } };
static const struct word issuer_words[] = { { "auto", CONF_ISSUER_AUTO },
	{ "capf", CONF_ISSUER_CAPF }, { "own", CONF_ISSUER_OWN },
	{ "offline", CONF_ISSUER_OFFLINE }, { "online", CONF_ISSUER_ONLINE } };
static const struct word expired_words[] = { { "refuse", CONF_EXPIRED_REFUSE },
	{ "enrol-only", CONF_EXPIRED_ENROL_ONLY } };
static const struct word proof_words[] = { { "boot", CONF_PROOF_BOOT },
	{ "told", CONF_PROOF_TOLD } };
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
	[CONF_BRIDGE_PROOF] = { WORDS(proof_words) },
	[CONF_LEVEL] = { WORDS(level_words) },
	[CONF_LSC_USAGES] = { WORDS(usage_words) },
	[CONF_LSC_ISSUER] = { WORDS(issuer_words) },
};

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
	case CONF_MINUTE:
	case CONF_EXPIRED_MIC:
	case CONF_BRIDGE_PROOF:
		return *(const unsigned *)at;
	case CONF_SWITCH:
		return *(const bool *)at;
	case CONF_GENERATION:
		return *(const enum generation *)at;
	case CONF_LEVEL:
		return *(const enum log_level *)at;
	case CONF_PATH:
	case CONF_PATH_OR_NONE:
	case CONF_NAME_PART:
	case CONF_URL:
	case CONF_HTTP_URL:
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
	case CONF_MINUTE:
	case CONF_EXPIRED_MIC:
	case CONF_BRIDGE_PROOF:
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
	case CONF_PATH_OR_NONE:
	case CONF_NAME_PART:
	case CONF_URL:
	case CONF_HTTP_URL:
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
	case CONF_PATH_OR_NONE:
		snprintf(out, CONF_RANGE_MAX,
		    "nothing, or a file's path, from the cluster's folder or absolute");
		return;
	case CONF_WINDOW:
		snprintf(out, CONF_RANGE_MAX, "two times of the day, as 22:00-05:00");
		return;
	case CONF_MINUTE:
		snprintf(out, CONF_RANGE_MAX, "a time of the day, as 03:00");
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
	case CONF_BRIDGE_PROOF:
	case CONF_LEVEL:
		words_join(row->kind, out);
		return;
	case CONF_URL:
		snprintf(out, CONF_RANGE_MAX,
		    "nothing, or an http or https URL that ends with /, at most %u characters",
		    row->max);
		return;
	case CONF_HTTP_URL:
		snprintf(out, CONF_RANGE_MAX, "nothing, or an http:// URL of at most %u characters",
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
file_put(const struct conf_row *row, struct conf *c, const char *value)
{
	size_t n = strlen(value);

	if (n > 0)
		return value[n - 1] != '/' && path_put(row, c, value);
	((char *)c)[row->offset] = '\0';
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
is_url(const char *value, unsigned max)
{
	return strlen(value) <= max && text_is_printable(span_str(value)) &&
	       strpbrk(value, " ,;\"") == NULL;
}

static bool
starts_with(const char *value, const char *start)
{
	return strncmp(value, start, strlen(start)) == 0;
}

static bool
url_put(const struct conf_row *row, struct conf *c, const char *value)
{
	bool is_plain = row->kind == CONF_HTTP_URL;
	size_t n = strlen(value);

	if (n != 0 &&
	    (!is_url(value, row->max) || (!is_plain && value[n - 1] != '/') ||
		(!starts_with(value, "http://") && (is_plain || !starts_with(value, "https://")))))
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
minute_put(const struct conf_row *row, struct conf *c, const char *value)
{
	unsigned minute;

	if (strlen(value) != strlen("03:00") || !minute_read(value, &minute))
		return false;
	value_put(row, c, minute);
	return true;
}

static bool
put(const struct conf_row *row, struct conf *c, const char *value)
{
	switch (row->kind) {
	case CONF_PORT:
	case CONF_NUMBER:
		return number_put(row, c, value);
	case CONF_PATH_OR_NONE:
		return file_put(row, c, value);
	case CONF_PATH:
		return path_put(row, c, value);
	case CONF_WINDOW:
		return window_put(row, c, value);
	case CONF_MINUTE:
		return minute_put(row, c, value);
	case CONF_WORDS:
		return capitals_put(row, c, value);
	case CONF_ADDRESSES:
		return address_put(c, value);
	case CONF_NAME_PART:
		return name_part_put(row, c, value);
	case CONF_URL:
	case CONF_HTTP_URL:
		return url_put(row, c, value);
	case CONF_SWITCH:
	case CONF_GENERATION:
	case CONF_DIGEST:
	case CONF_SERVER_NAMES:
	case CONF_LSC_USAGES:
	case CONF_LSC_ISSUER:
	case CONF_EXPIRED_MIC:
	case CONF_BRIDGE_PROOF:
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
	if (row->kind == CONF_PATH || row->kind == CONF_PATH_OR_NONE) {
		path_print(c, (const char *)c + row->offset, out);
		return true;
	}
	if (row->kind == CONF_NAME_PART || row->kind == CONF_URL || row->kind == CONF_HTTP_URL ||
	    row->kind == CONF_WORDS) {
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
	if (row->kind == CONF_MINUTE) {
		unsigned v = value_get(row, c);

		snprintf(out, CONF_PATH_MAX, "%02u:%02u", v / 60, v % 60);
		return true;
	}
	word_print(row->kind, value_get(row, c), out);
	return true;
}
