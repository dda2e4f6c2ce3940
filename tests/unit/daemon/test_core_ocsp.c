#include "core_rig.h"

#include "daemon/askbudget.h"
#include "daemon/core_lsc.h"
#include "daemon/core_ocsp.h"
#include "pki/key.h"
#include "pki/ocsp.h"
#include "wire/certquery.h"

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <time.h>

#define PEER  "192.0.2.9:40000"
#define OTHER "192.0.2.10:40000"
#define TRIES (20 * ASKBUDGET_ALL) /* within one second there are fewer */

/* An LSC of the cluster, and how OCSP names it. */
struct sample {
	uint8_t name[32], key[32], serial[CERTID_SERIAL_MAX];
	char hex[PHONE_SERIAL_HEX_MAX];
	struct certid id;
};

static X509 *
issuer_of(struct core_rig *r)
{
	const struct cert *c = cluster_issuer(r->core.cluster);
	const unsigned char *p = cert_der(c).p;

	return d2i_X509(NULL, &p, (long)cert_der(c).n);
}

static void
sample_make(struct core_rig *r, struct sample *s)
{
	struct err e = { 0 };
	struct privkey *key = key_make_ec(256, &e);
	X509 *issuer = issuer_of(r);
	struct store_lsc l;
	struct cert *c;
	bool is_cut;

	core_rig_phone(r, RIG_PHONE, PHONE_OPERATION_NONE);
	assert_ok(
	    core_lsc_make(&r->core, RIG_PHONE, key_spki(key), core_now(), &l, &is_cut, &e), e);
	snprintf(s->hex, sizeof s->hex, "%s", l.serial);
	c = cert_parse(bytes_span(&l.der), &e);
	memcpy(s->serial, cert_serial(c).p, cert_serial(c).n);
	X509_NAME_digest(X509_get_subject_name(issuer), EVP_sha256(), s->name, NULL);
	X509_pubkey_digest(issuer, EVP_sha256(), s->key, NULL);
	s->id = (struct certid){ CERTID_SHA256, span_of(s->name, 32), span_of(s->key, 32),
		span_of(s->serial, cert_serial(c).n) };
	cert_free(c);
	store_lsc_free(&l);
	X509_free(issuer);
	key_free(key);
}

static struct answer
ask(struct core_rig *r, const struct certid_query *q, const char *peer)
{
	struct wr w = wr_new(8192);
	struct ask question = { .kind = ASK_OCSP, .id = 7, .peer = span_str(peer) };
	struct err e = { 0 };
	struct answer a;

	assert_ok(certquery_encode(q, &w, &e), e);
	question.certificate = wr_view(&w);
	core_ocsp_ask(&r->front, &question);
	core_rig_answer(r, &a, NULL);
	assert_int_equal(a.kind, ASK_OCSP);
	assert_int_equal(a.id, 7);
	wr_free(&w);
	return a;
}

static struct answer
ask_one(struct core_rig *r, const struct certid *id)
{
	const struct certid_query q = { { *id }, 1, { 0 } };

	return ask(r, &q, PEER);
}

static OCSP_BASICRESP *
read_answer(const struct answer *a)
{
	const unsigned char *p = a->data.p;
	OCSP_RESPONSE *whole = d2i_OCSP_RESPONSE(NULL, &p, (long)a->data.n);
	OCSP_BASICRESP *basic;

	assert_true(a->ok);
	assert_non_null(whole);
	basic = OCSP_response_get1_basic(whole);
	OCSP_RESPONSE_free(whole);
	assert_non_null(basic);
	return basic;
}

static void
assert_states(const struct answer *a, size_t count, const int *want, int reason)
{
	OCSP_BASICRESP *basic = read_answer(a);

	assert_int_equal(OCSP_resp_count(basic), count);
	for (size_t i = 0; i < count; i++) {
		int why = -1;

		assert_int_equal(
		    OCSP_single_get0_status(OCSP_resp_get0(basic, (int)i), &why, NULL, NULL, NULL),
		    want[i]);
		if (want[i] == V_OCSP_CERTSTATUS_REVOKED)
			assert_int_equal(why, reason);
	}
	OCSP_BASICRESP_free(basic);
}

static void
assert_state(const struct answer *a, int want, int reason)
{
	assert_states(a, 1, &want, reason);
}

static void
core_ocsp_says_revoked_in_the_next_answer(void **state)
{
	struct core_rig *r = *state;
	struct err e = { 0 };
	struct sample s;
	size_t count;
	struct answer a;

	sample_make(r, &s);
	a = ask_one(r, &s.id);
	assert_state(&a, V_OCSP_CERTSTATUS_GOOD, 0);
	assert_in_range(a.ttl, 1, 3600);
	assert_ok(store_lsc_revoke(cluster_store(r->core.cluster), s.hex, "keyCompromise",
		      core_now(), &count, &e),
	    e);
	a = ask_one(r, &s.id);
	assert_state(&a, V_OCSP_CERTSTATUS_REVOKED, CRL_REASON_KEY_COMPROMISE);
}

static void
core_ocsp_signs_once_what_is_asked_again(void **state)
{
	struct core_rig *r = *state;
	const struct timespec nap = { 0, 10 * 1000 * 1000 };
	struct sample s;
	struct bytes first;
	struct answer a;
	time_t then;

	sample_make(r, &s);
	a = ask_one(r, &s.id);
	first = bytes_copy(a.data);
	for (then = core_now(); core_now() == then;) /* an answer says when it was made */
		nanosleep(&nap, NULL);
	a = ask_one(r, &s.id);
	assert_span_equal(a.data, bytes_span(&first));
	bytes_free(&first);
}

static void
core_ocsp_does_not_know_what_was_not_issued(void **state)
{
	struct core_rig *r = *state;
	struct sample s;
	struct answer a;

	sample_make(r, &s);
	s.serial[0] ^= 1;
	a = ask_one(r, &s.id);
	assert_state(&a, V_OCSP_CERTSTATUS_UNKNOWN, 0);
	assert_int_equal(a.ttl, 0);
}

static void
core_ocsp_does_not_speak_for_other_issuers(void **state)
{
	static const int want[] = { V_OCSP_CERTSTATUS_UNKNOWN, V_OCSP_CERTSTATUS_GOOD };
	struct core_rig *r = *state;
	struct certid_query q = { .count = 2 };
	uint8_t foreign[32] = { 1 };
	struct sample s;
	struct answer a;

	sample_make(r, &s);
	q.id[0] = q.id[1] = s.id;
	q.id[0].issuer_key = span_of(foreign, sizeof foreign);
	a = ask(r, &q, PEER);
	assert_states(&a, 2, want, 0);
	a = ask_one(r, &q.id[0]);
	assert_false(a.ok);
	assert_int_equal(a.code, OCSP_FAULT_UNAUTHORIZED);
}

static void
core_ocsp_signs_only_so_much_that_strangers_choose(void **state)
{
	struct core_rig *r = *state;
	struct certid_query q = { .count = 1 };
	struct sample s;
	struct answer a;
	unsigned i;

	sample_make(r, &s);
	s.serial[0] ^= 1;
	q.id[0] = s.id;
	for (i = 0; i < TRIES; i++) {
		a = ask(r, &q, PEER);
		if (!a.ok)
			break;
	}
	assert_int_equal(a.code, OCSP_FAULT_TRY_LATER);
	assert_true(ask(r, &q, OTHER).ok);
	s.serial[0] ^= 1;
	for (i = 0; i < 2 * ASKBUDGET_ALL; i++)
		assert_true(ask(r, &q, PEER).ok); /* one that was issued */
}

static bool
has_nonce(const struct answer *a, struct span nonce)
{
	OCSP_BASICRESP *basic = read_answer(a);
	int at = OCSP_BASICRESP_get_ext_by_NID(basic, NID_id_pkix_OCSP_Nonce, -1);

	if (at >= 0) {
		const ASN1_OCTET_STRING *data =
		    X509_EXTENSION_get_data(OCSP_BASICRESP_get_ext(basic, at));

		assert_span_equal(
		    span_of(ASN1_STRING_get0_data(data) + 2, (size_t)ASN1_STRING_length(data) - 2),
		    nonce);
	}
	OCSP_BASICRESP_free(basic);
	return at >= 0;
}

static void
core_ocsp_gives_the_nonce_back_while_there_are_not_too_many(void **state)
{
	struct core_rig *r = *state;
	struct certid_query q = { .count = 1, .nonce = span_str("0123456789abcdef") };
	struct sample s;
	struct answer a;
	unsigned i;

	sample_make(r, &s);
	q.id[0] = s.id;
	a = ask(r, &q, PEER);
	assert_true(has_nonce(&a, q.nonce));
	assert_int_equal(a.ttl, 0);
	for (i = 0; i < TRIES && has_nonce(&a, q.nonce); i++)
		a = ask(r, &q, PEER);
	assert_in_range(i, ASKBUDGET_ONE - 1, TRIES - 1);
	assert_state(&a, V_OCSP_CERTSTATUS_GOOD, 0);
}

static void
core_ocsp_speaks_for_the_issuer_before(void **state)
{
	struct core_rig *r = *state;
	struct err e = { 0 };
	struct sample s;
	struct answer a;
	char command[4096];

	sample_make(r, &s);
	snprintf(command, sizeof command,
	    "sed -i 's|^lsc-issuer = .*$|lsc-issuer = own|' '%s/sealtone.conf'", r->path);
	assert_int_equal(system(command), 0);
	assert_ok(cluster_reload(r->core.cluster, core_now(), &e), e);
	assert_false(ocsp_is_issuer(cluster_issuer(r->core.cluster), &s.id));
	a = ask_one(r, &s.id);
	assert_state(&a, V_OCSP_CERTSTATUS_GOOD, 0);
	sample_make(r, &s);
	a = ask_one(r, &s.id);
	assert_state(&a, V_OCSP_CERTSTATUS_GOOD, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CORE(core_ocsp_says_revoked_in_the_next_answer),
		WITH_CORE(core_ocsp_signs_once_what_is_asked_again),
		WITH_CORE(core_ocsp_does_not_know_what_was_not_issued),
		WITH_CORE(core_ocsp_does_not_speak_for_other_issuers),
		WITH_CORE(core_ocsp_signs_only_so_much_that_strangers_choose),
		WITH_CORE(core_ocsp_gives_the_nonce_back_while_there_are_not_too_many),
		WITH_CORE(core_ocsp_speaks_for_the_issuer_before),
	};

	return cmocka_run_group_tests(tests, core_rig_group_setup, core_rig_group_teardown);
}
