#include "daemon/core_capf_key.h"

#include "base/log.h"
#include "pki/request.h"
#include "wire/capfmsg.h"

static void
order_rsa(const struct phone *p, struct answer *a)
{
	a->key_type = CAPFMSG_KEY_RSA;
	a->key_size = (uint16_t)p->rsa_size;
}

static void
order_ec(const struct phone *p, struct answer *a)
{
	a->key_type = CAPFMSG_KEY_EC;
	a->curve = p->ec_size == 256   ? CAPFMSG_P256
		   : p->ec_size == 384 ? CAPFMSG_P384
				       : CAPFMSG_P521;
}

bool
core_capf_key_order(const struct phone *p, uint8_t version, bool ec_failed, struct answer *a)
{
	bool can_ec = version >= CORE_CAPF_EC_VERSION;

	switch (p->key_order) {
	case PHONE_KEY_EC_ONLY:
		order_ec(p, a);
		return can_ec;
	case PHONE_KEY_EC_PREFERRED:
		if (can_ec && !ec_failed)
			order_ec(p, a);
		else
			order_rsa(p, a);
		return true;
	default:
		order_rsa(p, a);
		return true;
	}
}

void
core_capf_key_asked(struct capf_session *session, const struct answer *a)
{
	static const unsigned curve_bits[] = { 256, 384, 521 };

	session->asked_ec = a->key_type == CAPFMSG_KEY_EC;
	session->asked_bits = session->asked_ec ? curve_bits[a->curve] : a->key_size;
	session->asked_at = core_now();
}

bool
core_capf_key_allowed(const struct conf *conf, const struct phone *p, struct err *e)
{
	return conf->weak_lsc_keys || !phone_key_is_weak(p) ||
	       err_set(e, ERR_REFUSED,
		   "an RSA key of %u bits is weak: set [capf] weak-lsc-keys = yes to allow it",
		   p->rsa_size);
}

static const char *
kind_name(bool ec)
{
	return ec ? "EC" : "RSA";
}

bool
core_capf_key_check(struct core *c, const struct capf_session *session, struct span spki,
    struct span key_hash, struct err *e)
{
	char owner[DEVICE_NAME_MAX];
	unsigned bits;
	bool rsa;

	if (!request_spki_kind(spki, &rsa, &bits, e))
		return false;
	if (rsa == session->asked_ec || bits != session->asked_bits)
		return err_set(e, ERR_REFUSED, "public key: %s of %u bits, asked for %s of %u",
		    kind_name(!rsa), bits, kind_name(session->asked_ec), session->asked_bits);
	if (!store_lsc_key_owner(
		cluster_store(c->cluster), session->device.name, key_hash, owner, e))
		return false;
	return owner[0] == '\0' ||
	       err_set(e, ERR_REFUSED, "public key: certified for %s already", owner);
}
