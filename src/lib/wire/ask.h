/*
 * ask: the questions a conversation may put to core, and the answers.
 *
 * A session (talk/) asks by value; a channel carries the bytes; a rule or the store answers. None
 * of the three knows the others. Spans of a parsed message are loans from its bytes.
 */
#ifndef WIRE_ASK_H
#define WIRE_ASK_H

#include "base/device.h"
#include "base/err.h"
#include "base/rd.h"
#include "base/wr.h"

#define ASK_MESSAGE_MAX (192 * 1024)
#define ASK_INLINE_MAX \
	65536 /* a file up to this size travels in the answer; a larger one as a descriptor */
#define ASK_ADDRESS_MAX 64 /* "[2001:db8::1]:50000" and NUL */

enum ask_kind {
	ASK_FILE = 1,    /* a file by name */
	ASK_TVS_VERIFY,  /* is this certificate trusted, and as what */
	ASK_TVS_QUERY,   /* the certificate with this issuer and serial */
	ASK_CAPF_START,  /* who is this phone and what may it do */
	ASK_CAPF_ISSUE,  /* an LSC for this public key */
	ASK_CAPF_FINISH, /* how the session ended; answered once that is stored */
	ASK_REPORT,      /* something core counts or logs; never answered */
	ASK_OCSP,        /* whether certificates of ours are good */
};

/* What a front reports with ASK_REPORT. */
enum ask_report {
	REPORT_FILE_SENT = 1, /* a transfer of name ended well; fronts collect them, frontmsg.h */
	REPORT_FILE_FAILED,   /* it did not: text says why */
	REPORT_TLS_OLD,       /* a hello with a version that is switched off; name is the service */
	REPORT_TLS_FAILED,    /* another failed handshake; name is the service, text the reason */
	REPORT_BAD_MESSAGE,   /* a peer broke the protocol; name is the service, text the reason */
	REPORT_SILENT,        /* a peer ended a session of name without a word */
};

/* How an ASK_FILE came in. Over HTTPS a signed configuration is asked for by its name and wanted as
 * plain XML. */
enum ask_via { ASK_VIA_TFTP = 1, ASK_VIA_HTTP, ASK_VIA_HTTPS };

/* How a CAPF session ended, with ASK_CAPF_FINISH. */
enum ask_capf_end {
	CAPF_END_STORED = 1,   /* the phone confirmed the certificate */
	CAPF_END_STORE_FAILED, /* it answered store with another reason */
	CAPF_END_KEYGEN_FAILED,
	CAPF_END_DELETED,
	CAPF_END_DELETE_FAILED,
	CAPF_END_FETCHED, /* certificate: what the phone sent */
	CAPF_END_FETCH_EMPTY,
	CAPF_END_BROKEN,  /* the connection was lost; text says at which step */
	CAPF_END_REFUSED, /* the phone aborted, or what it said broke the protocol; the same */
};

struct ask {
	enum ask_kind kind;
	uint32_t id;             /* given by the driver, echoed in the answer */
	struct span peer;        /* printable address and port, all kinds */
	struct span name;        /* file name as asked; device name as presented; service */
	struct span certificate; /* DER; ASK_OCSP: which ones, wire/certquery.h */
	struct span subject, issuer, serial;
	struct span password; /* ASK_CAPF_START */
	/* ASK_CAPF_START: what it showed beside certificate, each as long as CAPF's element at
	 * most (capf.md 5.5) */
	struct span signed_data, sha2_signed, sudi;
	struct span public_key; /* ASK_CAPF_ISSUE */
	uint32_t session;       /* CAPF session id */
	uint8_t report;         /* enum ask_report */
	uint8_t via;            /* ASK_FILE: enum ask_via */
	uint8_t capf_end;       /* enum ask_capf_end */
	uint8_t capf_version;   /* ASK_CAPF_START: of the protocol, as the phone says */
	uint8_t cert_type;      /* CAPF_END_FETCHED: enum capfmsg_cert_type, as the phone says */
	struct span text;       /* reason, for logs and status */
};

/* What CAPF shall do with the phone. */
enum answer_capf {
	ANSWER_CAPF_END = 0, /* end the session with reason */
	ANSWER_CAPF_INSTALL, /* make a key as key_type, key_size, curve say */
	ANSWER_CAPF_DELETE,
	ANSWER_CAPF_FETCH,
	ANSWER_CAPF_RETRY, /* not now: the phone is told to come again later; also to
			      ASK_CAPF_ISSUE */
	ANSWER_CAPF_STORE, /* certificate, for a key that it made earlier */
};

struct answer {
	enum ask_kind kind;
	uint32_t id;
	bool ok; /* false: text says why, and for ASK_FILE code is the TFTP error, for ASK_OCSP
		  * enum ocsp_fault alone */
	uint16_t code;
	struct span text;
	struct span data;   /* ASK_FILE: the whole file, when it travels inline; ASK_OCSP: DER */
	bool has_file;      /* ASK_FILE: the file is the descriptor that came along */
	uint64_t file_size; /* its size */
	/* ASK_FILE, also of a refusal: the same answer is good for everybody who asks the same,
	 * until core says otherwise (CHAN_FORGET) or the folder does (files/watch_events.h). */
	bool keep;
	struct span etag;    /* ASK_FILE: changes with the content; may be empty */
	uint64_t modified;   /* ASK_FILE: seconds since 1970, 0 unknown */
	struct span version; /* ASK_FILE: what is reported when it was sent: "list 17", "config
				<form> <versionStamp>"; empty: nothing is */
	/* ASK_FILE, not ok: not here; other clusters' servers may have it. URLs in the order in
	 * which they are asked, a newline after each: "http://192.0.2.1:6970\n",
	 * "tftp://192.0.2.1:69\n". */
	struct span elsewhere;
	struct span certificate; /* ASK_TVS_QUERY, ASK_CAPF_ISSUE, ANSWER_CAPF_STORE: DER */
	struct span roles;       /* ASK_TVS_*: one byte per role */
	uint32_t ttl;   /* ASK_TVS_*: seconds; ASK_OCSP: for which it may be kept, 0: not at all */
	uint8_t capf;   /* enum answer_capf */
	uint8_t reason; /* of END_SESSION */
	uint8_t key_type, curve;
	uint16_t key_size;
};

/* A peer without its port and brackets: "192.0.2.1" of "192.0.2.1:50000", "2001:db8::1" of
 * "[2001:db8::1]:50000"; what has no port stays. A loan of it. */
struct span ask_host(struct span peer);

/* One message each way; typed, length-checked, leftovers refused. Errors: ERR_MALFORMED, ERR_LIMIT.
 */
must_use bool ask_encode(const struct ask *a, struct wr *out, struct err *e);
must_use bool ask_parse(struct span in, struct ask *out, struct err *e);
must_use bool answer_encode(const struct answer *a, struct wr *out, struct err *e);
must_use bool answer_parse(struct span in, struct answer *out, struct err *e);

#endif
