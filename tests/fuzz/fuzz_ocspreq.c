#include "pki/ocspreq.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read lies in what was kept, and has the lengths that it may have. */
static void
touch(const struct ocspreq *r, struct span s, size_t min, size_t max)
{
	assert(s.n >= min && s.n <= max);
	assert(s.p >= r->kept && s.p + s.n <= r->kept + r->kept_size);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct ocspreq r;

	if (!ocspreq_parse(span_of(data, size), &r, &e)) {
		assert(e.code != ERR_NONE && e.text[0] != '\0');
		return 0;
	}
	assert(r.query.count > 0 && r.query.count <= CERTID_QUERY_MAX);
	assert(r.kept_size <= sizeof r.kept);
	for (size_t i = 0; i < r.query.count; i++) {
		size_t n = certid_hash_size(r.query.id[i].hash);

		touch(&r, r.query.id[i].issuer_name, n, n);
		touch(&r, r.query.id[i].issuer_key, n, n);
		touch(&r, r.query.id[i].serial, 1, CERTID_SERIAL_MAX);
	}
	if (r.query.nonce.n > 0)
		touch(&r, r.query.nonce, 1, CERTID_NONCE_MAX);
	return 0;
}
