#include "fixture.h"

#include "pki/issue.h"

#include "vectors.h"

const char *const fixture_names[] = { "app-ec521", "app", "capf", "casigned", "ccm-ec256", "ccm",
	"comma", "corpca", "cucm-a-callmanager", "cucm-a-capf", "cucm-a-itlrecovery",
	"cucm-a-tftp-ec", "cucm-a-tvs-pub", "cucm-a-tvs-sub", "cucm-b-callmanager", "cucm-b-capf",
	"cucm-b-tvs", "cucm-token1", "cucm-token2", "lsc-ec384", "lsc", "lsc1024", "lsc4096",
	"mic-ca", "mic", "multirdn", "sast", "sast1024", "sast2", "sast4096", "tftp-ec384", "tftp",
	"tftp1024", "tftp4096", "tvs", "utf8", NULL };

static struct bytes
read_pem(const char *name)
{
	char path[128];
	struct bytes pem = { 0 };

	snprintf(path, sizeof path, strchr(name, '/') != NULL ? "%s" : "keys/%s.pem", name);
	if (!vectors_read(path, &pem))
		fail_msg("cannot read %s", path);
	return pem;
}

struct cert *
fixture_cert(const char *name)
{
	struct bytes pem = read_pem(name);
	struct err e = { 0 };
	struct cert *c = cert_from_pem(bytes_span(&pem), &e);

	bytes_free(&pem);
	if (c == NULL)
		fail_msg("%s: %s", name, e.text);
	return c;
}

struct privkey *
fixture_key(const char *name)
{
	struct bytes pem = read_pem(name);
	struct err e = { 0 };
	struct privkey *k = key_from_pem(bytes_span(&pem), &e);

	bytes_free(&pem);
	if (k == NULL)
		fail_msg("%s: %s", name, e.text);
	return k;
}

struct cert *
fixture_issued_self(
    const struct privkey *k, enum purpose purpose, time_t not_before, time_t not_after)
{
	const struct signer_template t = { .purpose = purpose,
		.common_name = "CAPF-1",
		.not_before = not_before,
		.not_after = not_after,
		.rsa_bits = 2048 };
	struct err e = { 0 };
	struct bytes der;
	struct cert *c;

	assert_ok(issue_self(k, &t, &der, &e), e);
	c = cert_parse(bytes_span(&der), &e);
	bytes_free(&der);
	return c;
}
