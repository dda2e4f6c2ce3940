/*
 * base64: bytes as text, for the places where configurations want that.
 */
#ifndef PKI_BASE64_H
#define PKI_BASE64_H

#include "base/span.h"

#define BASE64_INPUT_MAX (1024 * 1024)

/* One line with padding (RFC 4648, section 4); NUL-terminated, owned by the caller. At most
 * BASE64_INPUT_MAX bytes. */
char *base64_text(struct span s);

#endif
