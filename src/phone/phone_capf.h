/*
 * phone_capf: getting, giving and erasing the LSC (doc/protocols/capf.md; phone.md 2.2,
 * VERIFY_CAPF).
 */
#ifndef PHONE_PHONE_CAPF_H
#define PHONE_PHONE_CAPF_H

#include "phone/phone.h"
#include "phone/say.h"

/* Runs the operation that a configuration names, if any, with its retries. */
void phone_capf_run(struct handset *h, const struct phonecfg *config, enum say_capf_reason reason);

#endif
