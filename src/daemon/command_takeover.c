#include "daemon/commands.h"

#include "cluster/cluster_takeover.h"

bool
command_cert_take_over(struct core *c, const json_t *args, json_t **result, struct err *e)
{
	const char *name = args_text(args, "purpose");
	enum purpose p;
	struct cert *cert;
	bool ok;

	if (!purpose_from_name(name, &p))
		return err_set(e, ERR_UNKNOWN,
		    "no purpose \"%.40s\": itlrecovery or callmanager is taken over", name);
	cert = cert_from_pem(span_str(args_text(args, "certificate")), e);
	if (cert == NULL)
		return false;
	ok =
	    cluster_take_over(c->cluster, p, span_str(args_text(args, "key")), cert, core_now(), e);
	if (ok) {
		core_refresh_fronts(c);
		*result = json_pack("{s:s, s:o, s:o, s:o}", "purpose", purpose_name(p), "subject",
		    json_text(cert_subject_cucm(cert)), "not_after",
		    json_time(cert_not_after(cert)), "sha256", json_hex(cert_sha256(cert)));
	}
	cert_free(cert);
	return ok;
}
