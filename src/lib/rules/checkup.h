/*
 * checkup: every way in which keys, certificates, trust stores, lists and roles of a cluster can
 * disagree, in words for an administrator and with what to do about it (doc/guide/check.md).
 *
 * Takes a picture of what is there, made by cluster/cluster_check.h, and hands out findings. The
 * CallManager.pem mismatch that a backup of Unified CM can lead to is among them.
 */
#ifndef RULES_CHECKUP_H
#define RULES_CHECKUP_H

#include "base/purpose.h"
#include "rules/ctl_build.h"
#include "rules/trustlist_build.h"
#include "rules/trustview.h"

#define CHECKUP_WHERE_MAX 300
#define CHECKUP_TEXT_MAX  600
#define CHECKUP_FIX_MAX   512
#define CHECKUP_SOON_DAYS 30

/* Seconds: so long a backup may take to follow its time, or a change of keys. */
#define CHECKUP_BACKUP_GRACE_S 3600
#define CHECKUP_BACKUP_LATE_S  (2 * 86400)

/* A warning is about what works today. */
enum checkup_severity { CHECKUP_WARNING, CHECKUP_ERROR };

enum checkup_kind {
	CHECKUP_CONF_UNREADABLE,
	CHECKUP_DATABASE_UNREADABLE,
	CHECKUP_DATABASE_DAMAGED,
	CHECKUP_FILE_OPEN,
	CHECKUP_FOLDER_FINDINGS,
	CHECKUP_KEYS_LOCKED,
	CHECKUP_KEY_MISSING,
	CHECKUP_KEY_UNUSABLE,
	CHECKUP_KEY_OTHER_PURPOSE,
	CHECKUP_KEY_LEFT,
	CHECKUP_KEY_ANNOUNCED_MISSING,
	CHECKUP_KEY_RETIRED_MISSING,
	CHECKUP_KEY_WEAK,
	CHECKUP_KEY_TOO_LARGE,
	CHECKUP_CERT_MISSING,
	CHECKUP_CERT_UNREADABLE,
	CHECKUP_CERT_EXPIRED,
	CHECKUP_CERT_NOT_YET_VALID,
	CHECKUP_CERT_EXPIRES_SOON,
	CHECKUP_HOST_NOT_NAMED,
	CHECKUP_ADDRESS_NOT_NAMED,
	CHECKUP_SERIAL_REPEATED,
	CHECKUP_TRUST_EXPIRED,
	CHECKUP_TRUST_EXPIRES_SOON,
	CHECKUP_CAPF_NOT_TRUSTED,
	CHECKUP_LSC_ISSUER_NOT_TRUSTED,
	CHECKUP_LIST_MISSING,
	CHECKUP_LIST_UNREADABLE,
	CHECKUP_LIST_HASH,
	CHECKUP_LIST_SIGNER_NOT_IN_IT,
	CHECKUP_LIST_SIGNATURE,
	CHECKUP_LIST_SIGNER_NOT_CURRENT,
	CHECKUP_RECORD_DIFFERS,
	CHECKUP_RECORD_MISSING,
	CHECKUP_RECORD_LEFT_OVER,
	CHECKUP_LIST_NOT_PUBLISHED,
	CHECKUP_LIST_LARGE,
	CHECKUP_CTL_NEEDS_TOKEN,
	CHECKUP_CTL_LEFT,
	CHECKUP_PROFILE_NEEDS_CTL,
	CHECKUP_PHONES_LOST,
	CHECKUP_RESET_IN_FORCE,
	CHECKUP_CTL_RESET_IN_FORCE,
	CHECKUP_ROLLBACK_PREPARED,
	CHECKUP_BACKUP_FAILED,
	CHECKUP_BACKUP_BEHIND,
	CHECKUP_KINDS
};

/* "key-missing"; "warning", "error". */
const char *checkup_id(enum checkup_kind k);
enum checkup_severity checkup_severity_of(enum checkup_kind k);
const char *checkup_severity_name(enum checkup_severity s);

struct checkup_finding {
	enum checkup_kind kind;
	char where[CHECKUP_WHERE_MAX]; /* node and purpose, trust store, list or file */
	char what[CHECKUP_TEXT_MAX];
	const char *why; /* it matters to phones */
	char fix[CHECKUP_FIX_MAX];
};

enum checkup_key { CHECKUP_KEY_GOOD, CHECKUP_KEY_GONE, CHECKUP_KEY_BAD, CHECKUP_KEY_FOREIGN };

/* A certificate of the cluster. */
struct checkup_own {
	const char *node; /* its name */
	enum purpose purpose;
	bool active;
	bool staged, given_up;   /* announced; its key was given up */
	const struct cert *cert; /* NULL: the row holds none */
	enum checkup_key key;    /* not looked at without cert */
	const char *key_reason;  /* unless it is good */
};

struct checkup_trusted {
	enum trust_store store;
	const struct cert *cert; /* NULL: the row holds none */
};

/* A certificate that signed LSCs which phones still hold. */
struct checkup_issuer {
	const char *subject;
	struct span sha256;
	size_t live;
};

/* The newest list of a kind and digest. */
struct checkup_list {
	const char *name; /* "ITL", "empty ITL (SHA-512)" */
	bool empty;
	enum envelope_digest digest;
	bool is_there;
	struct span file, sha256;
	bool ctl;
};

/* What a phone was handed last, and how many phones were. */
struct checkup_belief {
	struct span file;
	size_t phones;
};

struct checkup_file {
	const char *path;
	const char *content; /* "private keys" */
	unsigned mode;
};

struct checkup {
	time_t now;
	/* This node. */
	const char *node;
	const char *addresses; /* separated by one blank */
	bool needs_issuer;     /* LSCs are signed by an issuer of its own */
	const struct checkup_own *own;
	size_t own_count;
	const struct checkup_trusted *trusted;
	size_t trusted_count;
	const struct checkup_issuer *issuer;
	size_t issuer_count;
	/* What lists would be built from now, but for empty and digest; no list is compared with it
	 * when it lacks itlrecovery or callmanager. */
	struct trustlist_plan plan;
	struct ctl_plan ctl;             /* likewise, but for digest */
	bool ctl_is_left;                /* there is a CTL, in non-secure mode */
	const struct checkup_list *list; /* those that the configuration wishes */
	size_t list_count;
	const struct checkup_belief *belief;
	size_t belief_count;
	const char *const *left_key; /* files of keys/ that no certificate names */
	size_t left_key_count;
	const struct checkup_file *file;
	size_t file_count;
	const char *const *secure_profile; /* names of those whose phones use TLS without a CTL */
	size_t secure_profile_count;
	size_t folder_findings; /* of files check */
	time_t reset_since;     /* 0: not in force; plan.other_signer says the same */
	time_t ctl_reset_since; /* likewise, of ctl */
	time_t rollback_since;  /* 0: not prepared */
	/* Of backups by schedule; nothing is judged without. */
	bool backups;
	bool backup_behind;        /* no good backup has the keys as they are */
	time_t backup_made;        /* of the last good one by schedule; 0: none */
	time_t keys_changed;       /* 0: unknown */
	const char *backup_failed; /* why the last try failed; "": it did not */
};

typedef void checkup_found(void *arg, const struct checkup_finding *f);

/* Everything that is wrong, in the order of the kinds as far as they are of one subject. */
void checkup_judge(const struct checkup *c, checkup_found *found, void *arg);

/* Only what is about files and folders. */
void checkup_judge_files(const struct checkup *c, checkup_found *found, void *arg);

/* One finding that only who looks can make, such as a database that does not open. */
void checkup_report(
    enum checkup_kind k, const char *where, const char *what, checkup_found *found, void *arg);

#endif
