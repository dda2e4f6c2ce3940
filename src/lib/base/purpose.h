/*
 * purpose: what a certificate of the cluster is for. Every layer speaks these.
 * Not to be mixed up with the function (SAST, TFTP ...) of a trust list record.
 */
#ifndef BASE_PURPOSE_H
#define BASE_PURPOSE_H

#include <stdbool.h>

enum purpose {
	PURPOSE_CALLMANAGER,    /* signs TFTP files; TLS of the call manager */
	PURPOSE_CALLMANAGER_EC, /* EC twin; HTTPS on 6971 */
	PURPOSE_TVS,
	PURPOSE_CAPF,
	PURPOSE_ITLRECOVERY, /* signs trust lists */
	PURPOSE_WEB,         /* tomcat: HTTPS services and the admin page */
	PURPOSE_CAPF_ISSUER, /* signs LSCs instead of CAPF's; only where it is in use */
	PURPOSE_COUNT
};

/* "callmanager", "callmanager-ec", "tvs", "capf", "itlrecovery", "web",
 * "capf-issuer". */
const char *purpose_name(enum purpose p);

bool purpose_from_name(const char *name, enum purpose *out);

#endif
