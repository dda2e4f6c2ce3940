#include "base/purpose.h"

#include <string.h>

static const char *const names[PURPOSE_COUNT] = {
	[PURPOSE_CALLMANAGER] = "callmanager",
	[PURPOSE_CALLMANAGER_EC] = "callmanager-ec",
	[PURPOSE_TVS] = "tvs",
	[PURPOSE_CAPF] = "capf",
	[PURPOSE_ITLRECOVERY] = "itlrecovery",
	[PURPOSE_WEB] = "web",
	[PURPOSE_CAPF_ISSUER] = "capf-issuer",
};

const char *
purpose_name(enum purpose p)
{
	return p < PURPOSE_COUNT ? names[p] : "unknown";
}

bool
purpose_from_name(const char *name, enum purpose *out)
{
	for (int p = 0; p < PURPOSE_COUNT; p++)
		if (strcmp(name, names[p]) == 0) {
			*out = (enum purpose)p;
			return true;
		}
	return false;
}
