#include "admin/ownlist.h"

#include "admin/client.h"

#include "base/purpose.h"
#include "rules/trust_record.h"

#define TVS_ROLES  TRUST_RECORD_ROLE(FUNCTION_TVS)
#define TFTP_ROLES (TRUST_RECORD_ROLE(FUNCTION_TFTP) | TRUST_RECORD_ROLE(FUNCTION_CCM_TFTP))

static bool
names_cert(
    const struct trustlist *list, const json_t *shown, uint32_t roles, bool *names, struct err *e)
{
	const char *pem = json_string_value(json_object_get(shown, "pem"));
	struct cert *c = pem != NULL ? cert_from_pem(span_str(pem), e) : NULL;

	if (c == NULL)
		return pem == NULL || err_in(e, "a certificate of this cluster");
	*names = trust_record_knows(list, c, roles);
	cert_free(c);
	return true;
}

/* One of our certificates of that purpose. Earlier ones too where no other cluster can have them:
 * a CallManager key may have been taken over from one. */
static bool
names_ours(struct invocation *in, const struct trustlist *list, enum purpose p, bool earlier,
    uint32_t roles, bool *names, struct err *e)
{
	json_t *certs, *one;
	bool ok = true;
	size_t i;

	*names = false;
	if (!client_call(
		in, "cert/show", json_pack("{s:s}", "purpose", purpose_name(p)), &certs, e))
		return false;
	json_array_foreach(certs, i, one)
	{
		if (!ok || *names)
			break;
		if (earlier || json_is_true(json_object_get(one, "active")))
			ok = names_cert(list, one, roles, names, e);
	}
	json_decref(certs);
	return ok;
}

bool
ownlist_refuse(struct invocation *in, const struct trustlist *list, struct err *e)
{
	bool tvs = trust_record_any(list, TVS_ROLES), ours;

	if (!names_ours(in, list, tvs ? PURPOSE_TVS : PURPOSE_CALLMANAGER, tvs,
		tvs ? TVS_ROLES : TFTP_ROLES, &ours, e))
		return false;
	if (!ours)
		return true;
	return err_set(e, ERR_REFUSED,
	    "it is a list of this very cluster (its %s record has our certificate): give the one "
	    "that the other cluster hands to its phones",
	    tvs ? "TVS" : "TFTP");
}
