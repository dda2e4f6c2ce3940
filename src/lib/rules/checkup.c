#include "rules/checkup_internal.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

#define MODE_OTHERS 077 /* may do anything but the owner */
#define DAY_S       86400

#define BACKUP_WHERE "backups by schedule"

#define REGENERATE "sealtone cert regenerate PURPOSE"
#define REPUBLISH  "restart sealtoned, or send it SIGHUP: it publishes what has changed"
#define RESIGN     "sealtone cert regenerate callmanager: the next list is made and signed anew"

static const struct {
	const char *id;
	enum checkup_severity severity;
	const char *why, *fix;
} kinds[CHECKUP_KINDS] = {
	[CHECKUP_CONF_UNREADABLE] = { "conf-unreadable", CHECKUP_ERROR,
	    "sealtoned does not start with it, and no phone is served",
	    "correct that line of sealtone.conf" },
	[CHECKUP_DATABASE_UNREADABLE] = { "database-unreadable", CHECKUP_ERROR,
	    "certificates, lists and phones are in it; nothing is served without",
	    "do what the reason says; else sealtone restore FILE DIR from a backup" },
	[CHECKUP_DATABASE_DAMAGED] = { "database-damaged", CHECKUP_ERROR,
	    "what phones were given is on record there; a damaged record can hide a list or an LSC",
	    "stop sealtoned, keep a copy of sealtone.db, and sealtone restore FILE DIR from a "
	    "backup" },
	[CHECKUP_FILE_OPEN] = { "file-open", CHECKUP_ERROR,
	    "who has a key of the cluster can sign lists and files that its phones take",
	    "chmod go= on that file; where others could have read a key, give it up: sealtone cert "
	    "regenerate PURPOSE" },
	[CHECKUP_FOLDER_FINDINGS] = { "folder-findings", CHECKUP_WARNING,
	    "what is wrong there is not served to phones", "sealtone files check names each one" },
	[CHECKUP_KEYS_LOCKED] = { "keys-locked", CHECKUP_ERROR,
	    "without its keys the cluster signs nothing",
	    "put the file that [keys] key-file names back from a backup, mode 0600" },
	[CHECKUP_KEY_MISSING] = { "key-missing", CHECKUP_ERROR,
	    "phones trust this certificate, and nothing can be signed or served with it; sealtoned "
	    "does not start",
	    "put that file of keys/ back from a backup; without one: sealtone restore FILE DIR" },
	[CHECKUP_KEY_UNUSABLE] = { "key-unusable", CHECKUP_ERROR,
	    "what is signed with another key than the certificate's is refused by every phone",
	    "put that file of keys/ back from a backup; without one: sealtone restore FILE DIR" },
	[CHECKUP_KEY_OTHER_PURPOSE] = { "key-other-purpose", CHECKUP_ERROR,
	    "the key refuses to sign what phones need from this certificate",
	    "put that file of keys/ back from a backup: its first line names the purpose" },
	[CHECKUP_KEY_LEFT] = { "key-left", CHECKUP_WARNING,
	    "no certificate on record is for it, and nothing uses it: what is left of a change "
	    "that was interrupted, or the database is older than the keys",
	    "sealtone itl history and log say whether the database is the newest one; if so, move "
	    "that file out of keys/" },
	[CHECKUP_KEY_ANNOUNCED_MISSING] = { "announced-key-missing", CHECKUP_ERROR,
	    "lists announce a certificate that can never sign or serve",
	    "put that file of keys/ back from a backup; else sealtone cert withdraw PURPOSE" },
	[CHECKUP_KEY_RETIRED_MISSING] = { "retired-key-missing", CHECKUP_WARNING,
	    "a phone that knows no newer key cannot be handed a bridge",
	    "put that file of keys/ back from a backup; when it is gone for good, sealtone cert "
	    "purge PURPOSE gives it up" },
	[CHECKUP_KEY_WEAK] = { "key-weak", CHECKUP_WARNING,
	    "newer phones and TLS libraries refuse RSA below 2048 bits, and it can be broken",
	    REGENERATE },
	[CHECKUP_KEY_TOO_LARGE] = { "key-too-large", CHECKUP_WARNING,
	    "some phones cannot register with, or verify files by, an RSA key above 2048 bits",
	    REGENERATE },
	[CHECKUP_CERT_MISSING] = { "certificate-missing", CHECKUP_ERROR,
	    "the lists and the service that need it cannot be made; sealtoned does not start",
	    "sealtone restore FILE DIR from a backup that has it" },
	[CHECKUP_CERT_UNREADABLE] = { "certificate-unreadable", CHECKUP_ERROR,
	    "sealtoned does not start with it, and TVS vouches for nothing",
	    "sealtone restore FILE DIR from a backup" },
	[CHECKUP_CERT_EXPIRED] = { "certificate-expired", CHECKUP_ERROR,
	    "phones end TLS with an expired certificate, and newer ones refuse files signed by it",
	    REGENERATE },
	[CHECKUP_CERT_NOT_YET_VALID] = { "certificate-not-yet-valid", CHECKUP_ERROR,
	    "phones refuse it until then",
	    "set the clock of this machine; if it was wrong when the certificate was made: "
	    "sealtone cert regenerate PURPOSE" },
	[CHECKUP_CERT_EXPIRES_SOON] = { "certificate-expires-soon", CHECKUP_WARNING,
	    "a phone that is off while it is replaced must find its way back by the other keys",
	    "sealtone cert regenerate PURPOSE, one purpose at a time, with phones seen in "
	    "between" },
	[CHECKUP_HOST_NOT_NAMED] = { "host-not-named", CHECKUP_WARNING,
	    "phones that compare the name of a server with its certificate end TLS", REGENERATE },
	[CHECKUP_ADDRESS_NOT_NAMED] = { "address-not-named", CHECKUP_WARNING,
	    "phones that reach the server by address and compare it with its certificate end TLS",
	    REGENERATE },
	[CHECKUP_SERIAL_REPEATED] = { "serial-repeated", CHECKUP_ERROR,
	    "phones name a certificate to TVS by issuer and serial: two with the same cannot be "
	    "told apart",
	    "sealtone trust remove STORE SHA256 for the foreign one, or sealtone cert regenerate "
	    "PURPOSE for the own one" },
	[CHECKUP_TRUST_EXPIRED] = { "trust-expired", CHECKUP_WARNING,
	    "certificates under it are not taken any more, and TVS should not vouch for it",
	    "sealtone trust remove STORE SHA256, after its successor is in the store" },
	[CHECKUP_TRUST_EXPIRES_SOON] = { "trust-expires-soon", CHECKUP_WARNING,
	    "from then on certificates under it are not taken",
	    "sealtone trust add STORE FILE with its successor" },
	[CHECKUP_CAPF_NOT_TRUSTED] = { "capf-not-trusted", CHECKUP_ERROR,
	    "phones with an LSC by it are refused: Upgrade Failed: Invalid LSC",
	    "sealtone cert show PURPOSE --pem >FILE; sealtone trust add capf-trust FILE" },
	[CHECKUP_LSC_ISSUER_NOT_TRUSTED] = { "lsc-issuer-not-trusted", CHECKUP_ERROR,
	    "phones that hold these LSCs are refused: Upgrade Failed: Invalid LSC",
	    "sealtone trust add capf-trust FILE with that certificate (capf export --issuers-only "
	    "writes it)" },
	[CHECKUP_LIST_MISSING] = { "list-missing", CHECKUP_ERROR,
	    "phones that ask for it get no list and keep the one they hold", REPUBLISH },
	[CHECKUP_LIST_UNREADABLE] = { "list-unreadable", CHECKUP_ERROR,
	    "Error parsing the ITL file!! Phones refuse it and keep the list they hold", RESIGN },
	[CHECKUP_LIST_HASH] = { "list-hash", CHECKUP_ERROR,
	    "the list was changed after it was published; what phones hold is on record by its "
	    "hash",
	    "sealtone restore FILE DIR from a backup; without one: sealtone cert regenerate "
	    "callmanager, which makes the next list" },
	[CHECKUP_LIST_SIGNER_NOT_IN_IT] = { "list-signer-not-in-list", CHECKUP_ERROR,
	    "This etoken was not used to sign the ITL file. That is so for every SAST record: "
	    "phones refuse the list",
	    RESIGN },
	[CHECKUP_LIST_SIGNATURE] = { "list-signature", CHECKUP_ERROR,
	    "Verification of the ITL file failed. Phones refuse the list, as after a restore "
	    "without CallManager.pem",
	    RESIGN },
	[CHECKUP_LIST_SIGNER_NOT_CURRENT] = { "list-signer-not-current", CHECKUP_ERROR,
	    "phones that take the list trust a signer whose key is not the one that signs next",
	    RESIGN },
	[CHECKUP_RECORD_DIFFERS] = { "record-differs", CHECKUP_ERROR,
	    "phones trust the certificate in the list and refuse what the active one signs or "
	    "serves",
	    REPUBLISH },
	[CHECKUP_RECORD_MISSING] = { "record-missing", CHECKUP_ERROR,
	    "phones do not trust a service that is on", REPUBLISH },
	[CHECKUP_RECORD_LEFT_OVER] = { "record-left-over", CHECKUP_ERROR,
	    "phones go on trusting, and may go on asking, what is not there any more", REPUBLISH },
	[CHECKUP_LIST_NOT_PUBLISHED] = { "list-not-published", CHECKUP_WARNING,
	    "phones are handed a list that does not say what the cluster is now", REPUBLISH },
	[CHECKUP_LIST_LARGE] = { "list-large", CHECKUP_WARNING,
	    "phones load no list above 64 KB, and no larger one will be made",
	    "switch off TVS on nodes that need none: sealtone node set tvs off" },
	[CHECKUP_CTL_NEEDS_TOKEN] = { "ctl-needs-token", CHECKUP_WARNING,
	    "phones are handed a CTL that does not say what the cluster is now: secure "
	    "registration "
	    "fails where a certificate in it is not the one that is shown",
	    "somebody comes with one of the tokens: sealtone ctl token sign; where they are lost: "
	    "sealtone ctl token end" },
	[CHECKUP_CTL_LEFT] = { "ctl-left", CHECKUP_WARNING,
	    "phones look into it before their ITL, and new phones are handed it too",
	    "leave it until every phone that was in mixed mode has taken it (sealtone status "
	    "counts "
	    "those that are behind), then sealtone ctl delete" },
	[CHECKUP_PROFILE_NEEDS_CTL] = { "profile-needs-ctl", CHECKUP_WARNING,
	    "its phones look for the call manager's certificate in a CTL before they use TLS, and "
	    "do not register securely without",
	    "sealtone ctl set-cluster mixed-mode, or sealtone profile set NAME --mode "
	    "non-secure" },
	[CHECKUP_PHONES_LOST] = { "phones-lost", CHECKUP_WARNING,
	    "these phones take no list, and no file, that the cluster can sign now",
	    "put the keys of that list back into keys/ from a backup; else erase the list at each "
	    "phone: sealtone phone list says whose trust is behind or lost" },
	[CHECKUP_RESET_IN_FORCE] = { "reset-in-force", CHECKUP_WARNING,
	    "a reset leads phones to the next signer; while it lasts, the key that should sign is "
	    "not in use",
	    "sealtone itl reset end, when the phones that matter have the list" },
	[CHECKUP_CTL_RESET_IN_FORCE] = { "ctl-reset-in-force", CHECKUP_WARNING,
	    "a reset leads phones to the next signer; while it lasts, the key that should sign is "
	    "not in use",
	    "sealtone ctl update, when the phones that matter have the CTL" },
	[CHECKUP_ROLLBACK_PREPARED] = { "rollback-prepared", CHECKUP_WARNING,
	    "phones with the empty list take any list and any file, from whoever sends them first",
	    "sealtone rollback end, when the work is done" },
	[CHECKUP_BACKUP_FAILED] = { "backup-failed", CHECKUP_ERROR,
	    "who loses this machine without a backup of its keys loses its phones",
	    "mend what the reason says; SIGHUP makes sealtoned try again at once" },
	[CHECKUP_BACKUP_BEHIND] = { "backup-behind", CHECKUP_WARNING,
	    "who loses this machine without a backup of its keys loses its phones",
	    "start sealtoned, if it does not run; else sealtone backup FILE, and read its log" },
};

static const char *const severity_names[] = {
	[CHECKUP_WARNING] = "warning",
	[CHECKUP_ERROR] = "error",
};

const char *
checkup_id(enum checkup_kind k)
{
	return kinds[k].id;
}

enum checkup_severity
checkup_severity_of(enum checkup_kind k)
{
	return kinds[k].severity;
}

const char *
checkup_severity_name(enum checkup_severity s)
{
	return severity_names[s];
}

/* What stands where fix begins with a word that is to be filled in; *n: of that word. */
static const char *
filling(const struct checkup_run *r, const char *fix, size_t *n)
{
	const struct {
		const char *word, *text;
	} fill[] = { { "PURPOSE", r->purpose }, { "STORE", r->store }, { "SHA256", r->sha256 } };

	for (size_t i = 0; i < sizeof fill / sizeof fill[0]; i++) {
		*n = strlen(fill[i].word);
		if (fill[i].text != NULL && strncmp(fix, fill[i].word, *n) == 0)
			return fill[i].text;
	}
	return NULL;
}

static void
fill_in(const struct checkup_run *r, const char *fix, char out[CHECKUP_FIX_MAX])
{
	size_t at = 0, n;

	while (*fix != '\0' && at + 1 < CHECKUP_FIX_MAX) {
		const char *text = filling(r, fix, &n);

		if (text != NULL) {
			at += (size_t)snprintf(out + at, CHECKUP_FIX_MAX - at, "%s", text);
			fix += n;
		} else
			out[at++] = *fix++;
	}
	out[at < CHECKUP_FIX_MAX ? at : CHECKUP_FIX_MAX - 1] = '\0';
}

static void
report(const struct checkup_run *r, enum checkup_kind k, const char *where, const char *what)
{
	struct checkup_finding f = { .kind = k, .why = kinds[k].why };

	fill_in(r, kinds[k].fix, f.fix);
	snprintf(f.where, sizeof f.where, "%s", where);
	snprintf(f.what, sizeof f.what, "%s", what);
	r->found(r->arg, &f);
}

void
checkup_report(
    enum checkup_kind k, const char *where, const char *what, checkup_found *found, void *arg)
{
	report(&(struct checkup_run){ .found = found, .arg = arg }, k, where, what);
}

void
checkup_find(
    const struct checkup_run *r, enum checkup_kind k, const char *where, const char *fmt, ...)
{
	char what[CHECKUP_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	report(r, k, where, what);
}

static void
judge_files(const struct checkup_run *r)
{
	for (size_t i = 0; i < r->c->file_count; i++) {
		const struct checkup_file *f = &r->c->file[i];

		if ((f->mode & MODE_OTHERS) != 0)
			checkup_find(r, CHECKUP_FILE_OPEN, f->path,
			    "mode %04o: others than its owner may use it; it holds %s",
			    f->mode & 07777, f->content);
	}
	for (size_t i = 0; i < r->c->left_key_count; i++)
		checkup_find(
		    r, CHECKUP_KEY_LEFT, r->c->left_key[i], "no certificate is for this key");
	if (r->c->folder_findings > 0)
		checkup_find(r, CHECKUP_FOLDER_FINDINGS, "provisioning folder",
		    "%zu of its entries %s something wrong with %s", r->c->folder_findings,
		    r->c->folder_findings == 1 ? "has" : "have",
		    r->c->folder_findings == 1 ? "it" : "them");
}

static void
judge_profiles(const struct checkup_run *r)
{
	char where[CHECKUP_WHERE_MAX];

	for (size_t i = 0; i < r->c->secure_profile_count; i++) {
		snprintf(where, sizeof where, "profile %.200s", r->c->secure_profile[i]);
		checkup_find(r, CHECKUP_PROFILE_NEEDS_CTL, where,
		    "its mode is authenticated or encrypted, and the cluster is in non-secure "
		    "mode");
	}
}

void
checkup_judge_files(const struct checkup *c, checkup_found *found, void *arg)
{
	const struct checkup_run r = { .c = c, .found = found, .arg = arg };

	judge_files(&r);
}

static void
judge_since(const struct checkup_run *r, enum checkup_kind k, time_t since)
{
	char text[TEXT_TIME_MAX];

	if (since != 0)
		checkup_find(r, k, r->c->node, "since %s, %lld days", text_time(since, text),
		    (long long)((r->c->now - since) / DAY_S));
}

static void
judge_states(const struct checkup_run *r)
{
	judge_since(r, CHECKUP_RESET_IN_FORCE, r->c->reset_since);
	judge_since(r, CHECKUP_CTL_RESET_IN_FORCE, r->c->ctl_reset_since);
	judge_since(r, CHECKUP_ROLLBACK_PREPARED, r->c->rollback_since);
}

/* What failed is said alone: the rest follows from it. */
static void
judge_backups(const struct checkup_run *r)
{
	const struct checkup *c = r->c;

	if (!c->backups)
		return;
	if (c->backup_failed[0] != '\0')
		checkup_find(r, CHECKUP_BACKUP_FAILED, BACKUP_WHERE, "the last try failed: %.400s",
		    c->backup_failed);
	else if (c->backup_behind && c->now - c->keys_changed > CHECKUP_BACKUP_GRACE_S)
		checkup_find(r, CHECKUP_BACKUP_BEHIND, BACKUP_WHERE,
		    "keys have changed since the last good backup");
	else if (c->now - c->backup_made > CHECKUP_BACKUP_LATE_S)
		checkup_find(r, CHECKUP_BACKUP_BEHIND, BACKUP_WHERE,
		    "one is due each day, and none was made for two");
}

void
checkup_judge(const struct checkup *c, checkup_found *found, void *arg)
{
	const struct checkup_run r = { .c = c, .found = found, .arg = arg };

	judge_files(&r);
	checkup_certs(&r);
	checkup_trust(&r);
	checkup_lists(&r);
	judge_profiles(&r);
	checkup_beliefs(&r);
	judge_states(&r);
	judge_backups(&r);
}
