/*
 * capfmsg: messages of CAPF (TLS, port 3804).
 *
 * Facts: doc/protocols/capf.md. Rules C1 to C7 are named in errors; the order of
 * messages is talk/capf.h.
 */
#ifndef WIRE_CAPFMSG_H
#define WIRE_CAPFMSG_H

#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

#define CAPFMSG_HEADER       8
#define CAPFMSG_MAX          (CAPFMSG_HEADER + 65535)
#define CAPFMSG_VERSION      3 /* what our server and phone say; up to 3 is accepted */
#define CAPFMSG_PASSWORD_MAX 15

enum capfmsg_command {
	CAPFMSG_AUTH_REQUEST = 1,
	CAPFMSG_AUTH_RESPONSE = 2,
	CAPFMSG_KEYGEN_REQUEST = 3,
	CAPFMSG_KEYGEN_RESPONSE = 4,
	CAPFMSG_ENCRYPT_RESPONSE = 5,
	CAPFMSG_ENCRYPT_REQUEST = 6,
	CAPFMSG_DECRYPT_REQUEST = 7,
	CAPFMSG_DECRYPT_RESPONSE = 8,
	CAPFMSG_STORE_REQUEST = 9,
	CAPFMSG_STORE_RESPONSE = 10,
	CAPFMSG_FETCH_REQUEST = 11,
	CAPFMSG_FETCH_RESPONSE = 12,
	CAPFMSG_DELETE_REQUEST = 13,
	CAPFMSG_DELETE_RESPONSE = 14,
	CAPFMSG_END_SESSION = 15,
	CAPFMSG_RETRY_LATER = 16,
	CAPFMSG_IN_PROGRESS = 17,
	CAPFMSG_STATUS_REQUEST = 18,
	CAPFMSG_STATUS_RESPONSE = 19,
	CAPFMSG_ABORT_REQUEST = 20,
	CAPFMSG_ABORT_RESPONSE = 21,
	CAPFMSG_SIGN_REQUEST = 22,
	CAPFMSG_SIGN_RESPONSE = 23,
};

enum capfmsg_reason {
	CAPFMSG_REASON_NO_ACTION = 0,
	CAPFMSG_REASON_DONE = 1,
	CAPFMSG_REASON_INVALID = 7, /* also: refused, wrong password */
	CAPFMSG_REASON_UNKNOWN_DEVICE = 9,
};

enum capfmsg_auth_type {
	CAPFMSG_AUTH_NONE = 0,
	CAPFMSG_AUTH_PASSWORD = 1,
	CAPFMSG_AUTH_NO_PASSWORD = 2,
	CAPFMSG_AUTH_LSC = 3,
	CAPFMSG_AUTH_MIC = 4,
};

enum capfmsg_cert_type { CAPFMSG_CERT_LSC = 1, CAPFMSG_CERT_MIC = 2 };
enum capfmsg_key_type { CAPFMSG_KEY_RSA = 0, CAPFMSG_KEY_EC = 1 };
enum capfmsg_curve { CAPFMSG_P256 = 0, CAPFMSG_P384 = 1, CAPFMSG_P521 = 2 };

/* Element tags; the bit 1 << tag in capfmsg.has says whether a message carries it. */
enum capfmsg_element {
	CAPFMSG_REASON = 1,
	CAPFMSG_REASON_INFO = 2,
	CAPFMSG_CERT_TYPE = 3,
	CAPFMSG_CERTIFICATE = 4,
	CAPFMSG_CERT_ID = 5,
	CAPFMSG_SIGNED_DATA = 6,
	CAPFMSG_PROTOCOL_VERSION = 7,
	CAPFMSG_AUTH_TYPE = 8,
	CAPFMSG_PUBLIC_KEY = 9,
	CAPFMSG_KEY_SIZE = 10,
	CAPFMSG_PASSWORD = 11,
	CAPFMSG_RETRY_DELAY = 12,
	CAPFMSG_DEVICE_NAME = 13,
	CAPFMSG_SUDI = 16,
	CAPFMSG_KEY_TYPE = 17,
	CAPFMSG_CURVE = 18,
	CAPFMSG_DIGEST_TYPE = 19,
	CAPFMSG_SHA2_SIGNED = 20,
};

/* One message. Spans of a parsed one are loans from its bytes. */
struct capfmsg {
	enum capfmsg_command command;
	uint32_t session_id;
	uint32_t has; /* bits 1 << enum capfmsg_element */
	uint8_t reason;
	struct span reason_info;
	uint8_t cert_type;
	uint8_t inner_type;      /* type inside the certificate element */
	struct span certificate; /* DER */
	struct span cert_id;
	struct span signed_data;
	uint8_t version;
	uint8_t auth_type;
	struct span public_key; /* SubjectPublicKeyInfo DER */
	uint16_t key_size;      /* bits */
	struct span password;   /* NUL cut off; may be empty */
	struct span retry_delay;
	struct span device; /* NUL cut off */
	struct span sudi;   /* raw: three parts, see capf.md 5.5 */
	uint8_t key_type, curve, digest_type;
	struct span sha2_signed; /* the signature inside */
};

/* How many bytes the message at the start of in has: 0 while its header is not there yet.
 * Errors: first byte not 0x55, command not 1 to 23 (C1, C2). */
must_use bool capfmsg_frame(struct span in, size_t *whole, struct err *e);

/* Reads exactly one message, elements in any order: C1 to C7. Unknown element tags are refused when
 * strict, else skipped. */
must_use bool capfmsg_parse(struct span in, bool strict, struct capfmsg *out, struct err *e);

/* Writes a message, its elements in the order of real servers and phones. Errors: ERR_LIMIT. */
must_use bool capfmsg_encode(const struct capfmsg *m, struct wr *out, struct err *e);

/* "auth-req", "store-res" ... as in the vectors; "command N" is never returned for 1 to 23. */
const char *capfmsg_command_name(enum capfmsg_command command);

#endif
