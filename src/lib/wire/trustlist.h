/*
 * trustlist: ITL and CTL files. One format; they differ in file name, roles and record styles.
 *
 * Facts: doc/protocols/files.md, section 1. Meaning and trust are rules/.
 */
#ifndef WIRE_TRUSTLIST_H
#define WIRE_TRUSTLIST_H

#include "wire/envelope.h"

#define TRUSTLIST_FILE_MAX    (1024 * 1024) /* phones take 64 KB; we read what others made */
#define TRUSTLIST_PHONE_MAX   65536 /* over this phones do not load it (operations, documented) */
#define TRUSTLIST_RECORDS_MAX 512
#define TRUSTLIST_FIELDS_MAX  12

/* Record tags. */
enum trustlist_tag {
	TRUSTLIST_RECORD_LENGTH = 1,
	TRUSTLIST_DNS_NAME = 2,
	TRUSTLIST_SUBJECT = 3,
	TRUSTLIST_FUNCTION = 4,
	TRUSTLIST_ISSUER = 5,
	TRUSTLIST_SERIAL = 6,
	TRUSTLIST_PUBLIC_KEY = 7,
	TRUSTLIST_SIGNATURE = 8,
	TRUSTLIST_CERTIFICATE = 9,
	TRUSTLIST_IP_ADDRESS = 10,
	TRUSTLIST_CERT_HASH = 11,
	TRUSTLIST_HASH_ALGORITHM = 12,
};

/* The function of a record; numbers not named here are kept. */
enum function {
	FUNCTION_SAST = 0,
	FUNCTION_CCM = 1,
	FUNCTION_CCM_TFTP = 2,
	FUNCTION_TFTP = 3,
	FUNCTION_CAPF = 4,
	FUNCTION_APP_SERVER = 7,
	FUNCTION_TVS = 21,
};

struct trustlist_record {
	uint16_t function;
	uint16_t length;      /* RECORDLENGTH */
	struct span dns_name; /* raw value with its NULs: "" 1 byte, blank 2 bytes */
	struct span subject;  /* NUL cut off */
	struct span issuer;   /* NUL cut off */
	struct span serial;
	struct span public_key;
	struct span signature;
	struct span certificate; /* DER */
	struct span ip_address;  /* 4 bytes */
	struct span cert_hash;   /* 20 or 64 bytes */
	uint8_t hash_algorithm;
	/* Tags in the order in which they stand, the first one 1. What is not in it is absent. */
	uint8_t order[TRUSTLIST_FIELDS_MAX];
	size_t order_count;
	size_t offset; /* where the record begins in the file */
};

struct trustlist {
	struct envelope env;
	struct trustlist_record *records; /* owned */
	size_t count;
};

/*
 * Reads a whole file: rules T1 to T9, T11, T12 and T15. Spans are loans from the file.
 * Freed with trustlist_free. Errors: ERR_MALFORMED (offset, record, element, rule), ERR_LIMIT.
 */
must_use bool trustlist_parse(struct span file, struct trustlist *out, struct err *e);

/* Writes the file with the signature that stands in env (see envelope_encode). A parsed list gives
 * the bytes it was parsed from. Errors: ERR_LIMIT. */
must_use bool trustlist_encode(const struct trustlist *list, struct bytes *out, struct err *e);

void trustlist_free(struct trustlist *list);

/* Whether a record has an element. */
bool trustlist_has(const struct trustlist_record *r, enum trustlist_tag tag);

/* "SAST", "CCM", "CCM+TFTP", "TFTP", "CAPF", "APP-SERVER", "TVS"; NULL for an unnamed number. */
const char *function_name(uint16_t function);

/* The number of such a name. */
bool function_from_name(const char *name, uint16_t *out);

/* The list's file name element says CTL (begins with "CTL"). */
bool trustlist_is_ctl(const struct trustlist *list);

#endif
