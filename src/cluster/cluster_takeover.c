#include "cluster/cluster_takeover.h"

#include "cluster/backup_state.h"
#include "cluster/cluster_internal.h"
#include "cluster/handouts.h"

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
	struct store_cert sc = {
		.node = t->node, .purpose = t->purpose, .der = der, .retired = t->how.now
	};
	bool ok = store_cert_put(s, &sc, t->how.now, e);

	bytes_free(&der);
	return ok && backup_state_keys_changed(s, t->how.now, e) &&
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
}

bool
cluster_take_over(struct cluster *c, enum purpose p, struct span key_pem, const struct cert *cert,
    time_t now, struct err *e)
{
	struct handouts *before;
	struct takeover t = { .node = c->picture->node.id, .purpose = p, .cert = cert };
	bool ok;

	if (p != PURPOSE_ITLRECOVERY && p != PURPOSE_CALLMANAGER)
		return err_set(e, ERR_REFUSED,
		    "%s signs no trust lists: itlrecovery or callmanager is taken over",
		    purpose_name(p));
	/* What phones are handed now is made up before the new key stands in the store: a rehearsal
	 * undoes that. */
	if (!handouts_now(c, &before, e) || !signer_keep(c->signer, p, key_pem, cert_der(cert), e))
		return false;
	t.how = (struct cluster_change){ apply_takeover, &t, now, "cluster", false, NULL };
	ok = cluster_change(c, &t.how, e);
	if (!ok)
		undo(c, cert, e);
	return ok;
}
