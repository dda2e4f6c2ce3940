#include "cluster/cluster_takeover.h"

#include "cluster/backup_state.h"
#include "cluster/cluster_internal.h"
#include "cluster/handouts.h"

#include "base/text.h"
#include "rules/usage.h"

#include <stdlib.h>
#include <string.h>

/* Key id, in hex, of one that lies in keys/ before its certificate is in the store; "": none. */
#define SETTING_TAKING "key-taking"

struct takeover {
	struct cluster_change how;
	int64_t node;
	enum purpose purpose;
	const struct cert *cert;
};

static bool
apply_takeover(struct store *s, void *arg, struct err *e)
{
	struct takeover *t = arg;
	struct bytes der = bytes_copy(cert_der(t->cert));
	struct store_cert sc = { .node = t->node,
		.purpose = t->purpose,
		.der = der,
		.retired = t->how.now,
		.taken_over = true };
	bool ok = store_cert_put(s, &sc, t->how.now, e);

	bytes_free(&der);
	return ok && store_setting_set(s, SETTING_TAKING, "", e) &&
	       backup_state_keys_changed(s, t->how.now, e) &&
	       cluster_event(s, &t->how, "signer-taken-over", purpose_name(t->purpose),
		   cert_subject_cucm(t->cert), e);
}

/* Says what stays when even that fails. */
static void
undo(const struct cluster *c, const struct cert *cert, struct err *e)
{
	struct err more = { 0 };

	if (!signer_remove(c->signer, cert_key_id(cert), &more))
		err_in(e, "its key stays in the folder of keys (%.200s)", more.text);
	else if (!store_setting_set(c->store, SETTING_TAKING, "", &more))
		err_in(e, "it is noted as under way (%.200s)", more.text);
}

/* Before the key is there. */
static bool
intend(const struct cluster *c, const struct cert *cert, struct err *e)
{
	char *hex = text_hex(cert_key_id(cert));
	bool ok = store_setting_set(c->store, SETTING_TAKING, hex, e);

	free(hex);
	return ok;
}

static bool
keep(const struct cluster *c, enum purpose p, struct span key_pem, const struct cert *cert,
    struct err *e)
{
	struct err later = { 0 };

	if (!intend(c, cert, e))
		return false;
	if (signer_keep(c->signer, p, key_pem, cert_der(cert), e))
		return true;
	if (!store_setting_set(c->store, SETTING_TAKING, "", &later))
		err_in(e, "it is noted as under way (%.200s)", later.text);
	return false;
}

/* By the name that every cluster gives it. Taken over for another purpose it could not be taken
 * over again for its own. */
static bool
is_recovery(const struct cert *cert)
{
	static const char prefix[] = "ITLRECOVERY_";

	return strncmp(cert_common_name(cert), prefix, sizeof prefix - 1) == 0;
}

bool
cluster_take_over(struct cluster *c, enum purpose p, struct span key_pem, const struct cert *cert,
    time_t now, struct err *e)
{
	struct handouts *before;
	struct takeover t = { .node = c->picture->node.id, .purpose = p, .cert = cert };
	bool ok;

	if (!usage_allows(p, USAGE_SIGN_LIST))
		return err_set(e, ERR_REFUSED,
		    "%s signs no trust lists: itlrecovery or callmanager is taken over",
		    purpose_name(p));
	if (p == PURPOSE_CALLMANAGER && is_recovery(cert))
		return err_set(e, ERR_REFUSED,
		    "%.200s is an ITLRecovery certificate: sealtone cert take-over itlrecovery",
		    cert_subject_cucm(cert));
	/* What phones are handed now is made up before the new key stands in the store: a rehearsal
	 * undoes that. */
	if (!handouts_now(c, &before, e) || !keep(c, p, key_pem, cert, e))
		return false;
	t.how = (struct cluster_change){ apply_takeover, &t, now, "cluster", false, NULL };
	ok = cluster_change(c, &t.how, e);
	if (!ok)
		undo(c, cert, e);
	return ok;
}

/* --- what was interrupted --- */

struct search {
	struct span key_id;
	bool found;
};

static bool
on_cert(void *arg, const struct store_cert *sc)
{
	struct search *w = arg;
	struct cert *cert = cert_parse(bytes_span(&sc->der), NULL);

	w->found = cert != NULL && span_eq(cert_key_id(cert), w->key_id);
	cert_free(cert);
	return !w->found;
}

static bool
finish(struct store *s, void *arg, struct err *e)
{
	const time_t *now = arg;
	const struct cluster_change how = { .now = *now, .actor = "cluster" };

	return store_setting_set(s, SETTING_TAKING, "", e) &&
	       cluster_event(s, &how, "take-over-undone", "", "it was interrupted", e);
}

bool
cluster_takeover_finish(struct cluster *c, time_t now, struct err *e)
{
	char hex[STORE_VALUE_MAX];
	struct search w = { .found = false };
	struct bytes id;
	bool set, ok;

	if (!store_setting_get(c->store, SETTING_TAKING, hex, &set, e))
		return false;
	if (!set || hex[0] == '\0')
		return true;
	if (!text_unhex(span_str(hex), &id, e))
		return err_in(e, "setting " SETTING_TAKING);
	w.key_id = bytes_span(&id);
	ok = store_cert_each(c->store, on_cert, &w, e);
	if (ok && !w.found && signer_has(c->signer, w.key_id, NULL))
		ok = signer_remove(c->signer, w.key_id, e);
	bytes_free(&id);
	return ok && store_change(c->store, finish, &now, e);
}
