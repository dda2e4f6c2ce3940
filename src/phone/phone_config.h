/*
 * phone_config: fetching the configuration, in the form that fits what the phone holds
 * (doc/protocols/phone.md 2.2, steps 5 to 8; files.md 4 and 8).
 */
#ifndef PHONE_PHONE_CONFIG_H
#define PHONE_PHONE_CONFIG_H

#include "phone/phone.h"

#define PHONE_CONFIG_DEFAULT "XMLDefault" /* for phones without a file of their own */

enum phone_config_end {
	PHONE_CONFIG_NONE,       /* none was accepted; the console says why */
	PHONE_CONFIG_HELD,       /* it was accepted and is held */
	PHONE_CONFIG_NOT_FOR_US, /* it is encrypted for another key */
	PHONE_CONFIG_NOT_OPENED, /* it is encrypted for a key of ours, and does not decrypt */
};

/* *out is what CAPF goes by: the configuration, or its companion while the phone cannot open the
 * whole. Whatever is not PHONE_CONFIG_HELD: the configuration held before stays. */
enum phone_config_end phone_config_fetch(struct handset *h, struct phonecfg *out);

/* VERIFY_FILE of a signed or encrypted file that was fetched; the console says what came of it. */
bool phone_config_verify(struct handset *h, const char *name, struct span file);

#endif
