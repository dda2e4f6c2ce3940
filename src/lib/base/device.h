/*
 * device: the names phones go by.
 *
 * A phone is SEP and its MAC, 12 upper-case hex digits: doc/protocols/files.md,
 * section "names", documented. Soft phones and ATAs have other prefixes.
 */
#ifndef BASE_DEVICE_H
#define BASE_DEVICE_H

#include "base/err.h"
#include "base/span.h"

#define DEVICE_NAME_MAX 32 /* with the NUL */

/* No phone's: who only asks what a phone would be told presents it, and no phone is noted. */
#define DEVICE_NOBODY "SEP000000000000"

struct device {
	char name[DEVICE_NAME_MAX];
};

/* A device name as CAPF and our records use it: 1 to 31 of letters, digits, '-', '_' and '.';
 * one that begins with SEP must go on with exactly 12 upper-case hex digits, and it is not such a
 * name in lower case, by which no phone goes. */
must_use bool device_parse(struct span s, struct device *out, struct err *e);

/* The name is SEP and 12 upper-case hex digits. */
bool device_is_sep(struct span s);

/* The device in a name as phones show it to TVS and in LSCs of Unified CM, "CP-<model>-SEP<MAC>";
 * a plain device name is taken as it is. */
must_use bool device_of_presented(struct span s, struct device *out);

/* That device is the one with this name. */
bool device_is_presented(struct span s, const char *name);

#endif
