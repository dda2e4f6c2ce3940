#include "admin/ownlist.h"

#include "admin/client.h"

#include "base/purpose.h"
#include "rules/signedfile.h"
#include "rules/trust_record.h"

#include <stdint.h>

#define TVS_ROLES  TRUST_RECORD_ROLE(FUNCTION_TVS)
#define SAST_ROLES TRUST_RECORD_ROLE(FUNCTION_SAST)
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

static bool
names_tftp(const struct trustlist *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (trust_record_has_role(&list->records[i], TFTP_ROLES) &&
		    list->records[i].certificate.n > 0)
			return true;
	return false;
}

static bool
refuse(struct err *e, const char *why)
{
	return err_set(e, ERR_REFUSED,
	    "it is a list of this very cluster (%s): give the one that the other cluster hands to "
	    "its phones",
	    why);
}

/* Of an empty list, or the CTL of non-secure mode. */
static bool
refuse_signed(struct invocation *in, const struct trustlist *list, struct err *e)
{
	static const enum purpose signers[] = { PURPOSE_ITLRECOVERY, PURPOSE_CALLMANAGER };
	const struct trustlist_record *signer = signedfile_list_signer(list);
	const struct trustlist alone = { .records = (struct trustlist_record *)(uintptr_t)signer,
		.count = signer != NULL };
	bool ours;

	for (size_t i = 0; i < sizeof signers / sizeof signers[0]; i++) {
		if (!names_ours(in, &alone, signers[i], false, SAST_ROLES, &ours, e))
			return false;
		if (ours)
			return refuse(e, "it names no server, and our key signed it");
	}
	return true;
}

bool
ownlist_refuse(struct invocation *in, const struct trustlist *list, struct err *e)
{
	bool tvs = trust_record_any(list, TVS_ROLES), ours;

	if (!tvs && !names_tftp(list))
		return refuse_signed(in, list, e);
	if (!names_ours(in, list, tvs ? PURPOSE_TVS : PURPOSE_CALLMANAGER, tvs,
		tvs ? TVS_ROLES : TFTP_ROLES, &ours, e))
		return false;
	return !ours || refuse(e, tvs ? "its TVS record has our certificate"
				      : "its TFTP record has our certificate");
}
