/*
 * der: whether bytes are the outside of one DER structure.
 *
 * What is inside is for pki/cert.h; the codecs need to know only that a certificate or key in a
 * message is whole and that nothing follows it.
 */
#ifndef WIRE_DER_H
#define WIRE_DER_H

#include "base/span.h"

/* s is one SEQUENCE with a definite length in its shortest form that fills s to the last byte. */
bool der_is_whole(struct span s);

#endif
