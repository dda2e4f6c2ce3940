/*
 * consolelog: what a phone's console log, or its status messages page, says of trust.
 *
 * Line forms: doc/protocols/phone.md 7.3 ("837: NOT 09:13:17.561856 SECD: text", older firmware),
 * 7.4 ("3233 NOT Nov 29 06:33:59.033132 SECUREAPP-text", newer; "[hh:mm:ss mm/dd/yy] text", status
 * messages) and 7.5 (a TVS trace); texts: there, 2.4 and 7.1, captured. People also paste a line
 * without what stands before its text, so a text counts wherever it stands in a line.
 */
#ifndef WIRE_CONSOLELOG_H
#define WIRE_CONSOLELOG_H

#include "base/err.h"
#include "base/span.h"

#define CONSOLELOG_WHEN_MAX 20  /* "Nov 29 06:33:59" */
#define CONSOLELOG_WHAT_MAX 160 /* longer ones are cut off */
#define CONSOLELOG_TEXT_MAX 512 /* the same */

enum consolelog_kind {
	CONSOLELOG_NOTHING,   /* no line of interest */
	CONSOLELOG_ASKED,     /* what: a file; other: the server, where it is named */
	CONSOLELOG_RECEIVED,  /* what: the file, where it is named */
	CONSOLELOG_NOT_FOUND, /* what: a file that the server does not have */
	CONSOLELOG_LIST_TAKEN,
	CONSOLELOG_LIST_REFUSED,
	CONSOLELOG_NO_LIST,        /* "No Trust List Installed" */
	CONSOLELOG_ERASED,         /* "Erasing CTL and ITL files" */
	CONSOLELOG_FILE_VERIFIED,  /* what: the file, without what its signed form adds */
	CONSOLELOG_SIGNER_UNKNOWN, /* the same */
	CONSOLELOG_FILE_REFUSED,   /* the same */
	CONSOLELOG_SIGNER,         /* what: the name of a signer that was judged */
	CONSOLELOG_CONFIG_TAKEN,   /* what: the file */
	CONSOLELOG_NOT_OPENED,     /* an encrypted configuration is not for a key of the phone */
	CONSOLELOG_HTTPS_UNKNOWN,  /* what: a server whose certificate is in no list */
	CONSOLELOG_HTTPS_BY_TVS,   /* TVS vouched for it */
	CONSOLELOG_HOST_NOT_FOUND, /* what a user is shown when nobody did */
	CONSOLELOG_TVS_ASKED,
	CONSOLELOG_TVS_CONNECT, /* what: the server */
	CONSOLELOG_TVS_KNOWN,   /* its certificate is that of a record */
	CONSOLELOG_TVS_FAILED,  /* what: the server */
	CONSOLELOG_TVS_TRUSTED, /* its answers */
	CONSOLELOG_TVS_REFUSED,
	CONSOLELOG_TVS_NOT_FOUND,   /* TVS trace: it knows no such certificate */
	CONSOLELOG_CERTIFICATE,     /* what: the name or serial that TVS was asked for */
	CONSOLELOG_DNS_UNKNOWN,     /* what: the host */
	CONSOLELOG_DNS_RESOLVED,    /* the same */
	CONSOLELOG_CAPF_START,      /* what: the mode ("NULL_STR"); other: the reason ("AUTO") */
	CONSOLELOG_CAPF_NO_ADDRESS, /* no connection could be begun */
	CONSOLELOG_CAPF_FAILED,
	CONSOLELOG_CAPF_NONE, /* "No valid CAPF server" */
	CONSOLELOG_LSC_UNREACHED,
	CONSOLELOG_LSC_FAILED,
	CONSOLELOG_LSC_INSTALLED,
	CONSOLELOG_NO_LSC,     /* what: the protocol that goes on with the MIC */
	CONSOLELOG_OWN_CERT,   /* what: "LSC" or "MIC", shown in a TLS handshake */
	CONSOLELOG_ALERT,      /* what: a fatal alert that the phone was sent */
	CONSOLELOG_TOKEN,      /* "The Security Token ... does not exist in the CTL File" */
	CONSOLELOG_ITL_ABSENT, /* of `show itl` and `show ctl` */
	CONSOLELOG_CTL_ABSENT,
	CONSOLELOG_LIST_BAD,
	CONSOLELOG_SAST_USED,
	CONSOLELOG_SAST_UNUSED,
	CONSOLELOG_KINDS
};

/* "file-refused" ... */
const char *consolelog_kind_name(enum consolelog_kind k);

/* One line that says something. Texts are printable. */
struct consolelog_event {
	enum consolelog_kind kind;
	unsigned long line;             /* counts from 1 */
	char when[CONSOLELOG_WHEN_MAX]; /* as the phone wrote it; "" without one */
	char what[CONSOLELOG_WHAT_MAX], other[CONSOLELOG_WHAT_MAX];
	char text[CONSOLELOG_TEXT_MAX]; /* the line */
};

/* Reads a line (line number 0); false: there is nothing of interest in it. */
bool consolelog_line(struct span line, struct consolelog_event *out);

/* In UTF-16, as editors save pasted text, no line would say anything. Errors: ERR_MALFORMED. */
must_use bool consolelog_check(struct span text, struct err *e);

/* Goes over a whole text, whatever its line ends. */
struct consolelog {
	struct span rest;
	unsigned long line;
};
struct consolelog consolelog_open(struct span text);
/* The next event; false at the end. */
bool consolelog_next(struct consolelog *l, struct consolelog_event *out);

#endif
