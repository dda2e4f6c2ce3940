/*
 * phone: a phone as the cluster knows it, and the words for its settings.
 *
 * Words and status texts: doc/protocols/capf-operation.md, sections 3.1 to 3.4.
 */
#ifndef RULES_PHONE_H
#define RULES_PHONE_H

#include "base/bytes.h"
#include "base/device.h"
#include "base/err.h"
#include "rules/profile.h"

#include <time.h>

#define PHONE_TEXT_MAX        64
#define PHONE_STATUS_MAX      96
#define PHONE_ADDRESS_MAX     64
#define PHONE_AUTH_STRING_MIN 4
#define PHONE_AUTH_STRING_MAX 10
#define PHONE_SERIAL_HEX_MAX  48
#define PHONE_ISSUER_MAX      256

/* Certificate operation: "none", "install-upgrade", "delete", "troubleshoot". */
enum phone_operation {
	PHONE_OPERATION_NONE,
	PHONE_OPERATION_INSTALL,
	PHONE_OPERATION_DELETE,
	PHONE_OPERATION_TROUBLESHOOT,
};

/* Authentication mode: "null-string", "auth-string", "existing-lsc", "existing-mic" (by existing
 * certificate, precedence to that one). */
enum phone_auth { PHONE_AUTH_NULL_STRING, PHONE_AUTH_STRING, PHONE_AUTH_LSC, PHONE_AUTH_MIC };

/* Key order: "rsa-only", "ec-only", "ec-preferred". */
enum phone_key_order { PHONE_KEY_RSA_ONLY, PHONE_KEY_EC_ONLY, PHONE_KEY_EC_PREFERRED };

/* Where the record comes from. A phone that was only seen is not handed a trust list: nobody is
 * bound by accident. */
enum phone_origin { PHONE_SEEN, PHONE_ADDED };

/* Why an operation ended badly (section 3.4). */
enum phone_failure {
	PHONE_FAIL_AUTH_STRING,      /* "Invalid Authentication String" */
	PHONE_FAIL_COMMUNICATION,    /* "Phone Communication Failure" */
	PHONE_FAIL_KEYGEN,           /* "Key Generation Failed/Timeout" */
	PHONE_FAIL_LATE,             /* "User Initiated Request Late/Timedout" */
	PHONE_FAIL_CA_REJECTED,      /* "CA Rejected Connection" */
	PHONE_FAIL_LSC,              /* "Invalid LSC" */
	PHONE_FAIL_MIC,              /* "Invalid MIC" */
	PHONE_FAIL_CREDENTIALS,      /* "Invalid Credentials" */
	PHONE_FAIL_CA_COMMUNICATION, /* "CA Communication Failure" */
	PHONE_FAIL_EC_ONLY,          /* "No Support for EC only in CAPF version 3" */
	PHONE_FAIL_PLAIN,            /* none that Unified CM has a word for: "Upgrade Failed" */
	PHONE_FAILURES,              /* how many there are */
};

struct phone {
	struct device device;
	enum phone_origin origin;
	char model[PHONE_TEXT_MAX];
	char group[PHONE_TEXT_MAX];    /* call-manager group */
	char profile[PHONE_TEXT_MAX];  /* phone security profile; "": none */
	char template[PHONE_TEXT_MAX]; /* its own template; "": that of its group or model */
	enum phone_operation operation;
	char operation_status[PHONE_STATUS_MAX]; /* Unified CM's text, "None" at first */
	time_t operation_changed;
	enum phone_auth auth_mode;
	char auth_string[PHONE_AUTH_STRING_MAX + 1]; /* digits, may be "" */
	unsigned auth_failures;                      /* wrong strings since this one was made */
	enum phone_key_order key_order;
	unsigned rsa_size;            /* 512, 1024, 2048, 3072, 4096 */
	unsigned ec_size;             /* 256, 384, 521 */
	time_t complete_by;           /* 0: no deadline */
	bool released;                /* is handed the signed empty list */
	time_t first_seen, last_seen; /* 0: never */
	char last_address[PHONE_ADDRESS_MAX];
	/* The confirmed LSC; serial "" when none. */
	char lsc_serial[PHONE_SERIAL_HEX_MAX]; /* lower-case hex */
	time_t lsc_not_after;
	char lsc_issuer[PHONE_ISSUER_MAX]; /* subject in Unified CM's form; "" when not on record */
	time_t lsc_issuer_not_after;       /* 0: not on record */
};

/* A new record with the defaults of Unified CM: no operation, null string, RSA 2048, EC 384. */
struct phone phone_new(const struct device *d, enum phone_origin origin);

const char *phone_operation_name(enum phone_operation o);
bool phone_operation_from_name(const char *name, enum phone_operation *out);
const char *phone_auth_name(enum phone_auth a);
bool phone_auth_from_name(const char *name, enum phone_auth *out);
const char *phone_key_order_name(enum phone_key_order k);
bool phone_key_order_from_name(const char *name, enum phone_key_order *out);

/* "Installed", "Not Installed", "Pending" (an install operation is open). */
const char *phone_lsc_status(const struct phone *p);
const char *phone_lsc_status_of(enum phone_operation o, bool has_lsc);

/* Sets an operation as an administrator does: status "Operation Pending", or "None" for none.
 * Errors: ERR_REFUSED (auth-string mode without a string). */
must_use bool phone_set_operation(
    struct phone *p, enum phone_operation o, time_t now, struct err *e);

/* Gives it a string of digits, or "" for none; wrong ones are counted anew when it is another. */
void phone_new_auth_string(struct phone *p, const char *digits);

/* Ends the pending operation well: "Upgrade Success" ... and no operation. An authentication
 * string is good for one use and is forgotten, and so is the deadline. */
void phone_operation_succeeded(struct phone *p, time_t now);

/* Ends it badly: "Upgrade Failed: <reason>" and no operation. */
void phone_operation_failed(struct phone *p, enum phone_failure why, time_t now);

/* The text for an attempt that failed while the operation stays open (doc/decisions/0005): "Upgrade
 * Failed: Invalid Authentication String". Returns out. */
char *phone_failure_text(const struct phone *p, enum phone_failure why, char out[PHONE_STATUS_MAX]);

/* The LSC that this phone is to make would have a key that nobody should rely on any more: RSA of
 * 512 or 1024 bits. */
bool phone_key_is_weak(const struct phone *p);

/* Checks one setting's value and puts it into the record. name is the column or option name without
 * dashes in front: model, group, profile, template, operation, auth-mode, auth-string, key-order,
 * rsa-size, ec-size, complete-by ("YYYY-MM-DDTHH[:MM]" or "YYYY:MM:DD:HH" in local time, "" for
 * none). Errors: ERR_UNKNOWN setting, ERR_MALFORMED value with what is allowed. operation is not
 * set here: phone_set_operation. That profile and template exist is for whoever has them. */
must_use bool phone_set(struct phone *p, const char *name, const char *value, struct err *e);

/* The phone can be given what its profile says: with encrypted configurations its LSC must not have
 * an EC key, which no file can be encrypted for (doc/protocols/files.md, section 4). Errors:
 * ERR_REFUSED. */
must_use bool phone_fits_profile(
    const struct phone *p, const struct profile *profile, struct err *e);

/* A value that a template is filled with (rules/phonecfg.h). key: 1 to 63 of letters, digits, '-',
 * '_' and '.', none that follows from the record (name, mac, model, group, profile, address,
 * server, server2, server3); value: UTF-8 in one line, "" takes it away. Errors: ERR_MALFORMED,
 * ERR_REFUSED. The value is not in the text: it may be a password. */
must_use bool phone_value_check(const char *key, const char *value, struct err *e);

#endif
