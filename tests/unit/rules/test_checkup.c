#include "checkup_rig.h"

#include "rules/signedfile.h"

#include <stdlib.h>

/* --- what is spoilt, each by a row --- */

static void
open_file(struct rig *r)
{
	r->file[0].mode = 0100640;
}

static void
folder(struct rig *r)
{
	r->c.folder_findings = 2;
}

static void
key_gone(struct rig *r)
{
	r->own[PURPOSE_TVS].key = CHECKUP_KEY_GONE;
	r->own[PURPOSE_TVS].key_reason = "no such file";
}

static void
key_bad(struct rig *r)
{
	r->own[PURPOSE_TVS].key = CHECKUP_KEY_BAD;
	r->own[PURPOSE_TVS].key_reason = "another key";
}

static void
key_foreign(struct rig *r)
{
	r->own[PURPOSE_TVS].key = CHECKUP_KEY_FOREIGN;
	r->own[PURPOSE_TVS].key_reason = "for web";
}

/* The web certificate stands in no list. */
static void
web_with_bits(struct rig *r, unsigned bits)
{
	struct privkey *k = key_make_rsa(bits, NULL);

	r->own[PURPOSE_WEB].cert = checkup_rig_cert(r, k, PURPOSE_WEB, NOW - DAY, NOW + 400 * DAY);
	key_free(k);
}

static void
weak(struct rig *r)
{
	web_with_bits(r, 1024);
}

static void
large(struct rig *r)
{
	web_with_bits(r, 3072);
}

static void
no_web(struct rig *r)
{
	r->own[PURPOSE_WEB].active = false;
}

static void
no_issuer(struct rig *r)
{
	r->c.needs_issuer = true;
}

static void
unreadable_cert(struct rig *r)
{
	r->own[PURPOSE_WEB].cert = NULL;
}

static void
unreadable_trust(struct rig *r)
{
	r->trusted[1] = (struct checkup_trusted){ TRUST_TVS, NULL };
	r->c.trusted_count = 2;
}

static void
expired(struct rig *r)
{
	checkup_rig_web(r, NOW - 2 * DAY, NOW - DAY);
}

static void
too_early(struct rig *r)
{
	checkup_rig_web(r, NOW + DAY, NOW + 400 * DAY);
}

static void
soon(struct rig *r)
{
	checkup_rig_web(r, NOW - DAY, NOW + CHECKUP_SOON_DAYS * DAY - 1);
}

/* Of callmanager, tvs and web; the lists' plan keeps its own name for the node. */
static void
renamed(struct rig *r)
{
	r->c.node = "other.example.test";
	for (int p = 0; p < OWN; p++)
		r->own[p].node = r->c.node;
}

static void
readdressed(struct rig *r)
{
	r->c.addresses = ADDRESS " 192.0.2.2";
}

/* Another certificate of the same issuer and serial: one byte of its signature differs. */
static void
same_serial(struct rig *r)
{
	struct bytes der = bytes_copy(cert_der(r->cert[PURPOSE_WEB]));

	der.p[der.n - 1] ^= 1;
	r->made[r->made_count] = cert_parse(bytes_span(&der), NULL);
	bytes_free(&der);
	assert_non_null(r->made[r->made_count]);
	r->trusted[1] = (struct checkup_trusted){ TRUST_PHONE_SAST, r->made[r->made_count++] };
	r->c.trusted_count = 2;
}

static void
trust_expired(struct rig *r)
{
	checkup_rig_trust(r, NOW - 3 * DAY, NOW - DAY);
}

static void
trust_soon(struct rig *r)
{
	checkup_rig_trust(r, NOW - 3 * DAY, NOW + DAY);
}

static void
capf_untrusted(struct rig *r)
{
	r->trusted[0].store = TRUST_TVS;
	r->c.issuer_count = 0;
}

static void
issuer_untrusted(struct rig *r)
{
	r->issuer[0].sha256 = cert_sha256(checkup_rig_another(r, PURPOSE_CAPF));
}

static void
no_list(struct rig *r)
{
	r->list[0].is_there = false;
}

static void
list_cut(struct rig *r)
{
	checkup_rig_put_list(r, bytes_copy(span_of(r->itl.p, r->itl.n - 1)));
}

static void
list_hash(struct rig *r)
{
	r->list[0].sha256 = cert_sha256(r->cert[0]);
}

/* As after a restore without CallManager.pem. */
static void
list_signature(struct rig *r)
{
	checkup_rig_put_list(r, checkup_rig_list_of(&r->c.plan, r->other_key));
}

/* The header of another cluster's list before our records: signed by a key that is in none. */
static void
list_signer(struct rig *r)
{
	struct trustlist_plan foreign = r->c.plan;
	struct trustlist ours, theirs;
	struct bytes built, file;

	foreign.itlrecovery = checkup_rig_another(r, PURPOSE_ITLRECOVERY);
	assert_true(trustlist_build(&foreign, &built, NULL));
	assert_true(trustlist_parse(bytes_span(&built), &theirs, NULL));
	assert_true(trustlist_parse(bytes_span(&r->itl), &ours, NULL));
	ours.env = theirs.env;
	assert_true(trustlist_encode(&ours, &file, NULL));
	trustlist_free(&ours);
	trustlist_free(&theirs);
	bytes_free(&built);
	checkup_rig_put_list(r, file);
}

static void
list_old_generation(struct rig *r)
{
	r->c.plan.generation = GENERATION_G10;
}

static void
reset_not_published(struct rig *r)
{
	r->c.plan.other_signer = true;
	r->c.reset_since = NOW - DAY;
}

static void
reset_in_force(struct rig *r)
{
	reset_not_published(r);
	checkup_rig_put_list(r, checkup_rig_list_of(&r->c.plan, r->key));
}

static void
rollback(struct rig *r)
{
	r->c.rollback_since = NOW - DAY;
}

static void
other_key(struct rig *r, bool staged, bool given_up)
{
	r->own[OWN] = (struct checkup_own){ .node = NODE,
		.purpose = PURPOSE_CALLMANAGER,
		.staged = staged,
		.given_up = given_up,
		.cert = checkup_rig_another(r, PURPOSE_CALLMANAGER),
		.key = CHECKUP_KEY_GONE,
		.key_reason = "no such file" };
	r->c.own_count = OWN + 1;
}

static void
announced_key(struct rig *r)
{
	other_key(r, true, false);
}

static void
retired_key(struct rig *r)
{
	other_key(r, false, false);
}

static void
key_given_up(struct rig *r)
{
	other_key(r, false, true);
}

static void
key_left(struct rig *r)
{
	static const char *const left[] = { "keys/00ff.pem" };

	r->c.left_key = left;
	r->c.left_key_count = 1;
}

/* By schedule, with nothing wrong. */
static void
backups(struct rig *r)
{
	r->c.backups = true;
	r->c.backup_made = NOW - DAY;
	r->c.keys_changed = NOW - 2 * DAY;
	r->c.backup_failed = "";
}

static void
backup_failed(struct rig *r)
{
	backups(r);
	r->c.backup_failed = "no space left";
	r->c.backup_behind = true; /* follows from it */
}

static void
backup_behind(struct rig *r)
{
	backups(r);
	r->c.backup_behind = true;
}

static void
backup_behind_a_moment_ago(struct rig *r)
{
	backup_behind(r);
	r->c.keys_changed = NOW - CHECKUP_BACKUP_GRACE_S;
}

static void
backup_late(struct rig *r)
{
	backups(r);
	r->c.backup_made = NOW - CHECKUP_BACKUP_LATE_S - 1;
}

static void
record_differs(struct rig *r)
{
	struct trustlist_plan before = r->c.plan;

	before.tvs[0] = checkup_rig_another(r, PURPOSE_TVS);
	checkup_rig_put_list(r, checkup_rig_list_of(&before, r->key));
}

static void
record_missing(struct rig *r)
{
	struct trustlist_plan before = r->c.plan;

	before.capf = NULL;
	checkup_rig_put_list(r, checkup_rig_list_of(&before, r->key));
}

static void
role_off(struct rig *r)
{
	r->c.plan.tvs_count = 0;
}

static void
not_published(struct rig *r)
{
	struct trustlist_plan before = r->c.plan;

	before.tvs[before.tvs_count++] = before.tvs[0];
	checkup_rig_put_list(r, checkup_rig_list_of(&before, r->key));
}

static void
list_large(struct rig *r)
{
	struct bytes file = { calloc(1, TRUSTLIST_WARN_BYTES + 1), TRUSTLIST_WARN_BYTES + 1 };

	checkup_rig_put_list(r, file);
}

/* The list on record is a CTL with these certificates. */
static void
put_ctl(struct rig *r, const struct cert *callmanager, const struct cert *capf)
{
	struct ctl_plan was;
	struct bytes built, file;

	r->c.ctl = (struct ctl_plan){ .generation = GENERATION_G12,
		.itlrecovery = r->cert[PURPOSE_ITLRECOVERY],
		.callmanager = r->cert[PURPOSE_CALLMANAGER],
		.node = { { .host = NODE, .callmanager = r->cert[PURPOSE_CALLMANAGER] } },
		.node_count = 1,
		.capf = r->cert[PURPOSE_CAPF],
		.timestamp = NOW };
	was = r->c.ctl;
	was.digest = ENVELOPE_SHA1;
	was.callmanager = was.node[0].callmanager = callmanager;
	was.capf = capf;
	assert_true(ctl_build(&was, &built, NULL));
	assert_true(signedfile_sign(bytes_span(&built), r->key, &file, NULL));
	bytes_free(&built);
	checkup_rig_put_list(r, file);
	r->list[0].ctl = true;
}

static void
ctl_left(struct rig *r)
{
	put_ctl(r, r->cert[PURPOSE_CALLMANAGER], r->cert[PURPOSE_CAPF]);
	r->c.ctl_is_left = true;
}

static void
ctl_differs(struct rig *r)
{
	put_ctl(r, checkup_rig_another(r, PURPOSE_CALLMANAGER), r->cert[PURPOSE_CAPF]);
}

static void
ctl_without_capf(struct rig *r)
{
	put_ctl(r, r->cert[PURPOSE_CALLMANAGER], NULL);
}

static void
ctl_signed_otherwise(struct rig *r)
{
	put_ctl(r, r->cert[PURPOSE_CALLMANAGER], r->cert[PURPOSE_CAPF]);
	r->c.ctl.generation = GENERATION_G10;
}

/* The keys of the rig stand for tokens too. */
static void
ctl_by_token(struct rig *r)
{
	put_ctl(r, r->cert[PURPOSE_CALLMANAGER], r->cert[PURPOSE_CAPF]);
	r->c.ctl.token[0] = r->cert[PURPOSE_ITLRECOVERY];
	r->c.ctl.token_count = 1;
}

static void
ctl_reset_in_force(struct rig *r)
{
	put_ctl(r, r->cert[PURPOSE_CALLMANAGER], r->cert[PURPOSE_CAPF]);
	r->c.ctl.generation = GENERATION_G10; /* the other one of which is who signed */
	r->c.plan.generation = GENERATION_G12;
	r->c.ctl.other_signer = true;
	r->c.ctl_reset_since = NOW - DAY;
}

static void
secure_profile(struct rig *r)
{
	static const char *const names[] = { "secure" };

	r->c.secure_profile = names;
	r->c.secure_profile_count = 1;
}

/* Who looks makes these. */
static void
reported(struct rig *r)
{
	checkup_report(CHECKUP_CONF_UNREADABLE, "sealtone.conf", "line 1", checkup_rig_on_found, r);
	checkup_report(
	    CHECKUP_DATABASE_UNREADABLE, "sealtone.db", "locked", checkup_rig_on_found, r);
	checkup_report(CHECKUP_DATABASE_DAMAGED, "sealtone.db", "page 7", checkup_rig_on_found, r);
	checkup_report(CHECKUP_KEYS_LOCKED, "keys", "no passphrase", checkup_rig_on_found, r);
}

#define ALSO_MAX 4
static const struct {
	const char *name;
	void (*spoil)(struct rig *r);
	struct {
		enum checkup_kind kind;
		unsigned times;
	} want[ALSO_MAX];
} rows[] = {
	{ "open file", open_file, { { CHECKUP_FILE_OPEN, 1 } } },
	{ "folder", folder, { { CHECKUP_FOLDER_FINDINGS, 1 } } },
	{ "key gone", key_gone, { { CHECKUP_KEY_MISSING, 1 } } },
	{ "key bad", key_bad, { { CHECKUP_KEY_UNUSABLE, 1 } } },
	{ "key foreign", key_foreign, { { CHECKUP_KEY_OTHER_PURPOSE, 1 } } },
	{ "weak key", weak, { { CHECKUP_KEY_WEAK, 1 } } },
	{ "large key", large, { { CHECKUP_KEY_TOO_LARGE, 1 } } },
	{ "no certificate", no_web, { { CHECKUP_CERT_MISSING, 1 } } },
	{ "no issuer", no_issuer, { { CHECKUP_CERT_MISSING, 1 } } },
	{ "no certificate in row", unreadable_cert, { { CHECKUP_CERT_UNREADABLE, 1 } } },
	{ "no certificate in trust", unreadable_trust, { { CHECKUP_CERT_UNREADABLE, 1 } } },
	{ "expired", expired, { { CHECKUP_CERT_EXPIRED, 1 } } },
	{ "too early", too_early, { { CHECKUP_CERT_NOT_YET_VALID, 1 } } },
	{ "expires soon", soon, { { CHECKUP_CERT_EXPIRES_SOON, 1 } } },
	{ "renamed", renamed, { { CHECKUP_HOST_NOT_NAMED, 3 } } },
	{ "readdressed", readdressed, { { CHECKUP_ADDRESS_NOT_NAMED, 3 } } },
	{ "same serial", same_serial, { { CHECKUP_SERIAL_REPEATED, 1 } } },
	{ "trust expired", trust_expired, { { CHECKUP_TRUST_EXPIRED, 1 } } },
	{ "trust expires soon", trust_soon, { { CHECKUP_TRUST_EXPIRES_SOON, 1 } } },
	{ "CAPF untrusted", capf_untrusted, { { CHECKUP_CAPF_NOT_TRUSTED, 1 } } },
	{ "issuer untrusted", issuer_untrusted, { { CHECKUP_LSC_ISSUER_NOT_TRUSTED, 1 } } },
	{ "no list", no_list, { { CHECKUP_LIST_MISSING, 1 } } },
	{ "list cut", list_cut, { { CHECKUP_LIST_UNREADABLE, 1 } } },
	{ "list hash", list_hash, { { CHECKUP_LIST_HASH, 1 } } },
	{ "signature", list_signature, { { CHECKUP_LIST_SIGNATURE, 1 } } },
	{ "signer not in list", list_signer,
	    { { CHECKUP_LIST_SIGNER_NOT_IN_IT, 1 }, { CHECKUP_LIST_NOT_PUBLISHED, 1 } } },
	{ "old generation", list_old_generation,
	    { { CHECKUP_LIST_SIGNER_NOT_CURRENT, 1 }, { CHECKUP_LIST_NOT_PUBLISHED, 1 } } },
	{ "record differs", record_differs, { { CHECKUP_RECORD_DIFFERS, 1 } } },
	{ "record missing", record_missing, { { CHECKUP_RECORD_MISSING, 1 } } },
	{ "role off", role_off, { { CHECKUP_RECORD_LEFT_OVER, 1 } } },
	{ "not published", not_published, { { CHECKUP_LIST_NOT_PUBLISHED, 1 } } },
	{ "large list", list_large, { { CHECKUP_LIST_LARGE, 1 }, { CHECKUP_LIST_UNREADABLE, 1 } } },
	{ "CTL left", ctl_left, { { CHECKUP_CTL_LEFT, 1 } } },
	{ "secure profile", secure_profile, { { CHECKUP_PROFILE_NEEDS_CTL, 1 } } },
	{ "CTL differs", ctl_differs, { { CHECKUP_RECORD_DIFFERS, 2 } } },
	{ "CTL without CAPF", ctl_without_capf, { { CHECKUP_RECORD_MISSING, 1 } } },
	{ "CTL of a generation before", ctl_signed_otherwise,
	    { { CHECKUP_LIST_SIGNER_NOT_CURRENT, 1 }, { CHECKUP_LIST_NOT_PUBLISHED, 1 } } },
	{ "CTL waits for a token", ctl_by_token, { { CHECKUP_CTL_NEEDS_TOKEN, 1 } } },
	{ "CTL reset", ctl_reset_in_force,
	    { { CHECKUP_CTL_RESET_IN_FORCE, 1 }, { CHECKUP_LIST_NOT_PUBLISHED, 1 } } },
	{ "lost phones", checkup_rig_lost, { { CHECKUP_PHONES_LOST, 1 } } },
	{ "reset", reset_in_force, { { CHECKUP_RESET_IN_FORCE, 1 } } },
	{ "reset not published", reset_not_published,
	    { { CHECKUP_RESET_IN_FORCE, 1 }, { CHECKUP_LIST_SIGNER_NOT_CURRENT, 1 },
		{ CHECKUP_LIST_NOT_PUBLISHED, 1 } } },
	{ "rollback", rollback, { { CHECKUP_ROLLBACK_PREPARED, 1 } } },
	{ "announced key", announced_key, { { CHECKUP_KEY_ANNOUNCED_MISSING, 1 } } },
	{ "retired key", retired_key, { { CHECKUP_KEY_RETIRED_MISSING, 1 } } },
	{ "key given up", key_given_up, { { 0 } } },
	{ "key left", key_left, { { CHECKUP_KEY_LEFT, 1 } } },
	{ "backups", backups, { { 0 } } },
	{ "backup failed", backup_failed, { { CHECKUP_BACKUP_FAILED, 1 } } },
	{ "backup behind", backup_behind, { { CHECKUP_BACKUP_BEHIND, 1 } } },
	{ "backup about to be made", backup_behind_a_moment_ago, { { 0 } } },
	{ "backup late", backup_late, { { CHECKUP_BACKUP_BEHIND, 1 } } },
	{ "reported", reported,
	    { { CHECKUP_CONF_UNREADABLE, 1 }, { CHECKUP_DATABASE_UNREADABLE, 1 },
		{ CHECKUP_DATABASE_DAMAGED, 1 }, { CHECKUP_KEYS_LOCKED, 1 } } },
};
#define ROWS (sizeof rows / sizeof rows[0])

static void
checkup_finds_nothing_in_a_healthy_cluster(void **state)
{
	struct rig *r = *state;

	checkup_rig_begin(r);
	checkup_judge(&r->c, checkup_rig_on_found, r);
	for (int k = 0; k < CHECKUP_KINDS; k++)
		if (r->found[k] > 0)
			fail_msg("%s found", checkup_id((enum checkup_kind)k));
}

static unsigned
wanted(size_t row, enum checkup_kind k)
{
	for (size_t i = 0; i < ALSO_MAX; i++)
		if (rows[row].want[i].times > 0 && rows[row].want[i].kind == k)
			return rows[row].want[i].times;
	return 0;
}

static void
checkup_finds_each_thing_that_is_spoilt_and_nothing_else(void **state)
{
	struct rig *r = *state;
	const struct trustlist_plan plan = r->c.plan;

	for (size_t i = 0; i < ROWS; i++) {
		checkup_rig_begin(r);
		rows[i].spoil(r);
		checkup_judge(&r->c, checkup_rig_on_found, r);
		for (int k = 0; k < CHECKUP_KINDS; k++)
			if (r->found[k] != wanted(i, (enum checkup_kind)k))
				fail_msg("%s: %s found %u times", rows[i].name,
				    checkup_id((enum checkup_kind)k), r->found[k]);
		checkup_rig_end(r, &plan);
	}
}

static void
every_finding_has_an_id_and_a_row(void **state)
{
	(void)state;
	for (int k = 0; k < CHECKUP_KINDS; k++) {
		unsigned found = 0;

		assert_non_null(checkup_id((enum checkup_kind)k));
		for (size_t i = 0; i < ROWS; i++)
			found += wanted(i, (enum checkup_kind)k);
		if (found == 0)
			fail_msg("%s has no row", checkup_id((enum checkup_kind)k));
	}
}

static void
a_retired_key_at_hand_keeps_phones_from_being_lost(void **state)
{
	struct rig *r = *state;
	const struct trustlist_plan plan = r->c.plan;

	checkup_rig_begin(r);
	checkup_rig_lost(r);
	r->own[OWN] = (struct checkup_own){ .node = NODE,
		.purpose = PURPOSE_CALLMANAGER,
		.cert = r->made[1],
		.key = CHECKUP_KEY_GOOD,
		.key_reason = "" };
	r->c.own_count = OWN + 1;
	checkup_judge(&r->c, checkup_rig_on_found, r);
	assert_int_equal(r->found[CHECKUP_PHONES_LOST], 0);
	checkup_rig_end(r, &plan);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checkup_finds_nothing_in_a_healthy_cluster),
		cmocka_unit_test(checkup_finds_each_thing_that_is_spoilt_and_nothing_else),
		cmocka_unit_test(every_finding_has_an_id_and_a_row),
		cmocka_unit_test(a_retired_key_at_hand_keeps_phones_from_being_lost),
	};

	return cmocka_run_group_tests_name(
	    "checkup", tests, checkup_rig_setup, checkup_rig_teardown);
}
