#include "rules/trust_record.h"

#include "pki/digest.h"

bool
trust_record_has_role(const struct trustlist_record *r, uint32_t roles)
{
	return r->function < 32 && (roles >> r->function & 1) != 0;
}

bool
trust_record_names(const struct trustlist_record *r, struct span issuer, struct span serial)
{
	return span_eq(r->issuer, issuer) && span_eq(r->serial, serial);
}

bool
trust_record_names_cert(const struct trustlist_record *r, const struct cert *c)
{
	return span_eq(r->serial, cert_serial(c)) &&
	       (span_is(r->issuer, cert_issuer_cucm(c)) || span_is(r->issuer, cert_issuer_peer(c)));
}

bool
trust_record_holds_der(const struct trustlist_record *r, struct span der)
{
	enum digest_kind kind = r->hash_algorithm == ENVELOPE_SHA1 ? DIGEST_SHA1 : DIGEST_SHA512;
	struct digest d;
	struct err e;

	if (trustlist_has(r, TRUSTLIST_CERTIFICATE))
		return span_eq(r->certificate, der);
	return trustlist_has(r, TRUSTLIST_CERT_HASH) && digest_of(kind, der, &d, &e) &&
	       span_eq(r->cert_hash, digest_span(&d));
}

bool
trust_record_holds(const struct trustlist_record *r, const struct cert *c)
{
	return trust_record_holds_der(r, cert_der(c));
}

bool
trust_record_knows(const struct trustlist *list, const struct cert *c, uint32_t roles)
{
	for (size_t i = 0; list != NULL && i < list->count; i++)
		if (trust_record_has_role(&list->records[i], roles) &&
		    trust_record_names_cert(&list->records[i], c) &&
		    trust_record_holds(&list->records[i], c))
			return true;
	return false;
}

bool
trust_record_any(const struct trustlist *list, uint32_t roles)
{
	for (size_t i = 0; list != NULL && i < list->count; i++)
		if (trust_record_has_role(&list->records[i], roles))
			return true;
	return false;
}
