#include "daemon/core_subject.h"

#include "base/log.h"
#include "base/mem.h"
#include "cluster/cluster_recovery.h"

static bool
load_record(struct core *c, const struct device *d, struct core_subject *out, struct err *e)
{
	struct phone p;
	bool found;

	out->phone = phone_new(d, PHONE_SEEN);
	if (!store_phone_get(cluster_store(c->cluster), d->name, &p, &found, e))
		return false;
	if (found)
		out->phone = p;
	out->is_added = out->phone.origin == PHONE_ADDED;
	return true;
}

static bool
load_named(struct core *c, struct core_subject *out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	const struct phone *p = &out->phone;
	bool found = true;

	if (p->profile[0] != '\0' && !store_profile_get(s, p->profile, &out->profile, &found, e))
		return false;
	if (!found)
		return err_set(e, ERR_UNKNOWN, "there is no profile \"%s\"", p->profile);
	if (cluster_recovery(c->cluster)->rollback_since != 0)
		out->profile.encrypted_config = false;
	if (p->group[0] == '\0')
		return true;
	return store_group_get(s, p->group, &out->group, &out->has_group, e);
}

/* What cannot be read as a certificate is as good as none. */
static struct cert *
read_cert(const struct phone *p, const char *what, struct span der)
{
	struct err e = { 0 };
	struct cert *c = der.n > 0 ? cert_parse(der, &e) : NULL;

	if (der.n > 0 && c == NULL)
		log_event(LOG_ERROR, "certificate-not-read phone=%s what=%s reason=\"%s\"",
		    p->device.name, what, e.text);
	return c;
}

static bool
load_certs(struct core *c, struct core_subject *out, struct err *e)
{
	struct store *s = cluster_store(c->cluster);
	const char *name = out->phone.device.name;
	struct store_lsc lsc;
	struct bytes mic = { 0 };
	bool found;

	if (!store_lsc_latest(s, name, STORE_LSC_CONFIRMED, &lsc, &found, e))
		return false;
	if (found) {
		out->lsc = read_cert(&out->phone, "LSC", bytes_span(&lsc.der));
		store_lsc_free(&lsc);
	}
	if (!out->is_added)
		return true;
	if (!store_phone_mic_get(s, name, &mic, e))
		return false;
	out->mic = read_cert(&out->phone, "MIC", bytes_span(&mic));
	bytes_free(&mic);
	return true;
}

bool
core_subject_load(struct core *c, const struct device *d, struct core_subject *out, struct err *e)
{
	*out = (struct core_subject){ 0 };
	if (!load_record(c, d, out, e) || !load_named(c, out, e))
		return false;
	out->facts = (struct provision_facts){ .wants_encryption = out->profile.encrypted_config,
		.model = modeltable_find(cluster_models(c->cluster), out->phone.model),
		.lsc_going = out->phone.operation == PHONE_OPERATION_DELETE,
		.now = core_now() };
	if (!out->profile.encrypted_config)
		return true;
	if (!load_certs(c, out, e)) {
		core_subject_free(out);
		return false;
	}
	out->facts.lsc = out->lsc;
	out->facts.mic = out->mic;
	out->recipient = provision_recipient(&out->facts, out->reason);
	return true;
}

void
core_subject_free(struct core_subject *s)
{
	cert_free(s->lsc);
	cert_free(s->mic);
	s->lsc = s->mic = NULL;
	mem_wipe(s->phone.auth_string, sizeof s->phone.auth_string);
}

enum phonecfg_capf_auth
core_subject_capf_auth(const struct core_subject *s)
{
	bool is_waiting = s->profile.encrypted_config && s->recipient == NULL;

	if (s->phone.operation == PHONE_OPERATION_NONE && !is_waiting)
		return PHONECFG_CAPF_NONE;
	switch (s->phone.auth_mode) {
	case PHONE_AUTH_STRING:
		return PHONECFG_CAPF_STRING;
	case PHONE_AUTH_LSC:
		return PHONECFG_CAPF_LSC;
	case PHONE_AUTH_MIC:
		return PHONECFG_CAPF_MIC;
	case PHONE_AUTH_NULL_STRING:
		break;
	}
	return PHONECFG_CAPF_NULL_STRING;
}
