#include "daemon/core_tvs.h"

#include "base/log.h"
#include "daemon/sightings.h"
#include "daemon/tvs_contacts.h"
#include "rules/trustview.h"
#include "wire/tvsmsg.h"

/* An unknown certificate is the first sign of a broken chain of trust: worth a line, with the
 * phone. */
static void
log_unknown(struct core *c, const struct ask *ask)
{
	if (!logbudget_take(&c->strangers, core_now()))
		return;
	if (ask->kind == ASK_TVS_QUERY)
		log_event(LOG_WARNING, "tvs-unknown peer=%.*s phone=%s subject=%s issuer=%s",
		    (int)ask->peer.n, (const char *)ask->peer.p, log_quote(ask->name),
		    log_quote(ask->subject), log_quote(ask->issuer));
	else
		log_event(LOG_WARNING, "tvs-unknown peer=%.*s phone=%s certificate-bytes=%zu",
		    (int)ask->peer.n, (const char *)ask->peer.p, log_quote(ask->name),
		    ask->certificate.n);
}

/* Whoever asks knows our TVS by a list that it holds. */
static void
note_question(struct core *c, const struct ask *ask, const struct device *device,
    const struct trustview_entry *found)
{
	struct span subject = ask->subject;

	if (ask->kind == ASK_TVS_VERIFY)
		subject = found != NULL ? span_str(cert_subject_cucm(found->cert))
					: span_str("a server's certificate");
	tvs_contacts_question(
	    c->tvs_contacts, ask->peer, device, subject, found != NULL, core_now());
}

void
core_tvs_ask(struct core_front *from, const struct ask *ask)
{
	const struct trustview *view = cluster_view(from->core->cluster);
	const struct trustview_entry *found =
	    ask->kind == ASK_TVS_VERIFY
		? trustview_find_der(view, ask->certificate)
		: trustview_find(view, ask->subject, ask->issuer, ask->serial);
	struct answer a = { .kind = ask->kind, .id = ask->id };
	struct device device;
	bool is_phone = device_of_presented(ask->name, &device) &&
			device_is_sep(span_str(device.name)) &&
			strcmp(device.name, DEVICE_NOBODY) != 0;

	if (is_phone)
		sightings_add(from->core->sightings, &device, ask->peer, core_now());
	note_question(from->core, ask, is_phone ? &device : NULL, found);
	if (found != NULL) {
		a.ok = true;
		a.roles = span_of(found->roles, found->role_count);
		a.ttl = TVSMSG_TTL;
		if (ask->kind == ASK_TVS_QUERY)
			a.certificate = cert_der(found->cert);
	} else {
		log_unknown(from->core, ask);
	}
	core_reply(from, &a, -1);
}
