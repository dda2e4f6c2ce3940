#include "rules/moving.h"

#include "rules/signedfile.h"
#include "rules/trust_record.h"

#include <string.h>

#define LIST_ROLES TRUST_RECORD_ROLE(FUNCTION_SAST)
#define FILE_ROLES (TRUST_RECORD_ROLE(FUNCTION_TFTP) | TRUST_RECORD_ROLE(FUNCTION_CCM_TFTP))

/* For a list, a CCM+TFTP record of the CTL is enough too (phone.md 2.2). */
static bool
is_known(const struct moving *m, uint16_t function, const struct cert *c)
{
	uint32_t roles = function == FUNCTION_SAST ? LIST_ROLES : FILE_ROLES;

	return trust_record_knows(m->itl, c, roles) ||
	       trust_record_knows(m->ctl, c, roles | TRUST_RECORD_ROLE(FUNCTION_CCM_TFTP));
}

static bool
add_signer(struct moving *m, uint16_t function, struct span der, struct err *e)
{
	struct cert *c = cert_parse(der, e);

	if (c == NULL)
		return false;
	for (size_t i = 0; i < m->signers; i++)
		if (m->signer[i].function == function &&
		    span_eq(cert_der(m->signer[i].cert), cert_der(c))) {
			cert_free(c);
			return true;
		}
	if (m->signers == MOVING_SIGNERS_MAX) {
		cert_free(c);
		return err_set(e, ERR_LIMIT, "more than %d signers", MOVING_SIGNERS_MAX);
	}
	m->signer[m->signers++] = (struct moving_signer){ function, c, is_known(m, function, c) };
	return true;
}

/* Files are signed with RSA; an EC key of a TFTP record is that of the HTTPS server. */
static bool
add_file_signers(struct moving *m, const struct trustlist *list, struct err *e)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct trustlist_record *r = &list->records[i];
		struct cert *c;
		bool ok;

		if (!trust_record_has_role(r, FILE_ROLES) || r->certificate.n == 0)
			continue;
		c = cert_parse(r->certificate, e);
		if (c == NULL)
			return err_in(e, "record %zu", i + 1);
		ok = !cert_is_rsa(c) || add_signer(m, FUNCTION_TFTP, r->certificate, e);
		cert_free(c);
		if (!ok)
			return false;
	}
	return true;
}

static bool
add_list(struct moving *m, struct span file, struct err *e)
{
	const struct trustlist_record *signer;
	struct trustlist list;
	bool ok;

	if (file.n == 0)
		return true;
	if (!trustlist_parse(file, &list, e))
		return false;
	ok = signedfile_check_list(&list, NULL, e);
	signer = ok ? signedfile_list_signer(&list) : NULL;
	if (ok && signer == NULL)
		ok = err_set(e, ERR_CRYPTO, "no SAST record of its own signed it");
	ok = ok && add_signer(m, FUNCTION_SAST, signer->certificate, e) &&
	     add_file_signers(m, &list, e);
	trustlist_free(&list);
	return ok;
}

bool
moving_open(const struct trustlist *ctl, const struct trustlist *itl, struct span new_ctl,
    struct span new_itl, struct moving *out, struct err *e)
{
	*out = (struct moving){ .ctl = ctl, .itl = itl, .new_ctl = new_ctl, .new_itl = new_itl };
	if ((add_list(out, new_ctl, e) || err_in(e, "the new CTL")) &&
	    (add_list(out, new_itl, e) || err_in(e, "the new ITL")))
		return true;
	moving_free(out);
	return false;
}

void
moving_free(struct moving *m)
{
	for (size_t i = 0; i < m->signers; i++)
		cert_free(m->signer[i].cert);
	*m = (struct moving){ 0 };
}

bool
moving_is_believed(const struct moving *m, const struct cert *shown, struct err *e)
{
	const struct trust_eval_state st = { .ctl = m->ctl, .itl = m->itl, .tvs_servers = 1 };
	struct trust_eval_verdict v;

	trust_eval_tvs_server(&st, shown, &v);
	return trust_eval_is_accepted(v.outcome) || err_set(e, ERR_REFUSED, "%s", v.reason);
}

/* What a server answers from, as far as it is known. */
static struct trustview *
view_of(const struct moving *m, const struct moving_tvs *tvs)
{
	struct trustview *v = trustview_new();

	for (size_t i = 0; i < m->signers; i++)
		if (tvs->trusts[i])
			trustview_add_trusted(v,
			    m->signer[i].function == FUNCTION_SAST ? TRUST_PHONE_SAST
								   : TRUST_CALLMANAGER,
			    m->signer[i].cert);
	return v;
}

void
moving_forecast(const struct moving *m, const struct moving_tvs *tvs, size_t count, time_t now,
    struct trust_boot *out)
{
	struct trust_boot_world w = { .ctl = m->new_ctl, .itl = m->new_itl, .now = now };
	struct trustview *view[TRUST_BOOT_TVS_MAX];

	for (size_t i = 0; i < count && i < TRUST_BOOT_TVS_MAX; i++) {
		view[i] = view_of(m, &tvs[i]);
		w.tvs[w.tvs_count++] =
		    (struct trust_boot_tvs){ tvs[i].reachable, tvs[i].shown, view[i] };
	}
	trust_boot(m->ctl, m->itl, &w, out);
	for (size_t i = 0; i < w.tvs_count; i++)
		trustview_free(view[i]);
}

bool
moving_is_taken(const struct trust_boot *boot)
{
	return boot->ctl.how != TRUST_BOOT_REJECTED && trust_boot_is_taken(&boot->itl);
}

bool
moving_is_well(const struct moving *m, const struct moving_tvs *tvs)
{
	bool well = tvs->reachable && moving_is_believed(m, tvs->shown, NULL);

	for (size_t i = 0; i < m->signers; i++)
		well = well && (m->signer[i].known || tvs->trusts[i]);
	return well;
}
