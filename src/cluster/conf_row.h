/*
 * conf_row: the settings that sealtone.conf has: their table (conf_table.c) and their kinds.
 *
 * Internal to cluster: a row knows where its value lies in struct conf, what is allowed and how it
 * is explained; reading and writing go by the same rows.
 */
#ifndef CLUSTER_CONF_ROW_H
#define CLUSTER_CONF_ROW_H

#include "cluster/conf.h"

#define CONF_RANGE_MAX 80

enum conf_kind {
	CONF_PORT,         /* uint16_t */
	CONF_NUMBER,       /* unsigned */
	CONF_SWITCH,       /* bool: "yes", "no" */
	CONF_GENERATION,   /* enum generation */
	CONF_DIGEST,       /* unsigned holding an enum envelope_digest */
	CONF_SERVER_NAMES, /* unsigned holding an enum conf_server_names */
	CONF_EXPIRED_MIC,  /* unsigned holding an enum conf_expired_mic */
	CONF_BRIDGE_PROOF, /* unsigned holding an enum conf_bridge_proof */
	CONF_LEVEL,        /* enum log_level */
	CONF_LSC_USAGES,   /* unsigned holding an enum signer_lsc_usages */
	CONF_URL,          /* char[CONF_TEXT_MAX]: of a folder, at most max characters, or "" */
	CONF_HTTP_URL,     /* char[CONF_TEXT_MAX]: http://, at most max characters, or "" */
	CONF_LSC_ISSUER,   /* unsigned holding an enum conf_lsc_issuer */
	CONF_NAME_PART, /* char[CONF_TEXT_MAX]: of a certificate's name, min to max characters, or
			   "" */
	CONF_PATH,      /* char[CONF_PATH_MAX]; relative ones start at the cluster's folder */
	CONF_PATH_OR_NONE, /* the same, of a file, or "" */
	CONF_ADDRESSES,    /* listen and listen_count; the line may stand several times */
	CONF_WINDOW,       /* unsigned: minutes of the day, "22:00-05:00", the first one << 16 */
	CONF_MINUTE,       /* unsigned: minutes of the day, "03:00" */
	CONF_WORDS,        /* char[CONF_TEXT_MAX]: words of capital letters, by blanks */
};

struct conf_row {
	const char *section, *name;
	enum conf_kind kind;
	size_t offset; /* in struct conf */
	unsigned min, max;
	const char *unit; /* of a number; "" for none */
	const char *help; /* lines separated by '\n' */
};

/* The rows in the order of the file, section by section. */
const struct conf_row *conf_rows(size_t *count);

/* NULL when there is no such setting. */
const struct conf_row *conf_row_find(const char *section, const char *name);

bool conf_row_section_exists(const char *section);

/* "1 to 3600 seconds", "yes or no": what may follow "must be". */
void conf_row_range(const struct conf_row *row, char out[CONF_RANGE_MAX]);

/* Checks a value and puts it into c. Errors: "must be <range>". */
must_use bool conf_row_set(
    const struct conf_row *row, struct conf *c, const char *value, struct err *e);

/* The value number i of a setting as it stands in the file; false when there is none. All but
 * addresses have exactly one. */
bool conf_row_value(
    const struct conf_row *row, const struct conf *c, size_t i, char out[CONF_PATH_MAX]);

#endif
