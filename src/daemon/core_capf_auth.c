#include "daemon/core_capf_steps.h"

#include "base/log.h"
#include "base/text.h"
#include "daemon/core_capf_attempt.h"
#include "daemon/core_capf_cert.h"
#include "daemon/core_handout.h"
#include "daemon/guesses.h"
#include "pki/digest.h"
#include "wire/capfmsg.h"

#include <stdio.h>

/* --- by string --- */

/* In time that does not depend on where they differ. */
static bool
same_secret(struct span given, const char *stored)
{
	struct digest a, b;
	uint8_t differ = 0;

	if (!digest_of(DIGEST_SHA256, given, &a, NULL) ||
	    !digest_of(DIGEST_SHA256, span_str(stored), &b, NULL))
		return false;
	for (size_t i = 0; i < a.n; i++)
		differ |= (uint8_t)(a.p[i] ^ b.p[i]);
	return differ == 0;
}

static void
count_for_address(struct core *c, const struct ask *ask)
{
	const struct span host = ask_host(ask->peer);
	unsigned tries = cluster_conf(c->cluster)->address_tries;
	char address[ASK_ADDRESS_MAX];

	if (!guesses_wrong(c->guesses, host, tries, core_now()))
		return;
	text_printable(host, address, sizeof address);
	log_event(LOG_WARNING, "capf-address-blocked address=%s wrong=%u seconds=%d", address,
	    tries, GUESSES_BLOCKED_S);
	core_audit(c, "capf", "address-blocked", address,
	    "%u wrong authentication strings; none is taken from there for %d seconds", tries,
	    GUESSES_BLOCKED_S);
}

/* The string is locked, never the phone: another string or mode works at once. */
static bool
check_string(struct core *c, struct phone *p, const struct ask *ask, struct err *e)
{
	unsigned tries = cluster_conf(c->cluster)->auth_string_tries;
	bool right = p->auth_string[0] != '\0' && same_secret(ask->password, p->auth_string);

	if (p->auth_failures >= tries)
		return err_set(e, ERR_REFUSED,
		    "the authentication string is locked after %u wrong ones", p->auth_failures);
	if (right)
		return true;
	count_for_address(c, ask);
	p->auth_failures++;
	if (!store_phone_operation_put(cluster_store(c->cluster), p, e))
		return err_set(e, ERR_STORE, "a wrong string cannot be counted");
	if (p->auth_failures == tries)
		core_audit(c, "capf", "auth-string-locked", p->device.name,
		    "%u wrong ones, the last from %.*s", tries, (int)ask->peer.n,
		    (const char *)ask->peer.p);
	return err_set(e, ERR_REFUSED, "wrong authentication string");
}

static bool
is_authentic(
    struct core *c, struct phone *p, const struct ask *ask, enum phone_failure *why, struct err *e)
{
	switch (p->auth_mode) {
	case PHONE_AUTH_NULL_STRING:
		return true;
	case PHONE_AUTH_LSC:
	case PHONE_AUTH_MIC:
		return core_capf_cert_check(c, p, ask, why, e) &&
		       core_handout_met(c->handouts, p->device.name, core_now(), e);
	case PHONE_AUTH_STRING:
		break;
	}
	*why = PHONE_FAIL_AUTH_STRING;
	return check_string(c, p, ask, e);
}

/* Nothing is compared, and nothing counted for the phone: whoever guesses must learn nothing, and
 * who stands beside him at the same address must lose nothing. */
static bool
is_blocked(struct core_front *from, const struct ask *ask, const struct phone *p)
{
	struct core *c = from->core;
	unsigned wait = guesses_wait(c->guesses, ask_host(ask->peer), core_now());
	char reason[ERR_TEXT_MAX];
	struct err lost = { 0 };

	if (p->auth_mode != PHONE_AUTH_STRING || wait == 0)
		return false;
	snprintf(reason, sizeof reason,
	    "too many wrong authentication strings from this address: none is taken for %u seconds",
	    wait);
	if (core_capf_reached(c, ask, p->device.name, STORE_CAPF_AUTHENTICATION, reason, &lost))
		core_capf_reply_end(from, ask, true, CAPFMSG_REASON_INVALID);
	else
		core_capf_failed(from, ask, &lost);
	return true;
}

bool
core_capf_let_in(struct core_front *from, const struct ask *ask, struct phone *p)
{
	struct core *c = from->core;
	enum phone_failure why;
	struct err e = { 0 }, lost = { 0 };

	if (is_blocked(from, ask, p))
		return false;
	if (is_authentic(c, p, ask, &why, &e))
		return true;
	if (e.code == ERR_STORE) {
		core_capf_failed(from, ask, &e);
		return false;
	}
	log_event(LOG_WARNING, "capf-refused peer=%.*s phone=%s reason=\"%s\"", (int)ask->peer.n,
	    (const char *)ask->peer.p, p->device.name, e.text);
	if (core_capf_attempt_failed(c, p, why, e.text, &lost) &&
	    core_capf_reached(c, ask, p->device.name, STORE_CAPF_AUTHENTICATION, e.text, &lost))
		core_capf_reply_end(from, ask, true, CAPFMSG_REASON_INVALID);
	else
		core_capf_failed(from, ask, &lost);
	return false;
}
