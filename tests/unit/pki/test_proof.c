#include "fixture.h"

#include "pki/trustset.h"
#include "pki/proof.h"
#include "transcript.h"
#include "vectors.h"
#include "wire/capfmsg.h"
#include "wire/sudi.h"

static struct proof
made_view(const struct proof_made *m)
{
	return (struct proof){ bytes_span(&m->sha1), bytes_span(&m->sha512) };
}

/* The auth response of a recorded session, its device as a text. */
static struct capfmsg
recorded(const char *name, struct transcript *t, char device[64])
{
	char path[100];
	struct bytes text;
	struct capfmsg m;
	struct err e = { 0 };

	snprintf(path, sizeof path, "capf/%s.hex", name);
	assert_true(vectors_read(path, &text));
	assert_ok(transcript_parse(bytes_span(&text), t, &e), e);
	bytes_free(&text);
	assert_ok(capfmsg_parse(transcript_line(t, 1), true, &m, &e), e);
	snprintf(device, 64, "%.*s", (int)m.device.n, (const char *)m.device.p);
	return m;
}

static void
proof_takes_what_phones_signed_in_the_recorded_sessions(void **state)
{
	static const char *const names[] = { "install-certificate-lsc",
		"install-certificate-lsc-sudi-mic", "install-certificate-mic",
		"install-certificate-ec-sudi-rsa", "install-certificate-session-id-endian",
		"delete-certificate-lsc", "fetch-certificate-lsc" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct transcript t;
		char device[64];
		struct capfmsg m = recorded(names[i], &t, device);
		struct proof p = { m.signed_data, m.sha2_signed };
		struct err e = { 0 };
		struct cert *c = cert_parse(m.certificate, &e);
		struct sudi s;

		assert_ok(c != NULL, e);
		assert_ok(proof_check(c, device, &p, &e), e);
		assert_fails(proof_check(c, "SEP000000000000", &p, &e), e, ERR_CRYPTO, "SHA-1");
		if (m.sudi.n > 0 && cert_is_rsa(c)) {
			struct cert *sudi;

			assert_ok(sudi_parse(m.sudi, &s, &e), e);
			sudi = cert_parse(s.certificate, &e);
			assert_ok(sudi != NULL, e);
			p = (struct proof){ s.sha1, s.sha512 };
			assert_ok(proof_check_session(sudi, m.session_id, &p, &e), e);
			assert_fails(proof_check_session(sudi, m.session_id + 1, &p, &e), e,
			    ERR_CRYPTO, "SHA-1");
			cert_free(sudi);
		}
		cert_free(c);
		transcript_free(&t);
	}
}

static void
proof_made_by_each_kind_of_key_is_taken_and_an_altered_one_is_not(void **state)
{
	static const char *const names[] = { "mic", "lsc1024", "lsc4096", NULL };

	(void)state;
	for (const char *const *name = names; *name != NULL; name++) {
		struct cert *c = fixture_cert(*name);
		struct privkey *k = fixture_key(*name);
		struct proof_made m;
		struct proof p;
		struct err e = { 0 };

		assert_ok(proof_make(k, c, "SEP001122334455", &m, &e), e);
		p = made_view(&m);
		assert_ok(proof_check(c, "SEP001122334455", &p, &e), e);
		p.sha512 = (struct span){ 0 };
		assert_fails(
		    proof_check(c, "SEP001122334455", &p, &e), e, ERR_CRYPTO, "no SHA-512");
		p.sha512 = p.sha1;
		assert_fails(proof_check(c, "SEP001122334455", &p, &e), e, ERR_CRYPTO, "SHA-512");
		m.sha1.p[0] ^= 1;
		p = made_view(&m);
		assert_fails(proof_check(c, "SEP001122334455", &p, &e), e, ERR_CRYPTO, "SHA-1");
		proof_free(&m);
		cert_free(c);
		key_free(k);
	}
}

static void
chain_takes_what_a_trusted_ca_issued_and_nothing_else(void **state)
{
	struct cert *c = fixture_cert("casigned"), *other = fixture_cert("tftp");
	struct err e = { 0 };
	struct trustset *s = trustset_new(&e);

	(void)state;
	assert_ok(s != NULL, e);
	assert_fails(trustset_check(s, c, &e), e, ERR_REFUSED, "issuer");
	assert_ok(trustset_add(s, c, &e), e);
	assert_fails(trustset_check(s, c, &e), e, ERR_REFUSED, "not issued by a trusted CA");
	assert_fails(trustset_check(s, other, &e), e, ERR_REFUSED, "");
	trustset_free(s);
	cert_free(other);
	cert_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proof_takes_what_phones_signed_in_the_recorded_sessions),
		cmocka_unit_test(proof_made_by_each_kind_of_key_is_taken_and_an_altered_one_is_not),
		cmocka_unit_test(chain_takes_what_a_trusted_ca_issued_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
