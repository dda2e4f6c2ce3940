#include "rules/usage.h"

#define MAY(usage) (1u << (usage))

/* ITLRecovery signs lists in generation G12, CallManager in G10 (doc/protocols/phone.md and
 * files.md 1.2, documented). ITLRecovery never signs files: it is the anchor that stays when
 * everything else changes. */
static const unsigned allowed[PURPOSE_COUNT] = {
	[PURPOSE_CALLMANAGER] = MAY(USAGE_SIGN_LIST) | MAY(USAGE_SIGN_FILE) | MAY(USAGE_TLS),
	[PURPOSE_CALLMANAGER_EC] = MAY(USAGE_TLS),
	[PURPOSE_TVS] = MAY(USAGE_TLS),
	[PURPOSE_CAPF] = MAY(USAGE_ISSUE) | MAY(USAGE_TLS),
	[PURPOSE_ITLRECOVERY] = MAY(USAGE_SIGN_LIST),
	[PURPOSE_WEB] = MAY(USAGE_TLS),
	[PURPOSE_CAPF_ISSUER] = MAY(USAGE_ISSUE),
};

static const char *const names[] = {
	[USAGE_SIGN_LIST] = "sign trust lists",
	[USAGE_SIGN_FILE] = "sign files",
	[USAGE_ISSUE] = "issue certificates",
	[USAGE_TLS] = "serve TLS",
};

bool
usage_allows(enum purpose purpose, enum usage usage)
{
	return purpose < PURPOSE_COUNT && (allowed[purpose] & MAY(usage)) != 0;
}

bool
usage_check(enum purpose purpose, enum usage usage, struct err *e)
{
	return usage_allows(purpose, usage) || err_set(e, ERR_REFUSED, "the %s key may not %s",
						   purpose_name(purpose), names[usage]);
}
