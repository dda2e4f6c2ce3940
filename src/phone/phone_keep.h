/*
 * phone_keep: between what the phone holds in memory and what lies in its flash.
 */
#ifndef PHONE_PHONE_KEEP_H
#define PHONE_PHONE_KEEP_H

#include "phone/phone.h"

#define PHONE_KEEP_MAX (1024 * 1024) /* of any file that is read back */

/* Reads everything; what is damaged is reported and left out. */
void phone_keep_load(struct handset *h);

/* Holds a new list, from now on and in flash. Errors: ERR_IO; then the old one is held. */
must_use bool phone_keep_list(
    struct handset *h, enum trust_eval_kind kind, struct span file, struct err *e);

/* Holds a new configuration; xml is its text, base the device or XMLDefault. The device's own goes
 * before the other, and away when that one comes. */
must_use bool phone_keep_config(struct handset *h, const char *base, const struct phonecfg *config,
    struct span xml, struct err *e);

/* The text of the configuration that is held. Freed with bytes_wipe. Errors: ERR_UNKNOWN (none),
 * ERR_IO. */
must_use bool phone_keep_read_config(struct handset *h, struct bytes *xml, struct err *e);

/* Holds a new LSC and its key, which it takes over when it succeeds; a key that waited for a CA is
 * forgotten. At every moment either the old pair or the new one can be read back. */
must_use bool phone_keep_lsc(
    struct handset *h, const struct cert *lsc, struct privkey *key, struct err *e);

/* Keeps the key that another CA has yet to sign, for a later session. Errors: ERR_IO. */
must_use bool phone_keep_asked_key(struct handset *h, const struct privkey *key, struct err *e);

/* That key, owned by the caller; NULL: there is none. */
struct privkey *phone_keep_read_asked_key(struct handset *h);

/* Takes the certificate and key of a PEM file over as the MIC, as a factory does. Errors: ERR_IO,
 * ERR_CRYPTO (no key, or one that does not fit). */
must_use bool phone_keep_mic(struct handset *h, const char *path, struct err *e);

/* Forgets LSC and key. *was, which may be NULL: there were some. */
must_use bool phone_keep_no_lsc(struct handset *h, bool *was, struct err *e);

/* Forgets a list. */
void phone_keep_drop(struct phone_list *l);

/* Writes what TVS said, and the status messages. Failures are reported on the console. */
void phone_keep_rest(struct handset *h);

/* "SEP001122334455.cnf.xml" and such: the device's name between two parts. */
void phone_keep_name(
    const struct handset *h, const char *before, const char *after, char *out, size_t max);

#endif
