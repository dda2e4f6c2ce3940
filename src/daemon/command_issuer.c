#include "daemon/commands.h"

#include "cluster/cluster_import.h"
#include "daemon/core_crl.h"
#include "daemon/core_forget.h"
#include "pki/crl.h"

#include <stdlib.h>

static bool
named_purpose(const json_t *args, enum purpose *out, struct err *e)
{
	const char *name = args_text(args, "purpose");

	return purpose_from_name(name, out) ||
	       err_set(e, ERR_UNKNOWN, "no purpose \"%.40s\": capf or capf-issuer", name);
}

bool
command_cert_csr(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	enum purpose purpose;
	struct bytes pem;

	if (!named_purpose(args, &purpose, e) || !cluster_csr(c->cluster, purpose, &pem, e))
		return false;
	*result = json_pack("{s:s%}", "pem", (const char *)pem.p, pem.n);
	bytes_free(&pem);
	return true;
}

bool
command_cert_import(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	enum purpose purpose;
	struct chain given;
	const struct cert *now;
	bool ok;

	if (!named_purpose(args, &purpose, e) ||
	    !chain_from_pem(span_str(args_text(args, "pem")), &given, e))
		return false;
	ok = cluster_import(c->cluster, purpose, &given, core_now(), e);
	chain_free(&given);
	if (!ok)
		return false;
	core_refresh_fronts(c);
	now = cluster_cert(c->cluster, purpose);
	*result =
	    json_pack("{s:s, s:o, s:o, s:o, s:o}", "purpose", purpose_name(purpose), "subject",
		json_text(cert_subject_cucm(now)), "issuer", json_text(cert_issuer_cucm(now)),
		"not_after", json_time(cert_not_after(now)), "sha256", json_hex(cert_sha256(now)));
	return true;
}

bool
command_capf_revoke(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *who = args_text(args, "who"), *reason = args_text(args, "reason");
	size_t count;
	unsigned code;

	if (*reason == '\0')
		reason = "unspecified";
	if (!crl_reason_from_name(reason, &code))
		return err_set(e, ERR_MALFORMED,
		    "reason \"%.40s\": unspecified, keyCompromise, affiliationChanged, superseded, "
		    "cessationOfOperation or privilegeWithdrawn",
		    reason);
	if (!store_lsc_revoke(cluster_store(c->cluster), who, reason, core_now(), &count, e))
		return false;
	if (count == 0)
		return err_set(e, ERR_UNKNOWN,
		    "no phone and no serial \"%.60s\" with a certificate to be revoked", who);
	core_audit(c, "admin", "lsc-revoked", who, "%zu, %s", count, reason);
	core_forget_all(c);
	*result = json_pack("{s:I}", "revoked", (json_int_t)count);
	return true;
}

bool
command_capf_crl(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const struct cert *issuer = cluster_issuer(c->cluster);
	struct bytes der;
	char *pem;

	(void)args;
	if (!core_crl_make(c, issuer, core_now(), &der, e))
		return false;
	pem = crl_to_pem(bytes_span(&der), e);
	bytes_free(&der);
	if (pem == NULL)
		return false;
	*result =
	    json_pack("{s:o, s:s}", "issuer", json_text(cert_subject_cucm(issuer)), "pem", pem);
	free(pem);
	return true;
}
