/*
 * base64: bytes as text, for the places where configurations want that.
 */
#ifndef PKI_BASE64_H
#define PKI_BASE64_H

#include "base/bytes.h"
#include "base/err.h"

#define BASE64_INPUT_MAX (1024 * 1024)

/* One line with padding (RFC 4648, section 4); NUL-terminated, owned by the caller. At most
 * BASE64_INPUT_MAX bytes. */
char *base64_text(struct span s);

/* Bytes from such a text, of at most BASE64_INPUT_MAX characters; without its padding, with a line
 * end or blank, or with another character it is refused. Freed with bytes_free. */
must_use bool base64_bytes(struct span text, struct bytes *out, struct err *e);

#endif
