/*
 * diagnosis: why a phone is unhappy: facts in, findings out, each with symptom, cause, evidence and
 * fix (doc/guide/diagnose.md). The rows are those of the troubleshooting table of the field, named
 * in the guide.
 *
 * Facts come from several sources, one struct each; what a source does not know is zero. Whether a
 * phone would trust something is never judged here: the boot in struct diagnosis_lists is
 * trust_boot's.
 */
#ifndef RULES_DIAGNOSIS_H
#define RULES_DIAGNOSIS_H

#include "rules/captured.h"
#include "rules/modeltable.h"
#include "rules/phone.h"
#include "rules/trust_boot.h"
#include "wire/consolelog.h"

#define DIAGNOSIS_TEXT_MAX     320
#define DIAGNOSIS_EVIDENCE_MAX 8

enum diagnosis_kind {
	/* CAPF */
	DIAGNOSIS_CAPF_NOT_IN_LIST,
	DIAGNOSIS_CAPF_UNREACHED,
	DIAGNOSIS_OPERATION_LATE,
	DIAGNOSIS_CAPF_PENDING,
	DIAGNOSIS_DNS_UNKNOWN,
	DIAGNOSIS_CAPF_NO_ADDRESS,
	DIAGNOSIS_LSC_INVALID,
	DIAGNOSIS_MIC_INVALID,
	DIAGNOSIS_STRING_INVALID,
	DIAGNOSIS_KEY_GENERATION,
	DIAGNOSIS_CA_FAILED,
	DIAGNOSIS_EC_ONLY,
	DIAGNOSIS_MODE_DIFFERS,
	DIAGNOSIS_CAPF_BUSY,
	DIAGNOSIS_CAPF_RECORD_MISSING,
	DIAGNOSIS_CAPF_REPLACED,
	DIAGNOSIS_SESSION_BROKEN,
	DIAGNOSIS_OPERATION_FAILED,
	/* its certificates */
	DIAGNOSIS_LSC_FOREIGN,
	DIAGNOSIS_LSC_NONE,
	DIAGNOSIS_LSC_EXPIRED,
	/* trust lists and signed files */
	DIAGNOSIS_LIST_REFUSED,
	DIAGNOSIS_LIST_FOREIGN,
	DIAGNOSIS_NO_CONFIG,
	DIAGNOSIS_FILE_REFUSED,
	DIAGNOSIS_COMMON_FILE_REFUSED,
	DIAGNOSIS_SETTINGS_IGNORED,
	DIAGNOSIS_ITL_ABSENT,
	DIAGNOSIS_LIST_UNVERIFIED,
	DIAGNOSIS_LIST_SIGNER_ABSENT,
	DIAGNOSIS_CTL_ABSENT,
	DIAGNOSIS_CTL_LEFT,
	DIAGNOSIS_TOKEN_UNKNOWN,
	DIAGNOSIS_LISTS_ALTERNATE,
	DIAGNOSIS_LIST_TOO_LARGE,
	DIAGNOSIS_SIGNER_REPLACED,
	DIAGNOSIS_LIST_BEHIND,
	/* TVS and HTTPS */
	DIAGNOSIS_HOST_NOT_FOUND,
	DIAGNOSIS_TVS_HANDSHAKE,
	DIAGNOSIS_TVS_UNKNOWN,
	DIAGNOSIS_ROLLBACK,
	DIAGNOSIS_TVS_OFF,
	/* configuration */
	DIAGNOSIS_PLAIN_ASKED,
	DIAGNOSIS_NOT_OPENED,
	DIAGNOSIS_CONFIG_FAULT,
	DIAGNOSIS_CERT_EXPIRED,
	DIAGNOSIS_NEVER_SEEN,
	/* what only a capture shows */
	DIAGNOSIS_OTHER_SERVER,
	DIAGNOSIS_FILES_UNANSWERED,
	DIAGNOSIS_CALLMANAGER_UNREACHED,
	DIAGNOSIS_CALLMANAGER_UNKNOWN,
	DIAGNOSIS_KINDS
};

/* A note is normal, or will mend itself. */
enum diagnosis_severity { DIAGNOSIS_NOTE, DIAGNOSIS_PROBLEM };

/* "capf-unreached"; "note", "problem"; the row of the troubleshooting table, 0 for none of it; what
 * is seen. */
const char *diagnosis_id(enum diagnosis_kind k);
enum diagnosis_severity diagnosis_severity_of(enum diagnosis_kind k);
const char *diagnosis_severity_name(enum diagnosis_severity s);
unsigned diagnosis_row(enum diagnosis_kind k);
const char *diagnosis_symptom(enum diagnosis_kind k);

/* --- facts: the store --- */

enum diagnosis_answer { DIAGNOSIS_UNKNOWN, DIAGNOSIS_YES, DIAGNOSIS_NO };

/* A list that was handed out under its name since the last proof. */
struct diagnosis_handed {
	const char *kind; /* "ITL", "empty ITL", "bridge" */
	uint64_t version;
	bool is_current, has_capf;
	const char *node, *address;
	time_t first, at; /* for the first and the last time; at may be some seconds late */
};

/* What was last heard of its address at TVS and HTTPS, and what a CAPF connection from it came to
 * before a name was said. Texts may be NULL, times 0. */
struct diagnosis_contact {
	time_t question_at, alert_at, https_at, capf_at;
	bool is_known; /* the certificate that it asked TVS about */
	bool capf_tls; /* it began a handshake with CAPF */
	const char *certificate, *alert, *https, *capf;
};

/* The phone. Pointers may be NULL. */
struct diagnosis_phone {
	const struct phone *record;
	const struct model *model;
	bool gets_lists;     /* the setting serve-lists, and its being added */
	const char *no_list; /* why not, for a person */
	const char *lost;    /* why it refuses what it is handed, with a list that it may hold */
	bool no_config;      /* with one it takes that, and then no configuration (handout.h) */
	const struct diagnosis_handed *handed; /* newest first */
	size_t handed_count;
	/* The configuration that it fetched last, in which form (provision_form_name). */
	time_t config_at;
	const char *config_form, *config_address;
	const char *config_fault; /* why its configuration cannot be made */
	bool wants_encryption;
	const char *no_recipient; /* why nobody can be given an encrypted one */
	/* The last attempt at CAPF; step as store_capf says it; the last failure on record. */
	time_t attempt_at;
	const char *attempt_step, *attempt_reason, *attempt_address;
	const char *failure; /* Unified CM's text of an attempt that left the operation open */
	enum diagnosis_answer lsc_trusted, mic_trusted; /* their issuers are in capf-trust */
	time_t mic_not_after;                           /* 0: not known */
	struct diagnosis_contact contact;
};

struct diagnosis_expired {
	const char *what; /* "callmanager" */
	time_t not_after;
};

/* The published ITL, as a reader of it sees it. */
struct diagnosis_published {
	bool is_there, signer_absent, is_bad;
	const char *fault; /* of one that is bad */
	size_t size;
	bool has_capf;
};

struct diagnosis_cluster {
	bool tftp, tvs, capf; /* roles that are on */
	bool mixed, rollback, by_name;
	const char *node;
	struct diagnosis_published itl;
	const struct diagnosis_expired *expired;
	size_t expired_count;
	time_t capf_replaced;       /* 0: it is the first one */
	uint64_t capf_over_limit;   /* connections that were closed for a limit */
	unsigned auth_string_tries; /* wrong ones that lock it */
};

/* --- facts: lists that were taken from the phone --- */

struct diagnosis_held {
	bool is_given, is_empty, has_capf;
	bool is_bad, signer_absent; /* its signature, its signer's record */
	const char *fault;          /* of one that is bad */
	size_t size;
	const char *signer; /* name */
	uint64_t version;   /* that was published here; 0: it is not ours */
	const char *kind;   /* of one that is ours: "ITL", "CTL bridge" */
	bool is_current;
	bool signer_replaced; /* a signer of ours by name, with another serial */
	bool key_here;        /* it names a key, as one that signs lists, that this cluster has */
};

struct diagnosis_lists {
	struct diagnosis_held ctl, itl;
	struct trust_boot boot; /* of a phone with them, now; where one is given and none is bad */
	bool is_booted;
};

/* --- facts: its console --- */

struct diagnosis_console {
	const struct consolelog_event *event;
	size_t count;
};

/* --- facts: a packet capture --- */

struct diagnosis_capture {
	/* What it says of this phone; NULL: none is given. Certificates of TVS and CAPF servers are
	 * judged (captured_judge) by the lists that the phone may hold, when some are known. */
	const struct captured_phone *seen;
	const struct packet_address *own; /* of the cluster's servers; none: not known */
	size_t own_count;
};

struct diagnosis_facts {
	time_t now;
	struct diagnosis_phone phone;
	struct diagnosis_cluster cluster;
	struct diagnosis_lists lists;
	struct diagnosis_console console;
	struct diagnosis_capture capture;
};

/* --- findings --- */

struct diagnosis_finding {
	enum diagnosis_kind kind;
	const char *cause, *fix;
	char evidence[DIAGNOSIS_EVIDENCE_MAX][DIAGNOSIS_TEXT_MAX];
	size_t evidence_count; /* at least one */
};

typedef void diagnosis_found(void *arg, const struct diagnosis_finding *f);

/* Hands out everything that the facts show, causes before what follows from them. */
void diagnosis_judge(const struct diagnosis_facts *facts, diagnosis_found *found, void *arg);

#endif
