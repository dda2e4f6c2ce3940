/*
 * encfile: encrypted configuration (.enc.sgn), an envelope of version 2.0 before AES-128-CBC.
 *
 * Facts: doc/protocols/files.md, section 4. Opening and sealing is pki/seal.h.
 */
#ifndef WIRE_ENCFILE_H
#define WIRE_ENCFILE_H

#include "wire/envelope.h"

#define ENCFILE_BLOCK    16
#define ENCFILE_PAD_BYTE 0x0d

struct encfile {
	struct envelope env; /* is_encrypted */
	struct span body;    /* ciphertext, whole blocks */
};

/* Reads an encrypted file: T1 to T9 and E1 to E6. Spans are loans from the file. */
must_use bool encfile_parse(struct span file, struct encfile *out, struct err *e);

must_use bool encfile_encode(const struct encfile *f, struct bytes *out, struct err *e);

#endif
