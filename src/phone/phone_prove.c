#include "phone/phone_prove.h"

#include "base/wr.h"
#include "wire/sudi.h"

#define SUDI_MAX 65535

static bool
make_sudi(const struct handset *h, uint32_t session, struct phone_proof *made, struct err *e)
{
	struct wr w = wr_new(SUDI_MAX);
	struct sudi parts;
	bool ok;

	if (h->options->misbehave.how == MISBEHAVE_OTHER_SESSION)
		session++;
	ok = proof_make_session(h->mic_key, h->mic, session, &made->session, e);
	if (ok) {
		parts = (struct sudi){ cert_der(h->mic), bytes_span(&made->session.sha1),
			bytes_span(&made->session.sha512) };
		ok = sudi_encode(&parts, &w, e);
	}
	if (ok)
		made->sudi = bytes_copy(wr_view(&w));
	wr_free(&w);
	return ok;
}

static void
misbehave(const struct handset *h, struct phone_proof *made, struct capf_client_proof *shown)
{
	switch (h->options->misbehave.how) {
	case MISBEHAVE_BAD_PROOF:
		made->device.sha512.p[made->device.sha512.n - 1] ^= 1;
		return;
	case MISBEHAVE_NO_CERTIFICATE:
		shown->certificate = (struct span){ 0 };
		return;
	case MISBEHAVE_NO_SHA2:
		shown->sha2_signed = (struct span){ 0 };
		return;
	default:
		return;
	}
}

bool
phone_prove(const struct handset *h, bool mic_first, uint32_t session, struct phone_proof *made,
    struct capf_client_proof *shown, struct err *e)
{
	bool is_mic = h->mic != NULL && (mic_first || h->lsc == NULL);
	const struct cert *c = is_mic ? h->mic : h->lsc;
	const struct privkey *k = is_mic ? h->mic_key : h->lsc_key;

	*shown = (struct capf_client_proof){ 0 };
	if (c == NULL)
		return true;
	if (!proof_make(k, c, h->options->device.name, &made->device, e))
		return false;
	if (!is_mic && h->mic != NULL && key_is_rsa(h->mic_key) && cert_is_rsa(c) &&
	    !make_sudi(h, session, made, e))
		return false;
	*shown = (struct capf_client_proof){ cert_der(c), bytes_span(&made->device.sha1),
		bytes_span(&made->device.sha512), bytes_span(&made->sudi) };
	misbehave(h, made, shown);
	return true;
}

void
phone_prove_free(struct phone_proof *made)
{
	proof_free(&made->device);
	proof_free(&made->session);
	bytes_free(&made->sudi);
	*made = (struct phone_proof){ 0 };
}
