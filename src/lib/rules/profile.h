/*
 * profile: a phone security profile, and what phones with it are told.
 *
 * The words are those of Unified CM's Phone Security Profile page (doc/protocols/config.md,
 * doc/protocols/capf-operation.md 3.1). "keep" leaves what the configuration says.
 */
#ifndef RULES_PROFILE_H
#define RULES_PROFILE_H

#include "base/err.h"

#define PROFILE_NAME_MAX 64
#define PROFILE_URL_MAX  256

/* "keep", "non-secure", "authenticated", "encrypted". */
enum profile_mode {
	PROFILE_MODE_KEEP,
	PROFILE_MODE_NON_SECURE,
	PROFILE_MODE_AUTHENTICATED,
	PROFILE_MODE_ENCRYPTED,
};

/* "keep", "tcp", "udp", "tls", "tcp+udp". */
enum profile_transport {
	PROFILE_TRANSPORT_KEEP,
	PROFILE_TRANSPORT_TCP,
	PROFILE_TRANSPORT_UDP,
	PROFILE_TRANSPORT_TLS,
	PROFILE_TRANSPORT_TCP_UDP,
};

/* The six secure URLs: "authentication-url", "directory-url", "services-url", "messages-url",
 * "information-url", "idle-url". */
enum profile_url {
	PROFILE_URL_AUTHENTICATION,
	PROFILE_URL_DIRECTORY,
	PROFILE_URL_SERVICES,
	PROFILE_URL_MESSAGES,
	PROFILE_URL_INFORMATION,
	PROFILE_URL_IDLE,
	PROFILE_URL_COUNT,
};

struct profile {
	char name[PROFILE_NAME_MAX];
	enum profile_mode mode;
	enum profile_transport transport;
	bool encrypted_config;                        /* TFTP Encrypted Config */
	char url[PROFILE_URL_COUNT][PROFILE_URL_MAX]; /* https; "" leaves the configuration's */
};

/* Everything "keep" and off. Errors: ERR_MALFORMED (name: 1 to 63 of letters, digits, '-', '_',
 * '.'). */
must_use bool profile_new(const char *name, struct profile *out, struct err *e);

/* Sets one by its option name: mode, transport, encrypted-config (yes, no), the six URLs. Errors:
 * ERR_UNKNOWN setting, ERR_MALFORMED value with what is allowed. */
must_use bool profile_set(struct profile *p, const char *name, const char *value, struct err *e);

/* The settings fit together: authenticated and encrypted need TLS. Errors: ERR_REFUSED. */
must_use bool profile_check(const struct profile *p, struct err *e);

const char *profile_mode_name(enum profile_mode m);
bool profile_mode_from_name(const char *name, enum profile_mode *out);
const char *profile_transport_name(enum profile_transport t);
bool profile_transport_from_name(const char *name, enum profile_transport *out);
const char *profile_url_name(enum profile_url u);

#endif
