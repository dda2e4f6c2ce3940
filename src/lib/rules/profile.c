#include "rules/profile.h"

#include "base/span.h"
#include "base/text.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define NAME_SHOWN 40
#define HTTPS      "https://"

static const char *const mode_names[] = {
	[PROFILE_MODE_KEEP] = "keep",
	[PROFILE_MODE_NON_SECURE] = "non-secure",
	[PROFILE_MODE_AUTHENTICATED] = "authenticated",
	[PROFILE_MODE_ENCRYPTED] = "encrypted",
};

static const char *const transport_names[] = {
	[PROFILE_TRANSPORT_KEEP] = "keep",
	[PROFILE_TRANSPORT_TCP] = "tcp",
	[PROFILE_TRANSPORT_UDP] = "udp",
	[PROFILE_TRANSPORT_TLS] = "tls",
	[PROFILE_TRANSPORT_TCP_UDP] = "tcp+udp",
};

static const char *const url_names[] = {
	[PROFILE_URL_AUTHENTICATION] = "authentication-url",
	[PROFILE_URL_DIRECTORY] = "directory-url",
	[PROFILE_URL_SERVICES] = "services-url",
	[PROFILE_URL_MESSAGES] = "messages-url",
	[PROFILE_URL_INFORMATION] = "information-url",
	[PROFILE_URL_IDLE] = "idle-url",
};

/* The index of name, or count. */
static size_t
name_find(const char *const *names, size_t count, const char *name)
{
	size_t i = 0;

	while (i < count && strcmp(names[i], name) != 0)
		i++;
	return i;
}

const char *
profile_mode_name(enum profile_mode m)
{
	return m < COUNT(mode_names) ? mode_names[m] : "unknown";
}

bool
profile_mode_from_name(const char *name, enum profile_mode *out)
{
	size_t i = name_find(mode_names, COUNT(mode_names), name);

	if (i == COUNT(mode_names))
		return false;
	*out = (enum profile_mode)i;
	return true;
}

const char *
profile_transport_name(enum profile_transport t)
{
	return t < COUNT(transport_names) ? transport_names[t] : "unknown";
}

bool
profile_transport_from_name(const char *name, enum profile_transport *out)
{
	size_t i = name_find(transport_names, COUNT(transport_names), name);

	if (i == COUNT(transport_names))
		return false;
	*out = (enum profile_transport)i;
	return true;
}

const char *
profile_url_name(enum profile_url u)
{
	return u < COUNT(url_names) ? url_names[u] : "unknown";
}

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.';
}

bool
profile_new(const char *name, struct profile *out, struct err *e)
{
	size_t n = strlen(name);

	*out = (struct profile){ 0 };
	if (n == 0 || n >= PROFILE_NAME_MAX)
		return err_set(e, ERR_MALFORMED, "profile name of %zu characters, expected 1 to %d",
		    n, PROFILE_NAME_MAX - 1);
	for (size_t i = 0; i < n; i++)
		if (!is_name_byte(name[i]))
			return err_set(e, ERR_MALFORMED,
			    "profile name, character %zu: expected a letter, a digit, '-', '_' "
			    "or '.'",
			    i + 1);
	memcpy(out->name, name, n + 1);
	return true;
}

/* --- settings by name --- */

static bool
set_mode(struct profile *p, const char *value, struct err *e)
{
	return profile_mode_from_name(value, &p->mode) ||
	       err_set(e, ERR_MALFORMED, "expected keep, non-secure, authenticated or encrypted");
}

static bool
set_transport(struct profile *p, const char *value, struct err *e)
{
	return profile_transport_from_name(value, &p->transport) ||
	       err_set(e, ERR_MALFORMED, "expected keep, tcp, udp, tls or tcp+udp");
}

static bool
set_encrypted_config(struct profile *p, const char *value, struct err *e)
{
	bool yes = strcmp(value, "yes") == 0;

	if (!yes && strcmp(value, "no") != 0)
		return err_set(e, ERR_MALFORMED, "expected yes or no");
	p->encrypted_config = yes;
	return true;
}

/* "" takes the URL away. */
static bool
set_url(char out[PROFILE_URL_MAX], const char *value, struct err *e)
{
	size_t n = strlen(value), scheme = strlen(HTTPS);

	if (n >= PROFILE_URL_MAX)
		return err_set(e, ERR_MALFORMED, "%zu characters, expected at most %d", n,
		    PROFILE_URL_MAX - 1);
	if (n != 0 && (strncmp(value, HTTPS, scheme) != 0 || value[scheme] == '\0' ||
			  value[scheme] == '/' || value[scheme] == ':'))
		return err_set(e, ERR_MALFORMED, "expected " HTTPS "HOST..., or nothing");
	for (size_t i = 0; i < n; i++)
		if (value[i] <= ' ' || value[i] > '~' || strchr("\"<>\\^`", value[i]) != NULL)
			return err_set(e, ERR_MALFORMED,
			    "character %zu: expected one that may stand in a URL", i + 1);
	memcpy(out, value, n + 1);
	return true;
}

static const struct setting {
	const char *name;
	bool (*set)(struct profile *p, const char *value, struct err *e);
} settings[] = {
	{ "mode", set_mode },
	{ "transport", set_transport },
	{ "encrypted-config", set_encrypted_config },
};

bool
profile_set(struct profile *p, const char *name, const char *value, struct err *e)
{
	size_t url = name_find(url_names, COUNT(url_names), name);
	char shown[NAME_SHOWN];

	for (size_t i = 0; i < COUNT(settings); i++)
		if (strcmp(settings[i].name, name) == 0)
			return settings[i].set(p, value, e) || err_in(e, "%s", name);
	if (url < COUNT(url_names))
		return set_url(p->url[url], value, e) || err_in(e, "%s", name);
	return err_set(e, ERR_UNKNOWN, "no profile setting %s",
	    text_printable(span_str(name), shown, sizeof shown));
}

bool
profile_check(const struct profile *p, struct err *e)
{
	bool signalling =
	    p->mode == PROFILE_MODE_AUTHENTICATED || p->mode == PROFILE_MODE_ENCRYPTED;

	/* "keep" may stand for TLS, and SCCP knows no transport at all. */
	if (signalling && p->transport != PROFILE_TRANSPORT_TLS &&
	    p->transport != PROFILE_TRANSPORT_KEEP)
		return err_set(e, ERR_REFUSED,
		    "profile %s: mode %s needs transport tls, and it is %s", p->name,
		    profile_mode_name(p->mode), profile_transport_name(p->transport));
	return true;
}
