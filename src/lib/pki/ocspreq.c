#include "pki/ocspreq.h"

#include "pki/ossl.h"

#include <openssl/ocsp.h>

static bool
keep(struct ocspreq *out, const ASN1_STRING *s, size_t max, const char *what, struct span *kept,
    struct err *e)
{
	size_t n = (size_t)ASN1_STRING_length(s);

	if (n == 0 || n > max)
		return err_set(e, ERR_LIMIT, "%s of %zu bytes, expected 1 to %zu", what, n, max);
	memcpy(out->kept + out->kept_size, ASN1_STRING_get0_data(s), n);
	*kept = span_of(out->kept + out->kept_size, n);
	out->kept_size += n;
	return true;
}

static bool
read_hash(const ASN1_OBJECT *algorithm, enum certid_hash *out, struct err *e)
{
	switch (OBJ_obj2nid(algorithm)) {
	case NID_sha1:
		*out = CERTID_SHA1;
		return true;
	case NID_sha256:
		*out = CERTID_SHA256;
		return true;
	case NID_sha384:
		*out = CERTID_SHA384;
		return true;
	case NID_sha512:
		*out = CERTID_SHA512;
		return true;
	default:
		return err_set(
		    e, ERR_UNKNOWN, "its issuer is named by a hash other than SHA-1 and SHA-2");
	}
}

static bool
read_id(struct ocspreq *out, OCSP_CERTID *from, struct certid *id, struct err *e)
{
	ASN1_OCTET_STRING *name, *key;
	ASN1_INTEGER *serial;
	ASN1_OBJECT *algorithm;
	size_t size;

	if (OCSP_id_get0_info(&name, &algorithm, &key, &serial, from) != 1)
		return ossl_fail(e, ERR_MALFORMED, "it is not named");
	if (!read_hash(algorithm, &id->hash, e))
		return false;
	size = certid_hash_size(id->hash);
	if ((size_t)ASN1_STRING_length(name) != size || (size_t)ASN1_STRING_length(key) != size)
		return err_set(e, ERR_MALFORMED, "hashes of its issuer of %d and %d bytes, not %zu",
		    ASN1_STRING_length(name), ASN1_STRING_length(key), size);
	if (ASN1_STRING_type(serial) != V_ASN1_INTEGER)
		return err_set(e, ERR_MALFORMED, "its serial is negative");
	return keep(out, name, size, "hash", &id->issuer_name, e) &&
	       keep(out, key, size, "hash", &id->issuer_key, e) &&
	       keep(out, serial, CERTID_SERIAL_MAX, "serial", &id->serial, e);
}

/* RFC 6960, section 4.4: what is not understood may be ignored unless it is critical. */
static bool
check_extension(const X509_EXTENSION *ext, struct err *e)
{
	int nid = OBJ_obj2nid(X509_EXTENSION_get_object((X509_EXTENSION *)(uintptr_t)ext));

	return nid == NID_id_pkix_OCSP_Nonce || X509_EXTENSION_get_critical(ext) == 0 ||
	       err_set(e, ERR_REFUSED, "a critical extension is not known");
}

static bool
read_one(struct ocspreq *out, OCSP_ONEREQ *from, struct certid *id, struct err *e)
{
	for (int i = 0; i < OCSP_ONEREQ_get_ext_count(from); i++)
		if (!check_extension(OCSP_ONEREQ_get_ext(from, i), e))
			return false;
	return read_id(out, OCSP_onereq_get0_id(from), id, e);
}

static bool
read_nonce(struct ocspreq *out, X509_EXTENSION *ext, struct err *e)
{
	const ASN1_OCTET_STRING *data = X509_EXTENSION_get_data(ext);
	const unsigned char *p = ASN1_STRING_get0_data(data), *end = p + ASN1_STRING_length(data);
	ASN1_OCTET_STRING *nonce = d2i_ASN1_OCTET_STRING(NULL, &p, end - p);
	bool ok;

	if (nonce == NULL)
		ok = ossl_fail(e, ERR_MALFORMED, "nonce");
	else if (p != end)
		ok = err_set(e, ERR_MALFORMED, "nonce: bytes behind it");
	else
		ok = keep(out, nonce, CERTID_NONCE_MAX, "nonce", &out->query.nonce, e);
	ASN1_OCTET_STRING_free(nonce);
	return ok;
}

static bool
read_extensions(struct ocspreq *out, OCSP_REQUEST *from, struct err *e)
{
	for (int i = 0; i < OCSP_REQUEST_get_ext_count(from); i++) {
		X509_EXTENSION *ext = OCSP_REQUEST_get_ext(from, i);

		if (!check_extension(ext, e))
			return false;
		if (OBJ_obj2nid(X509_EXTENSION_get_object(ext)) != NID_id_pkix_OCSP_Nonce)
			continue;
		if (out->query.nonce.n > 0)
			return err_set(e, ERR_MALFORMED, "a second nonce");
		if (!read_nonce(out, ext, e))
			return false;
	}
	return true;
}

static bool
read_request(struct ocspreq *out, OCSP_REQUEST *from, struct err *e)
{
	int count = OCSP_request_onereq_count(from);

	if (count < 1 || count > CERTID_QUERY_MAX)
		return err_set(
		    e, ERR_LIMIT, "%d certificates, expected 1 to %d", count, CERTID_QUERY_MAX);
	out->query.count = (size_t)count;
	for (int i = 0; i < count; i++)
		if (!read_one(out, OCSP_request_onereq_get0(from, i), &out->query.id[i], e))
			return err_in(e, "certificate %d", i + 1);
	return read_extensions(out, from, e);
}

bool
ocspreq_parse(struct span der, struct ocspreq *out, struct err *e)
{
	const unsigned char *p = der.p;
	OCSP_REQUEST *request;
	bool ok;

	out->query = (struct certid_query){ 0 };
	out->kept_size = 0;
	if (der.n == 0 || der.n > OCSPREQ_MAX)
		return err_set(e, ERR_LIMIT, "OCSP request of %zu bytes, expected 1 to %d", der.n,
		    OCSPREQ_MAX);
	request = d2i_OCSP_REQUEST(NULL, &p, (long)der.n);
	if (request == NULL)
		return ossl_fail(e, ERR_MALFORMED, "OCSP request");
	ok = p == der.p + der.n
		 ? read_request(out, request, e)
		 : err_set(e, ERR_MALFORMED, "%td bytes behind it", der.p + der.n - p);
	OCSP_REQUEST_free(request);
	return ok || err_in(e, "OCSP request");
}
