#include "rules/signedcert.h"

#include "rules/usage.h"

#include <string.h>

/* What a purpose needs, and what for. */
struct need {
	bool is_there;
	const char *missing;
};

static bool
needs_check(const struct need *need, size_t count, enum purpose p, struct err *e)
{
	for (size_t i = 0; i < count; i++)
		if (!need[i].is_there)
			return err_set(
			    e, ERR_REFUSED, "%s: it lacks %s", purpose_name(p), need[i].missing);
	return true;
}

bool
signedcert_may(enum purpose p, struct err *e)
{
	return p != PURPOSE_ITLRECOVERY ||
	       err_set(e, ERR_REFUSED,
		   "itlrecovery: is the anchor that outlives every other certificate and that "
		   "phones know as it is: no CA signs it");
}

static bool
signature_check(enum purpose p, enum certusage_signature s, struct err *e)
{
	if (s == CERTUSAGE_WEAK)
		return err_set(e, ERR_REFUSED,
		    "%s: it is signed with MD5 or SHA-1, which TLS clients do not take any more",
		    purpose_name(p));
	return s == CERTUSAGE_SHA2 ||
	       err_set(e, ERR_REFUSED,
		   "%s: it is not signed with SHA-256, SHA-384 or SHA-512 and RSA (PKCS#1 v1.5) or "
		   "ECDSA, which alone phones know",
		   purpose_name(p));
}

static bool
issuer_check(enum purpose p, const struct certusage *u, struct err *e)
{
	const struct need needs[] = {
		{ u->is_ca, "CA:TRUE in basicConstraints: it would sign no LSC" },
		{ u->cert_sign, "key usage keyCertSign: it would sign no LSC" },
		{ p != PURPOSE_CAPF || u->digital_signature,
		    "key usage digitalSignature: its TLS with phones would fail" },
		{ p != PURPOSE_CAPF || u->server_auth,
		    "extended key usage serverAuth: its TLS with phones would fail" },
		{ p != PURPOSE_CAPF || u->path_length == 0,
		    "pathlen:0 in basicConstraints: phones' TLS with CAPF would fail" },
	};

	return needs_check(needs, sizeof needs / sizeof *needs, p, e);
}

static bool
server_check(enum purpose p, const struct certusage *u, bool is_rsa, struct err *e)
{
	const struct need needs[] = {
		{ u->digital_signature, "key usage digitalSignature: TLS needs it" },
		{ !is_rsa || u->key_encipherment,
		    "key usage keyEncipherment: TLS with older phones needs it" },
		{ u->server_auth, "extended key usage serverAuth: it would be no TLS server" },
		{ u->client_auth,
		    "extended key usage clientAuth: call managers and servers would not take it "
		    "as a client's" },
	};

	if (u->is_ca)
		return err_set(e, ERR_REFUSED,
		    "%s: it is a CA (CA:TRUE), whose key could sign certificates in the name of "
		    "the one above",
		    purpose_name(p));
	return needs_check(needs, sizeof needs / sizeof *needs, p, e);
}

bool
signedcert_usages(enum purpose p, const struct certusage *u, bool is_rsa, struct err *e)
{
	if (!signature_check(p, u->signature, e))
		return false;
	return usage_allows(p, USAGE_ISSUE) ? issuer_check(p, u, e) : server_check(p, u, is_rsa, e);
}

bool
signedcert_names(
    enum purpose p, const struct cert *own, const struct cert *now, const char *host, struct err *e)
{
	if (strcmp(cert_common_name(own), cert_common_name(now)) != 0)
		return err_set(e, ERR_REFUSED,
		    "%s: its common name is \"%.80s\", and \"%.80s\" was asked for",
		    purpose_name(p), cert_common_name(own), cert_common_name(now));
	return usage_allows(p, USAGE_ISSUE) || cert_names_host(own, host) ||
	       err_set(e, ERR_REFUSED,
		   "%s: its alternative names lack %s, by which clients know this server",
		   purpose_name(p), host);
}
