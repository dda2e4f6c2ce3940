/*
 * phone_prove: how a phone proves to CAPF who it is, by a certificate that it has
 * (doc/protocols/capf.md, section 5.5).
 */
#ifndef PHONE_PHONE_PROVE_H
#define PHONE_PHONE_PROVE_H

#include "phone/phone.h"
#include "pki/proof.h"
#include "talk/capf.h"

/* What was made for one session. */
struct phone_proof {
	struct proof_made device, session;
	struct bytes sudi;
};

/* Shows the LSC, or the MIC when there is none or the MIC goes first; nothing without either. Signs
 * SUDI data with the MIC beside an LSC. Spans of shown are loans until phone_prove_free.
 * Misbehaves as the phone's options say. Errors: ERR_CRYPTO. */
must_use bool phone_prove(const struct handset *h, bool mic_first, uint32_t session,
    struct phone_proof *made, struct capf_client_proof *shown, struct err *e);

void phone_prove_free(struct phone_proof *made);

#endif
