/*
 * phone_config: fetching the configuration, in the form that fits what the phone holds
 * (doc/protocols/phone.md 2.2, steps 5 to 8; files.md 4 and 8).
 */
#ifndef PHONE_PHONE_CONFIG_H
#define PHONE_PHONE_CONFIG_H

#include "phone/phone.h"

/* True: a configuration was accepted and is held; *out is what CAPF goes by, the companion while
 * the phone has no key for the whole. False: the one held before stays; the console says why. */
bool phone_config_fetch(struct handset *h, struct phonecfg *out);

#endif
