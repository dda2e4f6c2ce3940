#include "checkup_rig.h"

#include "pki/issue.h"
#include "rules/signedfile.h"

#include <stdlib.h>

struct cert *
checkup_rig_cert(
    struct rig *r, const struct privkey *k, enum purpose purpose, time_t begin, time_t end)
{
	const char *const dns[] = { NODE, NULL }, *const ip[] = { ADDRESS, NULL };
	const struct signer_template t = { .purpose = purpose,
		.common_name = purpose == PURPOSE_CALLMANAGER_EC ? NODE "-EC" : NODE,
		.dns_names = dns,
		.ip_names = ip,
		.not_before = begin,
		.not_after = end,
		.rsa_bits = 2048 };
	struct err e = { 0 };
	struct bytes der;
	struct cert *c;

	assert_ok(issue_self(k, &t, &der, &e), e);
	c = cert_parse(bytes_span(&der), &e);
	bytes_free(&der);
	assert_non_null(c);
	if (r != NULL)
		r->made[r->made_count++] = c;
	return c;
}

struct cert *
checkup_rig_another(struct rig *r, enum purpose purpose)
{
	return checkup_rig_cert(r, r->other_key, purpose, NOW - DAY, NOW + 400 * DAY);
}

struct bytes
checkup_rig_list_of(const struct trustlist_plan *plan, const struct privkey *k)
{
	struct bytes built, file;
	struct err e = { 0 };

	assert_ok(trustlist_build(plan, &built, &e), e);
	assert_ok(signedfile_sign(bytes_span(&built), k, &file, &e), e);
	bytes_free(&built);
	return file;
}

int
checkup_rig_setup(void **state)
{
	struct rig *r = calloc(1, sizeof *r);
	struct err e = { 0 };

	assert_non_null(r->key = key_make_rsa(2048, &e));
	assert_non_null(r->other_key = key_make_rsa(2048, &e));
	for (int p = 0; p < OWN; p++)
		r->cert[p] =
		    checkup_rig_cert(NULL, r->key, (enum purpose)p, NOW - DAY, NOW + 400 * DAY);
	r->c.plan = (struct trustlist_plan){ .generation = GENERATION_G12,
		.itlrecovery = r->cert[PURPOSE_ITLRECOVERY],
		.callmanager = r->cert[PURPOSE_CALLMANAGER],
		.capf = r->cert[PURPOSE_CAPF],
		.tvs = { r->cert[PURPOSE_TVS] },
		.tvs_count = 1,
		.tftp = true,
		.digest = ENVELOPE_SHA1,
		.timestamp = NOW };
	r->itl = checkup_rig_list_of(&r->c.plan, r->key);
	assert_true(digest_of(DIGEST_SHA256, bytes_span(&r->itl), &r->sha256, &e));
	*state = r;
	return 0;
}

int
checkup_rig_teardown(void **state)
{
	struct rig *r = *state;

	for (int p = 0; p < OWN; p++)
		cert_free(r->cert[p]);
	key_free(r->key);
	key_free(r->other_key);
	bytes_free(&r->itl);
	free(r);
	return 0;
}

void
checkup_rig_begin(struct rig *r)
{
	struct trustlist_plan plan = r->c.plan;

	memset(r->found, 0, sizeof r->found);
	for (int p = 0; p < OWN; p++)
		r->own[p] = (struct checkup_own){ .node = NODE,
			.purpose = (enum purpose)p,
			.active = true,
			.cert = r->cert[p],
			.key = CHECKUP_KEY_GOOD,
			.key_reason = "" };
	r->trusted[0] = (struct checkup_trusted){ TRUST_CAPF, r->cert[PURPOSE_CAPF] };
	r->issuer[0] = (struct checkup_issuer){ "CN=CAPF", cert_sha256(r->cert[PURPOSE_CAPF]), 3 };
	r->list[0] = (struct checkup_list){ "ITL", false, ENVELOPE_SHA1, true, bytes_span(&r->itl),
		digest_span(&r->sha256) };
	r->belief[0] = (struct checkup_belief){ bytes_span(&r->itl), 7 };
	r->file[0] = (struct checkup_file){ "keys/a.pem", "a private key", 0100600 };
	r->c = (struct checkup){ .now = NOW,
		.node = NODE,
		.addresses = ADDRESS,
		.own = r->own,
		.own_count = OWN,
		.trusted = r->trusted,
		.trusted_count = 1,
		.issuer = r->issuer,
		.issuer_count = 1,
		.plan = plan,
		.list = r->list,
		.list_count = 1,
		.belief = r->belief,
		.belief_count = 1,
		.file = r->file,
		.file_count = 1 };
}

void
checkup_rig_end(struct rig *r, const struct trustlist_plan *plan)
{
	while (r->made_count > 0)
		cert_free(r->made[--r->made_count]);
	bytes_free(&r->spoilt);
	r->c.plan = *plan;
}

void
checkup_rig_put_list(struct rig *r, struct bytes file)
{
	r->spoilt = file;
	assert_true(digest_of(DIGEST_SHA256, bytes_span(&file), &r->spoilt_sha256, NULL));
	r->list[0].file = bytes_span(&file);
	r->list[0].sha256 = digest_span(&r->spoilt_sha256);
}

void
checkup_rig_on_found(void *arg, const struct checkup_finding *f)
{
	struct rig *r = arg;

	assert_true(f->where[0] != '\0' && f->what[0] != '\0');
	r->found[f->kind]++;
}

void
checkup_rig_web(struct rig *r, time_t begin, time_t end)
{
	r->own[PURPOSE_WEB].cert = checkup_rig_cert(r, r->key, PURPOSE_WEB, begin, end);
}

void
checkup_rig_trust(struct rig *r, time_t begin, time_t end)
{
	r->trusted[1].store = TRUST_PHONE_SAST;
	r->trusted[1].cert = checkup_rig_cert(r, r->other_key, PURPOSE_TVS, begin, end);
	r->c.trusted_count = 2;
}

void
checkup_rig_lost(struct rig *r)
{
	struct trustlist_plan foreign = r->c.plan;

	foreign.itlrecovery = checkup_rig_another(r, PURPOSE_ITLRECOVERY);
	foreign.callmanager = checkup_rig_another(r, PURPOSE_CALLMANAGER);
	foreign.tvs_count = 0;
	r->spoilt = checkup_rig_list_of(&foreign, r->other_key);
	r->belief[0].file = bytes_span(&r->spoilt);
}
