/*
 * core_lsc: makes LSCs as the settings of the cluster say.
 */
#ifndef DAEMON_CORE_LSC_H
#define DAEMON_CORE_LSC_H

#include "daemon/core.h"
#include "pki/signer.h"

/*
 * Has a certificate made for a phone's key and puts it into the store as issued, with a serial that
 * no other has. Its validity ends with its issuer's at the latest; *is_cut says that it was cut.
 * device, key_hash and everything else of out are filled in; store_lsc_free, also on failure.
 * Errors: ERR_REFUSED (the key), ERR_CRYPTO (issuer not valid yet or any more), as signer_issue
 * and store_lsc_issue. Inside a transaction.
 */
must_use bool core_lsc_make(struct core *c, const char *device, struct span spki, time_t now,
    struct store_lsc *out, bool *is_cut, struct err *e);

/* Subject and usages of an LSC, as the settings say; loans from conf. */
void core_lsc_subject(struct signer_lsc *r, const struct conf *conf);

#endif
