#include "daemon/commands.h"

#include "cluster/cluster_import.h"

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
