#include "phone/phone_capf.h"

#include "phone/phone_keep.h"
#include "phone/phone_prove.h"
#include "rules/trust_record.h"
#include "talk/capf.h"

#include <stdlib.h>

/* One operation, from the first try to the last. */
struct enrolment {
	struct handset *h;
	struct cert *server;   /* that of the connection under way, accepted by a record */
	struct privkey *fresh; /* waiting for its certificate, perhaps since an earlier session */
	enum phonecfg_capf_auth auth;
	struct phone_proof proof;
	bool misbehaved; /* as it was told to; that was all for this boot */
};

static bool
judge_server(void *arg, const struct cert *c, struct err *e)
{
	struct enrolment *n = arg;
	struct trust_eval_state st = phone_trust(n->h);
	struct trust_eval_verdict v;

	trust_eval_capf(&st, c, &v);
	if (!trust_eval_is_accepted(v.outcome))
		return err_set(e, ERR_REFUSED, "CAPF server: %s", v.reason);
	console_sec(&n->h->console, CONSOLE_INF, "CAPF server certificate: %s", v.reason);
	cert_free(n->server);
	n->server = cert_ref(c);
	return true;
}

static bool
prove(void *arg, uint32_t session, struct capf_client_proof *out, struct err *e)
{
	struct enrolment *n = arg;

	phone_prove_free(&n->proof);
	return phone_prove(n->h, n->auth == PHONECFG_CAPF_MIC, session, &n->proof, out, e);
}

static bool
make_key(void *arg, uint8_t key_type, uint16_t key_size, uint8_t curve, struct bytes *spki,
    struct err *e)
{
	static const unsigned curve_bits[] = { 256, 384, 521 };
	struct enrolment *n = arg;

	console_sec(&n->h->console, CONSOLE_NOT, "CAPF key generation: %s %u",
	    key_type == CAPFMSG_KEY_EC ? "EC" : "RSA",
	    key_type == CAPFMSG_KEY_EC ? curve_bits[curve] : key_size);
	key_free(n->fresh);
	n->fresh = key_type == CAPFMSG_KEY_EC ? key_make_ec(curve_bits[curve], e)
					      : key_make_rsa(key_size, e);
	if (n->fresh == NULL) {
		console_sec(&n->h->console, CONSOLE_ERR, "CAPF key generation: %s", e->text);
		return false;
	}
	*spki = bytes_copy(key_spki(n->fresh));
	return true;
}

/* Who signed it is CAPF, or one that CAPF speaks for: Unified CM hands out LSCs of other CAs, which
 * no list names, over the connection that is all the trust there is. */
static bool
check_issuer(const struct enrolment *n, const struct cert *c, struct err *e)
{
	if (strcmp(cert_issuer_peer(c), cert_subject_peer(n->server)) == 0)
		return cert_is_issued_by(c, n->server, e);
	console_sec(&n->h->console, CONSOLE_INF,
	    "CAPF certificate: issued by %s, not by CAPF itself", cert_issuer_cucm(c));
	return true;
}

/* C13: the key is the one just made, the issuer is one to believe, the name is ours. */
static bool
check_certificate(const struct enrolment *n, const struct cert *c, struct err *e)
{
	struct handset *h = n->h;

	if (n->fresh == NULL || !key_fits(n->fresh, c))
		return err_set(e, ERR_CRYPTO, "the certificate is not for a key that was made");
	if (!device_is_presented(span_str(cert_common_name(c)), h->options->device.name))
		return err_set(e, ERR_REFUSED, "the certificate is for another device");
	if (cert_not_after(c) <= h->io->now(h->io->arg))
		return err_set(e, ERR_REFUSED, "the certificate has expired");
	return check_issuer(n, c, e);
}

static bool
store(void *arg, struct span certificate, struct err *e)
{
	struct enrolment *n = arg;
	struct cert *c = cert_parse(certificate, e);
	bool ok = c != NULL && check_certificate(n, c, e) && phone_keep_lsc(n->h, c, n->fresh, e);

	if (ok)
		n->fresh = NULL;
	else
		console_sec(&n->h->console, CONSOLE_ERR, "CAPF certificate: %s", e->text);
	cert_free(c);
	return ok;
}

static bool
fetch(void *arg, uint8_t cert_type, struct bytes *certificate)
{
	const struct enrolment *n = arg;
	const struct cert *c = cert_type == CAPFMSG_CERT_MIC ? n->h->mic : n->h->lsc;

	if (c == NULL)
		return false;
	*certificate = bytes_copy(cert_der(c));
	return true;
}

static bool
erase(void *arg)
{
	struct enrolment *n = arg;
	struct err e;
	bool was = n->h->lsc != NULL;

	if (phone_keep_no_lsc(n->h, NULL, &e))
		return was;
	console_sec(&n->h->console, CONSOLE_ERR, "FLASH: %s", e.text);
	return false;
}

/* One session with one server. */
static bool
try_server(struct enrolment *n, const struct phonecfg_server *server,
    struct capf_client_result *result, struct err *e)
{
	struct handset *h = n->h;
	const char *typed = h->options->auth_string;
	struct capf_client_plan plan = { .device = h->options->device.name,
		.password = typed != NULL ? typed : "",
		.prove =
		    n->auth == PHONECFG_CAPF_LSC || n->auth == PHONECFG_CAPF_MIC ? prove : NULL,
		.make_key = make_key,
		.store = store,
		.fetch = fetch,
		.erase = erase,
		.arg = n,
		.result = result };
	struct misbehave_plan bad = { &plan, h->options->misbehave, &n->misbehaved };
	bool is_bad = misbehave_is_talk(&h->options->misbehave);
	struct phone_call call = { .host = server->host,
		.port = server->port != 0 ? server->port : h->options->capf_port,
		.judge = judge_server,
		.judge_arg = n,
		.kind = is_bad ? &misbehave_client : &capf_client,
		.plan = is_bad ? (const void *)&bad : &plan };

	call.own = phone_identity(h, &call.own_key);
	console_sec(
	    &h->console, CONSOLE_INF, "CAPF connecting to %s port %u", call.host, call.port);
	return h->io->talk(h->io->arg, &call, e);
}

/* The server knows the phone and cannot serve it yet: there is no sense in asking another one. A
 * key that it has been given may be waiting for a CA. */
static void
keep_for_later(const struct enrolment *n)
{
	struct err e;

	console_sec(&n->h->console, CONSOLE_NOT, "CAPF server: retry later");
	if (n->fresh != NULL && !phone_keep_asked_key(n->h, n->fresh, &e))
		console_sec(&n->h->console, CONSOLE_ERR, "FLASH: %s", e.text);
}

/* The servers in turn. True: one was spoken to, to the end or as far as it goes without sense in
 * trying again. */
static bool
try_all(struct enrolment *n, const struct phonecfg *config, struct capf_client_result *result)
{
	for (size_t i = 0; i < config->capf_count && !n->misbehaved; i++) {
		struct err e = { .text = "no answer" };

		*result = (struct capf_client_result){ 0 };
		if (try_server(n, &config->capf[i], result, &e) || result->installed ||
		    result->deleted)
			return true;
		if (result->retry) {
			keep_for_later(n);
			return false;
		}
		say_capf_failed(&n->h->console, e.text);
	}
	return false;
}

static void
say_end(const struct handset *h, struct console *c, const struct capf_client_result *result)
{
	if (result->installed)
		console_status(c, "LSC: Installed");
	else if (result->deleted)
		console_status(c, "LSC: Not Installed");
	else
		console_sec(
		    c, CONSOLE_NOT, "CAPF session ended by the server, reason %u", result->reason);
	if (result->installed || result->deleted || result->fetched ||
	    result->reason == CAPFMSG_REASON_NO_ACTION)
		return;
	/* Unified CM says 7 also to a phone that has its LSC while nothing is pending (5.4). */
	if (h->lsc == NULL || h->options->auth_string != NULL ||
	    result->reason != CAPFMSG_REASON_INVALID)
		console_status(c, "LSC: Failed");
}

static void
run(struct enrolment *n, const struct phonecfg *config, enum say_capf_reason reason)
{
	struct handset *h = n->h;
	struct capf_client_result result;

	say_capf_start(&h->console, config->capf_auth, h->options->auth_string != NULL, reason);
	for (unsigned i = 0; i < PHONE_CAPF_TRIES && !n->misbehaved; i++) {
		if (i > 0)
			h->io->wait(h->io->arg, h->options->retry_seconds);
		if (try_all(n, config, &result)) {
			say_end(h, &h->console, &result);
			return;
		}
		if (result.retry)
			continue;
		say_capf_unreached(&h->console);
		console_status(&h->console, "LSC: Connection failed");
	}
}

/* Without a CAPF record nobody is called: TVS does not vouch for CAPF (VERIFY_CAPF). */
static bool
has_record(const struct handset *h)
{
	struct trust_eval_state st = phone_trust(h);

	return trust_record_any(st.ctl, TRUST_RECORD_ROLE(FUNCTION_CAPF)) ||
	       trust_record_any(st.itl, TRUST_RECORD_ROLE(FUNCTION_CAPF));
}

void
phone_capf_run(struct handset *h, const struct phonecfg *config, enum say_capf_reason reason)
{
	struct enrolment n = { .h = h, .auth = config->capf_auth };

	if (config->capf_auth == PHONECFG_CAPF_NONE || config->capf_count == 0)
		return;
	if (config->capf_auth == PHONECFG_CAPF_STRING && h->options->auth_string == NULL) {
		console_sec(&h->console, CONSOLE_NOT,
		    "CAPF waits for the authentication string (--auth-string)");
		return;
	}
	if (has_record(h)) {
		n.fresh = phone_keep_read_asked_key(h);
		run(&n, config, reason);
	} else {
		console_status(&h->console, "No valid CAPF server");
	}
	if (n.misbehaved)
		console_sec(&h->console, CONSOLE_NOT, "CAPF misbehaved, as --capf-misbehave says");
	cert_free(n.server);
	key_free(n.fresh);
	phone_prove_free(&n.proof);
}
