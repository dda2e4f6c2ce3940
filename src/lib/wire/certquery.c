#include "wire/certquery.h"

static bool
check_id(const struct certid *id, struct err *e)
{
	size_t size = certid_hash_size(id->hash);

	if (size == 0)
		return err_set(e, ERR_MALFORMED, "hash %u of an issuer, expected %d to %d",
		    (unsigned)id->hash, CERTID_SHA1, CERTID_SHA512);
	if (id->issuer_name.n != size || id->issuer_key.n != size)
		return err_set(e, ERR_MALFORMED,
		    "hashes of an issuer of %zu and %zu bytes, expected %zu", id->issuer_name.n,
		    id->issuer_key.n, size);
	if (id->serial.n == 0 || id->serial.n > CERTID_SERIAL_MAX)
		return err_set(e, ERR_LIMIT, "serial of %zu bytes, expected 1 to %d", id->serial.n,
		    CERTID_SERIAL_MAX);
	return true;
}

static bool
check_head(const struct certid_query *q, struct err *e)
{
	if (q->nonce.n > CERTID_NONCE_MAX)
		return err_set(
		    e, ERR_LIMIT, "nonce of %zu bytes, at most %d", q->nonce.n, CERTID_NONCE_MAX);
	if (q->count == 0 || q->count > CERTID_QUERY_MAX)
		return err_set(e, ERR_LIMIT, "%zu certificates asked about, expected 1 to %d",
		    q->count, CERTID_QUERY_MAX);
	return true;
}

bool
certquery_encode_id(const struct certid *id, struct wr *out, struct err *e)
{
	if (!check_id(id, e))
		return false;
	wr_u8(out, (uint8_t)id->hash);
	wr_span(out, id->issuer_name);
	wr_span(out, id->issuer_key);
	wr_u8(out, (uint8_t)id->serial.n);
	wr_span(out, id->serial);
	return wr_ok(out) || err_set(e, ERR_LIMIT, "a certificate asked about does not fit");
}

bool
certquery_encode(const struct certid_query *q, struct wr *out, struct err *e)
{
	if (!check_head(q, e))
		return false;
	wr_u8(out, (uint8_t)q->nonce.n);
	wr_span(out, q->nonce);
	wr_u8(out, (uint8_t)q->count);
	for (size_t i = 0; i < q->count; i++)
		if (!certquery_encode_id(&q->id[i], out, e))
			return err_in(e, "certificate %zu", i + 1);
	return true;
}

static bool
read_id(struct rd *r, struct certid *id, struct err *e)
{
	uint8_t hash, n;
	size_t size;

	if (!rd_u8(r, &hash))
		return err_set(e, ERR_MALFORMED, "cut short at byte %zu", rd_offset(r));
	id->hash = hash;
	size = certid_hash_size(id->hash);
	if (!rd_span(r, size, &id->issuer_name) || !rd_span(r, size, &id->issuer_key) ||
	    !rd_u8(r, &n) || !rd_span(r, n, &id->serial))
		return err_set(e, ERR_MALFORMED, "cut short at byte %zu", rd_offset(r));
	return check_id(id, e);
}

bool
certquery_parse(struct span in, struct certid_query *out, struct err *e)
{
	struct rd r = rd_open(in);
	uint8_t nonce, count;

	*out = (struct certid_query){ 0 };
	if (!rd_u8(&r, &nonce) || !rd_span(&r, nonce, &out->nonce) || !rd_u8(&r, &count))
		return err_set(e, ERR_MALFORMED, "certificates asked about: cut short at byte %zu",
		    rd_offset(&r));
	out->count = count;
	if (!check_head(out, e))
		return false;
	for (size_t i = 0; i < out->count; i++)
		if (!read_id(&r, &out->id[i], e))
			return err_in(e, "certificate %zu", i + 1);
	return rd_end(&r) ||
	       err_set(e, ERR_MALFORMED, "certificates asked about: %zu bytes left over", r.n);
}
