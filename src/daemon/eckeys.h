/*
 * eckeys: phones that would be left without a configuration when theirs is to be encrypted, because
 * they have EC keys or are to make one (doc/protocols/files.md, section 4).
 */
#ifndef DAEMON_ECKEYS_H
#define DAEMON_ECKEYS_H

#include "rules/phone.h"
#include "store/store.h"

/* No phone with the profile orders an EC key, and each can be encrypted for, unless it has neither
 * LSC nor MIC. Errors: ERR_REFUSED with how many there are, and the first names. */
must_use bool eckeys_check_profile(struct store *s, const struct profile *p, struct err *e);

/* The same for one phone that is given the profile; new_mic: of the same change, DER, or empty. */
must_use bool eckeys_check_phone(struct store *s, const struct phone *p,
    const struct profile *profile, struct span new_mic, struct err *e);

#endif
