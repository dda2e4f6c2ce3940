/*
 * usage: what the key of each purpose may be used for.
 *
 * A signer asks before every use (pki/signer.h), so that a key which serves TLS in a process that
 * talks to strangers can never sign a trust list.
 */
#ifndef RULES_USAGE_H
#define RULES_USAGE_H

#include "base/err.h"
#include "base/purpose.h"

enum usage {
	USAGE_SIGN_LIST, /* trust lists */
	USAGE_SIGN_FILE, /* .sgn and .enc.sgn */
	USAGE_ISSUE,     /* LSCs */
	USAGE_TLS,       /* handshakes */
};

bool usage_allows(enum purpose purpose, enum usage usage);

/* The same, with a reason: ERR_REFUSED, "the itlrecovery key may not sign files". */
must_use bool usage_check(enum purpose purpose, enum usage usage, struct err *e);

#endif
